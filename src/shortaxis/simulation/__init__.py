"""Simulated exams with exactly known pose: the draw, the exam, cohorts on disk."""
