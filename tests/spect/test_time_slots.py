"""Time slots that do not show what the others show are found, told, and left out of the sum."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drawn_heart import transaxial_grid
from gated_studies import SLOTS, beating_gates, with_slot
from nm_object import build_nm
from shortaxis.nifti.reading import read_nifti_study
from shortaxis.nifti.writing import write_nifti
from shortaxis.spect.reading_notes import doubts
from shortaxis.spect.time_slots import likeness_of_slots, summed_slots
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.reorient.options import ReorientOptions
from shortaxis.workflow.reorient.reorienting import reorient_study
from shortaxis.workflow.studies.finding import find_studies

AFFINE = transaxial_grid().patient_from_index

OTHER_IMAGES = {
    "inverted": "has its counts inverted",
    "upside down": "is reversed (upside down)",
    "left and right exchanged": "is reversed (left and right exchanged)",
    "rolled": "lies 26 mm off the others",
    "shifted": "lies 26 mm off the others",
}
"""Faults that would blur or falsify a sum, and what is told."""

ODD_COUNTS = {
    "empty": "is empty",
    "few counts": "has 20 % of the others' counts",
    "many counts": "has ",
}


def doubts_of(gates: np.ndarray) -> list[str]:
    return doubts(summed_slots(gates, AFFINE)[1])


def test_a_usual_beat_gives_no_doubt_and_the_whole_sum() -> None:
    volume, notes = summed_slots(beating_gates(), AFFINE)

    assert notes == ()
    np.testing.assert_allclose(volume.counts, beating_gates().sum(axis=0), rtol=1e-5)


@pytest.mark.parametrize("slot", [0, 3, SLOTS - 1])
@pytest.mark.parametrize("change", OTHER_IMAGES)
def test_a_slot_of_another_image_is_told_and_left_out_of_the_sum(change: str, slot: int) -> None:
    gates = with_slot(change, slot)

    volume, notes = summed_slots(gates, AFFINE)

    assert doubts(notes) == [
        f"time slot {slot + 1} of {SLOTS} {OTHER_IMAGES[change]}: "
        "the sum over the time slots was made without it"
    ]
    kept = np.delete(gates, slot, axis=0)
    np.testing.assert_allclose(volume.counts, kept.sum(axis=0), rtol=1e-5)


@pytest.mark.parametrize("slot", [0, 3, SLOTS - 1])
@pytest.mark.parametrize("change", ODD_COUNTS)
def test_odd_counts_are_told_and_stay_in_the_sum(change: str, slot: int) -> None:
    gates = with_slot(change, slot)

    volume, notes = summed_slots(gates, AFFINE)

    (told,) = doubts(notes)
    assert told.startswith(f"time slot {slot + 1} of {SLOTS} {ODD_COUNTS[change]}")
    assert change == "empty" or told.endswith("% of the others' counts")
    np.testing.assert_allclose(volume.counts, gates.sum(axis=0), rtol=1e-5)


def test_last_slots_that_lost_a_third_of_their_beats_are_usual() -> None:
    gates = beating_gates().copy()
    gates[-1] *= 0.5
    gates[-2] *= 0.67

    assert doubts_of(gates) == []


def test_where_half_of_the_slots_are_others_none_is_left_out() -> None:
    gates = beating_gates().copy()
    gates[4:] = gates[4:, ::-1]

    volume, notes = summed_slots(gates, AFFINE)

    assert notes
    assert not any("without it" in note.text for note in notes)
    np.testing.assert_allclose(volume.counts, gates.sum(axis=0), rtol=1e-5)


def test_two_of_eight_slots_are_both_found() -> None:
    gates = with_slot("inverted", 2)
    gates[5] = np.roll(gates[5], 4, axis=0)

    assert [each.number for each in likeness_of_slots(gates, (6.4, 6.4, 6.4)) if each.fault] == [
        3, 6
    ]  # fmt: skip


@pytest.mark.parametrize("slots", [1, 2, 3])
def test_too_few_slots_to_compare_are_only_counted(slots: int) -> None:
    gates = beating_gates()[:slots].copy()
    assert doubts_of(gates) == []
    gates[-1] = 0
    assert doubts_of(gates) == ([f"time slot {slots} of {slots} is empty"] if slots > 2 else [])


def test_a_study_without_counts_is_no_error_here() -> None:
    assert len(likeness_of_slots(np.zeros((8, 10, 10, 10), np.float32), (6.4,) * 3)) == 8


@settings(max_examples=20, deadline=None)
@given(
    order=st.permutations(range(SLOTS)),
    factor=st.floats(0.01, 100),
    flipped=st.booleans(),
)
def test_neither_the_order_of_slots_nor_their_scale_nor_the_side_matters(
    order: list[int], factor: float, flipped: bool
) -> None:
    gates = beating_gates()[order] * np.float32(factor)

    assert doubts_of(gates[:, ::-1] if flipped else gates) == []


# Through the readers, to the flag.


def gated_file(folder: Path, form: str, gates: np.ndarray) -> Path:
    if form == "nifti":
        path = folder / "study.nii.gz"
        write_nifti(path, gates, AFFINE, content="transaxial")
    else:
        path = folder / "study.dcm"
        volume = SpectVolume(gates.sum(axis=0), AFFINE)
        build_nm(volume, gates=gates).save_as(path, enforce_file_format=True)
    return path


@pytest.mark.parametrize("form", ["nifti", "dicom"])
def test_a_bad_slot_is_a_reason_to_review_whatever_the_format(tmp_path: Path, form: str) -> None:
    path = gated_file(tmp_path, form, with_slot("rolled", 4))
    study = find_studies(path).studies[0].load().study

    made = reorient_study(study, ReorientOptions())

    reason = next(each for each in made.estimate.quality.reasons if "time slot 5" in each)
    assert "26 mm off the others" in reason
    assert made.gated_views
    assert all(len(gates) == SLOTS for gates in made.gated_views.values())


def test_a_usual_beat_is_read_from_nifti_without_a_doubt(tmp_path: Path) -> None:
    assert doubts(read_nifti_study(gated_file(tmp_path, "nifti", beating_gates())).notes) == []
