"""What the limits against wrong worlds cost is counted right, once a study, and shown."""

from __future__ import annotations

from collections.abc import Callable
from operator import neg
from pathlib import Path

import numpy as np
import pytest

from drawn_study import study_pose, study_volume
from evidence.measuring.robustness.calibration_exams import seeds_of
from evidence.measuring.robustness.limit_costs import costs, exact_interval
from evidence.measuring.robustness.permuted_worlds import (
    ACCEPTED,
    FLAGGED,
    REFUSED,
    counted,
    outcome_as_nifti,
    outcomes_in,
)
from evidence.measuring.robustness.world_sources import CHEST_MM, Source, chest_of
from evidence.measuring.robustness.worlds import WORLDS, World
from evidence.pages.blocks import block_text
from evidence.recording import resuming
from evidence.recording.resuming import measured_cases, measured_seeds
from evidence.registry.result import Cohort
from evidence.registry.table import RESULTS
from shortaxis import reorient
from shortaxis.errors import OptionError, ShortAxisError
from shortaxis.geometry.affines import apply_affine
from shortaxis.nifti.writing import write_nifti
from shortaxis.reorientation.quality import UNLIMITED, Limit, Measure
from shortaxis.spect.volume import SpectVolume

NAME = "limit_costs"

# The counts.

LIMITS = [
    Limit(Measure.AZIMUTH_DEG, 0, 75, "aside"),
    Limit(Measure.LENGTH_MM, 50, 130, "size"),
    Limit(Measure.FORWARD_DEG, 6, UNLIMITED, "cut already?"),
    Limit(Measure.SECOND_PRESENCE, -UNLIMITED, 9, "two?"),
]


def exam(
    azimuth: float = 40, length: float = 90, forward: float = 45, failed: bool = False
) -> dict[str, object]:
    measures = {"azimuth_deg": azimuth, "length_mm": length, "forward_deg": forward}
    return {"found": True, "failed": failed, "measures": measures}


def test_a_limit_costs_the_good_exams_that_nothing_else_stops() -> None:
    rows = [
        exam(),
        exam(forward=3),
        exam(forward=3, length=20),
        exam(azimuth=-5),
        exam(azimuth=-5, forward=3),
        exam(azimuth=-20),
        exam(forward=3, failed=True),
        {"found": False, "failed": True, "measures": {}},
    ]

    found = costs(rows, LIMITS)

    good, failed = found["good"], found["failed"]
    assert (found["exams"], found["not_found"]) == (8, 1)
    assert (good["exams"], good["flagged_before"], good["flagged"]) == (6, 2, 5)
    assert (failed["exams"], failed["flagged_before"], failed["flagged"]) == (1, 0, 1)
    assert good["intervals"]["more"] == exact_interval(3, 6)
    assert [(each["measure"], each["beyond"], each["alone"]) for each in found["later"]] == [
        (Measure.AZIMUTH_DEG.value, 3, 2),
        (Measure.FORWARD_DEG.value, 3, 2),
        (Measure.SECOND_PRESENCE.value, 0, 0),
    ]


def test_the_interval_is_the_exact_one() -> None:
    # None of n: the upper end solves (1 - p) ** n = 0.025.
    low, high = exact_interval(0, 240)

    assert low == 0
    assert (1 - high) ** 240 == pytest.approx(0.025)
    assert exact_interval(0, 0) is None


def test_exams_of_another_purpose_are_not_measured() -> None:
    assert list(seeds_of(Cohort("clinical", 7_980_000, 2))) == [7_980_000, 7_980_001]
    with pytest.raises(OptionError, match="another purpose"):
        seeds_of(Cohort("clinical", 8_000_000, 2))


def test_no_exam_that_a_limit_was_set_on_is_counted() -> None:
    set_on = (
        Cohort("clinical", 7_000_000, 240),
        Cohort("wide", 7_000_000, 240),
        Cohort("clinical", 7_900_000, 60),
        Cohort("clinical", 7_950_000, 60),
        Cohort("clinical", 7_960_000, 40),
        Cohort("clinical", 7_980_000, 240),
    )

    for name in (NAME, "permuted_worlds"):
        for cohort in RESULTS[name].cohorts:
            others = [seeds_of(each) for each in set_on if each.preset == cohort.preset]
            assert set(seeds_of(cohort)).isdisjoint(set().union(*others))


# Going on.


def cases_of(calls: list[str], *names: str) -> dict[str, Callable[[], int]]:
    def case(name: str) -> Callable[[], int]:
        return lambda: calls.append(name) or len(calls)

    return {name: case(name) for name in names}


def test_a_case_is_measured_once(tmp_path: Path) -> None:
    calls: list[str] = []

    first = measured_cases(NAME, tmp_path, cases_of(calls, "a", "b"))
    second = measured_cases(NAME, tmp_path, cases_of(calls, "b", "c"))

    assert calls == ["a", "b", "c"]
    assert (first, second) == ({"a": 1, "b": 2}, {"b": 2, "c": 3})


