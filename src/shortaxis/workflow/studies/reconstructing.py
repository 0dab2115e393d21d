"""Raw projections to a study: the one place where what a camera counted becomes slices."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum

import numpy as np

from shortaxis.dicom.carried.source_header import SourceHeader
from shortaxis.dicom.reading.projections import RawStudy
from shortaxis.dicom.writing.reconstructed_header import reconstructed_header
from shortaxis.errors import OptionError
from shortaxis.reconstruction.attenuation import AttenuationMap
from shortaxis.reconstruction.collimators import collimator_named_in
from shortaxis.reconstruction.motion.correcting import corrected
from shortaxis.reconstruction.motion.course import MotionFound
from shortaxis.reconstruction.motion.finding import find_motion
from shortaxis.reconstruction.presets import PRESETS
from shortaxis.reconstruction.reconstructing import Reconstructed, reconstruct
from shortaxis.reconstruction.settings import ReconstructionSettings
from shortaxis.spect.checks import check_counts_can_hold_a_heart
from shortaxis.spect.projections import Projections
from shortaxis.spect.reading_notes import ReadingNote, unique_notes
from shortaxis.spect.stated_reconstruction import AS_SUITS, StatedReconstruction
from shortaxis.spect.study import PerfusionStudy
from shortaxis.spect.time_slots import summed_slots

__all__ = [
    "DEFAULT_MAKING",
    "MadeStudy",
    "Making",
    "MotionHandling",
    "preset_for",
    "study_of_projections",
]


class MotionHandling(StrEnum):
    """What becomes of a patient's motion: REPORT finds and tells it, CORRECT takes it out too."""

    REPORT = "report"
    CORRECT = "correct"
    IGNORE = "ignore"


@dataclass(frozen=True, eq=False)
class Making:
    """How projections are to be reconstructed.

    Parameters
    ----------
    preset : str or None
        Name of a row of `PRESETS`; None takes the one that suits the study.
    settings : ReconstructionSettings or None
        In place of those of the preset.
    attenuation : AttenuationMap or None
        For settings that correct for attenuation.
    motion : MotionHandling
        What becomes of motion.
    stated : StatedReconstruction
        What the user said, of which the rest was made; for the record.
    """

    preset: str | None = None
    settings: ReconstructionSettings | None = None
    attenuation: AttenuationMap | None = None
    motion: MotionHandling = MotionHandling.REPORT
    stated: StatedReconstruction = AS_SUITS

    def __post_init__(self) -> None:
        if self.preset is not None and self.preset not in PRESETS:
            raise OptionError("unknown preset", expected=", ".join(PRESETS), found=self.preset)
        if self.motion not in tuple(MotionHandling):
            raise OptionError(
                "unknown handling of motion",
                expected=", ".join(MotionHandling),
                found=str(self.motion),
            )
        object.__setattr__(self, "motion", MotionHandling(self.motion))


BETWEEN_HALVES = ReadingNote(
    "the second half of the views does not go on where the first ends: two heads that were stored "
    "as one, or a patient who moved once in the middle; nothing was corrected",
    True,
)

DEFAULT_MAKING = Making()
"""What suits the study, motion reported."""


@dataclass(frozen=True, eq=False)
class MadeStudy:
    """A study made of projections, and everything that it was made of.

    `shown` are the projections that were reconstructed: after the correction of motion if there
    was one. `motion` is None where it was not looked for.
    """

    raw: RawStudy = field(repr=False)
    reconstructed: Reconstructed = field(repr=False)
    study: PerfusionStudy = field(repr=False)
    header: SourceHeader = field(repr=False)
    preset: str
    motion: MotionFound | None
    is_motion_corrected: bool
    shown: Projections = field(repr=False)
    stated: StatedReconstruction = AS_SUITS


def preset_for(raw: RawStudy) -> str:
    """Name of the preset that suits a study: by its gating, nuclide and collimator."""
    if raw.projections.is_gated:
        return "gated"
    if raw.facts.nuclide == "Tl-201":
        return "thallium"
    is_general_purpose = collimator_named_in(raw.collimator) == "LEGP"
    return "general-purpose" if is_general_purpose else "standard"


def study_of_projections(raw: RawStudy, making: Making = DEFAULT_MAKING) -> MadeStudy:
    """Reconstruct raw projections.

    Parameters
    ----------
    raw : RawStudy
        As read.
    making : Making
        How.

    Raises
    ------
    OptionError
        If the settings ask for what the projections or their header do not hold.
    CountsError, GeometryError
        If nothing can be reconstructed of them, or no heart be in it.
    """
    preset = making.preset or preset_for(raw)
    settings = making.settings or PRESETS[preset].settings
    _refuse_unknown_radius(raw, settings)
    motion, shown, of_motion = _without_motion(raw.projections, making.motion)
    made = reconstruct(shown, settings, attenuation=making.attenuation)
    is_corrected = shown is not raw.projections
    words = _words(raw, made, is_motion_corrected=is_corrected)
    notes = (*raw.notes, *of_motion, *made.notes, ReadingNote(f"reconstructed here with {words}"))
    study = _study(raw, made, words, notes)
    header = reconstructed_header(
        raw.header,
        corrections=_corrections(made.settings, is_motion_corrected=is_corrected),
        kernel=_kernel(made),
    )
    return MadeStudy(raw, made, study, header, preset, motion, is_corrected, shown, making.stated)


