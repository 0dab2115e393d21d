"""Raw projections to transaxial volumes, in numpy and scipy alone."""
