"""The gamma camera as linear operators with exact adjoints, and what is made of its counts."""
