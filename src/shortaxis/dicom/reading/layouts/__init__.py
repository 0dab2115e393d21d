"""Where the voxels of NM and PET objects lie."""
