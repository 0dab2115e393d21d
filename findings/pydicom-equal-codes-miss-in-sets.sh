#!/bin/sh
# Tools: pydicom 3.0.2 (Code) and highdicom 0.28.2 (CodedConcept).
# Guess: two codes that compare equal are the same key of a dictionary, as Python asks of
#   every hashable type.
# Happens: the legacy code G-A186 (SRT) and its successor 103340004 (SCT) for the short axis
#   are equal, but have different hashes. `in` a list finds one by the other, `in` a set or
#   dictionary does not, and a set keeps both. The same code under the older scheme
#   name SNM3 is not equal at all.
# Matters: NM objects in archives have short-axis View Codes in all three spellings. A table
#   of views as a dictionary, the obvious way, passes its test with new codes and does not
#   know old studies.
# ShortAxis: keeps plain code values, old and new, in one table and takes them under any
#   scheme name (CARDIAC_VIEW_CODES).
# Checked: 2026-11-29

set -eu
python=$(command -v python3) || { echo "cannot run: no python3" >&2; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$python" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    highdicom==0.28.2 numpy==2.4.6 pydicom==3.0.2 \
    || { echo "cannot run: pip could not install these versions" >&2; exit 2; }
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
from highdicom.sr import CodedConcept
from pydicom.sr.coding import Code

changed = False
for kind in (Code, CodedConcept):
    old, new = kind("G-A186", "SRT", "Short Axis"), kind("103340004", "SCT", "Short Axis")
    oldest = kind("G-A186", "SNM3", "Short Axis")
    views = {new: "short axis"}
    print(f"{kind.__module__}.{kind.__name__}:")
    print("   old == new", old == new, "- in a list", old in [new], "- in a table", old in views)
    print("   different members of a set of both:", len({old, new}), "- SNM3 == SCT", oldest == new)
    changed |= not (old == new and old in [new] and old not in views and len({old, new}) == 2)
    changed |= oldest == new
if changed:
    raise SystemExit("changed")
PYTHON