def _refuse_unknown_radius(raw: RawStudy, settings: ReconstructionSettings) -> None:
    if settings.collimator is not None and not raw.radius_is_known:
        raise OptionError(
            "resolution cannot be recovered",
            expected="the distance of the collimator from the axis of rotation",
            found="no Radial Position (0018,1142)",
            cause="an export that dropped it",
            way_on="state it: --radius 250, or leave resolution recovery out",
        )


def _without_motion(
    projections: Projections, handling: MotionHandling
) -> tuple[MotionFound | None, Projections, tuple[ReadingNote, ...]]:
    """What was found, the projections to reconstruct, and what is said; motion asks for a look."""
    if handling is MotionHandling.IGNORE:
        return None, projections, (ReadingNote("motion of the patient was not looked for"),)
    found = find_motion(projections)
    if not found.is_motion:
        cannot = found.cannot_tell
        notes = (ReadingNote(f"cannot be told from these views: {cannot}"),) if cannot else ()
        return found, projections, notes
    if _lies_between_halves(projections, found):
        return found, projections, (BETWEEN_HALVES,)
    words = f"the patient moved during the acquisition, by up to {found.range_mm:.0f} mm"
    if handling is MotionHandling.CORRECT:
        note = ReadingNote(f"{words}; it was corrected in the views", True)
        return found, corrected(projections, found), (note,)
    note = ReadingNote(
        f"{words}; it was not corrected: shortaxis reconstruct --motion correct does", True
    )
    return found, projections, (note,)


def _lies_between_halves(projections: Projections, found: MotionFound) -> bool:
    """Whether all motion lies where a second head would begin, and is none if there is one."""
    views = len(projections.angles_deg)
    is_one_head = projections.heads == 1 and views % 2 == 0
    if not is_one_head or [jump.step for jump in found.jumps] != [views // 2]:
        return False
    return not find_motion(replace(projections, heads=2)).is_motion


def _words(raw: RawStudy, made: Reconstructed, *, is_motion_corrected: bool) -> str:
    """How slices were made, for records, headers and notes; no identifiers."""
    projections, settings = raw.projections, made.settings
    parts = [settings.words, settings.post_filter.words(projections.pixel_mm[1])]
    parts += ["motion corrected"] if is_motion_corrected else []
    views = f"from {len(projections.angles_deg)} views"
    heads = f" of {projections.heads} heads" if projections.heads > 1 else ""
    return f"{', '.join(parts)}, {views}{heads}"


def _corrections(settings: ReconstructionSettings, *, is_motion_corrected: bool) -> tuple[str, ...]:
    """Corrected Image values that the reconstruction adds (PS3.3 C.8.4.9)."""
    applied = (
        ("ATTN", settings.attenuation_corrected),
        ("SCAT", settings.scatter != "none"),
        ("MOTN", is_motion_corrected),
    )
    return tuple(word for word, is_on in applied if is_on)


def _kernel(made: Reconstructed) -> str:
    """Convolution Kernel (C.8.4.15), at most 16 characters."""
    post_filter = made.settings.post_filter
    if post_filter.kind == "none":
        return ""
    if post_filter.kind == "gaussian":
        return f"GAUSS {post_filter.fwhm_mm:.3g} mm"[:16]
    name = {"butterworth": "BW", "hann": "HANN"}.get(post_filter.kind, "")
    order = f" {post_filter.order:.3g}" if post_filter.kind == "butterworth" else ""
    return f"{name} {post_filter.cutoff_per_cm:.3g}/cm{order}"[:16]


def _study(
    raw: RawStudy, made: Reconstructed, words: str, notes: tuple[ReadingNote, ...]
) -> PerfusionStudy:
    is_corrected = made.settings.attenuation_corrected
    facts = replace(raw.facts, attenuation_corrected=is_corrected, reconstructed_here=words)
    volume, gates = made.volume, None
    if made.time_slots:
        gates = np.stack([slot.counts for slot in made.time_slots])
        volume, said = summed_slots(gates, volume.patient_from_index)
        notes = (*notes, *said)
    check_counts_can_hold_a_heart(volume)
    return PerfusionStudy(volume, gates, facts, unique_notes(notes))
