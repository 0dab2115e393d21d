"""What the heart's directions and standard views are called and how they are shown."""
