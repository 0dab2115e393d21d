"""Labels of voxels as DICOM Segmentation objects."""
