"""What ``shortaxis reconstruct`` is asked for, and how it is done with one study."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from shortaxis.dicom.reading.finding.skipped import skipped_together
from shortaxis.dicom.reading.projections import read_projections
from shortaxis.errors import UnsupportedObjectError
from shortaxis.spect.reading_options import RawProjections, ReadingOptions
from shortaxis.workflow.reconstruct.maps import attenuation_map_for
from shortaxis.workflow.reconstruct.options import Asked
from shortaxis.workflow.reconstruct.writing import (
    RECONSTRUCTION_NAMES,
    WritingOptions,
    write_reconstruction,
)
from shortaxis.workflow.studies.finding import FoundStudies, FoundStudy
from shortaxis.workflow.studies.reconstructing import MadeStudy, study_of_projections
from shortaxis.workflow.studies.stated_making import making_of

__all__ = [
    "ReconstructRequest",
    "made_as_asked",
    "projections_among",
    "reading_of_projections",
]

NO_PROJECTIONS = "holds no raw projections"


def reading_of_projections(options: ReadingOptions) -> ReadingOptions:
    """The same options, with all raw projections taken, whether or not slices lie beside them."""
    return replace(options, raw=RawProjections.ALL)


def projections_among(found: FoundStudies, path: Path) -> FoundStudies:
    """The raw studies of all that were found, with their numbers; the others are skipped.

    Raises
    ------
    UnsupportedObjectError
        If there are none.
    """
    raw = [
        (number, name, each)
        for name, (number, each) in zip(found.folder_names(), found.numbered, strict=True)
        if each.series is not None and each.series.holds_projections
    ]
    if not raw:
        raise UnsupportedObjectError(
            NO_PROJECTIONS,
            path=path,
            expected="NM TOMO or NM GATED TOMO objects",
            found=", ".join(sorted({each.kind for each in found.studies})),
            cause="slices that are reconstructed already",
            way_on="shortaxis reorient takes them as they are",
        )
    taken = {id(each) for *_, each in raw}
    others = [each for each in found.studies if id(each) not in taken]
    skipped = [
        item for each in others for item in skipped_together(each.paths, "is reconstructed already")
    ]
    return FoundStudies(
        tuple(each for *_, each in raw),
        (*found.skipped, *skipped),
        tuple(number for number, *_ in raw),
        tuple(name for _, name, _ in raw),
    )


@dataclass(frozen=True)
class ReconstructRequest:
    """What the user asked for, for every study alike."""

    asked: Asked
    output: WritingOptions
    force: bool = False

    names: ClassVar[Collection[str]] = RECONSTRUCTION_NAMES

    def make(self, found: FoundStudy, folder: Path) -> tuple[MadeStudy, Sequence[Path]]:
        """Reconstruct one study and write it.

        Raises
        ------
        ShortAxisError
            One of its children.
        """
        made = made_as_asked(found, self.asked)
        return made, write_reconstruction(made, folder, replace(self.output, force=self.force))


def made_as_asked(found: FoundStudy, asked: Asked) -> MadeStudy:
    """Read the projections of one study and reconstruct them.

    Raises
    ------
    ShortAxisError
        One of its children.
    """
    if found.series is None:
        raise UnsupportedObjectError(NO_PROJECTIONS, path=found.paths[0])
    raw = read_projections(found.series, found.reading)
    attenuation, said = attenuation_map_for(raw, asked)
    raw = replace(raw, notes=(*raw.notes, *said))
    return study_of_projections(raw, making_of(raw, asked.stated, attenuation))
