#!/bin/sh
# Tools: nibabel 5.4.2 and SimpleITK 2.5.7.
# Guess: the unit of length that a NIfTI header states (metre, millimetre, micron) is applied by
#   every reader, or by none.
# Happens: SimpleITK converts voxel size and position to millimetres. nibabel gives the numbers
#   of the header, affine and zooms, whatever their unit. A file in metres is 1,000 times
#   smaller in nibabel, one in microns 1,000 times larger.
# Matters: code on nibabel that samples "mm" (smoothing, distances, volumes) gets a heart of a
#   tenth of a millimetre; code on ITK in the same pipeline gets the right one.
# ShortAxis: reads with nibabel and applies the unit itself; a file without one counts as mm.
# Checked: 2026-11-29

set -eu
python=$(command -v python3) || { echo "cannot run: no python3" >&2; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$python" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    nibabel==5.4.2 numpy==2.4.6 SimpleITK==2.5.7 \
    || { echo "cannot run: pip could not install these versions" >&2; exit 2; }
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import nibabel
import numpy as np
import SimpleITK

seen = {}
for unit, per_mm in (("mm", 1.0), ("meter", 0.001), ("micron", 1000.0)):
    affine = np.diag([4 * per_mm, 4 * per_mm, 5 * per_mm, 1])
    affine[:3, 3] = np.array([10, 20, 30]) * per_mm
    image = nibabel.Nifti1Image(np.zeros((5, 4, 6), np.float32), affine)
    image.header.set_xyzt_units(unit)
    nibabel.save(image, "heart.nii")
    loaded, itk = nibabel.load("heart.nii"), SimpleITK.ReadImage("heart.nii")
    seen[unit] = (round(float(loaded.affine[2, 2]), 6), round(itk.GetSpacing()[2], 3))
    print(f"unit {unit}: slices {seen[unit][0]} apart by nibabel, {seen[unit][1]} by SimpleITK;",
          f"first one at {loaded.affine[2, 3]:.4g} and {itk.GetOrigin()[2]:.4g}")
if seen != {"mm": (5.0, 5.0), "meter": (0.005, 5.0), "micron": (5000.0, 5.0)}:
    raise SystemExit(f"changed: {seen}")
PYTHON
