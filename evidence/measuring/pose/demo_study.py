"""What comes out of the bundled study: ``python -m evidence run demo_study``.

Reorients it and stores estimate and truth side by side, how far they lie apart and the bounds; with
``--pictures FOLDER`` it keeps the review sheet and the pages of its report. A test compares the
numbers of the tutorial, up to rounding, with a run.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

import shortaxis
from evidence.recording.options import add_pictures
from evidence.recording.pictures import keep_picture
from evidence.recording.record import store_result
from evidence.registry.places import DEMO
from shortaxis.geometry.pose import RigidPose
from shortaxis.geometry.pose_errors import pose_errors
from shortaxis.workflow.reorient.record import build_report
from shortaxis.workflow.reorient.reorienting import Reorientation

__all__ = ["measure"]

ANGLES = ("theta", "alpha", "beta")
ERRORS = ("long_axis_deg", "roll_deg", "center_mm")


def main() -> None:
    """Store the numbers and keep the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    add_pictures(parser)
    pictures = parser.parse_args().pictures
    result = shortaxis.reorient(DEMO / "study.dcm")
    store_result("demo_study", measure(result))
    if pictures:
        keep_pictures(result, pictures)


def measure(result: Reorientation) -> dict[str, Any]:
    """Estimate and truth, errors and their bounds, and the flag with its reasons."""
    truth = json.loads((DEMO / "pose.json").read_text(encoding="utf-8"))
    found, true = build_report(result)["pose"]["anatomical"]["parameters"], truth["parameters"]
    estimate = result.estimate
    apart = pose_errors(estimate.pose, RigidPose(truth["patient_from_cardiac"], truth["center_mm"]))
    return {
        "angles_deg": {name: [found[name] + 0.0, true[name]] for name in ANGLES},
        "center_mm": [estimate.pose.center_mm.tolist(), truth["center_mm"]],
        "errors": {name: getattr(apart, name) for name in ERRORS},
        "bounds": {name: getattr(estimate.uncertainty, name) for name in ERRORS},
        "flag": estimate.quality.flag.value,
        "reasons": list(estimate.quality.reasons),
    }


def keep_pictures(result: Reorientation, images: Path) -> None:
    """The review sheet, and two pages of the report with the rest exam."""
    with tempfile.TemporaryDirectory() as folder:
        out, report = Path(folder) / "out", Path(folder) / "report"
        shortaxis.write(result, out)
        keep_picture(out / "review.png", images / "demo-study.png")
        shortaxis.report(DEMO / "study.dcm", DEMO / "rest.dcm", out=report)
        for name in ("slices", "polar_maps"):
            picture = images / f"report-{name.replace('_', '-')}.png"
            keep_picture(report / f"{name}.png", picture, all_colours=name == "polar_maps")


if __name__ == "__main__":
    main()
