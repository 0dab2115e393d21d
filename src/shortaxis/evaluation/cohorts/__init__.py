"""Cohorts on disk, and what is known of each exam."""
