"""Objects with UIDs of chance become those that would have been written for an archive."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import numpy as np

from repository import DEMO
from shortaxis.dicom.documents.document_facts import DocumentFacts
from shortaxis.dicom.documents.encapsulated_pdf import write_encapsulated_pdf
from shortaxis.dicom.documents.measurements.measurement_report import write_measurement_report
from shortaxis.dicom.documents.measurements.picture_regions import WHOLE_MAP, PictureRegions
from shortaxis.dicom.documents.measurements.ventricle_measurements import (
    StudyMeasurements,
    VentricleMeasurements,
)
from shortaxis.dicom.documents.object_origin import NewOrigin, ObjectOrigin, RepeatedOrigin
from shortaxis.dicom.documents.secondary_capture import write_secondary_capture
from shortaxis.dicom.elements.uids import UidGenerator
from shortaxis.dicom.writing.derivation import Stamp
from shortaxis.spect.study import StudyCondition
from shortaxis.web.settling import settle
from shortaxis.workflow.studies.finding import find_studies

SOURCE = DEMO / "study.dcm"
MONDAY, TUESDAY = datetime(2026, 1, 5, 9, 30), datetime(2026, 1, 6, 14)

MEASURED = VentricleMeasurements(
    condition=StudyCondition.STRESS,
    uptake_percent={number: 50.0 + number for number in range(1, 18)},
    scores=dict.fromkeys(range(1, 18), 1),
    is_by_normal_limits=True,
    length_mm=84.0,
    scar_burden_percent=0.0,
)
REGION = {(None, WHOLE_MAP): np.array([[1.0, 1.0], [4.0, 1.0], [4.0, 4.0], [1.0, 1.0]])}


def documents(folder: Path, origin: ObjectOrigin) -> list[Path]:
    """A picture, a print, and measurements that refer to the picture."""
    folder.mkdir()
    (found,) = find_studies(SOURCE).studies
    header = found.load().header
    assert header is not None
    facts = DocumentFacts(title="Report", description="A test", software_version="0.1.0")

    def write(uids: UidGenerator, now: datetime) -> None:
        stamps = [Stamp(number, uids, now) for number in (1, 2, 3)]
        picture = np.zeros((5, 6, 3), dtype=np.uint8)
        stored = write_secondary_capture(folder / "z.dcm", picture, header, facts, stamps[0])
        write_encapsulated_pdf(folder / "a.dcm", b"%PDF-1.4\n%%EOF\n", header, facts, stamps[1])
        measured, regions = StudyMeasurements((MEASURED,)), PictureRegions(stored, REGION)
        write_measurement_report(folder / "m.dcm", measured, header, facts, stamps[2], regions)

    origin.write(folder, write)
    return sorted(folder.iterdir())


def test_documents_are_as_if_written_for_the_archive(tmp_path: Path) -> None:
    repeated = RepeatedOrigin(lambda uids: MONDAY)
    expected = [path.read_bytes() for path in documents(tmp_path / "expected", repeated)]
    paths = documents(tmp_path / "new", NewOrigin(clock=lambda: TUESDAY))
    new = [path.read_bytes() for path in paths]

    settle(paths, SOURCE, repeated)
    settled = [path.read_bytes() for path in paths]
    settle(paths, SOURCE, repeated)

    assert not set(new) & set(expected)
    assert settled == expected
    assert [path.read_bytes() for path in paths] == expected
