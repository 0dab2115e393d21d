"""A batch whose results go back: one that fails stops no other, and nothing is there twice."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pydicom
import pytest
from pydicom import Dataset

pytest.importorskip("dicomweb_client", reason="DICOMweb as a source needs the extra web")
pytest.importorskip("polars", reason="batches need the extra cohort")

import polars

from repository import DEMO
from shortaxis.cli import batch_storing
from shortaxis.errors import WebServerError
from shortaxis.web.address import read_address
from shortaxis.web.client import WebClient
from shortaxis.web.credentials import trusted_context
from shortaxis.web.fetching import fetch_study
from verb_run import Run
from web_origin import Origin, running_origin


def another_study() -> Dataset:
    """The exam at rest, alone in a study, whose camera gave no frame of reference."""
    dataset = pydicom.dcmread(DEMO / "rest.dcm")
    dataset.StudyInstanceUID = "1.2.3.4.5.6.7.8"
    dataset.FrameOfReferenceUID = ""
    return dataset


@pytest.fixture
def origin(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Origin]:
    monkeypatch.setenv("NETRC", str(tmp_path / "no-netrc"))
    monkeypatch.setattr("shortaxis.web.storing_back.RETRY_DELAYS_S", ())
    with running_origin(Origin([pydicom.dcmread(DEMO / "study.dcm"), another_study()])) as running:
        yield running


def slices_below(folder: Path) -> set[bytes]:
    return {path.read_bytes() for path in folder.rglob("*.dcm")}


def test_one_that_is_not_stored_stops_no_other_and_what_is_made_again_is_stored_once(
    shortaxis: Callable[..., Run], origin: Origin, tmp_path: Path
) -> None:
    other = origin.objects[1]
    asked = ("--method", "ellipsoid", "--store-back", "--json", "--out")

    def batch(*on_store: str) -> Run:
        origin.on_store = list(on_store)
        query = f"{origin.address}?ModalitiesInStudy=NM"
        return shortaxis("batch", query, *asked, tmp_path / "one")

    broken = batch("", "kept")
    table = polars.read_parquet(tmp_path / "one" / "results.parquet")
    resumed = batch("kept")
    whole = polars.read_parquet(tmp_path / "one" / "results.parquet")
    alone = shortaxis(
        "reorient", f"{origin.address}/{other.StudyInstanceUID}", "--series",
        other.SeriesInstanceUID, "--no-sheet", *asked, tmp_path / "two",
    )  # fmt: skip

    (error,) = broken.json["errors"]
    (key,) = broken.json["stored_back"].pop("not_stored")
    assert (broken.code, resumed.code, alone.code) == (1, 0, 0)
    assert broken.json["stored_back"]["stored"] == 3
    assert (tmp_path / "one" / "studies" / key).is_dir()
    assert table["stored_back"].to_list() == [0, 3]
    reasons = table["store_error"].to_list()
    assert "not stored in the DICOMweb server" in reasons[0]
    assert reasons[1] is None
    assert whole["stored_back"].to_list()[:2] == [3, 3]
    assert whole["store_error"].null_count() == whole.height
    assert "results of 1 of 2 studies (number 1) are not stored" in error["summary"]
    assert "same command again" in error["way_on"]
    assert not re.search(r"1\.2\.3\.4|\d+(\.\d+){5,}", broken.out + broken.err)
    assert resumed.json["stored_back"] == {"stored": 3, "stored_already": 3, "not_stored": []}
    assert resumed.json["kept"] == 2
    assert alone.json["stored_back"] == {"stored": 0, "stored_already": 3}
    assert len(origin.stored) == 3
    assert len({each.SOPInstanceUID for each in origin.objects}) == len(origin.objects) == 8
    assert slices_below(tmp_path / "two") < slices_below(tmp_path / "one" / "studies")


def test_a_server_that_takes_nothing_is_not_asked_for_every_study(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []

    def fail(record: dict[str, str], *_: object) -> None:
        tried.append(record["key"])
        raise WebServerError("is full")

    monkeypatch.setattr(batch_storing, "_stored", fail)
    records = [{"key": str(number)} for number in range(20)]
    for each in records:
        (tmp_path / "studies" / each["key"]).mkdir(parents=True)
        (tmp_path / "studies" / each["key"] / "short_axis.dcm").touch()

    stored = batch_storing.store_batch(records, tmp_path, {}, lambda done, total: None)

    assert tried == ["0", "1", "2"]
    assert len(stored.to_dict()["not_stored"]) == 20
    assert [each["store_error"] for each in stored.rows(records)] == (
        ["is full"] * 3 + ["not tried, since several in a row were not stored"] * 17
    )
    assert stored.error is not None
    assert "(number 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, ...)" in stored.error.summary


@pytest.mark.parametrize(
    ("options", "words"),
    [([DEMO], "INPUT is no address of DICOMweb"), (["--deidentify"], "without identifiers")],
    ids=["a folder among them", "without identifiers"],
)
def test_results_go_back_only_where_they_belong(
    shortaxis: Callable[..., Run],
    origin: Origin,
    tmp_path: Path,
    options: list[object],
    words: str,
) -> None:
    query = f"{origin.address}?ModalitiesInStudy=NM"

    run = shortaxis("batch", query, *options, "--out", tmp_path / "out", "--store-back")

    assert run.code == 2
    assert words in run.err
    assert not origin.asked


def retrieved(origin: Origin) -> list[str]:
    return [each.rpartition("/")[2] for each in origin.asked if "/instances/" in each]


def test_slices_that_went_back_are_not_fetched_where_the_server_tells_whose_they_are(
    shortaxis: Callable[..., Run], origin: Origin, tmp_path: Path
) -> None:
    origin.tells, origin.on_store = ("SeriesDescription", "Manufacturer"), ["kept", "kept"]
    sources = {each.SOPInstanceUID for each in origin.objects}

    def batch() -> Run:
        origin.asked.clear()
        query = f"{origin.address}?ModalitiesInStudy=NM"
        return shortaxis(
            "batch", query, "--method", "ellipsoid", "--store-back", "--json",
            "--out", tmp_path / "out",
        )  # fmt: skip

    batch()
    run = batch()

    again = retrieved(origin)
    assert (run.code, len(origin.objects)) == (0, 2 + 6)
    assert run.json["stored_back"]["stored_already"] == 6
    # One of each exam is looked at, for its time.
    assert len(again) == 2
    assert not sources & set(again)


def test_a_reconstruction_of_ours_is_fetched_and_so_are_slices_that_are_alone(
    origin: Origin, tmp_path: Path
) -> None:
    origin.tells = ("SeriesDescription", "Manufacturer")
    ours, other = origin.objects
    for each, words in ((ours, "TRANSAXIAL stress OSEM: MIBI"), (other, "ShortAxis SA rest: OSEM")):
        each.Manufacturer, each.SeriesDescription = "ShortAxis", words

    def fetched(dataset: Dataset) -> int:
        address = read_address(Path(f"{origin.address}/{dataset.StudyInstanceUID}"))
        client = WebClient(address, "", trusted_context({}))
        return fetch_study(client, dataset.StudyInstanceUID, tmp_path / dataset.SOPInstanceUID)

    assert [fetched(each) for each in (ours, other)] == [1, 1]
    beside = pydicom.dcmread(DEMO / "study.dcm")
    beside.StudyInstanceUID = other.StudyInstanceUID
    origin.objects.append(beside)
    assert fetched(beside) == 1
    origin.tells = ("SeriesDescription",)
    assert fetched(other) == 2
