"""``report.json``: what was read, decided and written, without patient identifiers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from shortaxis._version import __version__
from shortaxis.geometry.euler import parameters_from_pose, with_conventional_roll
from shortaxis.geometry.pose import RigidPose
from shortaxis.spect.study import AcquisitionFacts, PerfusionStudy
from shortaxis.spect.volume import SpectVolume

if TYPE_CHECKING:
    from shortaxis.workflow.reorient.reorienting import Reorientation

__all__ = ["REPORT_SCHEMA", "build_report", "source_values"]

REPORT_SCHEMA = "shortaxis/report/1"

NOTICE = "Research software, not a medical device."


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
            "views": {view.value: _grid(volume) for view, volume in reorientation.views.items()},
        },
        "files": list(files),
    }


def source_values(study: PerfusionStudy) -> dict[str, Any]:
    """Technical facts and grid of a study; no patient identifiers."""
    return {
        **_facts(study.facts),
        **_grid(study.volume),
        "time_slots": 1 if study.gates is None else len(study.gates),
        "patient_from_index": study.volume.patient_from_index.tolist(),
    }


def _facts(facts: AcquisitionFacts) -> dict[str, Any]:
    return {
        "modality": facts.modality.value,
        "condition": facts.condition.value,
        "condition_evidence": facts.condition_evidence,
        "tracer": facts.tracer,
        "camera": facts.camera,
        "patient_position": facts.patient_position,
        "units": facts.units,
        "attenuation_corrected": facts.attenuation_corrected,
        "study_instance_uid": facts.study_instance_uid,
        "series_instance_uid": facts.series_instance_uid,
        "sop_instance_uids": list(facts.sop_instance_uids),
    }


def _grid(volume: SpectVolume) -> dict[str, Any]:
    return {"shape": list(volume.shape), "spacing_mm": volume.spacing_mm.round(4).tolist()}


def _pose(pose: RigidPose, volume: SpectVolume) -> dict[str, Any]:
    return {
        "center_mm": pose.center_mm.tolist(),
        "patient_from_cardiac": pose.patient_from_cardiac.tolist(),
        "parameters": asdict(parameters_from_pose(pose, volume.center_mm)),
    }
