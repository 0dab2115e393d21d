"""Names that people type into a collimator stay out of records."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydicom import Dataset

from raw_views import raw_object
from shortaxis.dicom.reading.finding.scan import scan_dicom
from shortaxis.dicom.reading.projections import read_projections


@pytest.mark.parametrize(
    ("typed", "told"), [("LEHR Private", "LEHR"), ("Private", ""), ("LEHR  2", "LEHR  2")]
)
def test_words_that_name_the_patient_are_left_out_of_the_collimator(
    tmp_path: Path, typed: str, told: str
) -> None:
    def named(dataset: Dataset) -> None:
        dataset.PatientName = "Private^Person"
        dataset.DetectorInformationSequence[0].CollimatorGridName = typed

    path = raw_object(tmp_path / "raw.dcm", named)

    assert read_projections(scan_dicom(path).entries[0]).collimator == told
