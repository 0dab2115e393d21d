#!/bin/sh
# Tool: scikit-image 0.26.0, transform.iradon, on views as a gamma camera stores them.
# Guess: filtered back projection turns about the middle of the views. A point on the axis of
#   rotation comes out in the middle of the slice, whatever arc was acquired.
# Happens: it turns about bin N // 2, as the notes on `radon` say. In the even matrices of cameras
#   the middle lies between two bins, half a bin away. With 360 degrees the point is half a pixel
#   off both ways, with 180 degrees more than a pixel one way and half a pixel the other. Odd
#   matrices come out right.
# Matters: half a pixel is where a camera's axis of rotation is corrected, and cardiac views cover
#   180 degrees. A pixel is 4 to 7 mm, half the thickness of a wall, and slices made this way do
#   not lie on those of the camera.
# ShortAxis: has a reconstruction of its own, about the middle of the bins, tested.
# Checked: 2026-11-30

set -eu
python=$(command -v python3) || { echo "cannot run: no python3" >&2; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$python" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    scikit-image==0.26.0 numpy==2.4.6 scipy==1.17.1 \
    || { echo "cannot run: pip could not install these versions" >&2; exit 2; }
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import numpy as np
from skimage.transform import iradon


def found_px(bins, arc):
    """Where a point on the axis, in the middle of all views, comes out from the middle (x, y)."""
    angles = np.arange(0, arc, 3.0)
    from_middle = np.arange(bins) - (bins - 1) / 2
    view = np.exp(-(from_middle**2) / (2 * 1.5**2))
    made = iradon(np.tile(view[:, None], len(angles)), theta=angles, circle=True)
    made[made < made.max() / 3] = 0
    rows, columns = made.sum(axis=1), made.sum(axis=0)
    return [round(float(sums @ from_middle / sums.sum()), 2) for sums in (columns, rows)]


seen = {(bins, arc): found_px(bins, arc) for bins in (63, 64) for arc in (180, 360)}
for (bins, arc), place in seen.items():
    print(f"{bins} bins, {arc} degrees: point on the axis found {place} pixels from the middle (x, y)")
odd = np.abs([seen[63, 180], seen[63, 360]]).max()
still = odd < 0.1 and seen[64, 360] == [0.5, 0.5] and max(seen[64, 180]) > 0.9
if not still:
    raise SystemExit("changed")
PYTHON
