"""What the limits of a traced wall stop, on calibration exams and on poses that are moved off.

``python -m evidence run trace_limits -- [--cohorts FOLDER]`` traces the calibration exams of
`configs/default.toml` whose pose the network gives no reason to doubt, at that pose, and again
with the pose shifted and tilted, and stores ``trace_limits.json``: how many of the poses
are within 10 mm and 10 degrees of the truth, how far the middles of the rings lie from the axis
and lean, how far the middle of the wall lies along it, and how many traces give a reason to look.
"""

from __future__ import annotations

import argparse
import itertools
from typing import Any

import numpy as np
from scipy.spatial.transform import Rotation

from evidence.recording.options import add_cohorts
from evidence.recording.record import store_result
from evidence.registry.places import REPOSITORY
from shortaxis.geometry.pose import RigidPose, compose
from shortaxis.geometry.pose_errors import long_axis_angle_deg
from shortaxis.quantification.tracing import trace_ventricle
from shortaxis.quantification.trust import along_mm, off_the_axis, reasons_to_review
from shortaxis.reorientation.network_estimate import estimate_pose_by_network
from shortaxis.simulation.exam_files import read_compact_exam
from shortaxis.training.config import read_config

MOTIONS = {
    "as estimated": RigidPose(np.eye(3), np.zeros(3)),
    "10 mm aside": RigidPose(np.eye(3), np.array([0.0, 10.0, 0.0])),
    "20 degrees tilted": RigidPose(
        Rotation.from_euler("x", 20, degrees=True).as_matrix(), np.zeros(3)
    ),
    "12 mm along": RigidPose(np.eye(3), np.array([0.0, 0.0, 12.0])),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add_cohorts(parser)
    arguments = parser.parse_args()
    config = read_config(REPOSITORY / "configs/default.toml", arguments.cohorts)
    rows: dict[str, list[tuple[float, float, float, bool]]] = {name: [] for name in MOTIONS}
    exams = good = 0
    for path in itertools.chain.from_iterable(cohort.paths for cohort in config.calibration):
        exam = read_compact_exam(path)
        volume = exam.volume
        estimate = estimate_pose_by_network(volume)
        exams += 1
        if estimate.quality.reasons:
            continue
        good += is_good(estimate.pose, exam.pose)
        extent = estimate.extent
        size = (extent.length_mm, extent.radius_mm) if extent else ()
        for name, motion in MOTIONS.items():
            traced = trace_ventricle(volume, compose(estimate.pose, motion), *size)
            flagged = bool(reasons_to_review(traced, volume))
            rows[name].append((*off_the_axis(traced), abs(along_mm(traced)), flagged))
    values = {name: summary(np.array(each, dtype=float)) for name, each in rows.items()}
    counts = {"exams": exams, "accepted": len(rows["as estimated"]), "good": good}
    print(counts, values)
    store_result("trace_limits", {**counts, "poses": values}, config.calibration[0].first)


def is_good(pose: RigidPose, truth: RigidPose) -> bool:
    """Whether a pose is within 10 mm and 10 degrees of the true one."""
    apart_mm = float(np.linalg.norm(pose.center_mm - truth.center_mm))
    return apart_mm <= 10 and long_axis_angle_deg(pose, truth) <= 10


def summary(rows: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> dict[str, Any]:
    """Median, 95th percentile and maximum of every measure, and the number of flags."""
    names = ("aside_mm", "lean_deg", "along_mm")
    percentiles = np.percentile(rows[:, :3], (50, 95, 100), axis=0).round(2)
    values = {name: percentiles[:, place].tolist() for place, name in enumerate(names)}
    return {**values, "flagged": int(rows[:, 3].sum())}


if __name__ == "__main__":
    main()
