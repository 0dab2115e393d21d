"""Estimators of the left ventricle's pose, their quality flags, and the pose record."""