def test_a_line_that_was_cut_off_is_measured_again(tmp_path: Path) -> None:
    calls: list[str] = []
    measured_cases(NAME, tmp_path, cases_of(calls, "a", "b"))
    (path,) = (tmp_path / "measured").iterdir()
    path.write_text(path.read_text()[:-3])

    for _ in range(2):
        found = measured_cases(NAME, tmp_path, cases_of(calls, "a", "b"))

    assert calls == ["a", "b", "b"]
    assert found == {"a": 1, "b": 3}


def test_other_weights_measure_all_cases_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    measured_cases(NAME, tmp_path, cases_of(calls, "a"))
    monkeypatch.setattr(resuming, "weights_now", lambda: "others")

    measured_cases(NAME, tmp_path, cases_of(calls, "a"))

    assert calls == ["a", "a"]


def test_seeds_are_shared_by_processes_and_gone_on_with_by_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shared = measured_seeds(NAME, tmp_path, range(10, 14), neg, workers=2)
    shown = capsys.readouterr().out.splitlines()
    alone = measured_seeds(NAME, tmp_path, range(12, 16), abs)

    assert shared == [-10, -11, -12, -13]
    assert alone == [-12, -13, 14, 15]
    assert [line.split(",")[0] for line in shown] == [
        f"{NAME}: {done} of 4" for done in range(1, 5)
    ]
    (path,) = (tmp_path / "measured").iterdir()
    assert len(path.read_text().splitlines()) == 6


# Worlds as files.


@pytest.mark.parametrize("world", WORLDS[:11], ids=lambda world: f"{world.group}: {world.name}")
def test_a_bare_nifti_is_accepted_in_no_world(world: World, tmp_path: Path) -> None:
    volume = world.change(study_volume(), study_pose())
    path = tmp_path / "volume.nii"
    write_nifti(path, volume.counts, volume.patient_from_index)

    try:
        reasons = reorient(path).estimate.quality.reasons
    except ShortAxisError:
        reasons = ("refused",)

    # Measured without the pose, and as a user would meet it.
    assert outcome_as_nifti(volume, []) in (FLAGGED, REFUSED)
    assert reasons


def test_the_same_volume_is_accepted_where_its_directions_are_certain() -> None:
    source = Source(0, study_volume(), study_pose())

    assert outcomes_in(source, WORLDS[0]) == (ACCEPTED, FLAGGED)


def test_of_a_whole_body_the_chest_stays_where_it_was() -> None:
    chest = study_volume()
    counts = np.concatenate(
        [np.zeros_like(chest.counts), chest.counts, np.zeros_like(chest.counts)]
    )
    affine = chest.patient_from_index.copy()
    affine[:3, 3] = apply_affine(affine, np.array([-chest.shape[0], 0.0, 0.0]))

    found = chest_of(SpectVolume(counts, affine), study_pose())

    assert abs(found.shape[0] * found.spacing_mm[0] - 2 * CHEST_MM) <= 2 * found.spacing_mm[0]
    sampled = found.resampled(chest.grid).counts
    seen = sampled.any(axis=(1, 2))
    assert seen.sum() > 30
    np.testing.assert_allclose(sampled[seen], chest.counts[seen], atol=1e-3)


# The pages.


def test_what_is_not_stored_is_said() -> None:
    assert "`python -m evidence run limit_costs`" in block_text("limit costs", lambda name: None)


def test_the_page_tells_costs_and_their_intervals() -> None:
    rows = [exam(), exam(forward=3), exam(forward=3, failed=True)]
    record = {
        "command": "python -m evidence run limit_costs",
        "seed": 7_980_000,
        "git_revision": "0123456789",
        "presets": {"clinical": costs(rows, LIMITS), "wide": costs(rows, LIMITS)},
    }

    lines = block_text("limit costs", lambda name: record).splitlines()

    more = "1: 50.0 % (1.3 % to 98.7 %)"
    assert (
        f"| `wide` | 3 | 2 | 0: 0.0 % (0.0 % to 84.2 %) | {more} | {more} | 1 → 0 of 1 |" in lines
    )
    assert f"| {Measure.FORWARD_DEG.value} | 1, 1 | 1, 1 |" in lines


def test_the_table_of_worlds_tells_what_is_accepted_as_nifti() -> None:
    one = {"dicom": [ACCEPTED] * len(WORLDS), "nifti": [FLAGGED] * len(WORLDS)}
    two = {"dicom": [ACCEPTED] * len(WORLDS), "nifti": [ACCEPTED] + [""] * (len(WORLDS) - 1)}
    record = {
        "command": "python -m evidence run permuted_worlds",
        "seed": 7_970_000,
        "git_revision": "0123456789",
        "count": 2,
        "exams": counted([one, two]),
        "real": counted([one]),
    }

    text = block_text("permuted worlds", lambda name: record)

    assert "| good: as it is | 2 | 2 | 2 | 1 | 1 | 1 | 1 | 0 |" in text
    assert f"Of {2 * len(WORLDS) + 1} bare NIfTI files, 1 are accepted." in text
