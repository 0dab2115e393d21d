"""Stored pixels to counts."""
