"""What the header says of the beats: reasons to doubt the function, notes, rates by the clock."""

from __future__ import annotations

import csv
from dataclasses import replace
from io import StringIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drawn_heart import transaxial_grid, usual_pose
from shortaxis.spect.study import AcquisitionFacts, PerfusionStudy
from shortaxis.spect.told_beats import ToldBeats
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.quantify.beat_doubts import beat_notes, reasons_of_the_beats
from shortaxis.workflow.quantify.function_record import function_numbers_csv, function_record
from shortaxis.workflow.quantify.function_rows import FUNCTION_ROWS, function_rows
from shortaxis.workflow.quantify.function_sheet import draw_function_sheet
from shortaxis.workflow.quantify.function_study import StudyFunction, function_of
from ventricle_scenes import Shell, draw_shell

USUAL = ToldBeats(
    slots=8,
    heart_rate_per_min=75.0,
    interval_ms=800.0,
    accepted_ms=(700.0, 900.0),
    accepted=812,
    rejected=40,
    windows=1,
    slot_ms=100.0,
)


def test_usual_beats_are_told_and_not_doubted() -> None:
    assert reasons_of_the_beats(USUAL) == ()
    assert beat_notes(USUAL) == (
        "heart rate 75, 812 beats accepted, 40 rejected, beats of 700 to 900 ms taken, "
        "R-R interval 800 ms, time slots of 100 ms (header)",
    )


def test_nothing_is_said_where_the_header_is_silent() -> None:
    assert reasons_of_the_beats(None) == ()
    assert beat_notes(None) == ()
    assert ToldBeats(slots=8).cycle_ms is None


@pytest.mark.parametrize(("changes", "words"), [
    ({"rejected": 349}, "30 % of the beats were rejected (349 beside 812"),
    ({"accepted": 99}, "99 beats accepted in all"),
    ({"slot_ms": 85.0}, "cover 85 % of the R-R interval (8 of 85 ms, 800 ms; header): the end of"),
    ({"slot_ms": 200.0}, "cover 200 % of the R-R interval"),
    ({"accepted_ms": (400.0, 1300.0)}, "beats of 400 to 1300 ms were taken for one, 112 %"),
    ({"trigger": "breathing"}, "follow breathing"),
])  # fmt: skip
def test_each_trait_of_a_beat_that_cannot_be_trusted_is_a_reason(
    changes: dict[str, object], words: str
) -> None:
    # Rejected beats stay a twentieth where others change.
    beats = replace(USUAL, **{"rejected": 4, **changes})  # type: ignore[arg-type]

    (reason,) = reasons_of_the_beats(beats)

    assert words in reason


@pytest.mark.parametrize("changes", [
    {"rejected": 348},  # 29.99 %
    {"accepted": 100, "rejected": 0},
    {"slot_ms": 91.0},
    {"slot_ms": 110.0},
    {"accepted_ms": (400.0, 1200.0)},  # 100 %
    {"trigger": "ECG"},
    {"rejects": False},
])  # fmt: skip
def test_what_is_usual_is_no_reason(changes: dict[str, object]) -> None:
    assert reasons_of_the_beats(replace(USUAL, **changes)) == ()  # type: ignore[arg-type]


@pytest.mark.parametrize(("rate", "is_doubted"), [
    (12.0, True), (29.0, True), (30.0, False), (200.0, False), (201.0, True), (420.0, True),
])  # fmt: skip
def test_a_rate_of_no_heart_is_a_reason_however_it_is_told(rate: float, is_doubted: bool) -> None:
    ways = (
        ToldBeats(slots=8, heart_rate_per_min=rate),
        ToldBeats(slots=8, interval_ms=60_000 / rate),
        ToldBeats(slots=8, slot_ms=60_000 / rate / 8),
    )

    for beats in ways:
        reasons = reasons_of_the_beats(beats)
        assert len(reasons) == is_doubted
        assert all(f"a rate of {rate:.0f} a minute" in reason for reason in reasons)


LENGTHS_MS = st.none() | st.floats(100, 6000)


@given(
    st.builds(
        ToldBeats,
        slots=st.integers(1, 64),
        heart_rate_per_min=st.none() | st.floats(10, 600),
        interval_ms=LENGTHS_MS,
        accepted_ms=st.none() | st.tuples(st.floats(100, 1000), st.floats(1001, 6000)),
        accepted=st.none() | st.integers(1, 10**6),
        rejected=st.none() | st.integers(0, 10**6),
        windows=st.none() | st.integers(1, 64),
        slot_ms=st.none() | st.floats(1, 600),
        rejects=st.none() | st.booleans(),
        trigger=st.sampled_from(["", "ECG", "breathing"]),
    )
)
def test_whatever_is_told_is_put_in_words_that_say_where_it_comes_from(beats: ToldBeats) -> None:
    said = (*reasons_of_the_beats(beats), *beat_notes(beats))

    assert all("header" in each for each in said)
    assert len(set(said)) == len(said)
    assert beats.cycle_ms is None or beats.cycle_ms in beats.told_cycles_ms.values()


