#!/bin/sh
# Tools: nibabel 5.4.2 and SimpleITK 2.5.7.
# Guess: an Analyze file, or a NIfTI file with neither qform nor sform, has no orientation to
#   disagree about; at worst all readers make the same assumption.
# Happens: nibabel lets the first index grow to the patient's left and the second to the front,
#   SimpleITK the first to the left and the second to the back. One volume is the mirror
#   image of the other (determinants of opposite sign), and origins differ as well.
# Matters: Analyze is still met in older data sets. Rotating cannot undo a mirror: septal and
#   lateral walls change places in the short axis, and it looks like a heart.
# ShortAxis: refuses both kinds of file; left and right cannot be told.
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

counts = np.zeros((5, 4, 6), np.float32)
analyze = nibabel.AnalyzeImage(counts, None)
analyze.header.set_zooms((4, 4, 5))
nibabel.save(analyze, "analyze.img")
formless = nibabel.Nifti1Image(counts, np.diag([4, 4, 5, 1]))
formless.set_qform(None, 0)
formless.set_sform(None, 0)
nibabel.save(formless, "formless.nii")
changed = False
for name, header in (("analyze.img", "analyze.hdr"), ("formless.nii", "formless.nii")):
    by_nibabel = nibabel.load(name).affine[:3, :3]
    itk = SimpleITK.ReadImage(header)
    directions = np.array(itk.GetDirection()).reshape(3, 3) * itk.GetSpacing()
    by_simpleitk = np.diag([-1, -1, 1]) @ directions
    print(f"{name}: steps towards (right, front, head) mm, nibabel {np.diag(by_nibabel).tolist()},",
          f"SimpleITK {np.diag(by_simpleitk).tolist()}")
    handedness = np.sign([np.linalg.det(by_nibabel), np.linalg.det(by_simpleitk)]).tolist()
    print("   sign of the determinant:", handedness)
    changed |= handedness != [-1, 1]
if changed:
    raise SystemExit("changed")
PYTHON
