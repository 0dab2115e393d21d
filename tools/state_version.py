"""Write the package's version into a list of components: ``python tools/state_version.py FILE``.

cyclonedx-bom takes the main component from pyproject.toml, and leaves out a version that is not
written there.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from release_check import stated_version

REPOSITORY = Path(__file__).resolve().parents[1]


def main() -> None:
    """Write the version of this checkout."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    path = parser.parse_args().file
    listed = json.loads(path.read_text(encoding="utf-8"))
    listed["metadata"]["component"]["version"] = stated_version(REPOSITORY)
    path.write_text(json.dumps(listed, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
