"""The programs that register, each known to one file."""
