"""NM and PET objects to and from study models; the only room with DICOM spelling."""
