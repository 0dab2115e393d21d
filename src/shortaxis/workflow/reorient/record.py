"""``report.json``: what was read, decided and written, without patient identifiers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from shortaxis._version import __version__
from shortaxis.geometry.euler import parameters_from_pose, with_conventional_roll
from shortaxis.geometry.pose import RigidPose
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.reorient.reorienting import Reorientation
from shortaxis.workflow.studies.record import NOTICE, grid_values, source_values

__all__ = ["NOTICE", "REPORT_SCHEMA", "build_report"]

REPORT_SCHEMA = "shortaxis/report/1"


def build_report(reorientation: Reorientation, files: Sequence[str] = ()) -> dict[str, Any]:
    """Plain values of the report: source, pose in both roll conventions, quality, outputs."""
    estimate, options = reorientation.estimate, reorientation.options
    volume = reorientation.study.volume
    return {
        "schema": REPORT_SCHEMA,
        "notice": NOTICE,
        "software": {"name": "shortaxis", "version": __version__},
        "source": source_values(reorientation.study),
        "method": estimate.method,
        "weights": asdict(estimate.weights),
        "quality": {
            "flag": estimate.quality.flag.value,
            "reasons": list(estimate.quality.reasons),
        },
        "uncertainty": asdict(estimate.uncertainty),
        "left_ventricle": None if estimate.extent is None else asdict(estimate.extent),
        "pose": {
            "applied_roll": options.roll.value,
            "anatomical": _pose(estimate.pose, volume),
            "conventional": _pose(with_conventional_roll(estimate.pose), volume),
        },
        "slices": {
            "interpolation": options.interpolation,
            "views": {
                view.value: grid_values(volume) for view, volume in reorientation.views.items()
            },
        },
        "files": list(files),
    }


def _pose(pose: RigidPose, volume: SpectVolume) -> dict[str, Any]:
    return {
        "center_mm": pose.center_mm.tolist(),
        "patient_from_cardiac": pose.patient_from_cardiac.tolist(),
        "parameters": asdict(parameters_from_pose(pose, volume.center_mm)),
    }
