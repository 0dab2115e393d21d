"""What the record of any result says of its source, without patient identifiers."""

from __future__ import annotations

from typing import Any

from shortaxis.dicom.elements.uids import told_uid
from shortaxis.spect.study import AcquisitionFacts, PerfusionStudy
from shortaxis.spect.volume import SpectVolume

__all__ = ["NOTICE", "grid_values", "source_values"]

NOTICE = "Research software, not a medical device."


def source_values(study: PerfusionStudy) -> dict[str, Any]:
    """Technical facts and grid of a study; no patient identifiers."""
    return {
        **_facts(study.facts),
        **grid_values(study.volume),
        "time_slots": 1 if study.gates is None else len(study.gates),
        "patient_from_index": study.volume.patient_from_index.tolist(),
        "notes": [note.text for note in study.notes],
    }


def grid_values(volume: SpectVolume) -> dict[str, Any]:
    """Shape and voxel size, mm, both along (slice, row, column)."""
    return {"shape": list(volume.shape), "spacing_mm": volume.spacing_mm.round(4).tolist()}


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
        "energy_window": facts.energy_window,
        "reconstructed_here": facts.reconstructed_here,
        "study_instance_uid": told_uid(facts.study_instance_uid),
        "series_instance_uid": told_uid(facts.series_instance_uid),
        "sop_instance_uids": list(map(told_uid, facts.sop_instance_uids)),
    }
