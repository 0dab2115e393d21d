"""What is taken over from a source header, and what it states of patient and study."""
