"""Modules of the source that derived objects carry, and when they may."""
