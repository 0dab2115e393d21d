"""What PyTomography reconstructs is the right way round, and lies where it says."""

from __future__ import annotations

import warnings
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import shortaxis
from raw_exams import write_raw_exam
from shortaxis.errors import CountsError, GeometryError

AFFINE = np.array([[4, 0, 0, -60], [0, 4, 0, -50], [0, 0, 6, 10], [0, 0, 0, 1]], float)


def meta(**changes: Any) -> SimpleNamespace:
    stated = {"dr": (0.4, 0.4, 0.6), "shape": (4, 5, 6), "affine_matrix": AFFINE, **changes}
    return SimpleNamespace(**stated)


def test_a_voxel_keeps_its_counts_and_its_place() -> None:
    counts = np.zeros((1, 4, 5, 6))
    counts[0, 1, 2, 3] = 7

    volume = shortaxis.from_pytomography(counts, meta())

    index = tuple(int(each) for each in np.argwhere(volume.counts)[0])
    assert index == (3, 2, 1)
    place = volume.patient_from_index @ [*index, 1]
    assert place[:3] == pytest.approx([-60 + 4, -50 + 2 * 4, 10 + 3 * 6])


@pytest.mark.parametrize(
    ("shape", "changes", "words"),
    [
        ((5, 4, 6), {}, "not the object that its metadata describe"),
        ((2, 4, 5, 6), {}, "several time slots"),
        ((4, 5, 6), {"affine_matrix": None}, "give the argument affine"),
        ((4, 5, 6), {"dr": (4, 4, 6)}, "mm instead of cm"),
        ((4, 5, 6), {"affine_matrix": np.eye(3)}, "contradict each other"),
    ],
)
def test_what_contradicts_itself_is_refused(
    shape: tuple[int, ...], changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(GeometryError, match=words):
        shortaxis.from_pytomography(np.ones(shape), meta(**changes))


def test_counts_that_are_not_finite_are_refused() -> None:
    with pytest.raises(CountsError):
        shortaxis.from_pytomography(np.full((4, 5, 6), np.nan), meta())


@pytest.mark.filterwarnings("ignore")
def test_an_object_of_real_pytomography_is_the_right_way_round(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="PyTomography needs torch")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pytest.importorskip(
            "pytomography", reason="PyTomography is the oracle", exc_type=ImportError
        )
        from pytomography.algorithms import OSEM
        from pytomography.io.SPECT import dicom
        from pytomography.likelihoods import PoissonLogLikelihood
        from pytomography.projectors.SPECT import SPECTSystemMatrix
    path = write_raw_exam(tmp_path / "raw.dcm")
    object_meta, view_meta = dicom.get_metadata(str(path))
    matrix = SPECTSystemMatrix([], [], object_meta, view_meta)
    views = PoissonLogLikelihood(matrix, dicom.get_projections(str(path)))

    theirs = shortaxis.from_pytomography(OSEM(views)(2, 4), object_meta)

    # Where the axis of rotation stands in the patient is another matter: PyTomography takes the
    # detector's corner for that of the object.
    ours = shortaxis.reconstruct(path, motion="ignore").volume
    assert theirs.center_mm[2] == pytest.approx(ours.center_mm[2])
    centred = theirs.patient_from_index.copy()
    centred[:3, 3] += ours.center_mm - theirs.center_mm
    assert centred == pytest.approx(ours.patient_from_index)
    assert np.corrcoef(theirs.counts.ravel(), ours.counts.ravel())[0, 1] > 0.97
