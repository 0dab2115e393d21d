"""Estimates judged: single exams, groups, methods."""
