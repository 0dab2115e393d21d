"""Scripts that measure, one a result, by subject."""
