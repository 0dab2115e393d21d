"""Volumes in two files: NIfTI pairs, and Analyze, which has no orientation."""

from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from shortaxis.errors import GeometryError
from shortaxis.nifti.reading import read_nifti_study
from shortaxis.spect.reading_options import ReadingOptions
from shortaxis.spect.stated_geometry import StatedGeometry
from shortaxis.workflow.studies.finding import find_studies

COUNTS = np.random.default_rng(1).poisson(50, (24, 22, 16)).astype(np.int16)


@pytest.fixture
def analyze(tmp_path: Path) -> Path:
    image = nib.AnalyzeImage(COUNTS, None)
    image.header.set_zooms((6.4, 6.5, 6.6))
    nib.save(image, tmp_path / "study.hdr")
    return tmp_path / "study.hdr"


def test_an_analyze_pair_is_refused_with_the_option_that_goes_on(analyze: Path):
    with pytest.raises(GeometryError, match="--orientation LPS"):
        read_nifti_study(analyze)


def test_an_analyze_pair_lies_as_stated_with_its_spacings_in_mm(analyze: Path):
    study = read_nifti_study(analyze, ReadingOptions(stated=StatedGeometry("LPS")))

    np.testing.assert_array_equal(study.volume.counts, COUNTS.T)
    np.testing.assert_allclose(study.volume.spacing_mm, (6.6, 6.5, 6.4), rtol=1e-6)
    along_slice, along_column, along_row = study.volume.patient_from_index[:3, :3].T
    assert along_row[0] > 0
    assert along_column[1] > 0
    assert along_slice[2] > 0
    assert study.notes[0].is_doubtful


@pytest.mark.parametrize("suffix", [".hdr", ".img"])
def test_either_file_of_a_nifti_pair_names_the_study(tmp_path: Path, suffix: str):
    image = nib.Nifti1Pair(COUNTS, np.diag([-6.4, -6.5, 6.6, 1.0]))
    nib.save(image, tmp_path / "study.hdr")

    (named,) = find_studies(tmp_path / f"study{suffix}").studies
    (found,) = find_studies(tmp_path).studies

    assert named.paths == found.paths == (tmp_path / "study.hdr",)
    np.testing.assert_array_equal(named.load().study.volume.counts, COUNTS.T)
