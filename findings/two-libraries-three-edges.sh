#!/bin/sh
# Tools: scipy 1.17.1 (ndimage) and SimpleITK 2.5.7, linear interpolation, zero outside.
# Guess: with the same points and the same value outside, linear interpolation is one formula.
# Happens: just beyond the centre of the last voxel there are three answers. scipy's mode
#   `constant` is zero at once, its mode `grid-constant` falls linearly over one voxel,
#   SimpleITK holds the full value for half a voxel and then is zero.
# Matters: a heart cut off by the edge of the field of view, or a thin slab of few slices, keeps,
#   loses or halves its outermost counts with the library that turns it; a network trained
#   with one and run with another sees another rim.
# ShortAxis: `geometry.resampling.resample` says which edge it has (zero at once) and takes
#   the nearest count instead on request.
# Checked: 2026-11-29

set -eu
python=$(command -v python3) || { echo "cannot run: no python3" >&2; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$python" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    numpy==2.4.6 scipy==1.17.1 SimpleITK==2.5.7 \
    || { echo "cannot run: pip could not install these versions" >&2; exit 2; }
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import numpy as np
import SimpleITK
from scipy.ndimage import map_coordinates

counts = np.full((3, 3, 8), 100.0)
image = SimpleITK.GetImageFromArray(counts)
still = SimpleITK.Transform(3, SimpleITK.sitkIdentity)
seen = []
for beyond in (0.25, 0.75):
    place = [[1], [1], [7 + beyond]]
    constant, grid = (map_coordinates(counts, place, order=1, mode=mode, cval=0)[0]
                      for mode in ("constant", "grid-constant"))
    sampled = SimpleITK.Resample(image, (1, 1, 1), still, SimpleITK.sitkLinear,
                                 (7 + beyond, 1, 1), (1, 1, 1), np.eye(3).ravel().tolist(), 0.0)
    seen += [float(constant), float(grid), float(SimpleITK.GetArrayFromImage(sampled)[0, 0, 0])]
    print(f"{beyond} voxel beyond the last centre: scipy constant {seen[-3]:g},",
          f"scipy grid-constant {seen[-2]:g}, SimpleITK {seen[-1]:g}; inside 100")
if not np.allclose(seen, [0, 75, 100, 0, 25, 0]):
    raise SystemExit("changed")
PYTHON
