"""What the templates are filled with: numbers of stored results as they are printed."""
