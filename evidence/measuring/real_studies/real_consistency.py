"""How well the pose follows known motions of the real studies, and agrees with the wall masks.

``python -m evidence run real_consistency -- [--method M] [--data FOLDER] [--pictures FOLDER]`` does
to every real study (de-identified NM 530c files of the PhysioNet myocardial perfusion database,
doi:10.13026/ce2z-dw74) what ``shortaxis consistency`` does, compares the long axis with those of
the expert wall masks, and stores ``real_consistency.json`` under the name of each method, so that
methods lie side by side and each keeps a command that repeats it.
``--pictures docs/images`` keeps the picture of every study.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import shortaxis
from evidence.measuring.real_studies.real_studies import compare_with_mask, control
from evidence.measuring.real_studies.study_files import find_studies
from evidence.measuring.real_studies.wall_mask import WallMask, read_wall_mask
from evidence.recording.options import add_pictures, add_real_data
from evidence.recording.pictures import keep_picture
from evidence.recording.record import provenance, store_result
from evidence.registry.places import results_folder
from shortaxis.geometry.pose import RigidPose
from shortaxis.reorientation.methods import METHODS
from shortaxis.workflow.consistency.measuring import Consistency
from shortaxis.workflow.consistency.options import ConsistencyOptions
from shortaxis.workflow.consistency.record import build_consistency_record
from shortaxis.workflow.consistency.requests import write_consistency

RESULT = "real_consistency"
WAYS = ("resampled", "affine_only")
ERRORS = ("long_axis_deg", "roll_deg", "geodesic_deg", "center_mm")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    options = ConsistencyOptions()
    add_real_data(parser)
    parser.add_argument("--method", action="append", choices=list(METHODS))
    parser.add_argument("--motions", type=int, default=options.motions)
    parser.add_argument("--seed", type=int, default=options.seed)
    add_pictures(parser)
    arguments = parser.parse_args()
    skipped = missing(arguments.data)
    for reason in skipped:
        print(f"skipped: {reason}")
    for method in arguments.method or METHODS:
        rows, measured, masked = measure(method, arguments)
        if not rows:
            print("nothing measured, nothing stored")
            return
        values = {
            "motions": arguments.motions,
            "skipped": skipped,
            "pooled": pooled(measured),
            "studies": rows,
            "mask_control": control(masked),
        }
        print(json.dumps(values["pooled"]))
        store_by_method(method, values, arguments.seed)


def measure(
    method: str, arguments: argparse.Namespace
) -> tuple[list[dict[str, Any]], list[Consistency], list[tuple[WallMask, RigidPose]]]:
    """A row a study, what it was made of, and the masks with their poses."""
    rows: list[dict[str, Any]] = []
    measured: list[Consistency] = []
    masked: list[tuple[WallMask, RigidPose]] = []
    for number, (study, mask) in enumerate(find_studies(arguments.data), start=1):
        consistency = shortaxis.measure_consistency(
            study, method=method, motions=arguments.motions, seed=arguments.seed
        )
        measured.append(consistency)
        row = {"study": number, **summary(consistency)}
        if mask is not None and mask.exists():
            wall = read_wall_mask(mask)
            masked.append((wall, consistency.estimate.pose))
            row |= mask_row(study, method, wall, consistency)
        rows.append(row)
        print(json.dumps(row))
        if arguments.pictures:
            picture(consistency, arguments.pictures / f"consistency-{method}-{number}.png")
    return rows, measured, masked


def missing(folder: Path) -> list[str]:
    """Why kinds of real studies cannot be measured; empty where all are here."""
    kinds = {"dicom": "*.dcm", "nifti": "*_0000.nii.gz"}
    return [
        f"{kind}: no {pattern} in the folder of real studies"
        for kind, pattern in kinds.items()
        if not any((folder / kind).glob(pattern))
    ]


def summary(consistency: Consistency) -> dict[str, Any]:
    """What ``consistency.json`` tells, without the single motions."""
    record = build_consistency_record(consistency)
    ways = {
        way: {
            name: record[way][name] for name in ("used", "excluded", "mean_from_unmoved", "groups")
        }
        for way in WAYS
    }
    flag, knows_roll = record["unmoved"]["flag"], record["knows_roll"]
    return dict(rounded({"flag": flag, "knows_roll": knows_roll, **ways}))


def pooled(measured: Sequence[Consistency]) -> dict[str, Any]:
    """Percentiles of the errors around each study's own mean, over the motions of all studies."""
    records = [build_consistency_record(consistency) for consistency in measured]
    return {way: _pooled(list(_answers(records, way))) for way in WAYS}


def _answers(records: list[dict[str, Any]], way: str) -> Iterator[dict[str, Any]]:
    for record in records:
        yield from record[way]["answers"]


def _pooled(answers: list[dict[str, Any]]) -> dict[str, Any]:
    found = [answer for answer in answers if answer["found"]]
    values: dict[str, Any] = {
        "motions": len(answers),
        "not_found": len(answers) - len(found),
        "flagged": sum(answer["flag"] == "review" for answer in found),
    }
    for name in ERRORS:
        errors = [answer["around_mean"][name] for answer in found]
        known = [error for error in errors if error is not None]
        if known:
            percentiles = np.percentile(known, [50, 95, 100]).tolist()
            values[name] = dict(zip(("median", "p95", "maximum"), percentiles, strict=True))
    return dict(rounded(values))


def mask_row(study: Path, method: str, wall: WallMask, consistency: Consistency) -> dict[str, Any]:
    """Angles of the unmoved and of the mean long axis to those of the wall mask."""
    row = compare_with_mask(shortaxis.reorient(study, method=method), wall)
    mean: RigidPose | None = consistency.resampled.mean
    if mean is not None:
        angles = wall.axis_angles_deg(mean.apex_direction)
        row["mask_axis_of_mean_deg"] = {name: round(angle, 1) for name, angle in angles.items()}
    return row


def picture(consistency: Consistency, path: Path) -> None:
    """Keep the picture that the verb writes, with fewer colours."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        write_consistency(consistency, out)
        keep_picture(out / "consistency.png", path)


def store_by_method(method: str, values: dict[str, Any], seed: int) -> None:
    """Store beside what other methods have; each keeps its own command and revision."""
    path = results_folder() / f"{RESULT}.json"
    earlier = json.loads(path.read_text(encoding="utf-8"))["methods"] if path.exists() else {}
    methods = {**earlier, method: {**provenance(RESULT, seed), **values}}
    store_result(RESULT, {"methods": dict(sorted(methods.items()))}, seed)


def rounded(values: Any) -> Any:  # noqa: ANN401 - any nesting of plain values
    """Numbers to three decimals, wherever they stand."""
    if isinstance(values, dict):
        return {name: rounded(value) for name, value in values.items()}
    return round(values, 3) if isinstance(values, float) else values


if __name__ == "__main__":
    main()
