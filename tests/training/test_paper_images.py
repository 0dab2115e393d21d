"""What the paper's networks are shown, and parameters that say where the heart is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy import ndimage

from shortaxis.errors import OutputError
from shortaxis.files.folder_lock import locked_folder
from shortaxis.geometry.euler import PoseParameters, pose_from_parameters
from shortaxis.network.spatial_transformer import COARSE_GRID, PAPER_GRID, sample_short_axis
from shortaxis.spect.volume import SpectVolume
from shortaxis.training.exams import SeedRange
from shortaxis.training.paper.images import PaperExam, PaperImages, grid_around, paper_exam
from shortaxis.training.paper.prepared import LOCK_FILE, prepare_images


@pytest.fixture(scope="module")
def exams(training_cohorts: Path) -> list[PaperExam]:
    stored = SeedRange(training_cohorts / "train", "paper", 20, 2).exams()
    return [paper_exam(each, COARSE_GRID) for each in stored]


def test_an_exam_gives_its_own_image_and_new_ones(exams: list[PaperExam]) -> None:
    images = PaperImages(exams, draws=3, seed=1)
    assert len(images) == 2 * 4
    own, new = images[0], images[1]
    assert own["counts"].shape == (1, *COARSE_GRID.shape)
    again = pose_from_parameters(
        PoseParameters(*own["parameters"].tolist()), exams[0].volume.center_mm
    )
    np.testing.assert_allclose(again.matrix, exams[0].pose.matrix, atol=1e-3)
    assert not torch.equal(own["counts"], new["counts"])
    assert torch.equal(images[1]["counts"], PaperImages(exams, draws=3, seed=1)[1]["counts"])
    assert not torch.equal(new["parameters"], PaperImages(exams, draws=3, seed=2)[1]["parameters"])


def test_an_exam_that_is_watched_gives_its_own_image_alone(exams: list[PaperExam]) -> None:
    images = PaperImages(exams, draws=0)
    assert len(images) == 2
    assert torch.equal(images[1]["counts"], PaperImages(exams, draws=3)[4]["counts"])


def test_cut_by_its_parameters_every_image_is_the_same_heart(exams: list[PaperExam]) -> None:
    images = PaperImages(exams, draws=4, seed=5)
    first = cut(images, 0)
    middle = (slice(4, -4), slice(10, -10), slice(10, -10))
    for number in range(1, 5):
        other = cut(images, number)
        correlation = np.corrcoef(first[middle].ravel(), other[middle].ravel())[0, 1]
        assert correlation > 0.9, number


def cut(images: PaperImages, number: int) -> np.ndarray:
    image = images[number]
    counts, parameters = image["counts"][None], image["parameters"][None]
    return sample_short_axis(counts, COARSE_GRID, parameters)[0, 0].numpy()


def test_the_grid_lies_along_the_patient_around_the_middle_of_the_study() -> None:
    center = np.array([10.0, -20.0, 30.0])
    grid = grid_around(center, PAPER_GRID)
    np.testing.assert_allclose(grid.center_mm, center)
    np.testing.assert_allclose(grid.spacing_mm, [6.4] * 3)
    directions = grid.patient_from_index[:3, :3] / 6.4
    np.testing.assert_allclose(directions, [[0, 0, 1], [0, 1, 0], [1, 0, 0]])


def test_new_images_end_where_the_field_of_view_does(training_cohorts: Path) -> None:
    (stored,) = SeedRange(training_cohorts / "train", "paper", 20, 1).exams()
    middle = SpectVolume(stored.volume.counts[6:-6], stored.volume.patient_from_index)
    narrow = paper_exam(replace(stored, volume=middle), COARSE_GRID)
    images = PaperImages([narrow, narrow], draws=5, seed=3)
    seen = narrow.field > 0
    assert 0.3 < seen.mean() < 0.8
    rim = seen & ~ndimage.binary_erosion(seen)
    own = images[0]["counts"][0].numpy()
    for number in range(6):
        counts = images[number]["counts"][0].numpy()
        assert not counts[~seen].any(), number
        # What the camera did not see is not black, so that no edge tells how the exam was moved.
        assert (counts[rim] > 0).mean() > 0.7 * (own[rim] > 0).mean(), number


def test_counts_are_scaled_by_all_but_the_highest(exams: list[PaperExam]) -> None:
    counts = PaperImages(exams, draws=0)[0]["counts"][0]
    assert float(torch.quantile(counts.ravel(), 0.995)) == pytest.approx(1, abs=0.01)


def test_prepared_images_are_those_of_the_exams_and_are_made_once(
    exams: list[PaperExam], training_cohorts: Path, tmp_path: Path
) -> None:
    made = PaperImages(exams, draws=2, seed=1)
    stored = SeedRange(training_cohorts / "train", "paper", 20, 2)
    told: list[tuple[int, ...]] = []
    folder = tmp_path / "kept"

    def tell(*done: int) -> None:
        told.append(done)

    kept = prepare_images(stored, COARSE_GRID, 2, 1, folder, workers=2, progress=tell)
    assert len(kept) == len(made) == 6
    assert told == [(1, 2), (2, 2)]
    for number in range(6):
        for name, rtol in (("counts", 1e-3), ("parameters", 0)):
            found = kept[number][name].float()
            torch.testing.assert_close(found, made[number][name], rtol=rtol, atol=1e-3 * bool(rtol))
    before = (folder / "counts.npy").stat().st_mtime_ns
    prepare_images(stored, COARSE_GRID, 2, 1, folder)
    assert (folder / "counts.npy").stat().st_mtime_ns == before
    assert len(prepare_images(stored, COARSE_GRID, 1, 1, folder)) == 4


def test_images_are_prepared_by_one_process_at_a_time_and_read_by_any(
    training_cohorts: Path, tmp_path: Path
) -> None:
    stored = SeedRange(training_cohorts / "train", "paper", 20, 2)
    (tmp_path / ".partial-of-one-that-was-killed").mkdir()
    prepare_images(stored, COARSE_GRID, 0, 1, tmp_path / "kept")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kept"]

    with locked_folder(tmp_path, LOCK_FILE, "x"):
        assert len(prepare_images(stored, COARSE_GRID, 0, 1, tmp_path / "kept")) == 2
        with pytest.raises(OutputError, match="in use"):
            prepare_images(stored, COARSE_GRID, 1, 1, tmp_path / "kept")

    assert len(prepare_images(stored, COARSE_GRID, 0, 1, tmp_path / "kept")) == 2


def test_a_fold_has_all_images_of_its_exams_and_no_others(
    exams: list[PaperExam], training_cohorts: Path, tmp_path: Path
) -> None:
    stored = SeedRange(training_cohorts / "train", "paper", 20, 2)
    kept = prepare_images(stored, COARSE_GRID, 2, 1, tmp_path / "kept")
    second = kept.of_exams([21])
    assert list(second.indices) == [3, 4, 5]
    assert list(kept.own_of_exams([20, 21]).indices) == [0, 3]
    alone = PaperImages(exams, draws=0)[1]
    torch.testing.assert_close(second[0]["parameters"], alone["parameters"])
