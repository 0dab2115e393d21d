"""How the left ventricle beats: volumes, ejection fraction, motion, thickening, phase."""
