#!/bin/sh
# Tool: zarr 3.1.6, the newest for Python 3.11.
# Guess: a volume of which a part is missing cannot be read, or is read with a warning.
# Happens: a chunk that is not there is made of fill values, zero unless told otherwise. A folder
#   that was copied in part, or synchronised while it was written, is read whole: the missing box
#   has no counts. By design, for sparse arrays: chunks of fill values need not be stored, so the
#   reader cannot tell the two apart. A chunk that is cut short raises an error.
# Matters: in a heart a box without counts is a perfusion defect with straight edges, or, in the
#   chunk of a time slot, a beat with a hole. Zarr holds cohorts for training, where nobody looks.
# ShortAxis: neither reads nor writes Zarr; its cohorts are files with sums.
# Checked: 2026-12-01

set -eu
python=$(command -v python3) || { echo "cannot run: no python3" >&2; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$python" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    numpy==2.4.6 zarr==3.1.6 \
    || { echo "cannot run: pip could not install these versions" >&2; exit 2; }
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import warnings
from pathlib import Path

import numpy as np
import zarr

warnings.simplefilter("error")
counts = np.full((32, 32, 32), 80, np.float32)
counts[:, 16:, :16] = 60
stored = zarr.create_array("heart.zarr", shape=counts.shape, chunks=(16, 16, 16), dtype="f4")
stored[:] = counts
chunks = sorted(path for path in Path("heart.zarr/c").rglob("*") if path.is_file())
chunks[5].unlink()
read = zarr.open_array("heart.zarr", mode="r")[:]
lost = read != counts
print(f"{len(chunks)} chunks written, {chunks[5]} lost on the way")
print(f"read without a warning: shape {read.shape}, {lost.sum()} voxels of {lost.size} are other;",
      "they hold", np.unique(read[lost]).tolist(), "instead of", np.unique(counts[lost]).tolist())
if lost.sum() != 16**3 or read[lost].any():
    raise SystemExit("changed")
PYTHON