def test_beats_of_any_length_are_not_told_by_a_window_that_was_not_used() -> None:
    (note,) = beat_notes(replace(USUAL, rejects=False))

    assert "beats of any length taken" in note
    assert "700" not in note


def test_windows_that_were_added_up_are_a_note() -> None:
    notes = beat_notes(replace(USUAL, windows=3))

    assert len(notes) == 2
    assert "beats of 3 windows" in notes[1]


@pytest.mark.parametrize(("changes", "cycle_ms", "by"), [
    ({}, 800.0, "time slots"),
    ({"slot_ms": None}, 800.0, "R-R interval"),
    ({"slot_ms": None, "interval_ms": None}, 800.0, "heart rate"),
    ({"heart_rate_per_min": 60.0}, None, ""),
    ({"interval_ms": 900.0}, None, ""),
    ({"accepted_ms": (900.0, 1100.0)}, None, ""),
    ({"slot_ms": None, "interval_ms": None, "heart_rate_per_min": None}, None, ""),
])  # fmt: skip
def test_a_cycle_is_told_only_where_all_that_is_said_agrees(
    changes: dict[str, object], cycle_ms: float | None, by: str
) -> None:
    beats = replace(USUAL, **changes)  # type: ignore[arg-type]

    assert (beats.cycle_ms, beats.cycle_is_told_by) == (cycle_ms, by)
    is_contradicted = cycle_ms is None and bool(beats.told_cycles_ms)
    assert any("does not agree" in note for note in beat_notes(beats)) == is_contradicted


RADII_MM = (27.0, 26.0, 24.0, 21.0, 19.0, 22.0, 25.0, 26.5)


@pytest.fixture(scope="module")
def study() -> PerfusionStudy:
    grid = transaxial_grid()
    drawn = [draw_shell(grid, usual_pose(grid), Shell(radius_mm=each)) for each in RADII_MM]
    gates = np.stack([each.counts for each in drawn])
    volume = SpectVolume(gates.sum(axis=0), grid.patient_from_index)
    return PerfusionStudy(volume, gates, AcquisitionFacts(beats=USUAL))


@pytest.fixture(scope="module")
def function(study: PerfusionStudy) -> StudyFunction:
    pose = usual_pose(transaxial_grid())
    found = function_of(study, pose, pose, "onset")
    assert found is not None
    return found


def test_the_beats_of_a_study_reach_its_function(function: StudyFunction) -> None:
    assert function.beats == USUAL
    assert function.notes[-1] == beat_notes(USUAL)[0]
    doubted = replace(function, beats=replace(USUAL, rejected=900))
    assert doubted.flag == "review"
    assert doubted.reasons[-1].startswith("53 % of the beats were rejected")
    refused = StudyFunction(refusal="no function", beats=doubted.beats)
    assert refused.reasons == ("no function", doubted.reasons[-1])


def test_rates_by_the_clock_are_those_of_the_cycle_over_its_length(
    function: StudyFunction,
) -> None:
    record = function_record(function)
    rows = dict(zip(FUNCTION_ROWS, function_rows(function), strict=True))
    table = {row["number"]: row["value"] for row in csv.DictReader(
        StringIO(function_numbers_csv(function))
    )}  # fmt: skip

    per_cycle = record["peak_filling_rate_edv_per_cycle"]
    per_second = record["peak_filling_rate_edv_per_s"]
    assert per_second == pytest.approx(per_cycle / 0.8, abs=0.02)
    part = record["time_to_peak_filling_percent_of_cycle"]
    assert record["time_to_peak_filling_ms"] == pytest.approx(8 * part, abs=1)
    assert record["beats"]["told_by"] == "header"
    assert (record["beats"]["cycle_ms"], record["beats"]["cycle_by"]) == (800.0, "time slots")
    assert rows["Peak filling rate (EDV/s)"] == f"{per_second:.1f}"
    assert rows["Cycle (ms, by the header)"] == "800, time slots"
    assert float(table["peak_filling_rate_edv_per_s"]) == per_second
    assert float(table["beats_heart_rate_per_min"]) == 75.0


def test_rates_by_the_clock_stay_untold_where_the_header_contradicts_itself(
    function: StudyFunction,
) -> None:
    told = replace(function, beats=replace(USUAL, heart_rate_per_min=60.0))

    record, silent = function_record(told), function_record(replace(function, beats=None))

    assert record["peak_filling_rate_edv_per_s"] is None
    assert record["time_to_peak_filling_ms"] is None
    assert record["beats"]["cycle_ms"] is None
    assert silent["beats"] is None
    own = ("quality", "notes", "beats")
    assert {k: v for k, v in record.items() if k not in own} == {
        k: v for k, v in silent.items() if k not in own
    }


def test_the_picture_shows_both_rates(study: PerfusionStudy, function: StudyFunction) -> None:
    assert function.measured is not None
    rate = function.measured.curve.peak_filling_rate

    texts = {each.get_text() for each in draw_function_sheet(study, function).texts}
    silent = replace(function, beats=None)
    without = {each.get_text() for each in draw_function_sheet(study, silent).texts}

    assert {f"{rate:.1f} EDV/cycle", f"{rate / 0.8:.1f} EDV/s"} <= texts
    assert not [each for each in without if "EDV/s" in each]
