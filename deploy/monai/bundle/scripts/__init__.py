"""What the configuration of the bundle names."""
