"""The report of a stress and a rest exam: slices, polar maps and scores beside each other."""
