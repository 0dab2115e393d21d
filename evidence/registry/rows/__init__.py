"""The rows of the registry, by subject."""
