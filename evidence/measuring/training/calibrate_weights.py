"""Set bounds and limits of installed weights on calibration exams again, without training.

``python -m evidence run calibrate_weights -- CONFIG --version VERSION [--cohorts FOLDER] [--weights
NAME]`` estimates the poses of the configuration's selection and calibration exams and writes the
record of the weights with new bounds and limits, as another version. Of installed weights the new
hash of the record, which is printed, belongs into ``INSTALLED_WEIGHTS`` of
``shortaxis.inference.weights_record``.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path

from evidence.recording.options import add_cohorts
from shortaxis.inference.weights_record import RECORD_FILE
from shortaxis.reorientation.weights import load_cascade
from shortaxis.training.config import read_config
from shortaxis.training.packaging import recalibrate


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("config", type=Path)
    parser.add_argument("--version", required=True)
    add_cohorts(parser)
    parser.add_argument("--weights", default="default")
    arguments = parser.parse_args()
    weights, cascade = load_cascade(arguments.weights)
    config = read_config(arguments.config, arguments.cohorts)
    recalibrate(weights, cascade, config, version=arguments.version)
    content = (weights.folder / RECORD_FILE).read_bytes()
    record = json.loads(content)
    print(json.dumps({name: record[name] for name in ("calibration", "judgement")}, indent=2))
    print(f"SHA-256 {hashlib.sha256(content).hexdigest()}")


if __name__ == "__main__":
    main()
