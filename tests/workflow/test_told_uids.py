"""What stands where a UID belongs may be a patient's name: it is not told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pydicom
import pytest
from pydicom.uid import UID

from nm_object import save_object
from repository import DEMO
from shortaxis.dicom.elements.uids import told_uid
from shortaxis.workflow.studies.finding import find_studies
from shortaxis.workflow.studies.record import source_values

pytestmark = pytest.mark.filterwarnings("ignore:.*VR UI")


@pytest.mark.parametrize(
    "text",
    ["1.2.3", "0", "12345678", "1.2.03", "1..2", "1.2.", "Doe^Jane", "1" * 65],
)
def test_it_is_told_where_pydicom_finds_it_valid(text: str) -> None:
    assert told_uid(text) == (text if UID(text).is_valid else "not a UID")
    assert told_uid("") == ""


@pytest.fixture
def named(tmp_path: Path) -> Path:
    nm = pydicom.dcmread(DEMO / "study.dcm")
    nm.SeriesInstanceUID = "DOE.JANE"
    nm.StudyInstanceUID = "PATIENT-4711"
    return save_object(nm, tmp_path / "study.dcm")


def test_info_and_records_tell_no_name(named: Path, shortaxis: Any) -> None:
    listed = shortaxis("info", named, "--json")
    shown = shortaxis("info", named)
    refused = shortaxis("info", named.parent, "--series", "1.2.3")
    (study,) = find_studies(named).studies
    record = source_values(study.load().study)

    for each in (listed.out, shown.out, refused.err, str(record)):
        assert "DOE" not in each
        assert "4711" not in each
    assert listed.json["studies"][0]["series_instance_uid"] == "not a UID"
    assert record["study_instance_uid"] == "not a UID"
    assert "series not a UID" in shown.out


def test_the_true_value_still_chooses_and_matches(named: Path, shortaxis: Any) -> None:
    assert shortaxis("info", named, "--series", "DOE.JANE").code == 0
    (study,) = find_studies(named).studies
    assert study.facts.study_instance_uid == "PATIENT-4711"
