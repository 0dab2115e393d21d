"""Generated parts of README and docs: numbers of stored results in Markdown templates."""
