"""The studies in what a user points at, and the loop over all of them."""
