"""Quantify studies: polar map, segments and scores, and the files of a result."""
