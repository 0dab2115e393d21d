"""How sure the function of a gated exam is, where its numbers stand without their table."""

from __future__ import annotations

from shortaxis.dicom.writing.derivation import flag_and_reasons
from shortaxis.workflow.quantify.function_record import NOT_ON_PATIENTS, function_record
from shortaxis.workflow.quantify.function_study import StudyFunction

__all__ = ["function_comment"]


def function_comment(function: StudyFunction) -> str:
    """Flag, reasons, notes and bounds of a measured function."""
    bounds = function_record(function)["bounds_90"]
    told = (
        f"{bounds['ejection_fraction_percent']:g} points of ejection fraction, "
        f"{bounds['end_diastolic_ml']:g} ml of end-diastolic volume, "
        f"{bounds['end_systolic_ml']:g} ml of end-systolic volume, {bounds['mass_g']:g} g of mass"
    )
    notes = [f"{note[0].upper()}{note[1:]}." for note in function.notes]
    parts = (
        f"Quality flag of the function {flag_and_reasons(function.flag, function.reasons)}.",
        *notes,
        f"Nine of ten errors on simulated exams stay below {told}.",
        NOT_ON_PATIENTS,
    )
    return " ".join(parts)
