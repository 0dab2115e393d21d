"""What the review server answers about a study, as plain values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.pose import RigidPose
from shortaxis.quantification.severity import fixed_band_severity, scar_burden, segment_uptakes
from shortaxis.quantification.tracing import trace_ventricle
from shortaxis.review.session import ReviewSession

__all__ = ["counts_of", "polar_record", "study_record"]


def study_record(session: ReviewSession, study: str) -> dict[str, Any]:
    """Geometry (LPS mm), automatic pose, state and audit trail of a study."""
    entry, loaded = session.entry(study), session.load(study).study
    automatic = session.automatic(study)
    review = session.store.review(study)
    return {
        "study": study,
        "title": entry.title,
        "folder": entry.folder,
        "partner": entry.partner,
        "condition": entry.found.facts.condition.value,
        "shape": list(loaded.volume.shape),
        "patient_from_index": loaded.volume.patient_from_index.tolist(),
        "center_mm": loaded.volume.center_mm.tolist(),
        "gates": len(loaded.gate_volumes()),
        "level": session.level(study),
        "written_roll": session.options.roll.value,
        "automatic": automatic,
        "state": review.state.value,
        "version": review.version,
        "pose": review.pose,
        "trail": session.store.trail(study),
    }


def counts_of(session: ReviewSession, study: str, gate: int | None) -> bytes | None:
    """Counts ``(slice, row, column)`` as float32, little endian; None of a missing time slot."""
    loaded = session.load(study).study
    gates = loaded.gate_volumes() if gate is not None else ()
    if gate is not None and gate >= len(gates):
        return None
    volume = loaded.volume if gate is None else gates[gate]
    return np.ascontiguousarray(volume.counts, dtype="<f4").tobytes()


def polar_record(
    session: ReviewSession, study: str, axes: Sequence[Sequence[float]], center_mm: Sequence[float]
) -> dict[str, Any]:
    """Polar map and scores by fixed bands of the wall that is traced around a pose.

    Parameters
    ----------
    session : ReviewSession
        With the study.
    study : str
        Its identifier.
    axes : (3, 3)
        Columns are the cardiac axes, LPS.
    center_mm : (3,)
        Of the left ventricle, LPS mm.
    """
    volume, extent = session.load(study).study.volume, session.automatic(study)["extent"]
    rotation: FloatArray = np.array(axes, dtype=np.float64)
    pose = RigidPose(rotation, np.array(center_mm, dtype=np.float64))
    traced = trace_ventricle(volume, pose, extent["length_mm"], extent["radius_mm"])
    polar = traced.polar_map
    severity = fixed_band_severity(polar)
    return {
        "uptake_percent": np.round(polar.uptake_percent, 1).tolist(),
        "angles_deg": polar.angles_deg.tolist(),
        "segment_uptakes": {str(k): round(v, 1) for k, v in segment_uptakes(polar).items()},
        "segment_scores": {str(k): v for k, v in severity.segment_scores.items()},
        "summed_score": severity.summed_score,
        "scar_burden": scar_burden(polar),
        "length_mm": traced.length_mm,
        "volume_ml": traced.volume_ml,
    }
