"""The studies in what a user points at."""
