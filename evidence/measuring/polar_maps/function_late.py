"""How far noise of the counts hides segments that contract late.

``python -m evidence run function_late -- [--cohorts FOLDER]`` takes the calibration exams of which
a segment contracts late, simulates them again with more counts, measures them along the true pose,
and stores ``function_late.json``: whether late segments are told, and how far the moments of all
segments lie from the truth. It chooses nothing and judges nothing: nothing else is read from it.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from evidence.measuring.polar_maps.function_row import true_phases
from evidence.measuring.polar_maps.function_summary import LATE
from evidence.measuring.polar_maps.gated_exams import TIME_SLOTS, GatedExam, GatedExams
from evidence.measuring.polar_maps.roc import roc_area
from evidence.recording.options import add_cohorts
from evidence.recording.record import store_result
from shortaxis.function.harmonics import FIRST_MIDDLE
from shortaxis.function.measuring import LeftVentricularFunction, measure_function
from shortaxis.simulation.presets import sample_scenario
from shortaxis.simulation.simulating import simulate

CALIBRATION = (
    GatedExams("calibration", "clinical", 7_600_000, 98),
    GatedExams("calibration", "wide", 7_600_000, 49),
)

TIMES = (1, 10, 1000)
"""As many counts; with the last, noise is about a thirtieth."""

MOST_COUNTS = 1e5
"""That an acquisition may have."""

Wave = npt.NDArray[np.complex128]

VERSION = 2
FULL_CIRCLE = 360.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add_cohorts(parser)
    asked = parser.parse_args()
    late = [
        (exam, delays)
        for cohort in CALIBRATION
        for exam in cohort.exams(asked.cohorts)
        if max((delays := true_delays(exam)).values()) > LATE
    ]
    values = {
        "exams": len(late),
        "late": sum(each > LATE for _, delays in late for each in delays.values()),
        "segments": sum(len(delays) for _, delays in late),
        "times": {str(times): told(late, times) for times in TIMES},
    }
    print(values)
    store_result("function_late", values, CALIBRATION[0].first)


def true_delays(exam: GatedExam) -> dict[int, float]:
    """After the mean of the wall, by segment, in parts of the cycle."""
    truth = exam.stored.known_truth
    places, _, _ = true_phases(truth, exam)
    delay = truth.contraction_delay.astype(np.float64)
    means = places.segment_means(delay - places.mean(delay))
    return {number: each for number, each in means.items() if each is not None}


def told(exams: Sequence[tuple[GatedExam, dict[int, float]]], times: int) -> dict[str, Any]:
    """Of exams with so many times the counts: how late and other segments are told apart."""
    found = [(*each, delays) for exam, delays in exams for each in [moments(exam, times)]]
    result: dict[str, Any] = {}
    for number, name in enumerate(("smooth", "alone")):
        pairs = np.array(list(_pairs((each[number], each[2]) for each in found)))
        off, delay = pairs[:, 0], FULL_CIRCLE * pairs[:, 1]
        result[name] = {
            "late_auc": round(roc_area(off, pairs[:, 1] > LATE), 2),
            "off_sd_deg": round(float((off - delay).std()), 1),
            "slope": round(float(np.polyfit(delay, off, 1)[0]), 2),
        }
    return result


def moments(exam: GatedExam, times: int) -> tuple[dict[int, float], dict[int, float]]:
    """Phases of the segments after the wall's mean: of the smooth field, and of each by itself."""
    drawn = sample_scenario(exam.preset, exam.seed, time_slots=TIME_SLOTS, version=VERSION)
    counts = min(drawn.acquisition.counts * times, MOST_COUNTS)
    made = simulate(replace(drawn, acquisition=replace(drawn.acquisition, counts=counts)))
    if made.gates is None:
        raise SystemExit("an exam without time slots")
    found = measure_function(made.gates, made.volume, made.pose)
    smooth = found.phase.phase_deg - found.phase.mean_deg
    return after_mean(found, np.exp(1j * np.deg2rad(smooth))), after_mean(found, plain(found))


def plain(found: LeftVentricularFunction) -> Wave:
    """First harmonic of the counts, turned so that onset in step with the wall's mean is 0."""
    wave = np.conj(np.fft.rfft(found.counts.counts, axis=0)[1]) / found.counts.mean
    # Phases count from the R wave, the wave from the middle of the first slot.
    middle = 360 * FIRST_MIDDLE / len(found.counts.counts)
    turn = found.phase.mean_deg - found.phase.convention.from_peak_deg - middle
    turned: Wave = wave * np.exp(-1j * np.deg2rad(turn))
    return turned


def after_mean(found: LeftVentricularFunction, wave: Wave) -> dict[int, float]:
    """Degrees after the mean, -180 to 180, of the sum of a wave over each segment."""
    result = {}
    for number in range(1, 18):
        weights = np.where(found.places.segments == number, found.places.areas_mm2, 0.0)
        if weights.any():
            result[number] = float(np.degrees(np.angle((wave * weights).sum())))
    return result


def _pairs(
    found: Iterator[tuple[dict[int, float], dict[int, float]]],
) -> Iterator[tuple[float, float]]:
    for moment, delays in found:
        for number in moment.keys() & delays.keys():
            yield moment[number], delays[number]


if __name__ == "__main__":
    main()
