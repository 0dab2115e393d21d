"""Put the demo study into the tutorial: ``python tools/tutorial_tables.py``.

Reorients the bundled study, writes what came out beside the truth between the markers of the
tutorial, and draws its picture and those of its report. A test compares the numbers, up to
rounding, with a run.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

import shortaxis
from pictures import keep_picture
from shortaxis.geometry.pose import RigidPose
from shortaxis.geometry.pose_errors import pose_errors
from shortaxis.workflow.reorient.record import build_report
from shortaxis.workflow.reorient.reorienting import Reorientation

__all__ = ["demo_study_text", "with_demo_study"]

REPOSITORY = Path(__file__).resolve().parents[1]
DEMO = REPOSITORY / "demo"
TUTORIAL = REPOSITORY / "docs" / "tutorials" / "first-study.md"
IMAGES = REPOSITORY / "docs" / "images"
PICTURE = IMAGES / "demo-study.png"

START, END = "<!-- demo study: start -->", "<!-- demo study: end -->"

ANGLES = {"theta": "azimuth θ", "alpha": "elevation α", "beta": "anatomical roll β"}


def demo_study_text(result: Reorientation) -> str:
    """Estimate and truth of the demo study, and how far they lie apart beside the bounds."""
    truth = json.loads((DEMO / "pose.json").read_text(encoding="utf-8"))
    found, true = build_report(result)["pose"]["anatomical"]["parameters"], truth["parameters"]
    apart = pose_errors(
        result.estimate.pose, RigidPose(truth["patient_from_cardiac"], truth["center_mm"])
    )
    bounds = result.estimate.uncertainty
    rows = [
        [words, f"{found[name] + 0:.1f}°", f"{true[name]:.1f}°"] for name, words in ANGLES.items()
    ]
    rows.append(["centre", _place(result.estimate.pose.center_mm), _place(truth["center_mm"])])
    lines = ["|  | network | truth |", "|---|---|---|", *map(_row, rows), ""]
    lines += ["|  | error | 90 % bound |", "|---|---|---|"]
    lines += map(_row, [
        ["long axis", f"{apart.long_axis_deg:.1f}°", f"{bounds.long_axis_deg:.1f}°"],
        ["roll", f"{apart.roll_deg:.1f}°", f"{bounds.roll_deg:.1f}°"],
        ["centre", f"{apart.center_mm:.1f} mm", f"{bounds.center_mm:.1f} mm"],
    ])  # fmt: skip
    reasons = "; ".join(result.estimate.quality.reasons)
    flag = result.estimate.quality.flag.value.upper()
    return "\n".join([*lines, "", f"Flag: `{flag}`" + (f" ({reasons})" if reasons else "")])


def with_demo_study(page: str, text: str) -> str:
    """Return the text of the tutorial with `text` between its markers."""
    before, rest = page.split(START)
    return f"{before}{START}\n{text}\n{END}{rest.split(END)[1]}"


def main() -> None:
    """Write the numbers and the picture."""
    result = shortaxis.reorient(DEMO / "study.dcm")
    page = TUTORIAL.read_text(encoding="utf-8")
    TUTORIAL.write_text(with_demo_study(page, demo_study_text(result)), encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        shortaxis.write(result, out)
        keep_picture(out / "review.png", PICTURE)
        report = Path(folder) / "report"
        shortaxis.report(DEMO / "study.dcm", DEMO / "rest.dcm", out=report)
        for name in ("slices", "polar_maps"):
            keep_picture(
                report / f"{name}.png",
                IMAGES / f"report-{name.replace('_', '-')}.png",
                all_colours=name == "polar_maps",
            )


def _place(center_mm: Any) -> str:  # noqa: ANN401 - any three numbers
    return ", ".join(f"{value:.1f}" for value in np.asarray(center_mm)) + " mm"


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
