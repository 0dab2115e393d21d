#!/bin/sh
# Tool: onnxruntime 1.32.0 (PyPI, Linux); since 1.29.
# Guess: a library that runs networks on this machine talks to nobody. Up to 1.28 its Linux packages did not.
# Happens: `import onnxruntime` queues an event for mobile.events.data.microsoft.com: processor, system,
#   path of the interpreter, and an identifier of the machine that it keeps in the user's cache, with a
#   database of events; later ones tell of each model that is loaded. They are sent after some seconds,
#   those of a short command by the next one. ORT_DISABLE_TELEMETRY=1 before the import stops all of it;
#   the function disable_telemetry_events() comes too late for the first event.
# Matters: a workstation beside patients' images opens a connection that nobody asked for, and firewalls
#   of hospitals report it.
# ShortAxis: sets the variable when it is imported, unless it is set already; `docs/explanation/limitations.md`.
# Checked: 2026-11-30

set -eu
python=$(command -v python3) || { echo "cannot run: no python3" >&2; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$python" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 onnxruntime==1.32.0 \
    || { echo "cannot run: pip could not install these versions" >&2; exit 2; }
cd "$folder"
"$folder/venv/bin/python" - "$folder" <<'PYTHON'
import os
import subprocess
import sys
from pathlib import Path

# Builds and tests of others are left alone by it, and would show nothing.
KEPT = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"}


def left_by_importing(name, **told):
    """Files that one import leaves in a fresh home and a fresh folder for temporary files."""
    home = Path(sys.argv[1], name)
    (home / "tmp").mkdir(parents=True)
    where = {"HOME": str(home), "TMPDIR": str(home / "tmp")}
    command = [sys.executable, "-c", "import onnxruntime"]
    subprocess.run(command, env={**KEPT, **where, **told}, cwd=home, check=True)
    return sorted(each for each in home.rglob("*") if each.is_file())


plain = left_by_importing("plain")
for each in plain:
    print("left:", each.relative_to(sys.argv[1]), each.stat().st_size, "bytes")
events = b"".join(each.read_bytes() for each in plain if "onnxruntime.db" in each.name)
print("queued:", [word for word in ("ProcessInfo", "python", "cpuModel") if word.encode() in events])
library = next(Path(sys.prefix).rglob("onnxruntime_pybind11_state*.so")).read_bytes()
print("for:", "mobile.events.data.microsoft.com" if b"mobile.events.data.microsoft" in library else "")
told = left_by_importing("told", ORT_DISABLE_TELEMETRY="1")
print("left with ORT_DISABLE_TELEMETRY=1:", told)
if b"ProcessInfo" not in events or told:
    raise SystemExit("changed")
PYTHON
