"""The wall of a study as files: labels of voxels, surfaces of triangles, and a record."""
