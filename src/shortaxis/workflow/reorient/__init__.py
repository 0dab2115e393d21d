"""Reorient studies: pose, slices, and the files of a result."""
