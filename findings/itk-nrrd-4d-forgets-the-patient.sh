#!/bin/sh
# Tool: SimpleITK 2.5.7, read back with pynrrd 1.1.3.
# Guess: a gated volume (three axes and time) written as NRRD says, like an ungated one, that its
#   coordinates grow to the patient's left, back and head.
# Happens: with three axes the field `space` is left-posterior-superior. With four there is only
#   `space dimension: 4`: the patient is gone, and time is one more direction of space, with
#   its own column and the kind `domain`.
# Matters: a reader that follows the format cannot tell left from right in the gated study, while
#   the ungated one of the same patient opens right; one that assumes right-anterior-superior
#   turns the heart about its head-to-foot axis.
# ShortAxis: nothing needed; it writes gated slices as DICOM or NIfTI.
# Checked: 2026-11-29

set -eu
python=$(command -v python3) || { echo "cannot run: no python3" >&2; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$python" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    numpy==2.4.6 pynrrd==1.1.3 SimpleITK==2.5.7 \
    || { echo "cannot run: pip could not install these versions" >&2; exit 2; }
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import nrrd
import numpy as np
import SimpleITK

slots = []
for slot in range(3):
    volume = SimpleITK.GetImageFromArray(np.full((6, 4, 5), slot, np.uint16))
    volume.SetSpacing((4, 4, 5))
    slots.append(volume)
SimpleITK.WriteImage(slots[0], "ungated.nrrd")
SimpleITK.WriteImage(SimpleITK.JoinSeries(slots, 0, 0.1), "gated.nrrd")
headers = {name: nrrd.read_header(f"{name}.nrrd") for name in ("ungated", "gated")}
for name, header in headers.items():
    print(f"{name}: space {header.get('space')}, space dimension {header.get('space dimension')},",
          f"kinds {header['kinds']}")
if headers["ungated"].get("space") != "left-posterior-superior":
    raise SystemExit("changed")
if "space" in headers["gated"] or headers["gated"]["kinds"] != ["domain"] * 4:
    raise SystemExit("changed")
PYTHON
