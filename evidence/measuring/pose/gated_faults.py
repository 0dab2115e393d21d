"""Which faults of time slots are told, and how often a usual beat is called faulty.

``python -m evidence run gated_faults -- [--cohorts FOLDER] [--data FOLDER]`` simulates gated exams,
makes one time slot of each wrong in every way, reverses the order of the slots, and stores
``gated_faults.json``. A simulated time slot shows the moment at which it begins; that of a camera
lasts until the next one. So the curves of contraction are moved by half a slot before their order
is judged. No real study here is gated: each is dealt out into eight noisy slots without a beat.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
from scipy import ndimage

from evidence.measuring.real_studies.study_files import find_studies
from evidence.recording.options import add_cohorts, add_real_data
from evidence.recording.record import store_result
from evidence.registry.result import Cohort
from shortaxis.errors import HeartNotFoundError
from shortaxis.geometry.arrays import CountsArray, FloatArray
from shortaxis.reorientation.beat_order import contraction_of_slots, read_beat
from shortaxis.reorientation.network_estimate import estimate_pose_by_network
from shortaxis.simulation.exam_files import CohortFormat, exam_path, read_compact_exam, write_exam
from shortaxis.simulation.presets import sample_scenario
from shortaxis.simulation.simulating import simulate
from shortaxis.spect.time_slots import likeness_of_slots
from shortaxis.workflow.studies.finding import find_studies as find_studies_in

COHORTS = {
    8: (Cohort("clinical", 7_500_000, 60), Cohort("wide", 7_500_000, 20)),
    16: (Cohort("clinical", 7_500_100, 20),),
}
"""By the number of time slots."""

WRONG_SLOT = 2
SHIFTS_MM = (6.0, 10.0, 14.0, 20.0)
DEALT_SLOTS, WALL_COUNTS = 8, 30.0
"""Of a real study: counts of the hottest voxels in one slot."""

END_SYSTOLES = {"before 36 %": (0.0, 0.36), "36 to 42 %": (0.36, 0.42), "after 42 %": (0.42, 1.0)}
"""Of the beat."""

STRONG = 0.3
"""Ejection fraction from which on the order is expected to be told."""

Change = Callable[[CountsArray, FloatArray], CountsArray]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add_cohorts(parser)
    add_real_data(parser)
    arguments = parser.parse_args()
    found: Counter[str] = Counter()
    for path in exams(arguments.cohorts):
        found.update(told_of(path))
        print(path.stem, flush=True)
    real = [dealt_out(path) for path, _ in find_studies(arguments.data)]
    values = {
        "exams": found["exams"],
        "false_alarms": found["false alarm"],
        "slots": {name: found[name] for name in FAULTS},
        "order": {
            kind: {
                when: {name: found[f"{kind} {when} {name}"] for name in ("exams", *ORDERS)}
                for when in END_SYSTOLES
            }
            for kind in ("strong", "weak")
        },
        "real": {"studies": len(real), "false_alarms": sum(real)},
    }
    print(values)
    store_result("gated_faults", values, COHORTS[8][0].first_seed)


def exams(cohorts: Path) -> Iterator[Path]:
    """Gated exams, simulated where they are missing."""
    for slots, group in COHORTS.items():
        for cohort in group:
            folder = cohorts / f"gated-{cohort.preset}-{slots}"
            for seed in range(cohort.first_seed, cohort.first_seed + cohort.count):
                path = exam_path(folder, seed, CohortFormat.COMPACT)
                if not path.exists():
                    scenario = sample_scenario(cohort.preset, seed, time_slots=slots)
                    write_exam(simulate(scenario), folder, CohortFormat.COMPACT)
                yield path


def told_of(path: Path) -> Iterator[str]:
    """Names of what is told of an exam and of its faulty twins."""
    exam = read_compact_exam(path)
    if exam.gates is None:
        return
    spacing_mm = exam.volume.spacing_mm
    yield "exams"
    if any(slot.fault for slot in likeness_of_slots(exam.gates, spacing_mm)):
        yield "false alarm"
    for name, change in FAULTS.items():
        gates = exam.gates.copy()
        gates[WRONG_SLOT] = change(gates[WRONG_SLOT], spacing_mm)
        slots = likeness_of_slots(gates, spacing_mm)
        if [slot.number for slot in slots if slot.fault] == [WRONG_SLOT + 1]:
            yield name
    motion = exam.scenario.phantom.heart.motion
    try:
        estimate = estimate_pose_by_network(exam.volume)
    except HeartNotFoundError:
        return
    if estimate.extent is None:
        return
    affine = exam.volume.patient_from_index
    curve = contraction_of_slots(exam.gates, affine, estimate.pose, estimate.extent)
    lasting = half_a_slot_earlier(curve)
    kind = "strong" if motion.ejection_fraction >= STRONG else "weak"
    (when,) = (
        name for name, (low, high) in END_SYSTOLES.items() if low <= motion.end_systole < high
    )
    yield f"{kind} {when} exams"
    for name, step in ORDERS.items():
        beat = read_beat(lasting[::step])
        if beat is not None and beat.runs_backwards:
            yield f"{kind} {when} {name}"


def half_a_slot_earlier(curve: FloatArray) -> FloatArray:
    """What slots (time_slot,) show that last, from those that show the moment they begin at."""
    waves = np.fft.rfft(curve)
    turns = np.exp(1j * np.pi * np.arange(len(waves)) / len(curve))
    moved: FloatArray = np.fft.irfft(waves * turns, len(curve))
    return moved


def dealt_out(path: Path) -> bool:
    """Whether a real study is called faulty, dealt out into slots with the noise of few counts."""
    volume = find_studies_in(path).studies[0].load().study.volume
    rng = np.random.default_rng(0)
    level = float(np.percentile(volume.counts, 99.5))
    expected = np.maximum(volume.counts, 0) / level * WALL_COUNTS
    gates = rng.poisson(expected, (DEALT_SLOTS, *volume.shape)).astype(np.float32)
    return any(slot.fault for slot in likeness_of_slots(gates, volume.spacing_mm))


def _shifted(distance_mm: float) -> Change:
    def change(counts: CountsArray, spacing_mm: FloatArray) -> CountsArray:
        steps = distance_mm * np.array([0.6, 0.8, 0.0]) / spacing_mm
        moved: CountsArray = ndimage.shift(counts, steps, order=1)
        return moved

    return change


def _rolled(counts: CountsArray, spacing_mm: FloatArray) -> CountsArray:
    return np.roll(counts, int(np.ceil(25 / spacing_mm[2])), axis=2)


FAULTS: Mapping[str, Change] = {
    "empty": lambda counts, _: counts * 0,
    "a quarter of the counts": lambda counts, _: counts * np.float32(0.25),
    "twice the counts": lambda counts, _: counts * 2,
    "inverted": lambda counts, _: counts.max() - counts,
    "upside down": lambda counts, _: counts[::-1],
    "front and back exchanged": lambda counts, _: counts[:, ::-1],
    "left and right exchanged": lambda counts, _: counts[:, :, ::-1],
    "rolled around by 25 mm": _rolled,
    **{f"shifted by {each:g} mm": _shifted(each) for each in SHIFTS_MM},
}


ORDERS: Mapping[str, int] = {"as it is": 1, "reversed": -1}
"""Steps from one time slot to the next."""


if __name__ == "__main__":
    main()
