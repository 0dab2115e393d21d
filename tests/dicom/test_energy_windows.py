"""One object with several energy windows is as many studies."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset

from nm_object import build_nm, save_object
from shortaxis.dicom.reading.finding.scan import scan_dicom
from shortaxis.dicom.reading.headers.energy_windows import frames_of_window, window_of, windows_of
from shortaxis.dicom.reading.study import read_dicom_study
from shortaxis.errors import ShortAxisError
from shortaxis.spect.volume import SpectVolume

AFFINE = np.array([(0, 0, 6.4, -70), (0, 6.4, 0, -80), (6.4, 0, 0, 30), (0, 0, 0, 1.0)])
COUNTS = np.random.default_rng(1).integers(1, 300, (12, 20, 22))

ENERGY_WINDOW_VECTOR, SLICE_VECTOR = 0x00540010, 0x00540080


def two_windows(name: str = "Tl201", limits: tuple[str, str] = ("63.2", "77.3")) -> Dataset:
    """Frames of two windows in turn, the second with half the counts."""
    both = np.stack([COUNTS, COUNTS // 2], axis=1).reshape(24, 20, 22)
    written = build_nm(SpectVolume(both, AFFINE))
    second = deepcopy(written.EnergyWindowInformationSequence[0])
    second.EnergyWindowName = name
    limit = second.EnergyWindowRangeSequence[0]
    limit.EnergyWindowLowerLimit, limit.EnergyWindowUpperLimit = limits
    written.EnergyWindowInformationSequence.append(second)
    written.NumberOfEnergyWindows, written.NumberOfSlices = 2, 12
    written.EnergyWindowVector = [1, 2] * 12
    written.SliceVector = np.repeat(range(1, 13), 2).tolist()
    written.FrameIncrementPointer = [SLICE_VECTOR, ENERGY_WINDOW_VECTOR]
    return written


def test_every_window_is_a_study_with_its_own_counts(tmp_path: Path):
    path = save_object(two_windows(), tmp_path / "two.dcm")

    first, second = scan_dicom(path).entries

    assert [first.facts.energy_window, second.facts.energy_window] == ["Tc-99m", "Tl-201"]
    np.testing.assert_array_equal(read_dicom_study(first).study.volume.counts, COUNTS)
    np.testing.assert_array_equal(read_dicom_study(second).study.volume.counts, COUNTS // 2)
    assert read_dicom_study(second).study.facts.nuclide == second.facts.nuclide


def test_a_window_without_a_nuclide_is_named_by_its_limits(tmp_path: Path):
    path = save_object(two_windows("Window B"), tmp_path / "two.dcm")

    assert scan_dicom(path).entries[1].facts.energy_window == "63.2 to 77.3 keV"


def test_a_name_of_a_window_is_never_repeated(tmp_path: Path):
    path = save_object(two_windows("Ada Demo", ("", "")), tmp_path / "two.dcm")

    assert scan_dicom(path).entries[1].facts.energy_window == "window 2"


def test_the_header_of_a_window_leaves_the_original_alone():
    written = two_windows()
    before = written.to_json()

    single = window_of(written, 2)

    assert written.to_json() == before
    assert single.NumberOfFrames == 12
    assert list(single.SliceVector) == list(range(1, 13))
    assert len(single.EnergyWindowInformationSequence) == 1
    np.testing.assert_array_equal(frames_of_window(written, 2), np.arange(1, 24, 2))


def test_one_window_is_no_matter():
    assert windows_of(build_nm(SpectVolume(COUNTS, AFFINE))) == ()


def test_windows_of_different_slices_are_one_volume_in_parts_and_refused(tmp_path: Path):
    written = build_nm(SpectVolume(COUNTS, AFFINE))
    written.EnergyWindowVector = [1] * 6 + [2] * 6
    written.FrameIncrementPointer = [ENERGY_WINDOW_VECTOR, SLICE_VECTOR]

    assert windows_of(written) == ()
    with pytest.raises(ShortAxisError, match="EnergyWindowVector"):
        scan_dicom(save_object(written, tmp_path / "parts.dcm"))
