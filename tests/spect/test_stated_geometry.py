"""Geometry that the user states: letters, spacings with their sign, and flips."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shortaxis.errors import OptionError
from shortaxis.spect.stated_geometry import (
    NOTHING_STATED,
    StatedGeometry,
    StoredAxis,
    flipped,
    permuted,
)

PAIRS = ("LR", "PA", "SI")

ORIENTATIONS = [
    "".join(letters)
    for pairs in itertools.permutations(PAIRS)
    for letters in itertools.product(*pairs)
]
"""All 48: which index runs where."""

TOWARDS = {
    "L": (1, 0, 0), "R": (-1, 0, 0),
    "P": (0, 1, 0), "A": (0, -1, 0),
    "S": (0, 0, 1), "I": (0, 0, -1),
}  # fmt: skip

SPACINGS = st.floats(0.5, 25)
SHAPES = st.tuples(*[st.integers(2, 40)] * 3)

TRANSAXIAL = np.array([(0, 0, 6.6, -150), (0, 6.6, 0, -230), (-6.6, 0, 0, -110), (0, 0, 0, 1.0)])
"""First slice nearest to the head, (slice, row, column) to LPS mm."""


def middle_of(affine: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    return affine[:3, :3] @ ((np.array(shape) - 1) / 2) + affine[:3, 3]


def stacking_sign(affine: np.ndarray) -> float:
    """Sign of Spacing Between Slices: of (row x column) along the slices (PS3.3 C.8.4.15)."""
    along_slice, along_column, along_row = affine[:3, :3].T
    return float(np.sign(np.cross(along_row, along_column) @ along_slice))


@given(st.sampled_from(ORIENTATIONS), SHAPES)
def test_letters_name_the_sides_that_indices_run_to(letters: str, shape: tuple[int, ...]):
    stated = permuted(letters)

    affine = stated.applied(TRANSAXIAL, shape)

    along_slice, along_column, along_row = (affine[:3, :3] / 6.6).T
    np.testing.assert_allclose(along_row, TOWARDS[letters[0]], atol=1e-12)
    np.testing.assert_allclose(along_column, TOWARDS[letters[1]], atol=1e-12)
    np.testing.assert_allclose(along_slice, TOWARDS[letters[2]], atol=1e-12)


@given(
    st.sampled_from([None, *ORIENTATIONS]),
    st.one_of(st.none(), SPACINGS),
    st.one_of(st.none(), st.tuples(SPACINGS, SPACINGS)),
    st.frozensets(st.sampled_from(list(StoredAxis))),
    SHAPES,
)
def test_the_middle_of_the_volume_stays_whatever_is_stated(letters, spacing, pixels, flips, shape):
    sign = 1 if letters is None else stacking_sign(permuted(letters).applied(TRANSAXIAL, shape))
    stated = StatedGeometry(letters, spacing and sign * spacing, pixels, flips)

    affine = stated.applied(TRANSAXIAL, shape)

    np.testing.assert_allclose(
        middle_of(affine, shape), middle_of(TRANSAXIAL, shape), rtol=0, atol=1e-9
    )
    lengths = np.linalg.norm(affine[:3, :3], axis=0)
    np.testing.assert_allclose(lengths, (spacing or 6.6, *(pixels or (6.6, 6.6))))


@given(st.frozensets(st.sampled_from(list(StoredAxis))), SHAPES)
def test_every_flip_turns_the_handedness_and_two_give_the_file_again(flips, shape):
    stated = StatedGeometry(flips=flips)

    affine = stated.applied(TRANSAXIAL, shape)

    expected = np.linalg.det(TRANSAXIAL[:3, :3]) * (-1) ** len(flips)
    assert np.linalg.det(affine[:3, :3]) == pytest.approx(expected)
    np.testing.assert_allclose(stated.applied(affine, shape), TRANSAXIAL, atol=1e-9)


def test_the_handedness_of_letters_is_that_of_the_axes_they_name():
    for letters in ORIENTATIONS:
        axes = permuted(letters).axes
        stored = permuted(letters).applied(TRANSAXIAL, (3, 4, 5))

        assert np.sign(np.linalg.det(stored[:3, :3])) == np.sign(np.linalg.det(axes.T))
    handed = [np.sign(np.linalg.det(permuted(each).axes)) for each in ORIENTATIONS]
    assert handed.count(1.0) == handed.count(-1.0) == 24


@given(SPACINGS, st.sampled_from([-1, 1]), SHAPES)
def test_the_sign_of_the_spacing_tells_the_way_of_the_slices(spacing, sign, shape):
    affine = StatedGeometry(slice_spacing_mm=sign * spacing).applied(TRANSAXIAL, shape)

    assert stacking_sign(affine) == sign


@given(st.sampled_from(ORIENTATIONS), SPACINGS)
def test_a_sign_that_contradicts_the_letters_is_refused(letters: str, spacing: float):
    sign = stacking_sign(permuted(letters).applied(TRANSAXIAL, (3, 4, 5)))

    assert StatedGeometry(letters, sign * spacing).slice_spacing_mm == sign * spacing
    with pytest.raises(OptionError, match="contradict"):
        StatedGeometry(letters, -sign * spacing)


@pytest.mark.parametrize("letters", ["", "L", "LP", "LPIS", "LPL", "LRA", "XYZ", "LP1", "AAA"])
def test_letters_that_name_no_three_directions_are_refused(letters: str):
    with pytest.raises(OptionError, match="three directions"):
        StatedGeometry(letters)


@pytest.mark.parametrize("letters", ["lpi", "LPF", "lpf"])
def test_feet_and_head_and_small_letters_are_understood(letters: str):
    assert StatedGeometry(letters) == StatedGeometry("LPI")
    assert StatedGeometry("LPH") == StatedGeometry("LPS")


@pytest.mark.parametrize("value", [0.0, 0.1, -0.2, 66.0, float("nan"), float("inf")])
def test_spacings_of_no_nuclear_study_are_refused(value: float):
    with pytest.raises(OptionError, match="out of range"):
        StatedGeometry(slice_spacing_mm=value)
    with pytest.raises(OptionError, match="out of range"):
        StatedGeometry(pixel_spacing_mm=(6.4, value))


def test_an_unknown_axis_is_refused():
    with pytest.raises(OptionError, match="unknown axis"):
        StatedGeometry(flips=frozenset({"frames"}))  # type: ignore[arg-type]


def test_nothing_stated_leaves_no_note_and_no_record():
    assert NOTHING_STATED.is_empty
    assert NOTHING_STATED.notes == ()
    assert NOTHING_STATED.to_dict() == {}
    with pytest.raises(OptionError, match="no orientation"):
        _ = NOTHING_STATED.axes


def test_what_was_stated_is_a_reason_to_look_and_on_record():
    stated = StatedGeometry("LPI", -6.6, (6.4, 6.5), frozenset({StoredAxis.ROWS}))

    (note,) = stated.notes

    assert note.is_doubtful
    assert note.text == (
        "orientation as stated by the user: rows, columns and slices run LPI, slice spacing "
        "-6.6 mm, pixel spacing 6.4 x 6.5 mm, flipped rows"
    )
    assert stated.to_dict() == {
        "orientation": "LPI",
        "slice_spacing_mm": -6.6,
        "pixel_spacing_mm": [6.4, 6.5],
        "flips": ["rows"],
    }
    assert flipped(StoredAxis.SLICES).notes[0].is_doubtful
