"""What a study holds, as a hash: results and decisions belong to it, not to the name of a file.

Hashes are taken of what was read and is in memory, never of the file again, which may be another
one by then.
"""

from __future__ import annotations

import hashlib

import numpy as np

from shortaxis.files.plain_json import to_json_line
from shortaxis.spect.camera_kinds import MULTI_PINHOLE
from shortaxis.spect.study import PerfusionStudy
from shortaxis.spect.volume import SpectVolume

__all__ = ["content_sha256", "counts_sha256"]


def counts_sha256(volume: SpectVolume) -> str:
    """SHA-256 of counts and geometry: what a pose is made on.

    Parameters
    ----------
    volume : SpectVolume
        Counts ``(slice, row, column)`` and their LPS affine, with what the user stated.

    Examples
    --------
    >>> once, moved = np.eye(4), np.diag([1.0, 1.0, 1.0, 1.0])
    >>> moved[0, 3] = 0.5
    >>> counts = np.ones((2, 2, 2))
    >>> one, other = (counts_sha256(SpectVolume(counts, each)) for each in (once, moved))
    >>> one == counts_sha256(SpectVolume(counts, once)), one == other
    (True, False)
    """
    digest = hashlib.sha256()
    digest.update(repr(volume.shape).encode())
    # In single precision: the last digits of an affine differ between machines. Zero has one sign.
    affine = volume.patient_from_index.astype("<f4") + np.float32(0)
    digest.update(affine.tobytes())
    digest.update(np.ascontiguousarray(volume.counts, dtype="<f4").data)
    return digest.hexdigest()


def content_sha256(study: PerfusionStudy) -> str:
    """SHA-256 of everything that an answer about a study follows from.

    Besides `counts_sha256` the counts of every time slot, and what the header says of tracer,
    patient's sex, correction, kind of camera, stress or rest, or against a heart that lies
    transaxially. UIDs, names and descriptions do not count, so that a copy under other UIDs is the
    same exam.
    """
    digest = hashlib.sha256(counts_sha256(study.volume).encode())
    for gate in () if study.gates is None else study.gates:
        digest.update(np.ascontiguousarray(gate, dtype="<f4").data)
    facts = study.facts
    said = {
        "modality": facts.modality.value,
        "condition": facts.condition.value,
        "nuclide": facts.nuclide,
        "attenuation_corrected": facts.attenuation_corrected,
        "sex": facts.patient_sex,
        "energy_window": facts.energy_window,
        "units": facts.units,
        # Their words belong to a version of the package.
        "another_part_of_the_body": bool(facts.foreign_body_part),
        "another_view": [bool(facts.declared_view), facts.view_is_coded],
        "attenuation_map": bool(facts.named_attenuation_map),
    }
    if facts.camera_kind == MULTI_PINHOLE:
        # Said where it changes the limits, so that decisions on other cameras stay valid.
        said["camera_kind"] = facts.camera_kind
    digest.update(to_json_line(said, sorted_keys=True).encode())
    return digest.hexdigest()
