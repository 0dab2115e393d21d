"""``wall.dcm``: the wall as a DICOM Segmentation in the study of its source."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from shortaxis._version import __version__
from shortaxis.dicom.carried.source_header import SourceHeader
from shortaxis.dicom.documents.document_facts import DocumentFacts
from shortaxis.dicom.documents.segmentation.segmentation_object import write_segmentation
from shortaxis.dicom.elements.uids import UidGenerator
from shortaxis.dicom.writing.derivation import Stamp
from shortaxis.dicom.writing.derived_header import with_study_uids
from shortaxis.inference.weights_record import WALL_WEIGHTS, find_stored_weights
from shortaxis.ventricle.surfaces import VentricleSurfaces
from shortaxis.ventricle.wall_network import DEFAULT_WALL_WEIGHTS, NETWORK_WALL
from shortaxis.workflow.quantify.quantifying import QuantifiedStudy
from shortaxis.workflow.studies.finding import FoundStudy
from shortaxis.workflow.studies.record import NOTICE
from shortaxis.workflow.wall_files.segments import wall_segmentation

__all__ = ["SegmentedSource", "write_wall_segmentation"]

TITLE = "ShortAxis wall"

SERIES_NUMBER = 9101
"""Among what is derived from a source; slices and documents stay below."""


@dataclass(frozen=True)
class SegmentedSource:
    """Header of the study, and its files where there is one slice in each, as of PET.

    The files are None where the user stated how the study lies: its header tells no place then.
    """

    header: SourceHeader
    slice_paths: tuple[Path, ...] | None = ()

    @classmethod
    def of(cls, found: FoundStudy, header: SourceHeader | None) -> SegmentedSource | None:
        """Of a study that was found, by the header that it was read with; None without one."""
        if header is None:
            return None
        paths = found.paths if len(found.paths) > 1 else ()
        return cls(header, paths if found.reading.stated.is_empty else None)


def write_wall_segmentation(
    path: Path,
    quantified: QuantifiedStudy,
    source: SegmentedSource,
    uids: UidGenerator,
    now: datetime,
) -> None:
    """Write muscle, cavity and valve plane on the grid of the study; see `wall_segmentation`."""
    surfaces, quality = quantified.wall.surfaces, quantified.estimate.quality
    document = DocumentFacts(
        title=TITLE,
        description=f"{_how(surfaces)} {NOTICE}",
        software_version=__version__,
        quality_flag=quality.flag.value,
        reasons=quality.reasons,
    )
    algorithm = f"ShortAxis {surfaces.method}"
    segmentation = wall_segmentation(surfaces, quantified.study.volume.grid, algorithm)
    stamp = Stamp(SERIES_NUMBER, uids, now)
    header = with_study_uids(source.header, uids)
    write_segmentation(path, segmentation, header, document, stamp, source.slice_paths)


def _how(surfaces: VentricleSurfaces) -> str:
    """What drew the wall, by which weights, and what was set by hand."""
    said = f"Wall of the left ventricle by {surfaces.method}"
    if surfaces.method == NETWORK_WALL:
        record = find_stored_weights(DEFAULT_WALL_WEIGHTS, WALL_WEIGHTS).record
        said += f", weights {record.name} {record.version}, SHA-256 {record.sha256}"
    hand = f" Set by hand: {', '.join(surfaces.set_by_hand)}." if surfaces.set_by_hand else ""
    return f"{said}.{hand}"
