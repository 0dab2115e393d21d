"""Results that a server has already are not stored again; one that does not tell loses nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pydicom
import pytest

pytest.importorskip("dicomweb_client", reason="DICOMweb as a source needs the extra web")

from repository import DEMO
from shortaxis.errors import WebServerError
from shortaxis.web import storing_back
from shortaxis.web.address import read_address
from shortaxis.web.client import WebClient
from shortaxis.web.credentials import trusted_context
from shortaxis.web.earlier_results import EarlierResults
from verb_run import Run
from web_origin import Origin, running_origin

STUDY, REST = DEMO / "study.dcm", DEMO / "rest.dcm"

INDIA = timezone(timedelta(hours=5.5))

REQUESTS_OF_FETCHING = 9
"""Two pages each of series and of objects, the object, and both lists once more."""


@pytest.fixture(autouse=True)
def unknown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NETRC", str(tmp_path / "no-netrc"))


@pytest.fixture
def origin() -> Iterator[Origin]:
    with running_origin(Origin([pydicom.dcmread(STUDY)])) as running:
        yield running


@pytest.fixture
def earlier(origin: Origin) -> EarlierResults:
    address = read_address(Path(f"{origin.address}/{pydicom.dcmread(STUDY).StudyInstanceUID}"))
    return EarlierResults(WebClient(address, "", trusted_context({}), 5.0))


def uids_in(path: Path) -> tuple[str, str]:
    dataset = pydicom.dcmread(path, stop_before_pixels=True)
    return dataset.SeriesInstanceUID, dataset.SOPInstanceUID


@pytest.mark.parametrize(
    ("date", "time", "zone", "expected"),
    [
        ("20260102", "101500.123", "", datetime(2026, 1, 2, 10, 15)),
        ("20260102", "101500", "+0530", datetime(2026, 1, 2, 10, 15, tzinfo=INDIA)),
        ("20260131", "1015", "", datetime(2026, 1, 31, 10, 15)),
        ("20260131", "10", "", datetime(2026, 1, 31, 10)),
        ("20260131", "", "", None),
        ("", "101500", "", None),
        ("99991231", "235959", "", None),
        ("00010101", "000000", "+0530", None),
    ],
)
def test_what_is_there_is_left_there_and_tells_its_time(
    origin: Origin,
    earlier: EarlierResults,
    date: str,
    time: str,
    zone: str,
    expected: datetime | None,
) -> None:
    (there,) = origin.objects
    there.InstanceCreationDate, there.InstanceCreationTime = date, time
    there.TimezoneOffsetFromUTC = zone

    made_at = earlier.made_at([uids_in(STUDY), uids_in(REST)])

    assert made_at == expected
    assert earlier.missing([STUDY, REST]) == [REST]


def test_another_object_in_the_same_series_is_not_the_one(
    origin: Origin, earlier: EarlierResults
) -> None:
    origin.objects[0].SOPInstanceUID = "1.2.3.4.5.6"

    assert earlier.made_at([uids_in(STUDY)]) is None
    assert earlier.missing([STUDY]) == [STUDY]


def test_a_server_that_talks_nonsense_of_them_is_one_error_and_the_results_are_here(
    shortaxis: Callable[..., Run], origin: Origin, tmp_path: Path
) -> None:
    origin.body, origin.begins_at = b"<html>log in, PID-1234</html>", REQUESTS_OF_FETCHING
    origin.on_store = ["kept"]
    address = f"{origin.address}/{origin.objects[0].StudyInstanceUID}"

    run = shortaxis(
        "reorient", address, "--out", tmp_path / "out", "--no-sheet", "--store-back", "--json"
    )

    (error,) = run.json["errors"]
    assert run.code == 1
    assert "does not tell what it has" in error["summary"]
    assert "--force" in error["way_on"]
    assert not re.search(r"\d+(\.\d+){6,}|PID-", run.out + run.err)
    assert origin.stored == []
    assert len(list((tmp_path / "out").glob("*.dcm"))) == 3


def test_what_was_kept_though_the_answer_was_lost_is_not_stored_again(
    shortaxis: Callable[..., Run], origin: Origin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shortaxis.web.storing_back.RETRY_DELAYS_S", ())
    origin.on_store = ["lost", "kept"]
    asked = (
        "reorient", f"{origin.address}/{origin.objects[0].StudyInstanceUID}", "--series",
        origin.objects[0].SeriesInstanceUID, "--no-sheet", "--store-back", "--out",
    )  # fmt: skip

    broken, again = (shortaxis(*asked, tmp_path / name) for name in ("one", "two"))
    told = shortaxis(*asked, tmp_path / "three", "--json")

    assert (broken.code, again.code, told.code) == (0, 0, 0)
    assert "3 of 3 DICOM results were stored already" in again.err
    assert told.json["stored_back"] == {"stored": 0, "stored_already": 3}
    assert len(origin.stored) == 1


def test_a_wall_that_is_drawn_again_is_stored_once(
    shortaxis: Callable[..., Run], origin: Origin, tmp_path: Path
) -> None:
    origin.on_store = ["kept"]
    asked = (
        "wall", f"{origin.address}/{origin.objects[0].StudyInstanceUID}", "--series",
        origin.objects[0].SeriesInstanceUID, "--store-back", "--json", "--out",
    )  # fmt: skip

    told = [shortaxis(*asked, tmp_path / name).json["stored_back"] for name in ("one", "two")]

    assert told == [{"stored": n, "stored_already": 1 - n} for n in (1, 0)]
    one, two = ((tmp_path / name / "wall.dcm").read_bytes() for name in ("one", "two"))
    assert one == two


def test_another_object_than_was_asked_for_is_no_sense(
    origin: Origin, earlier: EarlierResults, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(WebClient, "retrieve", lambda *_: pydicom.dcmread(REST))

    assert earlier.made_at([uids_in(STUDY)]) is None
    with pytest.raises(WebServerError, match="makes no sense"):
        earlier.missing([STUDY])


def test_a_server_that_refuses_what_it_has_by_now_has_it(
    origin: Origin, earlier: EarlierResults, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storing_back, "RETRY_DELAYS_S", (0.0,))
    monkeypatch.setattr("shortaxis.web.client.RETRY_DELAYS_S", ())
    origin.objects, origin.on_store = [], ["lost"]

    storing_back.store_back(earlier.client.address, [STUDY])

    assert len(origin.stored) == 2
    origin.objects.clear()
    with pytest.raises(WebServerError, match="not stored"):
        storing_back.store_back(earlier.client.address, [STUDY])
