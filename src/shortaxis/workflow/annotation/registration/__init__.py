"""Where slices lie in the volume that they were cut from."""
