"""Masks of the wall: taken where they are of the study, refused in one clear error otherwise."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from shortaxis.errors import GeometryError, ShortAxisError, UnreadableFileError
from shortaxis.nifti.wall_masks import read_wall_mask
from shortaxis.nifti.writing import write_label_map, write_nifti
from shortaxis.spect.volume import SpectVolume

AFFINE = np.array([[0, 0, 4.0, -30], [0, 4.0, 0, -40], [4.0, 0, 0, 100], [0, 0, 0, 1]])


def shell(shape: tuple[int, int, int] = (20, 22, 24)) -> np.ndarray:
    index = np.moveaxis(np.indices(shape), 0, -1) - np.array([9, 10, 11])
    away = np.linalg.norm(index, axis=-1)
    return (away > 3.5) & (away < 6)


VOLUME = SpectVolume(np.where(shell(), 100, 20).astype(np.float32), AFFINE)

UID, OTHER_UID = "1.2.840.4267.32.10", "1.2.840.4267.32.11"


def written(folder: Path, labels: np.ndarray, affine: np.ndarray = AFFINE, name: str = "m") -> Path:
    path = folder / f"{name}.nii.gz"
    write_nifti(path, labels.astype(np.float32), affine)
    return path


def test_a_mask_of_the_study_is_taken_as_it_is(tmp_path: Path) -> None:
    path = written(tmp_path, shell(), name=f"{UID}_mask")

    np.testing.assert_array_equal(read_wall_mask(path, VOLUME, (UID,)), shell())


def test_the_cavity_of_a_drawn_wall_is_no_wall(tmp_path: Path) -> None:
    labels = shell().astype(np.uint8)
    labels[9, 10, 11] = 2
    write_label_map(tmp_path / "wall.nii.gz", labels, AFFINE)

    np.testing.assert_array_equal(read_wall_mask(tmp_path / "wall.nii.gz", VOLUME), shell())


def test_single_voxels_apart_are_no_second_part(tmp_path: Path) -> None:
    labels = shell()
    labels[0, 0, 0] = True

    assert read_wall_mask(written(tmp_path, labels), VOLUME)[0, 0, 0]


def moved(axis: int, mm: float) -> np.ndarray:
    affine = AFFINE.copy()
    affine[axis, 3] += mm
    return affine


def with_ball(at: tuple[int, int, int]) -> np.ndarray:
    labels = shell()
    labels[tuple(slice(place, place + 4) for place in at)] = True
    return labels


@pytest.mark.parametrize(
    ("write", "error", "words"),
    [
        (lambda f: written(f, shell((20, 22, 25))), GeometryError, "another number of voxels"),
        (lambda f: written(f, shell(), moved(0, 30)), GeometryError, "30 mm from its study"),
        (lambda f: written(f, shell(), AFFINE * [1, 1, -1, 1]), GeometryError, "from its study"),
        (lambda f: written(f, shell(), name=OTHER_UID), GeometryError, "of another study"),
        (lambda f: written(f, np.roll(shell(), 4, 2)), GeometryError, "shows no wall"),
        (lambda f: written(f, with_ball((0, 0, 0))), UnreadableFileError, "has 2 parts"),
        (lambda f: written(f, 0 * shell()), UnreadableFileError, "is empty"),
        (lambda f: written(f, shell() * 3 + with_ball((0, 0, 0))), UnreadableFileError, "labels"),
    ],
    ids=["grid", "frame", "mirrored", "uid", "patient", "parts", "empty", "labels"],
)
def test_what_is_no_mask_of_the_study_is_refused_with_its_cause_and_a_way_on(
    tmp_path: Path, write: Callable[[Path], Path], error: type[ShortAxisError], words: str
) -> None:
    path = write(tmp_path)

    with pytest.raises(error, match=words) as caught:
        read_wall_mask(path, VOLUME, (UID,))

    assert caught.value.path == str(path)
    assert caught.value.expected
    assert words == "is empty" or caught.value.way_on
