"""Pictures of pages that show no numbers."""
