"""A PACS takes what was written, by REST and by C-STORE, and gives it back unchanged."""

from __future__ import annotations

import io
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest
from PIL import Image

from derived_files import SOURCES, write_all
from orthanc_server import OrthancServer, find_orthanc, running_orthanc
from report_documents import PDF, PICTURE, REPORT, WRITERS, header_of, new_stamp
from shortaxis.dicom.documents.secondary_capture import write_secondary_capture
from shortaxis.dicom.elements.uids import random_uid
from shortaxis.dicom.writing.derived_series import DerivedSeries

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(
        find_orthanc() is None, reason="Orthanc is not installed (make system-packages)"
    ),
]

Written = list[tuple[Path, DerivedSeries]]


@pytest.fixture(scope="module")
def orthanc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OrthancServer]:
    with running_orthanc(tmp_path_factory.mktemp("orthanc")) as server:
        yield server


def written_files(folder: Path, source: str) -> Written:
    return write_all(SOURCES[source](folder), folder)


def check_stored(
    orthanc: OrthancServer, identifier: str, path: Path, series: DerivedSeries
) -> None:
    """Geometry by Orthanc's own parser, pixels by the file that it gives back."""
    tags = orthanc.get_json(f"/instances/{identifier}/simplified-tags")
    (detector,) = tags["DetectorInformationSequence"]
    position = [float(part) for part in detector["ImagePositionPatient"].split("\\")]
    np.testing.assert_allclose(position, series.volume.patient_from_index[:3, 3], atol=1e-3)
    assert float(tags["SpacingBetweenSlices"]) == pytest.approx(series.volume.spacing_mm[0])
    returned = pydicom.dcmread(io.BytesIO(orthanc.get(f"/instances/{identifier}/file")))
    sent = pydicom.dcmread(path)
    assert returned.PixelData == sent.PixelData
    assert returned.SeriesDescription == sent.SeriesDescription


def test_orthanc_shows_a_page_of_few_colours_as_it_is(
    orthanc: OrthancServer, demo_study_path: Path, tmp_path: Path
) -> None:
    few = PICTURE // 64 * 64
    path = tmp_path / "page.dcm"
    write_secondary_capture(path, few, header_of(demo_study_path), REPORT, new_stamp(None))

    identifier = orthanc.post("/instances", path.read_bytes())["ID"]

    with Image.open(io.BytesIO(orthanc.get(f"/instances/{identifier}/preview"))) as shown:
        np.testing.assert_array_equal(np.asarray(shown.convert("RGB")), few)


@pytest.mark.parametrize("source", ["nm", "nm-gated", "nifti"])
def test_orthanc_stores_by_rest_and_gives_back_the_same(
    orthanc: OrthancServer, source: str, tmp_path: Path
) -> None:
    for path, series in written_files(tmp_path, source):
        answer = orthanc.post("/instances", path.read_bytes())

        assert answer["Status"] in ("Success", "AlreadyStored")
        check_stored(orthanc, answer["ID"], path, series)
        assert orthanc.get(f"/instances/{answer['ID']}/file") == path.read_bytes()


@pytest.mark.skipif(shutil.which("storescu") is None, reason="dcmtk is not installed")
def test_orthanc_stores_by_c_store_and_lists_three_series_of_one_study(
    orthanc: OrthancServer, tmp_path: Path
) -> None:
    written = written_files(tmp_path, "pet")

    subprocess.run(
        ["storescu", "-aec", "ORTHANC", "127.0.0.1", str(orthanc.dicom_port),
         *[str(path) for path, _ in written]],
        check=True, capture_output=True, timeout=60,
    )  # fmt: skip

    for path, series in written:
        uid = str(pydicom.dcmread(path, stop_before_pixels=True).SOPInstanceUID)
        (identifier,) = orthanc.post("/tools/lookup", uid.encode())
        check_stored(orthanc, identifier["ID"], path, series)
    study_uid = str(pydicom.dcmread(written[0][0], stop_before_pixels=True).StudyInstanceUID)
    (study,) = orthanc.post("/tools/lookup", study_uid.encode())
    assert len(orthanc.get_json(f"/studies/{study['ID']}/series")) >= 3


def test_orthanc_stores_documents_beside_their_study_and_shows_them(
    orthanc: OrthancServer, demo_study_path: Path, tmp_path: Path
) -> None:
    header = header_of(demo_study_path)
    study = orthanc.post("/instances", demo_study_path.read_bytes())["ParentStudy"]
    stored = {}
    for number, (kind, write) in enumerate(WRITERS.items()):
        path = tmp_path / f"{kind}.dcm"
        write(path, header, replace(REPORT, title=f"Report {number}"), random_uid)
        answer = orthanc.post("/instances", path.read_bytes())
        assert answer["ParentStudy"] == study
        stored[kind] = answer["ID"]

    assert len(set(stored.values())) == len(WRITERS)
    assert orthanc.get(f"/instances/{stored['pdf']}/pdf") == PDF
    with Image.open(io.BytesIO(orthanc.get(f"/instances/{stored['picture']}/preview"))) as shown:
        np.testing.assert_array_equal(np.asarray(shown.convert("RGB")), PICTURE)
    tags = orthanc.get_json(f"/instances/{stored['measurements']}/simplified-tags")
    assert tags["ContentTemplateSequence"][0]["TemplateIdentifier"] == "1500"
