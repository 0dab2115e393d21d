"""Draw end-diastole and end-systole of a gated patient, as ``shortaxis report`` shows them.

``python -m evidence run gated_report`` simulates stress and rest of one patient of the preset
``clinical`` with eight time slots and writes ``docs/images/report-gated.png``.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import shortaxis
from evidence.recording.options import picture_options
from evidence.recording.pictures import keep_picture
from evidence.recording.record import store_pictures
from shortaxis.simulation.exam_files import write_exam
from shortaxis.simulation.presets import sample_scenario
from shortaxis.simulation.simulating import simulate

STRESS = 9_300_946
"""Seed of an exam under stress, of those for pictures; the next one is the same heart at rest."""

TIME_SLOTS = 8


def main() -> None:
    """Simulate, report, keep the page."""
    target = picture_options(__doc__).parse_args().pictures / "report-gated.png"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        exams = []
        for seed in (STRESS, STRESS + 1):
            exam = simulate(sample_scenario("clinical", seed, time_slots=TIME_SLOTS, version=1))
            exams.append(write_exam(exam, folder / "cohort", "dicom") / "study.dcm")
        shortaxis.report(*exams, out=folder / "report")
        keep_picture(folder / "report" / "gated.png", target)
    store_pictures("gated_report", [target], STRESS)


if __name__ == "__main__":
    main()
