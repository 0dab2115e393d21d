#!/bin/sh
# Tool: plastimatch 1.10.0 (PyPI) and 1.9.4 (Debian), convert and header of a NIfTI-1 file.
# Guess: a file of four dimensions, as gated SPECT and PET are kept in NIfTI, is converted whole, or refused.
# Happens: the first time slot is converted, the others are dropped, and the command ends with 0 and
#   "Finished!". `plastimatch header` shows three dimensions and one plane. Of an NM object with the same
#   slots it makes one stack of all of them.
# Matters: end-diastole alone looks like an ungated study of few counts; sums, registration and dose maps
#   made from it are of one slot in eight or sixteen.
# ShortAxis: writes ungated slices beside gated ones; `docs/explanation/converters.md` says which
#   clients take which.
# Checked: 2026-11-30

set -eu
python=$(command -v python3) || { echo "cannot run: no python3" >&2; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$python" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    numpy==2.4.6 nibabel==5.4.2 plastimatch==1.10.0 \
    || { echo "cannot run: pip could not install these versions" >&2; exit 2; }
cd "$folder"
"$folder/venv/bin/python" - "$folder/venv/bin/plastimatch" <<'PYTHON'
import subprocess
import sys

import nibabel
import numpy as np

SLOTS = 8

counts = np.stack([np.full((12, 10, 6), 100.0 + slot, np.float32) for slot in range(SLOTS)], axis=-1)
nibabel.save(nibabel.Nifti1Image(counts, np.diag([6.4, 6.4, 6.4, 1])), "gated.nii.gz")
command = [sys.argv[1], "convert", "--input", "gated.nii.gz", "--output-img", "out.nii.gz"]
run = subprocess.run(command, capture_output=True, text=True, check=False)
converted = nibabel.load("out.nii.gz")
values = sorted(set(converted.get_fdata().ravel().tolist()))
print("given:", counts.shape, "with counts from 100 in the first slot to 107 in the last")
print("status:", run.returncode, "last words:", run.stdout.split()[-1:])
print("written:", converted.shape, "with counts", values)
print("warned:", "dimension" in (run.stdout + run.stderr).lower())
if (run.returncode, converted.shape, values) != (0, counts.shape[:3], [100.0]):
    raise SystemExit("changed")
PYTHON
