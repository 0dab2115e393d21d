#!/bin/sh
# Tool: openvino 2026.4.1 (PyPI, Linux), on a processor with AVX-512 BF16 or AMX.
# Guess: a network stored in float32 is computed in float32 unless it is told otherwise, as ONNX Runtime does.
# Happens: where the processor can, it is computed in bfloat16, with 8 bits of a number instead of 24, and
#   nothing says so. On another machine the same program computes in float32. INFERENCE_PRECISION_HINT "f32"
#   gives float32 everywhere.
# Matters: the same file of weights measures differently on two machines, by parts in a thousand after two
#   layers, and a test on a developer's laptop does not see it.
# ShortAxis: says the precision at every load; float32 and bfloat16 are two methods, each named in pose.json;
#   `docs/reference/methods.md`.
# Checked: 2026-12-01

set -eu
python=$(command -v python3) || { echo "cannot run: no python3" >&2; exit 2; }
grep -q -e avx512_bf16 -e amx_bf16 /proc/cpuinfo 2>/dev/null \
    || { echo "cannot run: this processor does not compute in bfloat16" >&2; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$python" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 openvino==2026.4.1 2>/dev/null \
    || { echo "cannot run: pip could not install these versions" >&2; exit 2; }
cd "$folder"
# CI keeps it from telling its maker of the import.
HOME="$folder" CI=1 "$folder/venv/bin/python" - <<'PYTHON'
import numpy as np
import openvino as ov
from openvino import opset13 as op

drawn = np.random.default_rng(0)
weights = drawn.standard_normal((8, 8, 3, 3, 3), dtype=np.float32)
counts = drawn.random((1, 8, 16, 16, 16), dtype=np.float32)
shown = op.parameter([1, 8, 16, 16, 16], np.float32, "counts")
around = [[1] * 3] * 4
summed = op.relu(op.convolution(shown, op.constant(weights), *around))
network = ov.Model([op.convolution(summed, op.constant(weights), *around)], [shown])


def answer(**told):
    compiled = ov.Core().compile_model(network, "CPU", told)
    print(told or "told nothing", "->", compiled.get_property("INFERENCE_PRECISION_HINT").to_string())
    return compiled([counts])[0]


usual, exact = answer(), answer(INFERENCE_PRECISION_HINT="f32")
apart = np.abs(usual - exact).max() / np.abs(exact).max()
print(f"largest difference, of the largest value: {apart:.1e}")
if apart < 1e-3:
    raise SystemExit("changed")
PYTHON
