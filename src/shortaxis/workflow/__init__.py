"""Use cases: reorient a study from a file to files; the review sheet and the report."""
