"""What a perfusion study is, apart from how any format spells it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

import numpy as np

from shortaxis.errors import GeometryError
from shortaxis.geometry.arrays import CountsArray
from shortaxis.spect.reading_notes import ReadingNote
from shortaxis.spect.told_beats import ToldBeats
from shortaxis.spect.volume import SpectVolume

__all__ = ["AcquisitionFacts", "Modality", "PerfusionStudy", "StudyCondition"]


class StudyCondition(Enum):
    """Whether the heart was stressed when the tracer was taken up."""

    STRESS = "stress"
    REST = "rest"
    UNKNOWN = "unknown"


class Modality(Enum):
    """How the volume was made."""

    NM = "NM"
    PET = "PT"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class AcquisitionFacts:
    """Facts about a study that are not geometry; empty or unknown where the file is silent.

    `condition_evidence` says which attribute told stress from rest, and what it held.
    `units` is the UCUM code of the counts' unit, `foreign_body_part` the part of the body that
    the file names if the heart is not in it; `attenuation_corrected` is None where nobody says.
    `tracer` is what the file calls it and `nuclide` what that stands for, such as ``Tc-99m``.
    `camera_kind` is one of `shortaxis.spect.camera_kinds`, empty where the collimator is not named.
    `patient_sex` is ``F``, ``M``, ``O`` (other) or empty. Both choose normal limits.
    `lying` is how the patient lay or sat, one of `shortaxis.spect.lying.LYING`, empty where nobody
    says; unlike `patient_position` it tells what attenuates.
    `declared_view` says where the header calls the slices short-axis or long-axis ones,
    `view_is_coded` whether by a code and not by typed words. `named_attenuation_map` says which
    attribute calls the volume an attenuation map; `energy_window` names the window of a study of
    several.
    `reconstructed_here` says how slices were made of raw projections, empty where they were stored
    as slices. `beats` is what the file of a gated study tells of them, None where it is silent;
    it is read with the counts, and a study that was only found has none yet.
    Identifiers here are technical (UIDs), never the patient's.
    """

    modality: Modality = Modality.UNKNOWN
    condition: StudyCondition = StudyCondition.UNKNOWN
    condition_evidence: str = ""
    series_description: str = ""
    series_instance_uid: str = ""
    sop_instance_uids: tuple[str, ...] = ()
    study_instance_uid: str = ""
    frame_of_reference_uid: str = ""
    tracer: str = ""
    nuclide: str = ""
    camera: str = ""
    camera_kind: str = ""
    patient_position: str = ""
    lying: str = ""
    units: str = ""
    attenuation_corrected: bool | None = None
    foreign_body_part: str = ""
    patient_sex: str = ""
    declared_view: str = ""
    view_is_coded: bool = False
    named_attenuation_map: str = ""
    energy_window: str = ""
    reconstructed_here: str = ""
    beats: ToldBeats | None = field(default=None, compare=False)


@dataclass(frozen=True, eq=False)
class PerfusionStudy:
    """One transaxial reconstruction: the ungated volume, its gates and its facts.

    Parameters
    ----------
    volume : SpectVolume
        The ungated counts; for a gated study the sum over its time slots.
    gates : (time_slot, slice, row, column) float32 array or None
        Counts of every time slot on the grid of `volume`.
    facts : AcquisitionFacts
        What else is known.
    notes : tuple of ReadingNote
        What reading left out or concluded.
    """

    volume: SpectVolume
    gates: CountsArray | None = None
    facts: AcquisitionFacts = field(default_factory=AcquisitionFacts)
    notes: tuple[ReadingNote, ...] = ()

    def __post_init__(self) -> None:
        if self.gates is None:
            return
        gates = np.asarray(self.gates, dtype=np.float32).view()
        if gates.ndim != 4 or gates.shape[1:] != self.volume.shape:
            raise GeometryError(
                "gates do not fit the ungated volume",
                expected=f"shape (time_slot, {', '.join(map(str, self.volume.shape))})",
                found=f"shape {gates.shape}",
            )
        gates.flags.writeable = False
        object.__setattr__(self, "gates", gates)

    @property
    def is_gated(self) -> bool:
        """Whether time slots were stored."""
        return self.gates is not None

    def gate_volumes(self) -> list[SpectVolume]:
        """Every time slot as a volume, in order; empty for an ungated study.

        They share their counts with `gates`.
        """
        if self.gates is None:
            return []
        return [SpectVolume(counts, self.volume.patient_from_index) for counts in self.gates]
