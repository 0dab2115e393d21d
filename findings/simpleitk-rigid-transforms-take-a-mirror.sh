#!/bin/sh
# Tool: SimpleITK 2.5.7, rigid transforms.
# Guess: a rigid transform turns and shifts. A matrix with a mirror in it, as the axes of a left
#   handed NIfTI file have, is refused, as Similarity3DTransform does.
# Happens: VersorRigid3DTransform takes the mirror and mirrors points, until its parameters are
#   set, a copy of it is shifted, or it is saved and read back: from then on it is a proper
#   rotation, here none at all. Euler3DTransform makes a proper rotation of it at once, which
#   shares some numbers with the matrix that was given. Neither says a word: ITK asks whether the
#   matrix is orthogonal, and a mirror is.
# Matters: axes of a heart or of a file are three directions, and two of them exchanged are a
#   mirror. Septum and lateral wall change places, or the heart turns by 180 degrees, and which of
#   the two depends on the class and on whether the transform has been on a disk.
# ShortAxis: `RigidPose` refuses every mirror, tested.
# Checked: 2026-12-01

set -eu
python=$(command -v python3) || { echo "cannot run: no python3" >&2; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$python" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    numpy==2.4.6 SimpleITK==2.5.7 \
    || { echo "cannot run: pip could not install these versions" >&2; exit 2; }
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import numpy as np
import SimpleITK

mirror = np.diag([1.0, 1.0, -1.0])  # head and feet exchanged
heart_mm = (10.0, 20.0, 30.0)
places = {}
for kind in (SimpleITK.Euler3DTransform, SimpleITK.VersorRigid3DTransform):
    name = kind.__name__
    rigid = kind()
    rigid.SetMatrix(mirror.ravel().tolist())
    SimpleITK.WriteTransform(rigid, "rigid.tfm")
    places[name, "set"] = rigid.TransformPoint(heart_mm)
    places[name, "kept as"] = round(float(np.linalg.det(np.reshape(rigid.GetMatrix(), (3, 3)))))
    places[name, "read back"] = SimpleITK.ReadTransform("rigid.tfm").TransformPoint(heart_mm)
    shifted = kind(rigid)
    shifted.SetTranslation((0, 0, 0))
    places[name, "copied and shifted by 0"] = shifted.TransformPoint(heart_mm)
try:
    SimpleITK.Similarity3DTransform().SetMatrix(mirror.ravel().tolist())
    similarity = "taken"
except RuntimeError:
    similarity = "refused"
print(f"mirror at z = 0, {heart_mm} should be (10, 20, -30); Similarity3DTransform: {similarity}")
rounded = {key: np.round(value, 6).tolist() for key, value in places.items()}
for (name, when), place in rounded.items():
    print(f"{name}, {when}: {'determinant ' if when == 'kept as' else ''}{place}")
expected = [[-10, 20, -30], 1, [-10, 20, -30], [-10, 20, -30],
            [10, 20, -30], -1, [10, 20, 30], [10, 20, 30]]
if similarity != "refused" or list(rounded.values()) != expected:
    raise SystemExit("changed")
PYTHON
