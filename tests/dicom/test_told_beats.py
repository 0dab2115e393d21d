"""What headers of gated studies say of the beats, and what is believed of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom import DataElement, Dataset, config
from pydicom.datadict import tag_for_keyword
from pydicom.dataelem import RawDataElement
from pydicom.tag import Tag

from derived_files import DERIVATION, SOURCES, a_volume, derived, gates_of, stamp
from nm_object import build_nm, build_pet_slices, save_object
from raw_views import cardiac_angles, spot_views, write_raw
from shortaxis.anatomy.cardiac_views import CardiacView
from shortaxis.dicom.elements.part10 import quiet_pydicom
from shortaxis.dicom.reading.finding.scan import scan_dicom
from shortaxis.dicom.reading.headers.told_beats import told_beats
from shortaxis.dicom.reading.projections import read_projections
from shortaxis.dicom.writing.derived_series import write_derived_series
from shortaxis.spect.reading_options import ReadingOptions
from shortaxis.spect.told_beats import ToldBeats
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.studies.finding import LoadedStudy, find_studies

SLOTS = 8
AFFINE = np.array([(0, 0, 7.0, -70), (0, 7.0, 0, -80), (-8.0, 0, 0, 30), (0, 0, 0, 1.0)])

OF_BEATS = (
    "FrameTime", "NominalInterval", "LowRRValue", "HighRRValue", "IntervalsAcquired",
    "IntervalsRejected", "HeartRate", "BeatRejectionFlag", "TriggerSourceOrType", "TriggerTime",
)  # fmt: skip


def small_volume() -> SpectVolume:
    return SpectVolume(np.random.default_rng(1).integers(1, 300, (8, 9, 10)), AFFINE)


def gated_nm(windows: int = 1) -> Dataset:
    volume = small_volume()
    gates = np.stack([volume.counts] * SLOTS)
    return build_nm(volume, gates=gates, number_of_rr_intervals=windows)


def gated_pet() -> list[Dataset]:
    volume = small_volume()
    return build_pet_slices(volume, gates=np.stack([volume.counts] * SLOTS))


def windows_of(dataset: Dataset) -> list[Dataset]:
    items: list[Dataset] = list(dataset.GatedInformationSequence[0].DataInformationSequence)
    return items


def set_strangely(place: Dataset, keyword: str, vr: str, value: Any) -> None:
    """As another writer may have stored it, without any check."""
    place[keyword] = DataElement(tag_for_keyword(keyword), vr, value, validation_mode=config.IGNORE)


def test_an_nm_header_is_told_whole(read_back: Callable[..., Any]) -> None:
    dataset = gated_nm()
    dataset.HeartRate, dataset.BeatRejectionFlag = 75, "Y"
    (beat,) = windows_of(dataset)
    beat.IntervalsAcquired, beat.IntervalsRejected = 812, 40

    beats = read_back(dataset).study.facts.beats

    assert beats == ToldBeats(
        slots=8,
        heart_rate_per_min=75.0,
        interval_ms=800.0,
        accepted_ms=(700.0, 900.0),
        accepted=812,
        rejected=40,
        windows=1,
        slot_ms=100.0,
        rejects=True,
    )
    assert beats.cycle_ms == 800.0
    assert beats.cycle_is_told_by == "time slots"
    assert beats.rejected_part == pytest.approx(40 / 852)


def test_images_of_pet_tell_the_same_beat_not_its_sum(read_back: Callable[..., Any]) -> None:
    slices = gated_pet()
    for each in slices:
        each.HeartRate, each.NominalInterval = 74, 805
        each.LowRRValue, each.HighRRValue = 600, 1000
        each.IntervalsAcquired, each.IntervalsRejected = 380, 12
        each.TriggerSourceOrType = "EKG"

    beats = read_back(slices).study.facts.beats

    assert beats == ToldBeats(
        slots=8,
        heart_rate_per_min=74.0,
        interval_ms=805.0,
        accepted_ms=(600.0, 1000.0),
        accepted=380,
        rejected=12,
        windows=1,
        slot_ms=100.0,
        rejects=False,
        trigger="ECG",
    )


@pytest.mark.parametrize(("step_ms", "frame_time_ms", "slot_ms"), [
    (100, 100, 100.0), (100, None, 100.0), (50, 100, None), (0, 100, 100.0), (900, None, None),
])  # fmt: skip
def test_triggers_of_pet_tell_the_slots_or_contradict_them(
    step_ms: int, frame_time_ms: int | None, slot_ms: float | None
) -> None:
    images = []
    for number in range(SLOTS * 2):
        image = Dataset()
        image.HeartRate, image.TriggerTime = 75, str(step_ms * (number // 2))
        if frame_time_ms is not None:
            image.FrameTime = str(frame_time_ms)
        images.append(image)

    beats = told_beats(images, SLOTS)

    assert beats is not None
    assert beats.slot_ms == slot_ms


def test_windows_are_counted_and_their_beats_added_but_not_those_rejected(
    read_back: Callable[..., Any],
) -> None:
    dataset = gated_nm(windows=2)
    for beat, count in zip(windows_of(dataset), (500, 30), strict=True):
        beat.IntervalsAcquired, beat.IntervalsRejected = count, 7

    beats = read_back(dataset).study.facts.beats

    assert (beats.windows, beats.accepted, beats.rejected) == (2, 530, None)
    assert beats.accepted_ms == (700.0, 1100.0)


def test_images_of_pet_belong_to_windows_by_the_lengths_that_they_accept() -> None:
    images = []
    for low, high, count in ((600, 800, 200), (800, 1000, 90)):
        for _ in range(3):
            image = Dataset()
            image.NumberOfRRIntervals = 2
            image.LowRRValue, image.HighRRValue, image.IntervalsAcquired = low, high, count
            images.append(image)

    beats = told_beats(images, SLOTS)

    assert beats is not None
    assert (beats.windows, beats.accepted, beats.accepted_ms) == (2, 290, (600.0, 1000.0))


def test_a_window_that_is_silent_where_another_speaks_leaves_the_sum_untold() -> None:
    dataset = gated_nm(windows=2)
    first, second = windows_of(dataset)
    first.IntervalsAcquired = 500
    del second.HighRRValue

    beats = told_beats([dataset], SLOTS)

    assert beats is not None
    assert (beats.accepted, beats.accepted_ms) == (None, None)


def test_an_empty_window_beside_one_that_speaks_leaves_the_sum_untold() -> None:
    dataset = gated_nm(windows=2)
    first, second = windows_of(dataset)
    first.IntervalsAcquired, first.IntervalsRejected = 500, 3
    second.clear()

    beats = told_beats([dataset], SLOTS)

    assert beats is None


def test_an_ungated_study_and_a_silent_header_tell_no_beats(read_back: Callable[..., Any]) -> None:
    silent = gated_nm()
    del silent.GatedInformationSequence

    assert read_back(silent).study.facts.beats is None
    assert read_back(build_nm(small_volume())).study.facts.beats is None


def test_zeros_that_nobody_filled_in_are_no_beats() -> None:
    dataset = gated_nm()
    (beat,) = windows_of(dataset)
    for keyword in ("IntervalsAcquired", "IntervalsRejected", "NominalInterval", "LowRRValue"):
        setattr(beat, keyword, 0)
    beat.HighRRValue, beat.FrameTime, dataset.HeartRate = 0, "0", 0

    assert told_beats([dataset], SLOTS) is None


@pytest.mark.parametrize(("keyword", "vr", "value", "field"), [
    ("FrameTime", "DS", "25000", "slot_ms"),  # of a view, not of a slot
    ("FrameTime", "DS", "-100", "slot_ms"),
    ("FrameTime", "DS", ["100", "100"], "slot_ms"),
    ("FrameTime", "LO", "a tenth", "slot_ms"),
    ("NominalInterval", "IS", "", "interval_ms"),
    ("NominalInterval", "IS", "-800", "interval_ms"),
    ("NominalInterval", "IS", "2147483647", "interval_ms"),
    ("NominalInterval", "SQ", [Dataset()], "interval_ms"),
    ("LowRRValue", "IS", "950", "accepted_ms"),  # above High R-R Value
    ("HighRRValue", "LO", "none", "accepted_ms"),
    ("IntervalsAcquired", "IS", "-3", "accepted"),
    ("IntervalsAcquired", "OB", b"\x00\xff", "accepted"),
    ("IntervalsAcquired", "DS", "0.4", "accepted"),
    ("IntervalsRejected", "IS", "-1", "rejected"),
    ("HeartRate", "IS", "0", "heart_rate_per_min"),
    ("HeartRate", "IS", "9999", "heart_rate_per_min"),
])  # fmt: skip
def test_what_no_heart_does_is_left_untold(keyword: str, vr: str, value: Any, field: str) -> None:
    dataset = gated_nm()
    (beat,) = windows_of(dataset)
    beat.IntervalsAcquired, beat.IntervalsRejected, dataset.HeartRate = 812, 40, 75
    with quiet_pydicom():
        known = told_beats([dataset], SLOTS)
        set_strangely(dataset if keyword == "HeartRate" else beat, keyword, vr, value)

        beats = told_beats([dataset], SLOTS)

    assert known is not None
    assert beats == replace(known, **{field: None})


STRANGE = st.one_of(
    st.text(max_size=12).map(str.encode),
    st.integers().map(lambda number: str(number).encode()),
    st.floats().map(lambda number: str(number).encode()),
    st.lists(st.integers(-(10**6), 10**6), max_size=4).map(
        lambda numbers: "\\".join(map(str, numbers)).encode()
    ),
    st.binary(max_size=9),
    st.sampled_from([b"", b"1e999", b"nan", b"-0", b" 800 ", b"800,5", b"\\", b"1_0", b"0"]),
)
VRS = st.sampled_from(["IS", "DS", "LO", "CS", "FD", "US", "OB", "UN", "SQ", "PN", "AT"])


@settings(max_examples=400)
@given(
    st.lists(st.tuples(st.sampled_from(OF_BEATS), VRS, STRANGE), max_size=8),
    st.integers(1, 64),
    st.booleans(),
)
def test_no_header_is_too_strange_and_what_is_told_is_possible(
    strange: list[tuple[str, str, bytes]], slots: int, is_nm: bool
) -> None:
    dataset, beat = Dataset(), Dataset()
    for keyword, vr, value in strange:
        place, tag = beat if is_nm else dataset, Tag(keyword)
        place[tag] = RawDataElement(tag, vr, len(value), value, 0, False, True)
    if is_nm:
        gating = Dataset()
        gating.DataInformationSequence = [beat]
        dataset.GatedInformationSequence = [gating]

    with quiet_pydicom():
        beats = told_beats([dataset], slots)

    if beats is None:
        return
    for length in beats.told_cycles_ms.values():
        assert 99.9 < length < 6000.1
    assert beats.accepted_ms is None or 100 <= beats.accepted_ms[0] < beats.accepted_ms[1] <= 6000
    assert beats.accepted is None or beats.accepted > 0
    assert beats.rejected_part is None or 0 <= beats.rejected_part < 1
    assert beats.trigger in ("", "ECG", "breathing")


@pytest.mark.parametrize(("vr", "stored"), [("SQ", [Dataset()]), ("LO", "text"), ("OB", b"\1\2")])
def test_sequences_that_are_none_tell_nothing(vr: str, stored: Any) -> None:
    dataset = Dataset()
    set_strangely(dataset, "GatedInformationSequence", vr, stored)

    assert told_beats([dataset], SLOTS) is None


def test_only_known_words_of_a_free_text_are_kept() -> None:
    image = Dataset()
    image.HeartRate, image.TriggerSourceOrType = 60, "EKG of Jane Doe"

    beats = told_beats([image], SLOTS)

    assert beats is not None
    assert beats.trigger == "ECG"
    assert "Doe" not in repr(beats)


def written_here(loaded: LoadedStudy, path: Path) -> ToldBeats | None:
    """What gated short-axis slices of a study tell, once written and read again."""
    series = derived(loaded, CardiacView.SHORT_AXIS, gated=True)
    assert loaded.header is not None
    write_derived_series(path, series, loaded.header, DERIVATION, stamp())
    (found,) = find_studies(path, options=ReadingOptions(force_input=True)).studies
    return found.load().study.facts.beats


@pytest.mark.parametrize("source", ["nm-gated", "pet-gated"])
def test_slices_that_were_written_here_tell_the_beat_of_their_source(
    source: str, tmp_path: Path
) -> None:
    loaded = SOURCES[source](tmp_path)

    beats, told = written_here(loaded, tmp_path / "sa.dcm"), loaded.study.facts.beats

    assert beats is not None
    assert told is not None
    assert (beats.slots, beats.slot_ms) == (told.slots, told.slot_ms)
    assert (beats.interval_ms, beats.accepted_ms) == (told.interval_ms, told.accepted_ms)
    assert beats.cycle_ms == told.cycle_ms == 800.0


def test_windows_that_were_merged_on_writing_tell_all_their_beats(tmp_path: Path) -> None:
    volume = a_volume()
    dataset = build_nm(volume, gates=gates_of(volume, 4), number_of_rr_intervals=2)
    for beat, count in zip(windows_of(dataset), (500, 30), strict=True):
        beat.IntervalsAcquired, beat.IntervalsRejected = count, 7
    (found,) = find_studies(save_object(dataset, tmp_path / "source.dcm")).studies
    loaded = found.load()

    beats, told = written_here(loaded, tmp_path / "sa.dcm"), loaded.study.facts.beats

    assert told is not None
    assert told.windows == 2
    assert beats == replace(told, windows=1)


def test_projections_tell_the_beats_of_what_is_made_of_them(tmp_path: Path) -> None:
    angles = cardiac_angles(12)
    counts = np.stack([spot_views(angles)] * 4)[None]
    path = write_raw(tmp_path / "raw.dcm", counts, angles, is_gated=True)
    (entry,) = scan_dicom(path).entries

    beats = read_projections(entry).facts.beats

    assert beats is not None
    assert (beats.slots, beats.slot_ms, beats.cycle_ms) == (4, 200.0, 800.0)
