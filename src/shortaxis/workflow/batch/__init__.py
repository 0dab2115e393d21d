"""A whole cohort on disk: found, reoriented and quantified by many processes, again and again."""
