#!/bin/sh
# Tool: openvino 2026.4.1 with openvino-telemetry 2025.2.0, which it requires (PyPI, Linux).
# Guess: a library that runs networks on this machine talks to nobody unless somebody agreed; its telemetry
#   has a dialogue that asks.
# Happens: `import openvino` asks nothing. It writes an identifier to ~/intel/openvino_ga_cid, counts imports
#   beside it, and a process of its own posts an event "import" with both to www.google-analytics.com: the
#   module openvino.tools.ovc does so when it is loaded, and the package loads it. It stays silent where
#   `opt_in_out --opt_out` was called before by this user, where the variable CI is set, and where
#   openvino_telemetry cannot be imported.
# Matters: a workstation beside patients' images opens a connection that nobody asked for, and firewalls of
#   hospitals report it.
# ShortAxis: loads OpenVINO, where it is chosen, without that package; `docs/explanation/limitations.md`.
# Checked: 2026-12-01

set -eu
python=$(command -v python3) || { echo "cannot run: no python3" >&2; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$python" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    numpy==2.4.6 openvino==2026.4.1 openvino-telemetry==2025.2.0 2>/dev/null \
    || { echo "cannot run: pip could not install these versions" >&2; exit 2; }
cd "$folder"
"$folder/venv/bin/python" - "$folder" <<'PYTHON'
import subprocess
import sys
from pathlib import Path

# What would be sent is shown and not sent.
IMPORT = """
import multiprocessing, sys
{first}


class Shown(multiprocessing.Process):
    def start(self):
        print("would send:", self._args[0].host, self._args[0].data.decode(), flush=True)

    def join(self, *_):
        pass

    def is_alive(self):
        return False


multiprocessing.Process = Shown
import openvino
"""


def left_by_importing(name, first=""):
    """What one import says, and files that it leaves in a fresh home."""
    home = Path(sys.argv[1], name)
    home.mkdir()
    run = subprocess.run(
        [sys.executable, "-c", IMPORT.format(first=first)],
        env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": str(home)},
        capture_output=True, text=True, check=True,
    )
    files = (each for each in home.rglob("*") if each.is_file())
    return run.stdout.strip(), sorted(str(each.relative_to(home)) for each in files)


said, files = left_by_importing("plain")
print(said)
print("left:", files)
silent = left_by_importing("silent", 'sys.modules["openvino_telemetry"] = None')
print("without openvino_telemetry:", silent)
if "google-analytics.com" not in said or "intel/openvino_ga_cid" not in files or silent != ("", []):
    raise SystemExit("changed")
PYTHON
