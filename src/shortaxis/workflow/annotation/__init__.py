"""The pose of pairs: transaxial volumes and the short-axis slices that a person cut from them."""
