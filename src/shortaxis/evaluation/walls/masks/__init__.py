"""Drawn walls of real studies against masks of experts."""
