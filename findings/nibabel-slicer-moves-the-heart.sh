#!/bin/sh
# Tool: nibabel 5.4.2, `image.slicer`.
# Guess: `slicer` cuts voxels and affine together, so that whatever is cut, backwards or counted
#   from the end, every voxel stays where it was in the patient.
# Happens: the start of the slice goes into the affine as it was written. Counted from the end it
#   is a negative index, and a reversed axis without a start begins at 0. The counts are the right
#   ones, and their place is wrong by the length of the field: here the heart is told up to 200 mm
#   away. With the same slices written from the front, all is right. Open as nipy/nibabel issue
#   1533.
# Matters: turning a stack that runs from head to feet, or cropping to the last slices, is what
#   one does with a heart. The picture looks right; fusion with CT, poses and resampling do not.
# ShortAxis: cuts arrays and affines by code of its own, never by `slicer`; the places of cut and
#   turned volumes are tested. A file that was cut so is read as its affine says: nothing tells.
# Checked: 2026-12-01

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

counts = np.ones((8, 8, 40), np.float32)
counts[4, 3, 35] = 100  # the heart
affine = np.diag([4.0, 4.0, 5.0, 1.0])
affine[:3, 3] = -16, -16, 900
volume = nibabel.Nifti1Image(counts, affine)
true_mm = (affine @ [4, 3, 35, 1])[:3]
print("heart at", true_mm.tolist(), "RAS mm")
cuts = {
    "slices 30 to 39": np.s_[:, :, 30:],
    "the last ten slices": np.s_[:, :, -10:],
    "turned, from slice 39 on": np.s_[:, :, 39::-1],
    "turned": np.s_[:, :, ::-1],
}
off_mm = []
for name, cut in cuts.items():
    nibabel.save(volume.slicer[cut], "cut.nii")
    read = SimpleITK.ReadImage("cut.nii")
    found = np.argwhere(SimpleITK.GetArrayFromImage(read) == 100)[0][::-1]
    place_mm = np.array(read.TransformIndexToPhysicalPoint(found.tolist())) * [-1, -1, 1]
    off_mm.append(round(float(np.linalg.norm(place_mm - true_mm)), 2))
    print(f"{name}: read back at {place_mm.round(1).tolist()}, {off_mm[-1]:g} mm off")
if off_mm != [0, 200, 0, 195]:
    raise SystemExit(f"changed: {off_mm}")
PYTHON
