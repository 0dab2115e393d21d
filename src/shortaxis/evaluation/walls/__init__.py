"""Walls against the truth."""
