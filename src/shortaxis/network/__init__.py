"""Networks that predict the pose of the left ventricle, and their export; needs torch."""
