"""Headers that converters and editors leave behind: read, or refused as what they are."""

from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from shortaxis.errors import GeometryError, ShortAxisError, UnreadableFileError
from shortaxis.nifti.reading import read_nifti_study
from shortaxis.nifti.stored import read_stored_nifti
from shortaxis.workflow.studies.finding import find_studies

AFFINE = np.diag([-6.4, -6.4, 6.4, 1.0])


def image(shape: tuple[int, ...] = (16, 16, 14)) -> nib.Nifti1Image:
    counts = np.random.default_rng(1).integers(1, 300, shape).astype(np.float32)
    made = nib.Nifti1Image(counts, AFFINE)
    made.set_sform(AFFINE, 1)
    made.set_qform(AFFINE, 1)
    return made


def with_sform(rows: np.ndarray) -> nib.Nifti1Image:
    """Without a qform; nibabel writes the header of an image without an affine as it is."""
    made = nib.Nifti1Image(np.asarray(image().dataobj), None)
    made.header["sform_code"], made.header["qform_code"] = 1, 0
    for name, row in zip(("srow_x", "srow_y", "srow_z"), rows, strict=False):
        made.header[name] = row
    return made


def refusal(made: nib.Nifti1Image, folder: Path) -> ShortAxisError:
    path = folder / "study.nii.gz"
    nib.save(made, path)
    with pytest.raises(ShortAxisError) as caught:
        read_nifti_study(path)
    return caught.value


def test_an_sform_that_is_not_finite_is_not_called_a_contradiction(tmp_path: Path) -> None:
    affine = AFFINE.copy()
    affine[2, 3] = np.nan

    error = refusal(with_sform(affine), tmp_path)

    assert isinstance(error, GeometryError)
    assert error.summary == "has an orientation that is none"
    assert error.found == "numbers that are not finite"
    assert error.way_on


def test_axes_that_span_no_volume_are_refused_in_words_of_the_file(tmp_path: Path) -> None:
    flat = AFFINE.copy()
    flat[2] = 0

    error = refusal(with_sform(flat), tmp_path)

    assert isinstance(error, GeometryError)
    assert error.found == "voxel sizes 6.4, 6.4, 0 mm"


def test_an_unknown_unit_is_refused_as_one(tmp_path: Path) -> None:
    made = image()
    made.header["xyzt_units"] = 7

    error = refusal(made, tmp_path)

    assert isinstance(error, GeometryError)
    assert error.summary == "has an unknown unit of length"


def test_time_slots_in_the_fifth_dimension_are_told_where_they_belong(tmp_path: Path) -> None:
    error = refusal(image((16, 16, 14, 1, 8)), tmp_path)

    assert isinstance(error, UnreadableFileError)
    assert error.way_on == "save it with three dimensions; time slots are the fourth"


def test_an_analyze_file_is_read_as_stored_slices(tmp_path: Path) -> None:
    counts = np.random.default_rng(1).integers(1, 300, (16, 16, 14)).astype(np.int16)
    nib.save(nib.AnalyzeImage(counts, np.diag([6.4, 6.4, 6.4, 1.0])), tmp_path / "slices.hdr")

    stored = read_stored_nifti(tmp_path / "slices.hdr")

    np.testing.assert_array_equal(stored.counts, counts.T)
    np.testing.assert_allclose(stored.spacing_mm, 6.4)
    assert stored.patient_from_index is None


def test_a_pair_of_nifti_2_is_found_by_its_header(tmp_path: Path) -> None:
    made = image()
    pair = nib.Nifti2Pair(np.asarray(made.dataobj), AFFINE)
    pair.set_sform(AFFINE, 1)
    nib.save(pair, tmp_path / "study.hdr")

    (found,) = find_studies(tmp_path / "study.hdr").studies

    assert found.shape == (14, 16, 16)
