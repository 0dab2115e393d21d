"""Exams of a comparison: the table of a user, and the results of ShortAxis beside it."""
