"""In what two exams of one heart are unlike that changes the uptake without a change of the heart.

That is what normal limits tell exams apart by, and what the limits do not know of: how they were
reconstructed, how the patient lay, and the size of the voxels.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from shortaxis.quantification.reconstructed_alike import reconstruction_statements
from shortaxis.spect.study import PerfusionStudy
from shortaxis.workflow.drawing.header_words import nuclide_of, tracer_words
from shortaxis.workflow.study_report.exams.pair_checks import are_two_tracers
from shortaxis.workflow.study_report.exams.report_exam import ReportExam

__all__ = ["unlike_exams"]

SAME_VOXELS = 0.05
"""Part by which voxels may differ and still be called alike: zoom factors are rounded."""

CORRECTED = {True: "corrected for attenuation", False: "not corrected", None: "not said"}

NOT_SAID = "not said"


def unlike_exams(present: ReportExam, earlier: ReportExam) -> list[str]:
    """Reasons to doubt that both compare, each with what they are."""
    title = "" if present.title == "Study" else f"{present.title.lower()}: "
    told = []
    for what, words_of in DIFFERENCES.items():
        before, now = (words_of(each.study) for each in (earlier, present))
        if before != now:
            told.append(f"{title}{what}: {before} earlier, {now} now")
    told += [f"{title}{words}" for words in _tracers(earlier.study, present.study)]
    if not _are_voxels_alike(earlier.study, present.study):
        before, now = (_voxel_words(each.study) for each in (earlier, present))
        told.append(f"{title}voxels of {before} mm earlier, {now} mm now")
    return told


def _tracers(earlier: PerfusionStudy, now: PerfusionStudy) -> list[str]:
    """That both are not of one tracer, in words: a code that nobody knows says nothing."""
    both = (earlier, now)
    named = [nuclide_of(each.facts) for each in both]
    words = [tracer_words(each.facts, each.notes) for each in both]
    if not any(named) or (all(named) and not are_two_tracers(named, words)):
        return []
    before, after = (told if has else NOT_SAID for told, has in zip(words, named, strict=True))
    return [f"tracer: {before} earlier, {after} now"]


def _reconstruction(study: PerfusionStudy) -> str:
    said = reconstruction_statements([study.facts.reconstructed_here])
    return said[0] if said else "reconstructed elsewhere"


DIFFERENCES: dict[str, Callable[[PerfusionStudy], str]] = {
    "modality": lambda study: study.facts.modality.value,
    "kind of camera": lambda study: study.facts.camera_kind or NOT_SAID,
    "camera": lambda study: study.facts.camera or NOT_SAID,
    "attenuation correction": lambda study: CORRECTED[study.facts.attenuation_corrected],
    "position of the patient": lambda study: study.facts.lying or NOT_SAID,
    "reconstruction": _reconstruction,
}
"""What is compared by its name, and how each exam tells it."""


def _are_voxels_alike(first: PerfusionStudy, second: PerfusionStudy) -> bool:
    before, now = (np.sort(each.volume.spacing_mm) for each in (first, second))
    return bool(np.allclose(before, now, rtol=SAME_VOXELS))


def _voxel_words(study: PerfusionStudy) -> str:
    return " x ".join(f"{edge:.2g}" for edge in study.volume.spacing_mm)
