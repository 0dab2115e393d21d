"""NIfTI files to and from study models; the only room that knows nibabel."""
