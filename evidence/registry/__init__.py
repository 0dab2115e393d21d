"""What is measured, on what, and whether the stored result still stands."""
