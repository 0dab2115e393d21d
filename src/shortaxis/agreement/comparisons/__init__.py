"""Every two sources compared, and each with angiography."""
