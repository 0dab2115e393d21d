"""NM and PET objects to and from study models; the only room with DICOM spelling."""

from shortaxis.dicom.lean_pydicom import load_pydicom

load_pydicom()
