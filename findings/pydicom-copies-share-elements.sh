#!/bin/sh
# Tool: pydicom 3.0.2 (Dataset).
# Guess: a shallow copy of a data set holds the same values, and setting an attribute of the copy
#   leaves the original alone, as with a copied dictionary.
# Happens: copy.copy(dataset), dataset.copy() and Dataset(dataset) share the elements of the
#   original. Setting an attribute that exists changes the shared element in place, so that the
#   original changes, too. Only copy.deepcopy does not, and it copies the pixels.
# Matters: who takes one energy window or one time slot out of an NM object makes a copy of the
#   header and sets Number of Frames and the vectors. The next window is then cut out of a header
#   that has been changed: it has too few frames, or none.
# ShortAxis: builds the header of a window from new elements (dicom.reading.headers.energy_windows); a test
#   reads both windows.
# Checked: 2026-11-29

set -eu
python=$(command -v python3) || { echo "cannot run: no python3" >&2; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$python" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pydicom==3.0.2 \
    || { echo "cannot run: pip could not install this version" >&2; exit 2; }
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import copy

from pydicom import Dataset

ways = {
    "copy.copy": copy.copy,
    "Dataset.copy": Dataset.copy,
    "Dataset(...)": Dataset,
    "copy.deepcopy": copy.deepcopy,
}
changes = {}
for name, way in ways.items():
    original = Dataset()
    original.NumberOfFrames = 60
    way(original).NumberOfFrames = 30
    changes[name] = original.NumberOfFrames != 60
    print(f"{name:14}: the original has {original.NumberOfFrames} frames after the copy got 30")
if changes != {name: name != "copy.deepcopy" for name in ways}:
    raise SystemExit("changed")
PYTHON
