"""How the patient lay or sat: by the name of the series, then by codes and Patient Position."""

from __future__ import annotations

import pytest
from pydicom import Dataset

from shortaxis.dicom.carried.stated.patient_orientation import lying_of
from shortaxis.dicom.elements.code_items import code_item


@pytest.mark.parametrize(
    ("description", "position", "lying"),
    [
        ("Stress Prone", "HFS", "prone"),
        ("STRESS_UPRIGHT_AC", "HFS", "upright"),
        ("Stress", "HFP", "prone"),
        ("Stress", "FFS", "supine"),
        ("Supine and prone", "HFP", "prone"),
        ("Stress", "HFDL", ""),
        ("Stress", "", ""),
    ],
)
def test_the_name_of_the_series_goes_before_the_position(
    description: str, position: str, lying: str
) -> None:
    dataset = Dataset()
    dataset.SeriesDescription, dataset.PatientPosition = description, position
    assert lying_of(dataset) == lying


@pytest.mark.parametrize("code", ["10904000", "102539006", "33586001", "F-10320"])
def test_who_sits_is_upright(code: str) -> None:
    dataset = Dataset()
    scheme = "SRT" if code.startswith("F") else "SCT"
    dataset.PatientOrientationCodeSequence = [code_item(code, scheme, "as coded")]
    dataset.PatientPosition = "HFS"
    assert lying_of(dataset) == "upright"
