"""Pictures, PDFs, measurements and masks as DICOM objects, for tests of all of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from derived_files import SOURCES, a_volume, stamp
from drawn_heart import transaxial_grid
from nm_object import build_nm, save_object
from shortaxis.dicom.carried.source_header import SourceHeader
from shortaxis.dicom.documents.document_facts import DocumentFacts
from shortaxis.dicom.documents.encapsulated_pdf import write_encapsulated_pdf
from shortaxis.dicom.documents.measurements.measurement_report import write_measurement_report
from shortaxis.dicom.documents.measurements.ventricle_measurements import (
    ChangeMeasurements,
    FunctionMeasurements,
    StudyMeasurements,
    VentricleMeasurements,
)
from shortaxis.dicom.documents.secondary_capture import write_secondary_capture
from shortaxis.dicom.documents.segmentation.masks import Mask, Segmentation
from shortaxis.dicom.documents.segmentation.segmentation_object import write_segmentation
from shortaxis.dicom.elements.uids import UidGenerator
from shortaxis.dicom.writing.derivation import Stamp
from shortaxis.geometry.grids import Grid
from shortaxis.spect.study import StudyCondition
from shortaxis.workflow.studies.finding import find_studies
from shortaxis.workflow.studies.record import NOTICE

REPORT = DocumentFacts(
    title="ShortAxis report",
    description=f"Slices, polar maps and scores. {NOTICE}",
    software_version="0.1.0",
)
PICTURE = np.random.default_rng(0).integers(0, 256, (31, 41, 3), dtype=np.uint8)
PDF = b"%PDF-1.4\n%%EOF\n"

STRESS = VentricleMeasurements(
    condition=StudyCondition.STRESS,
    uptake_percent={number: 50.25 + number for number in range(1, 18)},
    scores={number: number % 5 for number in range(1, 18)},
    is_by_normal_limits=True,
    length_mm=83.46,
    scar_burden_percent=3.217,
    total_perfusion_deficit_percent=7.5,
    extent_percent=11.258,
    function=FunctionMeasurements(61.24, 98.76, 38.3, 60.46, 121.0, 12.34, 7, 4, 0.5421, 0.8765),
)
REST = VentricleMeasurements(
    condition=StudyCondition.REST,
    uptake_percent={number: 60.0 + number for number in range(1, 18)},
    scores=dict.fromkeys(range(1, 18), 0),
    is_by_normal_limits=False,
    length_mm=84.0,
    scar_burden_percent=0.0,
    change=ChangeMeasurements(
        8.126,
        0.4,
        {number: 1.26 - number for number in range(1, 18)},
        797,
        "Less uptake, RCA.",
    ),
)
MEASURED = StudyMeasurements(
    (STRESS, REST),
    summed_difference_score=33,
    transient_dilation=1.0512,
    ejection_fraction_change_percent=-4.26,
    end_diastolic_dilation=1.0734,
)


MYOCARDIUM = ("49848007", "SCT", "Left Ventricle Myocardium")
LUMEN = ("113342003", "SCT", "Lumen")
REGION = ("87878005", "SCT", "Left ventricle")


def segmented(grid: Grid) -> Segmentation:
    """Two masks that no turn or mirror brings onto themselves, which share voxels."""
    wall, cavity = (np.zeros(grid.shape, dtype=bool) for _ in range(2))
    wall[2, 1:5, 3], wall[2, 4, 3:7], wall[2:6, 4, 6] = True, True, True
    cavity[4:6, 4:6, 6] = True
    masks = (
        Mask("Wall", MYOCARDIUM, wall, (52.0, 62.0, 42.0)),
        Mask("Cavity", LUMEN, cavity, (58.0, -4.0, -40.0), REGION),
    )
    return Segmentation("LV_WALL", grid, masks, "ShortAxis network", is_learnt=True)


class Write(Protocol):
    """Writes one kind of document."""

    def __call__(
        self, path: Path, header: SourceHeader, document: DocumentFacts, uids: UidGenerator = ...
    ) -> None: ...


def new_stamp(uids: UidGenerator | None) -> Stamp:
    return stamp() if uids is None else replace(stamp(), uids=uids)


def write_picture(
    path: Path, header: SourceHeader, document: DocumentFacts, uids: UidGenerator | None = None
) -> None:
    write_secondary_capture(path, PICTURE, header, document, new_stamp(uids))


def write_pdf(
    path: Path, header: SourceHeader, document: DocumentFacts, uids: UidGenerator | None = None
) -> None:
    write_encapsulated_pdf(path, PDF, header, document, new_stamp(uids))


def write_measured(
    path: Path, header: SourceHeader, document: DocumentFacts, uids: UidGenerator | None = None
) -> None:
    write_measurement_report(path, MEASURED, header, document, new_stamp(uids))


def write_masks(
    path: Path, header: SourceHeader, document: DocumentFacts, uids: UidGenerator | None = None
) -> None:
    write_segmentation(path, segmented(transaxial_grid()), header, document, new_stamp(uids))


WRITERS: dict[str, Write] = {
    "picture": write_picture, "pdf": write_pdf, "measurements": write_measured,
    "segmentation": write_masks,
}  # fmt: skip


def header_of(path: Path) -> SourceHeader:
    header = find_studies(path).studies[0].load().header
    assert header is not None
    return header


def header_from(source: str, folder: Path) -> SourceHeader:
    return SOURCES[source](folder).header or SourceHeader()


def nm_header(folder: Path, **attributes: Any) -> SourceHeader:
    source = build_nm(a_volume())
    for keyword, value in attributes.items():
        setattr(source, keyword, value)
    return header_of(save_object(source, folder / "source.dcm"))
