"""Studies to NM objects."""
