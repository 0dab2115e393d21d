#!/bin/sh
# Tool: scipy 1.17.1, `ndimage.gaussian_filter` and `uniform_filter`.
# Guess: a smoothing filter whose weights sum to one keeps the counts. On whole numbers the result
#   is a float, or is rounded, and what rounding takes here it gives there.
# Happens: of whole numbers it makes whole numbers, and cuts each off towards zero, once for every
#   axis. Projections of two counts a pixel keep half their counts, of one count a pixel less than
#   a tenth. Rotation and zoom of the same module round. By design, and documented as far as the
#   type goes: the array given out has that of the input unless `output` says another.
# Matters: pydicom gives pixels of NM as 16 bit integers, and projections of the heart have few
#   counts a pixel, those of a time slot about one. What is lost depends on the level, so that
#   cold places lose more than hot ones: a defect gets deeper.
# ShortAxis: reads counts as 32 bit floats, before any filter.
# Checked: 2026-12-01

set -eu
python=$(command -v python3) || { echo "cannot run: no python3" >&2; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$python" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    numpy==2.4.6 scipy==1.17.1 \
    || { echo "cannot run: pip could not install these versions" >&2; exit 2; }
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import numpy as np
from scipy import ndimage

rng = np.random.default_rng(1)
kept = {}
for mean in (1, 2, 5, 20, 100):
    view = rng.poisson(mean, (64, 64)).astype(np.uint16)
    whole = ndimage.gaussian_filter(view, 1.0).sum() / view.sum()
    flat = ndimage.uniform_filter(view, 3).sum() / view.sum()
    as_float = ndimage.gaussian_filter(view.astype(float), 1.0).sum() / view.sum()
    kept[mean] = float(whole)
    print(f"{mean} counts a pixel: Gaussian keeps {whole:.1%}, mean of 3 by 3 {flat:.1%},",
          f"Gaussian of the same as floats {as_float:.1%}")
wall = np.array([[100.0] * 32 + [50.0] * 32] * 64) / 20
drawn = rng.poisson(wall).astype(np.uint16)
smooth = ndimage.gaussian_filter(drawn, 1.0)
ratio, true = (float(counts[:, 40:].mean() / counts[:, :24].mean()) for counts in (smooth, drawn))
print(f"a defect of {true:.0%} of normal, at 5 counts a pixel, is {ratio:.0%} after smoothing")
if not (kept[1] < 0.1 and 0.4 < kept[2] < 0.6 and kept[100] > 0.98 and ratio < true - 0.05):
    raise SystemExit(f"changed: {kept} {ratio} {true}")
PYTHON
