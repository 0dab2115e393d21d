"""A document as blocks, and as Markdown and HTML."""
