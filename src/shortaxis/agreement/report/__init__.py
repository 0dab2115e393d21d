"""What a comparison says, as tables, pictures, a page and rows for programs."""
