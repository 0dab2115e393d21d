"""How well polar maps of real studies repeat under small known motions.

``python -m evidence run quantification_real -- [--data FOLDER] [--motions N] [--pictures FOLDER]``
turns and shifts each real study by up to 10 degrees and 10 mm, finds pose and wall again, and
stores ``quantification_real.json``: the mean absolute change of the uptake of the 17 segments, in
per cent of the maximum, and of the scores by fixed bands. ``--pictures docs/images`` keeps the
picture of every study, scored as ``shortaxis quantify`` scores it.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from evidence.measuring.real_studies.study_files import find_studies
from evidence.recording.options import add_pictures, add_real_data
from evidence.recording.pictures import keep_picture
from evidence.recording.record import store_result
from shortaxis.geometry.motions import sample_motion
from shortaxis.quantification.normal_files import FIXED_BANDS
from shortaxis.quantification.severity import Severity, segment_uptakes
from shortaxis.reorientation.moved_volumes import with_moved_counts
from shortaxis.spect.study import PerfusionStudy
from shortaxis.workflow.drawing.png import png_of
from shortaxis.workflow.quantify.quantifying import QuantifiedStudy, QuantifyOptions, quantify_study
from shortaxis.workflow.quantify.sheet import draw_quantification_sheet
from shortaxis.workflow.studies.finding import find_studies as studies_in

TURN_DEG, SHIFT_MM = 10.0, 10.0
SEED = 5

BY_BANDS = QuantifyOptions(normals=FIXED_BANDS)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add_real_data(parser)
    parser.add_argument("--motions", type=int, default=20)
    add_pictures(parser)
    arguments = parser.parse_args()
    rows = []
    for number, (path, _) in enumerate(find_studies(arguments.data), start=1):
        study = studies_in(path).studies[0].load().study
        quantified = quantify_study(study, BY_BANDS)
        rows.append({"study": number, **repeated(quantified, arguments.motions)})
        print(rows[-1])
        if arguments.pictures:
            with tempfile.TemporaryDirectory() as folder:
                picture = Path(folder) / "sheet.png"
                picture.write_bytes(png_of(as_quantify_draws_it(study)))
                keep_picture(
                    picture, arguments.pictures / f"polar-map-{number}.png", all_colours=True
                )
    changes = [row["segment_change_percent"] for row in rows]
    values = {"motions": arguments.motions, "turn_deg": TURN_DEG, "shift_mm": SHIFT_MM}
    mean = float(np.mean(changes))
    store_result("quantification_real", {**values, "mean": mean, "studies": rows}, SEED)


def as_quantify_draws_it(study: PerfusionStudy) -> Figure:
    """The sheet by the installed limits, as everybody has it who asks for nothing."""
    return draw_quantification_sheet(quantify_study(study, QuantifyOptions()))


def scored(quantified: QuantifiedStudy) -> Severity:
    """Scores by the bands, which need no limits of real hearts."""
    if quantified.severity is None:
        raise LookupError("the bands score every study")
    return quantified.severity


def repeated(quantified: QuantifiedStudy, motions: int) -> dict[str, Any]:
    """Changes of one study over motions."""
    rng = np.random.default_rng(SEED)
    study = quantified.study
    before = np.array(list(segment_uptakes(quantified.traced.polar_map).values()))
    changes, scores = [], []
    for _ in range(motions):
        motion = sample_motion(rng, quantified.pose.center_mm, TURN_DEG, SHIFT_MM)
        moved = PerfusionStudy(with_moved_counts(study.volume, motion), facts=study.facts)
        found = quantify_study(moved, BY_BANDS)
        after = np.array(list(segment_uptakes(found.traced.polar_map).values()))
        changes.append(np.abs(after - before))
        scores.append(scored(found).summed_score)
    severity = scored(quantified)
    return {
        "flag": quantified.estimate.quality.flag.value,
        "length_mm": round(quantified.traced.length_mm, 1),
        "summed_score": severity.summed_score,
        "segment_change_percent": float(np.mean(changes)),
        "largest_segment_change_percent": float(np.max(changes)),
        "summed_score_change": float(np.mean(np.abs(np.array(scores) - severity.summed_score))),
    }


if __name__ == "__main__":
    main()
