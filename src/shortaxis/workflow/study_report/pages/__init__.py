"""The pages of a report as pictures: slices, polar maps, gated exams."""
