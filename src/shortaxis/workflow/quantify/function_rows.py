"""The numbers of a function in words: for tables of reports, and for one line of the terminal."""

from __future__ import annotations

from collections.abc import Mapping

from shortaxis.function.phase import PhaseAnalysis
from shortaxis.function.stress_against_rest import FunctionChange
from shortaxis.workflow.beat_view.printed_volumes import printed_volumes
from shortaxis.workflow.quantify.function_study import StudyFunction

__all__ = [
    "FUNCTION_ROWS",
    "MOST_MOTION",
    "MOST_THICKENING",
    "change_rows",
    "function_line",
    "function_rows",
    "phase_words",
    "score_words",
]

MOST_MOTION, MOST_THICKENING = 5, 3
"""Highest scores of a segment (Sharir et al., J Nucl Med 2001;42:1630)."""

FUNCTION_ROWS = (
    "LVEF (%)", "End-diastolic volume, EDV (ml)", "End-systolic volume, ESV (ml)",
    "Stroke volume (ml)", "Mass (g)", "Peak emptying rate (EDV/cycle)",
    "Peak filling rate (EDV/cycle)", "Peak emptying rate (EDV/s)", "Peak filling rate (EDV/s)",
    "Time to peak filling (ms)", "Cycle (ms, by the header)",
    "Summed motion score", "Summed thickening score",
    "Phase SD (degrees)", "Phase bandwidth (degrees)",
    "Sphericity at end-diastole, at end-systole", "Eccentricity at end-diastole, at end-systole",
    "Phase is the moment of", "Flag of the function",
)  # fmt: skip
"""Names of the rows; a bound is what nine errors of ten stay below on simulated exams."""


def function_rows(function: StudyFunction | None) -> list[str]:
    """Values of `FUNCTION_ROWS` with their bounds; dashes where nothing was measured."""
    if function is None or function.measured is None:
        flag = "-" if function is None else function.flag
        return ["-"] * (len(FUNCTION_ROWS) - 1) + [flag]
    measured = function.measured
    curve, bounds, phase = measured.curve, measured.bounds, measured.phase
    volumes = printed_volumes(curve)
    shapes = (measured.end_diastolic_shape, measured.end_systolic_shape)
    return [
        _with_bound(100 * curve.ejection_fraction, 100 * bounds["ejection_fraction"]),
        f"{volumes.end_diastolic} {volumes.bound(bounds['end_diastolic_ml'])}",
        f"{volumes.end_systolic} {volumes.bound(bounds['end_systolic_ml'])}",
        volumes.stroke,
        _with_bound(measured.mass_g, measured.mass_bound_g),
        f"{curve.peak_emptying_rate:.1f}",
        f"{curve.peak_filling_rate:.1f}",
        *_in_time(function),
        score_words(measured.scores.motion, MOST_MOTION),
        score_words(measured.scores.thickening, MOST_THICKENING),
        phase_words(phase, f"{phase.sd_deg:.0f}"),
        phase_words(phase, f"{phase.bandwidth_deg:.0f}"),
        _both(*(each.sphericity for each in shapes)),
        _both(*(each.eccentricity for each in shapes)),
        phase.convention.words,
        function.flag,
    ]


def _in_time(function: StudyFunction) -> list[str]:
    """Rates by the clock, and the cycle that they are made of; dashes where it is not told."""
    measured, beats, cycle_s = function.measured, function.beats, function.cycle_s
    if measured is None or beats is None or cycle_s is None:
        return ["-"] * 4
    return [
        f"{measured.curve.peak_emptying_rate / cycle_s:.1f}",
        f"{measured.curve.peak_filling_rate / cycle_s:.1f}",
        f"{1000 * measured.curve.time_to_peak_filling * cycle_s:.0f}",
        f"{1000 * cycle_s:.0f}, {beats.cycle_is_told_by}",
    ]


def phase_words(phase: PhaseAnalysis, value: str) -> str:
    """A number of the phases, or why there is none."""
    if phase.is_told:
        return value
    return f"too noisy to give ({phase.noise_deg:.0f}\N{DEGREE SIGN} of noise)"


def change_rows(change: FunctionChange) -> list[str]:
    """Stress against rest, a word for each of `FUNCTION_ROWS`; empty where nothing is compared."""
    words = dict.fromkeys(FUNCTION_ROWS, "")
    words[FUNCTION_ROWS[0]] = (
        f"{100 * change.ejection_fraction:+z.0f} \N{PLUS-MINUS SIGN} "
        f"{100 * change.ejection_fraction_bound:.0f} points{_beyond(change.is_fall)}"
    )
    words[FUNCTION_ROWS[1]] = (
        f"ratio {change.end_diastolic_ratio:.2f} \N{PLUS-MINUS SIGN} "
        f"{change.end_diastolic_bound:.2f}{_beyond(change.is_dilation)}"
    )
    words[FUNCTION_ROWS[2]] = f"ratio {change.end_systolic_ratio:.2f}"
    return list(words.values())


def _beyond(is_so: bool) -> str:
    return ", beyond its bound" if is_so else ""


def function_line(function: StudyFunction) -> str:
    """One line: what there is, or why there is nothing."""
    measured = function.measured
    if measured is None:
        return function.refusal
    curve, volumes = measured.curve, printed_volumes(measured.curve)
    spread = phase_words(measured.phase, f"{measured.phase.sd_deg:.0f} degrees")
    return (
        f"LVEF {100 * curve.ejection_fraction:.0f} %, EDV {volumes.end_diastolic} ml, "
        f"ESV {volumes.end_systolic} ml, phase SD {spread}; "
        f"function: {function.flag}"
    )


def score_words(scores: Mapping[int, int | None], most: int) -> str:
    """The sum of the segments that are scored, and the highest that it could be."""
    told = [each for each in scores.values() if each is not None]
    return f"{sum(told)} of {most * len(told)}" if told else "-"


def _both(*values: float | None) -> str:
    return ", ".join("-" if value is None else f"{value:.2f}" for value in values)


def _with_bound(value: float, bound: float) -> str:
    return f"{value:.0f} \N{PLUS-MINUS SIGN} {bound:.0f}"
