"""How a ventricle beats as items of the measurement report, and how sure that is."""

from __future__ import annotations

from pydicom import Dataset

from shortaxis.dicom.documents.measurements import measurement_codes as codes
from shortaxis.dicom.documents.measurements.content_items import (
    Code,
    number_content,
    text_content,
)
from shortaxis.dicom.documents.measurements.ventricle_measurements import FunctionMeasurements
from shortaxis.dicom.elements.wording import printable_ascii

__all__ = ["function_content"]


def function_content(found: FunctionMeasurements | None) -> list[Dataset]:
    """Numbers of a gated exam and what is said of them; nothing of another one."""
    if found is None:
        return []
    values = (
        (codes.EJECTION_FRACTION, found.ejection_fraction_percent, codes.PERCENT),
        (codes.END_DIASTOLIC_VOLUME, found.end_diastolic_ml, codes.MILLILITRE),
        (codes.END_SYSTOLIC_VOLUME, found.end_systolic_ml, codes.MILLILITRE),
        (codes.STROKE_VOLUME, found.stroke_ml, codes.MILLILITRE),
        (codes.MASS, found.mass_g, codes.GRAM),
        *_uncertain(found),
    )
    told = [number_content(code, round(value, 1), unit) for code, value, unit in values]
    shape = ((codes.SPHERICITY, found.sphericity), (codes.ECCENTRICITY, found.eccentricity))
    told += [
        number_content(code, round(value, 3), codes.NO_UNIT)
        for code, value in shape
        if value is not None
    ]
    # The flag of the document is that of the axes: a number must not leave without its own.
    comment = printable_ascii(found.comment)
    return told + [text_content("CONTAINS", codes.COMMENT, comment)] * bool(comment)


def _uncertain(found: FunctionMeasurements) -> list[tuple[Code, float, Code]]:
    """What is not told of every heart."""
    told = (
        (codes.PHASE_SD, found.phase_sd_deg, codes.DEGREE),
        (codes.SUMMED_MOTION_SCORE, found.summed_motion_score, codes.SCORE),
        (codes.SUMMED_THICKENING_SCORE, found.summed_thickening_score, codes.SCORE),
    )
    return [(code, value, unit) for code, value, unit in told if value is not None]
