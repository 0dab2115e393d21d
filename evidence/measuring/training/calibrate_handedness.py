"""Set the rule of the handedness network of weights on calibration exams again, without training.

``python -m evidence run calibrate_handedness -- CONFIG --version VERSION [--cohorts FOLDER]
[--weights NAME]`` looks at the configuration's calibration exams, whose hearts the installed blocks
find, and writes the record of the weights with new odds and limits, as another version. Of
installed weights the new hash of the record, which is printed, belongs into ``INSTALLED_WEIGHTS``
of ``shortaxis.inference.weights_record``.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path

from evidence.recording.options import add_cohorts
from shortaxis.inference.weights_record import RECORD_FILE
from shortaxis.reorientation.handedness_weights import HANDEDNESS_SECTION
from shortaxis.training.config import read_config
from shortaxis.training.handedness.packaging import recalibrate_handedness


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("config", type=Path)
    parser.add_argument("--version", required=True)
    add_cohorts(parser)
    parser.add_argument("--weights", default="default")
    arguments = parser.parse_args()
    folder = recalibrate_handedness(
        arguments.weights,
        read_config(arguments.config, arguments.cohorts),
        version=arguments.version,
        progress=lambda done, total: print(f"{done} of {total}", end="\r", flush=True),
    )
    content = (folder / RECORD_FILE).read_bytes()
    section = json.loads(content)[HANDEDNESS_SECTION]
    print(json.dumps({name: section[name] for name in ("calibration", "rule")}, indent=2))
    print(f"SHA-256 {hashlib.sha256(content).hexdigest()}")


if __name__ == "__main__":
    main()
