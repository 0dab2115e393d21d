"""Objects to studies: find series, lay out their frames, read counts."""
