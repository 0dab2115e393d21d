"""Poses of a cohort, by a method or from files."""
