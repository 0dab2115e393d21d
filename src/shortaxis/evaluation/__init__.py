"""How far poses are from the truth over a cohort on disk: numbers, tables, pictures."""
