#!/bin/sh
# Tools: nibabel 5.4.2 and SimpleITK 2.5.7.
# Guess: a NIfTI file has one orientation, or two readers prefer the same one of its two.
# Happens: where qform and sform differ, nibabel takes the sform whenever its code is set.
#   SimpleITK chooses by code: sform with code 1 (scanner), qform when the sform has 2
#   (aligned) or 4 (MNI). For the codes 1 and 2, those of registered images, the two
#   disagree; if the forms are mirror images of each other, so are the volumes.
# Matters: tools that edit only one form, after registration or a flip, leave such files. The
#   heart is at one place in one step of a pipeline and at another in the next.
# ShortAxis: refuses a file whose forms place its corners apart, and says by how many mm.
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

left = np.diag([4.0, 4.0, 5.0, 1.0])
left[:3, 3] = 10, 20, 30
mirrored = np.diag([-4.0, 4.0, 5.0, 1.0])
mirrored[:3, 3] = 110, 20, 30
index, agree = [1, 2, 3], {}
for qform_code, sform_code in ((1, 1), (1, 2), (1, 4), (2, 1)):
    image = nibabel.Nifti1Image(np.zeros((5, 4, 6), np.float32), left)
    image.set_qform(mirrored, qform_code)
    image.set_sform(left, sform_code)
    nibabel.save(image, "heart.nii")
    by_nibabel = (nibabel.load("heart.nii").affine @ [*index, 1])[:3]
    left_back_head = SimpleITK.ReadImage("heart.nii").TransformIndexToPhysicalPoint(index)
    by_simpleitk = np.array(left_back_head) * [-1, -1, 1]
    agree[qform_code, sform_code] = bool(np.allclose(by_nibabel, by_simpleitk, atol=1e-3))
    print(f"qform code {qform_code}, sform code {sform_code}: nibabel has voxel {index} at",
          f"{by_nibabel.round(1).tolist()}, SimpleITK at {by_simpleitk.round(1).tolist()} (RAS mm)")
if agree != {(1, 1): True, (1, 2): False, (1, 4): False, (2, 1): True}:
    raise SystemExit(f"changed: {agree}")
PYTHON
