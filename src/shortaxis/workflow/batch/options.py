"""What a batch is asked for, the same for every study."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from shortaxis.errors import OptionError
from shortaxis.files.plain_json import to_json_line
from shortaxis.function.phase import DEFAULT_PHASE
from shortaxis.inference.weights_record import INSTALLED_WALL_WEIGHTS
from shortaxis.quantification.normal_files import (
    DEFAULT_NORMALS,
    FIXED_BANDS,
    find_normals,
    normals_to_json,
)
from shortaxis.spect.reading_options import AS_STORED, ReadingOptions
from shortaxis.workflow.quantify.quantifying import QuantifyOptions
from shortaxis.workflow.quantify.record import QUANTIFICATION_SCHEMA
from shortaxis.workflow.reorient.made_with import made_with
from shortaxis.workflow.reorient.options import OUTPUT_FORMATS, ReorientOptions
from shortaxis.workflow.studies.formats import StudyFormat

__all__ = ["EXTRAS", "BatchOptions"]

EXTRAS = ("sheet", "quantify", "report")
"""What is made besides the slices."""


@dataclass(frozen=True)
class BatchOptions:
    """Options of every study of a batch.

    Parameters
    ----------
    reorient : ReorientOptions
        Method, weights, roll and slices.
    formats : tuple of StudyFormat, or of their names
        Of the slices; empty: as each study is stored.
    extras : tuple of str
        Of `EXTRAS`: review sheets, polar maps and scores, and a report for each pair of
        stress and rest.
    deidentify : bool
        Take out of DICOM what identifies a patient.
    reading : ReadingOptions
        What else is allowed and stated, the same for every study.
    corrected : bool or None
        Only studies with, or without, attenuation correction. Results do not depend on it.
    normals : str or None
        Of polar maps and reports, as `QuantifyOptions` takes them.
    phase : str
        How phases of gated studies are counted, as `QuantifyOptions` takes it.

    Raises
    ------
    OptionError
        If a format, an extra or a convention of phases is not known, de-identified DICOM has a
        picture or report, or there are no such normal limits.
    """

    reorient: ReorientOptions = field(default_factory=ReorientOptions)
    formats: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    deidentify: bool = False
    reading: ReadingOptions = AS_STORED
    corrected: bool | None = None
    normals: str | None = DEFAULT_NORMALS
    phase: str = DEFAULT_PHASE

    def __post_init__(self) -> None:
        for kind, known in (("formats", OUTPUT_FORMATS), ("extras", EXTRAS)):
            for name in getattr(self, kind):
                if name not in known:
                    raise OptionError(
                        f"unknown among the {kind}", expected=" or ".join(known), found=name
                    )
        object.__setattr__(self, "formats", tuple(map(StudyFormat, self.formats)))
        _ = self.quantify
        if self.deidentify and {"sheet", "report"} & set(self.extras):
            raise OptionError(
                "sheets and reports are drawn with words of the header",
                expected="neither of them with de-identification",
                found=", ".join(self.extras),
            )

    @property
    def quantify(self) -> QuantifyOptions:
        """How polar maps are made."""
        asked = self.reorient
        return QuantifyOptions(
            method=asked.method, weights=asked.weights, normals=self.normals, phase=self.phase
        )

    @property
    def digest(self) -> str:
        """What results depend on: those of another digest are made anew."""
        asked = {
            **made_with(self.reorient),
            "formats": sorted(self.formats),
            "extras": sorted(each for each in self.extras if each != "report"),
            "deidentify": self.deidentify,
            "reading": self.reading.to_dict(),
        }
        if "quantify" in self.extras:
            # Numbers of other limits, definitions or walls are made anew.
            asked["quantify"] = [
                QUANTIFICATION_SCHEMA,
                _limits_digest(self.normals),
                self.phase,
                dict(INSTALLED_WALL_WEIGHTS),
            ]
        text = to_json_line(asked, sorted_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def _limits_digest(normals: str | None) -> str:
    """Of what a set holds, wherever its file lies."""
    if normals is None or normals == FIXED_BANDS:
        return str(normals)
    return hashlib.sha256(normals_to_json(find_normals(normals)).encode()).hexdigest()[:16]
