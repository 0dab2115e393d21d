"""Whether the pose follows known motions of the input."""
