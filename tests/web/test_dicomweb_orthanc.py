"""DICOMweb with a real archive: Debian's Orthanc and its plugin."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pydicom
import pytest

pytest.importorskip("dicomweb_client", reason="DICOMweb as a source needs the extra web")

from orthanc_server import OrthancServer, dicomweb_plugin, find_orthanc, running_orthanc
from repository import DEMO
from verb_run import Run

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(
        find_orthanc() is None, reason="Orthanc is not installed (make system-packages)"
    ),
    pytest.mark.skipif(
        dicomweb_plugin() is None,
        reason="Orthanc's DICOMweb plugin is not installed (make system-packages)",
    ),
]


@pytest.fixture(scope="module")
def orthanc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OrthancServer]:
    folder = tmp_path_factory.mktemp("orthanc")
    with running_orthanc(folder, plugins=[dicomweb_plugin()]) as server:
        for name in ("study.dcm", "rest.dcm"):
            server.post("/instances", (DEMO / name).read_bytes())
        yield server


@pytest.fixture
def root(orthanc: OrthancServer) -> str:
    return f"dicomweb+http://127.0.0.1:{orthanc.http_port}/dicom-web/studies"


def test_a_study_is_cut_and_its_slices_go_back(
    shortaxis: Callable[..., Run],
    orthanc: OrthancServer,
    root: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    study = pydicom.dcmread(DEMO / "study.dcm", stop_before_pixels=True)

    run = shortaxis(
        "reorient", f"{root}/{study.StudyInstanceUID}", "--series", study.SeriesInstanceUID,
        "--out", tmp_path / "out", "--store-back",
    )  # fmt: skip

    assert run.code == 0
    there = {
        orthanc.get_json(f"/instances/{each}/simplified-tags")["SeriesDescription"]
        for each in orthanc.get_json("/instances")
    }
    written = {pydicom.dcmread(path).SeriesDescription for path in (tmp_path / "out").glob("*.dcm")}
    assert len(written) == 3
    assert written < there
    assert not list(tmp_path.glob("shortaxis-*"))
    assert not re.search(r"\d+(\.\d+){6,}", run.out + run.err)


def test_what_is_made_again_is_stored_once(
    shortaxis: Callable[..., Run], orthanc: OrthancServer, root: str, tmp_path: Path
) -> None:
    study = pydicom.dcmread(DEMO / "rest.dcm", stop_before_pixels=True)

    def stored_by(name: str, *options: object) -> tuple[set[str], dict[str, bytes]]:
        """What is there after a run and was not before, and what the run wrote."""
        before = set(orthanc.get_json("/instances"))
        run = shortaxis(
            "reorient", f"{root}/{study.StudyInstanceUID}", "--series", study.SeriesInstanceUID,
            "--out", tmp_path / name, "--no-sheet", "--store-back", *options,
        )  # fmt: skip
        assert run.code == 0
        files = {path.name: path.read_bytes() for path in (tmp_path / name).glob("*.dcm")}
        return set(orthanc.get_json("/instances")) - before, files

    first, written = stored_by("first")
    # The time of a file is told in seconds.
    time.sleep(1)
    orthanc.delete(f"/instances/{min(first)}")
    mended, again = stored_by("again")
    changed, others = stored_by("changed", "--size", "70")

    assert len(first) == 3
    assert mended == {min(first)}
    assert written == again
    assert len(changed) == 3
    assert not set(others.values()).intersection(written.values())


def test_a_batch_that_is_resumed_stores_what_is_missing(
    shortaxis: Callable[..., Run], orthanc: OrthancServer, root: str, tmp_path: Path
) -> None:
    pytest.importorskip("polars", reason="batches need the extra cohort")
    made_of = pydicom.dcmread(DEMO / "study.dcm", stop_before_pixels=True)

    def stored_by_a_batch() -> tuple[set[str], Run]:
        before = set(orthanc.get_json("/instances"))
        run = shortaxis(
            "batch", f"{root}?StudyInstanceUID={made_of.StudyInstanceUID}", "--with", "report",
            "--method", "ellipsoid", "--out", tmp_path / "out", "--store-back", "--json",
        )  # fmt: skip
        return set(orthanc.get_json("/instances")) - before, run

    first, run = stored_by_a_batch()
    orthanc.delete(f"/instances/{min(first)}")
    mended, again = stored_by_a_batch()

    written = list((tmp_path / "out").glob("[rs]*/*/*.dcm"))
    count = {"stored": len(written), "stored_already": 0, "not_stored": []}
    assert run.json["stored_back"] == count
    assert len(first) == len(written) > 2 * 3
    assert mended == {min(first)}
    assert again.json["stored_back"] == {**count, "stored": 1, "stored_already": len(written) - 1}
    assert (run.code, again.code) == (0, 0)


def test_slices_that_went_back_are_not_fetched_again(
    shortaxis: Callable[..., Run], orthanc: OrthancServer, root: str, tmp_path: Path
) -> None:
    pytest.importorskip("polars", reason="batches need the extra cohort")
    made_of = pydicom.dcmread(DEMO / "study.dcm", stop_before_pixels=True)

    def fetched_by_a_batch(name: str) -> set[str]:
        run = shortaxis(
            "batch", f"{root}?StudyInstanceUID={made_of.StudyInstanceUID}",
            "--method", "ellipsoid", "--out", tmp_path / name, "--store-back", "--json",
        )  # fmt: skip
        assert run.code == 0
        paths = (tmp_path / name / ".dicomweb").rglob("*.dcm")
        return {pydicom.dcmread(path, stop_before_pixels=True).SeriesDescription for path in paths}

    fetched_by_a_batch("one")
    resumed, anew = fetched_by_a_batch("one"), fetched_by_a_batch("two")

    there = {
        orthanc.get_json(f"/series/{each}")["MainDicomTags"]["SeriesDescription"]
        for each in orthanc.get_json("/series")
    }
    assert sum(each.startswith("ShortAxis ") for each in there) >= 6
    assert resumed == anew
    assert len(anew) == 2
    assert not any(each.startswith("ShortAxis") for each in anew)


def test_a_query_finds_both(
    shortaxis: Callable[..., Run], orthanc: OrthancServer, root: str, tmp_path: Path
) -> None:
    from shortaxis.web.address import read_address
    from shortaxis.web.client import WebClient
    from shortaxis.web.credentials import trusted_context
    from shortaxis.web.fetching import fetch_query

    query = read_address(Path(f"{root}?ModalitiesInStudy=NM"))

    outcomes = list(fetch_query(WebClient(query, "", trusted_context({})), tmp_path))

    studies = {pydicom.dcmread(DEMO / name).StudyInstanceUID for name in ("study.dcm", "rest.dcm")}
    fetched = {pydicom.dcmread(path).StudyInstanceUID for path in tmp_path.rglob("*.dcm")}
    assert outcomes == [None] * len(studies)
    assert fetched == studies
