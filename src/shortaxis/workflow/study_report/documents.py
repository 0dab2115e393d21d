"""The report as DICOM: its pictures, its print and its measurements, beside the source."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np

from shortaxis._version import __version__
from shortaxis.dicom.carried.source_header import SourceHeader
from shortaxis.dicom.documents.document_facts import DocumentFacts
from shortaxis.dicom.documents.encapsulated_pdf import write_encapsulated_pdf
from shortaxis.dicom.documents.measurements.measurement_report import write_measurement_report
from shortaxis.dicom.documents.measurements.picture_regions import (
    NO_REGIONS,
    PictureRegions,
    Region,
)
from shortaxis.dicom.documents.measurements.ventricle_measurements import (
    FunctionMeasurements,
    StudyMeasurements,
    VentricleMeasurements,
)
from shortaxis.dicom.documents.object_origin import ObjectOrigin
from shortaxis.dicom.documents.secondary_capture import Picture, write_secondary_capture
from shortaxis.dicom.elements.uids import UidGenerator
from shortaxis.dicom.writing.derivation import Stamp
from shortaxis.dicom.writing.derived_header import with_study_uids
from shortaxis.geometry.arrays import FloatArray
from shortaxis.quantification.severity import segment_uptakes
from shortaxis.workflow.quantify.quantifying import QuantifiedStudy
from shortaxis.workflow.quantify.record import NOT_INTERCHANGEABLE
from shortaxis.workflow.quantify.wording import scar_percent
from shortaxis.workflow.studies.record import NOTICE
from shortaxis.workflow.study_report.earlier.measured import measured_changes
from shortaxis.workflow.study_report.exams.pairing import QuantifiedExam, QuantifiedPair
from shortaxis.workflow.study_report.function_comment import function_comment
from shortaxis.workflow.study_report.pages.difference_rows import NO_SUBTRACTION

__all__ = [
    "COMPARED",
    "MEASUREMENTS",
    "POLAR_MAPS",
    "PRINT",
    "document_names",
    "write_documents",
]

PRINT, MEASUREMENTS = "report.dcm", "measurements.dcm"

POLAR_MAPS = "polar_maps"
"""The page on which measurements have a place."""

COMPARED = "compared"
"""The page on which an earlier exam has a part."""

TITLE = "ShortAxis report"

DESCRIBED = "Slices, polar maps and scores."

FIRST_NUMBER = 9001
"""Of the documents among what is derived from a source; slices stay below."""


def document_names(pair: QuantifiedPair, pages: list[str]) -> list[str]:
    """Files that `write_documents` writes; none if the first exam has no DICOM header."""
    if pair.exams[0].exam.header is None:
        return []
    return [*(f"{page}.dcm" for page in pages), PRINT, MEASUREMENTS]


def write_documents(
    folder: Path,
    pair: QuantifiedPair,
    pictures: Mapping[str, bytes],
    pdf: bytes,
    origin: ObjectOrigin,
    outlines: Mapping[Region, FloatArray],
) -> None:
    """Write one Secondary Capture a picture, the PDF and the measurements into `folder`.

    They join the study of the first exam, and refer to the objects of both. `outlines` are those of
    the measurements on the picture of the polar maps.
    """
    first, *others = (each.exam.header for each in pair.exams)
    if first is None:
        return
    facts = DocumentFacts(
        title=TITLE,
        description=" ".join((*_described(pair), NOTICE, NOT_INTERCHANGEABLE)),
        software_version=__version__,
        quality_flag=pair.quality.flag.value,
        reasons=pair.quality.reasons,
        other_sources=tuple(other for other in others if other is not None),
    )

    def write(uids: UidGenerator, now: datetime) -> None:
        header, regions = with_study_uids(first, uids), NO_REGIONS
        stamps = (Stamp(FIRST_NUMBER + step, uids, now) for step in range(len(pictures) + 2))
        for (page, content), stamp in zip(pictures.items(), stamps, strict=False):
            named = replace(facts, title=f"{TITLE}: {page.replace('_', ' ')}")
            if page == COMPARED:
                named = replace(named, referenced=_earlier(pair))
            stored = write_secondary_capture(
                folder / f"{page}.dcm", _pixels(content), header, named, stamp
            )
            if page == POLAR_MAPS:
                regions = PictureRegions(stored, outlines)
        printed = replace(facts, referenced=_earlier(pair))
        write_encapsulated_pdf(folder / PRINT, pdf, header, printed, next(stamps))
        measured, named = _measurements(pair), replace(printed, title=f"{TITLE}: measurements")
        write_measurement_report(
            folder / MEASUREMENTS, measured, header, named, next(stamps), regions
        )

    origin.write(folder, write)


def _earlier(pair: QuantifiedPair) -> tuple[SourceHeader, ...]:
    """Headers of the earlier exams that are shown: their objects are referred to, no more."""
    exams = [] if pair.earlier is None else pair.earlier.pair.exams
    return tuple(each.exam.header for each in exams if each.exam.header is not None)


def _described(pair: QuantifiedPair) -> list[str]:
    """What is shown, a sentence each."""
    told = [DESCRIBED, *_made_here(pair), *_of_the_base(pair)]
    if pair.difference is not None and pair.difference.reversibility is not None:
        told.append(f"Stress less rest: {NO_SUBTRACTION}.")
    return told


def _of_the_base(pair: QuantifiedPair) -> list[str]:
    """Why basal segments are not sure, a sentence for each exam in whose base is a doubt."""
    doubts = {each.title: each.quantified.base_doubt for each in pair.exams}
    return [f"{title}: the base is not sure: {doubt}." for title, doubt in doubts.items() if doubt]


def _made_here(pair: QuantifiedPair) -> list[str]:
    """How exams were made of raw projections, a sentence each."""
    made = {each.title: each.exam.study.facts.reconstructed_here for each in pair.exams}
    return [
        f"{title}: projections reconstructed here with {words}."
        for title, words in made.items()
        if words
    ]


def _pixels(content: bytes) -> Picture:
    from PIL import Image

    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB"), dtype=np.uint8)


def _measurements(pair: QuantifiedPair) -> StudyMeasurements:
    difference, change, said = pair.difference, pair.function_change, pair.conclusion
    changes = measured_changes(pair)
    return StudyMeasurements(
        tuple(
            replace(_ventricle(each), change=changes.get(each.exam.condition))
            for each in pair.exams
        ),
        None if difference is None else difference.summed_score,
        None if difference is None else difference.dilation.ratio,
        None if change is None else 100 * change.ejection_fraction,
        None if change is None else change.end_diastolic_ratio,
        "" if said is None else f"{said.words} ({said.signature})",
    )


def _function(exam: QuantifiedStudy) -> FunctionMeasurements | None:
    if exam.function is None or exam.function.measured is None:
        return None
    measured = exam.function.measured
    curve = measured.curve
    return FunctionMeasurements(
        100 * curve.ejection_fraction,
        curve.end_diastolic_ml,
        curve.end_systolic_ml,
        round(curve.end_diastolic_ml, 1) - round(curve.end_systolic_ml, 1),
        measured.mass_g,
        measured.phase.sd_deg if measured.phase.is_told else None,
        measured.scores.summed_motion,
        measured.scores.summed_thickening,
        measured.end_diastolic_shape.sphericity,
        measured.end_diastolic_shape.eccentricity,
        function_comment(exam.function),
    )


def _ventricle(each: QuantifiedExam) -> VentricleMeasurements:
    exam, severity = each.quantified, each.quantified.severity
    measured = VentricleMeasurements(
        function=_function(exam),
        condition=each.exam.condition,
        uptake_percent=segment_uptakes(exam.traced.polar_map),
        scores={},
        is_by_normal_limits=exam.limits is not None,
        length_mm=exam.traced.length_mm,
    )
    if severity is None:
        return measured
    measured = replace(measured, scores=severity.segment_scores)
    if severity.comparison is None:
        return measured
    return replace(
        measured,
        scar_burden_percent=scar_percent(severity),
        total_perfusion_deficit_percent=100 * severity.total_perfusion_deficit,
        extent_percent=100 * severity.extent,
        both_positions=_both_positions(each),
    )


def _both_positions(each: QuantifiedExam) -> tuple[int, float] | None:
    if each.positions is None or each.positions.together is None:
        return None
    found = each.positions.together
    return found.summed_score, 100 * found.total_perfusion_deficit
