#!/bin/sh
# Tool: trimesh 5.2.0, VoxelGrid.
# Guess: a grid of voxels that was given its affine has one place and one size in mm, whichever
#   of its members is asked: points, boxes, volume, or the surface by marching cubes.
# Happens: points, boxes and bounds follow the affine. `marching_cubes` does not: the surface is
#   in voxels, at the corner of the array. And `volume` is negative where the affine is left
#   handed, while the boxes of the same grid have a positive one.
# Matters: an affine of NIfTI is left handed as often as not, so the volume of a ventricle may be
#   negative, and its surface 80 times too small; a ratio of volumes, an ejection fraction, hides
#   both.
# ShortAxis: makes its surfaces from the wall it found, in LPS mm; their volumes are tested
#   against the labels.
# Checked: 2026-11-30

set -eu
python=$(command -v python3) || { echo "cannot run: no python3" >&2; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$python" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    trimesh==5.2.0 numpy==2.4.6 scipy==1.17.1 scikit-image==0.26.0 \
    || { echo "cannot run: pip could not install these versions" >&2; exit 2; }
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import numpy as np
from trimesh.voxel import VoxelGrid

cavity = np.zeros((12, 12, 12), bool)
cavity[3:9, 3:9, 3:9] = True
volumes_ml = {}
for name, across_mm in (("right handed", 4.0), ("left handed", -4.0)):
    affine = np.diag([across_mm, 4.0, 5.0, 1.0])
    affine[:3, 3] = -across_mm * 6, -24, 100
    grid = VoxelGrid(cavity, transform=affine)
    boxes, surface = grid.as_boxes(), grid.marching_cubes
    volumes_ml[name] = [part.volume / 1000 for part in (grid, boxes, surface)]
    print(f"{name}: {cavity.sum()} voxels of 80 mm3; volume in ml of the grid, of its boxes and",
          "of its surface", np.round(volumes_ml[name], 2).tolist())
    print("   lowest corner: boxes", boxes.bounds[0].tolist(),
          "surface", surface.bounds[0].tolist())
right, left = volumes_ml["right handed"], volumes_ml["left handed"]
positive = np.allclose([*right[:2], left[1]], 17.28)
if not (positive and np.isclose(left[0], -17.28) and max(right[2], abs(left[2])) < 0.25):
    raise SystemExit(f"changed: {volumes_ml}")
PYTHON
