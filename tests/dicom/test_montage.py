"""Slices side by side in one frame, as Xeleris writes short-axis series."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom import Dataset

from drawn_heart import usual_pose
from montages import folded
from nm_object import build_nm, save_object
from shortaxis.anatomy.cardiac_views import CardiacView, view_grid
from shortaxis.dicom.reading.finding.scan import scan_dicom
from shortaxis.dicom.reading.study import read_dicom_study
from shortaxis.errors import GeometryError
from shortaxis.geometry.arrays import CountsArray
from shortaxis.geometry.grids import Grid
from shortaxis.spect.reading_options import ReadingOptions
from shortaxis.spect.study import PerfusionStudy
from shortaxis.spect.volume import SpectVolume

SLICES, SIZE, SLOTS = 18, 32, 4
FORCED = ReadingOptions(force_input=True)


@pytest.fixture(scope="module")
def short_axis() -> SpectVolume:
    """Noise on a grid of short-axis slices, as good as any heart for an order of voxels."""
    field = Grid((SIZE, SIZE, SIZE), np.diag([-6.0, 6.0, 6.0, 1.0]))
    grid = view_grid(CardiacView.SHORT_AXIS, usual_pose(field), (SLICES, SIZE, SIZE), 6.4)
    counts = np.random.default_rng(2).integers(0, 500, grid.shape).astype(np.float32)
    return SpectVolume(counts, grid.patient_from_index)


def read(dataset: Dataset, folder: Path) -> PerfusionStudy:
    save_object(dataset, folder / "montage.dcm")
    (entry,) = scan_dicom(folder, options=FORCED).entries
    return read_dicom_study(entry, FORCED).study


def options() -> dict[str, Any]:
    return {"series_description": "SA STRESS", "signed": False}


def test_a_montage_is_read_as_its_slices_and_asks_for_a_look(
    short_axis: SpectVolume, tmp_path: Path
) -> None:
    apart = read(build_nm(short_axis, **options()), tmp_path / "apart")

    study = read(folded(build_nm(short_axis, **options()), 1), tmp_path / "montage")

    np.testing.assert_array_equal(study.volume.counts, apart.volume.counts)
    np.testing.assert_allclose(
        study.volume.patient_from_index, apart.volume.patient_from_index, atol=1e-6
    )
    (note,) = (each for each in study.notes if "side by side" in each.text)
    assert note.is_doubtful
    assert f"{SLICES} slices" in note.text


def test_a_gated_montage_has_a_frame_for_every_time_slot(
    short_axis: SpectVolume, tmp_path: Path
) -> None:
    shares = np.array([0.2, 0.3, 0.3, 0.2])[:, None, None, None]
    gates: CountsArray = np.round(short_axis.counts * shares).astype(np.float32)

    study = read(folded(build_nm(short_axis, gates=gates, **options()), SLOTS), tmp_path)

    assert study.gates is not None
    np.testing.assert_array_equal(study.gates, gates)


def test_a_montage_without_distance_between_slices_says_how_to_state_it(
    short_axis: SpectVolume, tmp_path: Path
) -> None:
    dataset = folded(build_nm(short_axis, **options()), 1)
    del dataset.SpacingBetweenSlices
    save_object(dataset, tmp_path / "montage.dcm")

    with pytest.raises(GeometryError, match="SpacingBetweenSlices") as refused:
        scan_dicom(tmp_path / "montage.dcm", options=FORCED)

    assert "--slice-spacing" in (refused.value.way_on or "")


def test_frames_that_count_their_slices_are_left_as_they_are(
    short_axis: SpectVolume, tmp_path: Path
) -> None:
    grid = Grid((12, SIZE, 4 * SIZE), short_axis.patient_from_index)
    counts = np.random.default_rng(3).integers(0, 500, grid.shape).astype(np.float32)
    wide = SpectVolume(counts, grid.patient_from_index)

    study = read(build_nm(wide, **options()), tmp_path)

    assert study.volume.shape == grid.shape
