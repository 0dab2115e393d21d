"""One beating heart in 3 to 32 time slots, stored in every form and order.

The heart moves by two harmonics, so that its slots are samples of one curve: any number of them
shows the same ejection fraction, and what differs is the method's.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from pydicom import Dataset

from drawn_heart import usual_pose
from nm_object import build_nm, build_pet_slices, save_object
from shortaxis.anatomy.cardiac_views import CardiacView, view_grid
from shortaxis.function.measuring import LeftVentricularFunction
from shortaxis.geometry.arrays import CountsArray, FloatArray
from shortaxis.nifti.writing import write_nifti
from shortaxis.spect.study import PerfusionStudy
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.quantify.function_study import StudyFunction, function_of
from shortaxis.workflow.studies.finding import find_studies
from ventricle_scenes import Shell, draw_shell, patient_grid

GRID = patient_grid(spacing_mm=8.0)
POSE = usual_pose(GRID)
AFFINE = GRID.patient_from_index

MEASURED = (4, 5, 6, 7, 8, 12, 16, 24, 32)

TWO_HARMONICS = 0.015
"""Most that an ejection fraction differs from that of eight slots where two harmonics go through
the slots: a quarter of the bound that the eight-slot study tells of itself (6 points or more)."""

ONE_HARMONIC = 0.05
"""With four or five slots one harmonic cuts off both ends of the beat: within the bound still, and
the reason is told."""


def contraction(slots: int) -> FloatArray:
    """0 at end-diastole, 1 at end-systole, which comes before the middle of the cycle."""
    turn = 2 * np.pi * np.arange(slots) / slots
    course: FloatArray = 0.5 - 0.5 * np.cos(turn) + 0.15 * np.sin(turn)
    return course


@cache
def beat(slots: int) -> CountsArray:
    """Counts (slot, slice, row, column) of the heart at the moments k / slots."""
    drawn = [
        draw_shell(GRID, POSE, Shell(radius_mm=27.0 - 7.0 * each)).counts
        for each in contraction(slots)
    ]
    counts: CountsArray = np.round(80 / slots * 8 * np.stack(drawn)).astype(np.float32)
    return counts


def few_slices(slots: int) -> CountsArray:
    """Those in the middle: enough to tell each from all others, and few files."""
    return beat(slots)[:, 6:14]


def study_of(gates: CountsArray) -> PerfusionStudy:
    return PerfusionStudy(SpectVolume(gates.sum(axis=0), AFFINE), gates)


def function_in(gates: CountsArray) -> StudyFunction:
    function = function_of(study_of(gates), POSE, POSE, "onset")
    assert function is not None
    return function


def measured_in(gates: CountsArray) -> LeftVentricularFunction:
    measured = function_in(gates).measured
    assert measured is not None
    return measured


@cache
def measured_beat(slots: int) -> LeftVentricularFunction:
    return measured_in(beat(slots))


def read(folder: Path) -> PerfusionStudy:
    (found,) = find_studies(folder).studies
    return found.load().study


@pytest.mark.parametrize("slots", [each for each in MEASURED if each != 8])
def test_any_number_of_slots_tells_the_ejection_fraction_of_eight(slots: int) -> None:
    known, found = measured_beat(8), measured_beat(slots)

    within = ONE_HARMONIC if slots < 6 else TWO_HARMONICS
    assert within < known.bounds["ejection_fraction"]
    apart = found.curve.ejection_fraction - known.curve.ejection_fraction
    assert abs(apart) < within
    assert found.curve.end_diastolic_ml == pytest.approx(known.curve.end_diastolic_ml, rel=0.05)
    # End-systole within a slot of where it is drawn, and told by its number.
    drawn = int(contraction(slots).argmax())
    assert abs(found.curve.end_systolic_slot - 1 - drawn) <= 1
    assert found.curve.harmonics == (1 if slots < 6 else 2)
    told = [each for each in found.reasons if "one harmonic only" in each]
    assert len(told) == (slots < 6)


@pytest.mark.parametrize("slots", [4, 5])
def test_few_slots_leave_something_to_tell_the_noise_of_phases_by(slots: int) -> None:
    """Two harmonics went through five slots exactly: noise 0, and any phase was told."""
    rng = np.random.default_rng(slots)
    noisy = rng.poisson(beat(slots) / 40).astype(np.float32)

    phase = measured_in(noisy).phase

    assert phase.noise_deg > 3


@pytest.mark.parametrize("slots", [2, 3])
def test_fewer_than_four_slots_are_refused_with_a_way_on(slots: int) -> None:
    function = function_in(beat(slots))

    assert function.measured is None
    assert f"({slots}; 4 or more needed)" in function.refusal
    assert "to go on, reconstruct with 8 time slots or more" in function.refusal
    assert "their sum stands" in function.refusal


@pytest.mark.parametrize("slots", [3, 12])
def test_the_verb_tells_what_short_axis_slices_of_any_slots_hold(
    shortaxis: Any, tmp_path: Path, slots: int
) -> None:
    grid = view_grid(CardiacView.SHORT_AXIS, POSE, (18, 24, 24), 8.0)
    cut = [SpectVolume(each, AFFINE).resampled(grid).counts for each in beat(slots)]
    gates = np.round(np.stack(cut)).astype(np.float32)
    stored = build_nm(
        SpectVolume(gates.sum(axis=0), grid.patient_from_index),
        gates=gates,
        image_type=("DERIVED", "SECONDARY", "RECON GATED TOMO", "EMISSION"),
        series_description="GATED SHORT AXIS",
        signed=False,
    )
    save_object(stored, tmp_path / "sa.dcm")

    code, text, _ = shortaxis(
        "quantify", tmp_path / "sa.dcm", "-o", tmp_path / "out", "--force-input"
    )

    assert code == 0
    record = json.loads((tmp_path / "out/function.json").read_text())
    if slots < 4:
        assert record["measured"] is False
        assert "4 or more needed" in " ".join(record["quality"]["reasons"])
        assert "4 or more needed" in " ".join(text.split())
        return
    assert record["time_slots"] == {"count": slots, "used": [*range(1, slots + 1)], "harmonics": 2}
    ejected = 100 * measured_beat(8).curve.ejection_fraction
    # Cut anew on other voxels: 6 points, as in the tests of gated sources.
    assert record["ejection_fraction_percent"] == pytest.approx(ejected, abs=6)


@dataclass(frozen=True)
class Stored:
    """How a gated study is put into files."""

    name: str
    write: Callable[[CountsArray, Path], None]
    slots: tuple[int, ...]


def as_nm(gates: CountsArray, folder: Path) -> None:
    save_object(build_nm(study_of(gates).volume, gates=gates), folder / "gated.dcm")


def as_nifti(gates: CountsArray, folder: Path) -> None:
    write_nifti(folder / "gated.nii.gz", gates, AFFINE)


def as_pet(gates: CountsArray, folder: Path) -> None:
    """One file a slice, whose names tell nothing of the order."""
    slices = build_pet_slices(study_of(gates).volume, gates=gates)
    for name, at in enumerate(np.random.default_rng(1).permutation(len(slices))):
        save_object(slices[at], folder / f"{name}.dcm")


FORMS = (
    Stored("NM", as_nm, (3, 4, 5, 6, 7, 12, 16, 24, 32)),
    Stored("NIfTI", as_nifti, (3, 4, 5, 6, 7, 12, 16, 24, 32)),
    Stored("PET", as_pet, (3, 5, 12)),
)


@pytest.mark.parametrize(
    ("form", "slots"),
    [pytest.param(form, n, id=f"{form.name}-{n}") for form in FORMS for n in form.slots],
)
def test_every_slot_is_read_in_its_place(form: Stored, slots: int, tmp_path: Path) -> None:
    form.write(beat(slots), tmp_path)

    study = read(tmp_path)

    assert study.gates is not None
    # Slices of a PET series have slopes of 16 bits each.
    np.testing.assert_allclose(study.gates, beat(slots), atol=0.5 if form.name == "PET" else 0)
    np.testing.assert_allclose(study.volume.patient_from_index, AFFINE, atol=1e-4)


ORDERS: dict[str, Callable[[npt.NDArray[np.intp]], npt.NDArray[np.intp]]] = {
    "slices within slots": lambda frames: frames,
    "slots within slices": lambda frames: frames.T,
    "last slot first": lambda frames: frames[::-1],
    "last slot first within slices": lambda frames: frames[::-1].T,
}


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("slots", [5, 12])
@pytest.mark.parametrize("intervals", [1, 2])
def test_frames_are_ordered_by_their_vectors(
    tmp_path: Path, slots: int, order: str, intervals: int
) -> None:
    gates = few_slices(slots)
    stored = build_nm(study_of(gates).volume, gates=gates, number_of_rr_intervals=intervals)
    save_object(reordered(stored, ORDERS[order], intervals * slots), tmp_path / "gated.dcm")

    np.testing.assert_array_equal(read(tmp_path).gates, gates)


def reordered(
    stored: Dataset, order: Callable[[npt.NDArray[np.intp]], npt.NDArray[np.intp]], slots: int
) -> Dataset:
    """The same frames in another order, and their vectors with them."""
    frames = np.frombuffer(stored.PixelData, "<i2").reshape(-1, stored.Rows, stored.Columns)
    places = order(np.arange(len(frames)).reshape(slots, -1)).ravel()
    stored.PixelData = frames[places].tobytes()
    for keyword in ("RRIntervalVector", "TimeSlotVector", "SliceVector"):
        stored[keyword].value = np.array(stored[keyword].value)[places].tolist()
    return stored


@pytest.mark.parametrize("slots", [6, 12])
def test_slots_that_begin_in_the_middle_of_the_beat_keep_their_volumes_and_are_told(
    slots: int,
) -> None:
    known = measured_beat(slots)

    moved = measured_in(np.roll(beat(slots), slots // 2, axis=0))

    assert moved.curve.ejection_fraction == pytest.approx(known.curve.ejection_fraction, abs=0.005)
    assert moved.curve.end_diastolic_ml == pytest.approx(known.curve.end_diastolic_ml, rel=0.005)
    late = (moved.phase.mean_deg - known.phase.mean_deg) % 360
    assert late == pytest.approx(180, abs=5)
    assert any("begin with the R wave" in each for each in moved.reasons)
    assert not any("begin with the R wave" in each for each in known.reasons)


@pytest.mark.parametrize("slots", [7, 12])
def test_a_beat_whose_slots_run_backwards_keeps_its_volumes(slots: int) -> None:
    known = measured_beat(slots)

    turned = measured_in(beat(slots)[::-1].copy())

    assert turned.curve.ejection_fraction == pytest.approx(known.curve.ejection_fraction, abs=0.005)
    ends = known.curve.end_systolic_slot, turned.curve.end_systolic_slot
    assert sum(ends) == slots + 1
