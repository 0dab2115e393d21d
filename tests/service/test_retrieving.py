"""An archive is asked for what the node has not, and sends it there (PS3.4 annex C)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pynetdicom", reason="the DICOM node needs pynetdicom")

from pydicom import Dataset
from pynetdicom import AE, evt
from pynetdicom.sop_class import (
    StudyRootQueryRetrieveInformationModelFind,
    StudyRootQueryRetrieveInformationModelMove,
)

from orthanc_server import OrthancServer, find_orthanc, running_orthanc
from repository import DEMO
from service_peers import free_port, new_study, send
from shortaxis.dicom.elements.uids import hashed_name
from shortaxis.dicom.received.queries import (
    is_of_patient,
    patient_without_rest,
    require_dates,
    series_found,
)
from shortaxis.errors import OptionError
from shortaxis.service.bookkeeping.journal import Journal
from shortaxis.service.listener import Listener
from shortaxis.service.settings import Node
from shortaxis.service.spool import Spool
from shortaxis.spect.study import StudyCondition
from verb_run import Run


class Here:
    """A node that listens in this process, and its file."""

    def __init__(self, folder: Path, archive_port: int) -> None:
        self.port = free_port()
        self.config = folder / "node.toml"
        self.config.write_text(
            f'folder = "spool"\n[node]\nport = {self.port}\n'
            '[[destinations]]\nname = "pacs"\nae_title = "ORTHANC"\nhost = "127.0.0.1"\n'
            f"port = {archive_port}\ntimeout_s = 5\n"
        )
        self.spool = Spool(folder / "spool")
        self.spool.prepare()
        self.journal = Journal(self.spool.journal)

    @contextmanager
    def listening(self) -> Iterator[None]:
        node = Node(port=self.port, network_timeout_s=5)
        with Listener(node, self.spool, self.journal).listening():
            yield

    def objects(self) -> set[str]:
        return set(self.journal.known_objects())


def stored(dataset: Dataset) -> bytes:
    content = BytesIO()
    dataset.save_as(content)
    return content.getvalue()


@pytest.fixture(scope="module")
def orthanc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OrthancServer]:
    if find_orthanc() is None:
        pytest.skip("Orthanc is not installed (make system-packages)")
    with running_orthanc(tmp_path_factory.mktemp("orthanc")) as server:
        yield server


@pytest.fixture
def here(orthanc: OrthancServer, tmp_path: Path) -> Iterator[Here]:
    made = Here(tmp_path, orthanc.dicom_port)
    modality = f'{{"AET": "SHORTAXIS", "Host": "127.0.0.1", "Port": {made.port}}}'
    orthanc.put("/modalities/shortaxis", modality.encode())
    with made.listening():
        yield made


@pytest.mark.system
def test_a_backlog_comes_once_and_slices_of_ours_do_not(
    shortaxis: Callable[..., Run], orthanc: OrthancServer, here: Here
) -> None:
    wanted, of_another_day, ours = new_study(), new_study(), new_study()
    wanted.StudyDate = ours.StudyDate = "20260115"
    of_another_day.StudyDate = "20260401"
    ours.Manufacturer = "ShortAxis"
    for each in (wanted, of_another_day, ours):
        orthanc.post("/instances", stored(each))
    arguments = ("serve", "retrieve", here.config, "--from", "pacs", "--date", "202601")

    wrong = shortaxis(*arguments)
    dry = shortaxis(*arguments[:-1], "20260101-20260131", "--dry-run", "--json")
    before = here.objects()
    first = shortaxis(*arguments[:-1], "20260101-20260131", "--json")
    again = shortaxis(*arguments[:-1], "20260101-20260131", "--json")

    assert wrong.code == 2
    assert (dry.json, before) == ({"found": 1, "here": 0, "missing": 1, "failed": []}, set())
    assert first.json == {"found": 1, "here": 0, "retrieved": 1, "failed": []}
    assert again.json == {"found": 1, "here": 1, "retrieved": 0, "failed": []}
    assert here.objects() == {hashed_name(wanted.SOPInstanceUID)}
    assert wanted.PatientID not in first.out + first.err


@pytest.mark.system
def test_the_rest_of_a_stress_that_came_alone_is_found(
    shortaxis: Callable[..., Run], orthanc: OrthancServer, here: Here
) -> None:
    stress, rest = new_study("study.dcm"), new_study("rest.dcm")
    late, of_somebody_else = new_study("rest.dcm"), new_study("rest.dcm")
    for each, day in ((stress, "20260110"), (rest, "20260111"), (late, "20260301")):
        each.PatientID, each.StudyDate = stress.PatientID, day
    of_somebody_else.StudyDate = "20260111"
    for each in (stress, rest, late, of_somebody_else):
        orthanc.post("/instances", stored(each))
    send(here.port, [stress])
    arguments = ("serve", "retrieve", here.config, "--from", "pacs", "--missing-rest")

    first = shortaxis(*arguments, "--json")
    objects = here.objects()

    assert first.json == {"found": 1, "here": 0, "retrieved": 1, "failed": []}
    wanted = (stress.SOPInstanceUID, rest.SOPInstanceUID)
    assert objects == {hashed_name(uid) for uid in wanted}


@pytest.mark.system
def test_an_archive_that_does_not_know_the_node_is_told(
    shortaxis: Callable[..., Run], orthanc: OrthancServer, here: Here
) -> None:
    study = new_study()
    study.StudyDate = "20260705"
    orthanc.post("/instances", stored(study))
    here.config.write_text(
        here.config.read_text().replace("[node]\n", '[node]\nae_title = "NOBODY"\n')
        + 'calling_ae_title = "SHORTAXIS"\n'
    )

    run = shortaxis("serve", "retrieve", here.config, "--from", "pacs", "--date", "20260705")

    assert run.code == 1
    assert "1 failed" in run.out
    assert "failed:" in run.err
    assert not here.objects()


@pytest.mark.system
def test_an_archive_that_does_not_know_the_node_gives_what_is_fetched(
    shortaxis: Callable[..., Run], orthanc: OrthancServer, here: Here
) -> None:
    study = new_study()
    study.StudyDate = "20260706"
    orthanc.post("/instances", stored(study))
    orthanc.put("/modalities/shortaxis", b'{"AET": "SHORTAXIS", "Host": "127.0.0.1", "Port": 9}')
    arguments = ("serve", "retrieve", here.config, "--from", "pacs", "--date", "20260706", "--get")

    first = shortaxis(*arguments, "--json")
    again = shortaxis(*arguments, "--json")

    assert first.json == {"found": 1, "here": 0, "retrieved": 1, "failed": []}
    assert again.json == {"found": 1, "here": 1, "retrieved": 0, "failed": []}
    assert here.objects() == {hashed_name(study.SOPInstanceUID)}


@pytest.mark.system
def test_what_is_fetched_for_a_node_that_does_not_run_is_told(
    shortaxis: Callable[..., Run], orthanc: OrthancServer, tmp_path: Path
) -> None:
    study = new_study()
    study.StudyDate = "20260707"
    orthanc.post("/instances", stored(study))
    here = Here(tmp_path, orthanc.dicom_port)

    run = shortaxis(
        "serve", "retrieve", here.config, "--from", "pacs", "--date", "20260707", "--get"
    )

    assert run.code == 1
    assert "failed: no association" in run.err
    assert not here.objects()


Answer = Callable[[evt.Event], Iterator[Any]]


@contextmanager
def bad_archive(find: Answer, move: Answer | None = None) -> Iterator[int]:
    entity = AE("ORTHANC")
    entity.add_supported_context(StudyRootQueryRetrieveInformationModelFind)
    entity.add_supported_context(StudyRootQueryRetrieveInformationModelMove)
    port = free_port()
    handlers: list[Any] = [(evt.EVT_C_FIND, find)]
    handlers += [] if move is None else [(evt.EVT_C_MOVE, move)]
    server = entity.start_server(("127.0.0.1", port), block=False, evt_handlers=handlers)
    try:
        yield port
    finally:
        server.shutdown()


def refusing(event: evt.Event) -> Iterator[tuple[int, None]]:
    yield 0xA700, None


def test_a_query_that_fails_is_one_error(shortaxis: Callable[..., Run], tmp_path: Path) -> None:
    with bad_archive(refusing) as port:
        here = Here(tmp_path, port)
        run = shortaxis("serve", "retrieve", here.config, "--from", "pacs", "--date", "20260101")

    assert run.code == 1
    assert "status A700" in run.err
    assert run.err.count("error:") == 1


def silent(event: evt.Event) -> Iterator[tuple[int, None]]:
    time.sleep(1.5)
    yield 0, None


def listing_nothing_usable(event: evt.Event) -> Iterator[tuple[int, Dataset]]:
    for words in ({"StudyInstanceUID": "", "ModalitiesInStudy": "NM"}, {"Modality": "NM"}):
        result = Dataset()
        for keyword, value in words.items():
            setattr(result, keyword, value)
        yield 0xFF00, result


def listing_nothing(event: evt.Event) -> Iterator[tuple[int, None]]:
    yield 0, None


@pytest.mark.parametrize(
    ("find", "code", "words"),
    [(silent, 1, "no answer in time"), (listing_nothing_usable, 0, ""), (listing_nothing, 0, "")],
)
def test_an_archive_that_is_silent_or_has_nothing_usable(
    shortaxis: Callable[..., Run], tmp_path: Path, find: Answer, code: int, words: str
) -> None:
    with bad_archive(find) as port:
        here = Here(tmp_path, port)
        here.config.write_text(here.config.read_text().replace("timeout_s = 5", "timeout_s = 1"))
        run = shortaxis(
            "serve", "retrieve", here.config, "--from", "pacs", "--date", "20260101", "--json"
        )

    assert run.code == code
    assert words in run.out + run.err
    if not code:
        assert run.json == {"found": 0, "here": 0, "retrieved": 0, "failed": []}


def listing_a_series(event: evt.Event) -> Iterator[tuple[int, Dataset]]:
    result = Dataset()
    result.StudyInstanceUID, result.SeriesInstanceUID = "1.2.3", "1.2.3.4"
    result.SOPInstanceUID, result.Modality, result.ModalitiesInStudy = "1.2.3.4.5", "NM", "NM"
    yield 0xFF00, result


def claiming_to_have_sent(event: evt.Event) -> Iterator[Any]:
    yield "127.0.0.1", 9, {"contexts": []}
    yield 0
    yield 0, None


def test_an_archive_that_says_it_sent_what_did_not_come_is_told(
    shortaxis: Callable[..., Run], tmp_path: Path
) -> None:
    with bad_archive(listing_a_series, claiming_to_have_sent) as port:
        here = Here(tmp_path, port)
        run = shortaxis(
            "serve", "retrieve", here.config, "--from", "pacs", "--date", "20260101", "--json"
        )

    assert run.code == 1
    assert (run.json["found"], run.json["retrieved"]) == (1, 0)
    assert "1.2.3" not in run.out + run.err


def test_nobody_at_the_archive_is_one_error(shortaxis: Callable[..., Run], tmp_path: Path) -> None:
    here = Here(tmp_path, free_port())

    run = shortaxis("serve", "retrieve", here.config, "--from", "pacs", "--date", "20260101")
    unknown = shortaxis("serve", "retrieve", here.config, "--from", "else", "--date", "20260101")

    assert (run.code, unknown.code) == (1, 2)
    assert "no association" in run.err
    assert "no archive is called that" in unknown.err


@pytest.mark.parametrize("typed", ["20260101", "20260101-", "-20260131", "20260101-20260131"])
def test_days_and_ranges_are_taken(typed: str) -> None:
    assert require_dates(typed) == typed


@pytest.mark.parametrize("typed", ["", "-", "2026", "20261301", "20260101-20260102-20260103", "*"])
def test_what_is_no_day_is_refused(typed: str) -> None:
    with pytest.raises(OptionError, match="no day"):
        require_dates(typed)


@pytest.mark.parametrize("patient_id", ["", "*", "PID?", "a\\b"])
def test_a_patient_who_would_match_others_is_not_sought(tmp_path: Path, patient_id: str) -> None:
    study = new_study()
    study.add_new("PatientID", "LO", patient_id.split("\\"))
    study.save_as(tmp_path / "stress.dcm")

    assert patient_without_rest([tmp_path / "stress.dcm"]) is None


def test_who_has_both_needs_nothing(tmp_path: Path) -> None:
    sought = patient_without_rest([DEMO / "study.dcm"])

    assert sought is not None
    assert patient_without_rest([DEMO / "study.dcm", DEMO / "rest.dcm"]) is None


def test_an_archive_that_matches_loosely_is_not_followed() -> None:
    sought = patient_without_rest([DEMO / "study.dcm"])
    assert sought is not None
    same, other = Dataset(), Dataset()
    same.PatientID, other.PatientID = sought.patient_id, f"{sought.patient_id}0"

    assert is_of_patient(same, sought)
    assert not is_of_patient(other, sought)


def test_series_along_the_heart_and_of_other_modalities_are_left_out() -> None:
    study = Dataset()
    study.StudyInstanceUID = "1.2.3"
    listed = []
    for number, (modality, words) in enumerate(
        [("NM", "REST TRANSAXIAL"), ("NM", "STRESS SA"), ("CT", "AC CT"), ("PT", "STRESS RB82")]
    ):
        series = Dataset()
        series.SeriesInstanceUID = f"1.2.3.{number}"
        series.Modality, series.SeriesDescription = modality, words
        listed.append(series)

    found = series_found(study, listed)

    assert [(each.series_uid, each.condition) for each in found] == [
        ("1.2.3.0", StudyCondition.REST),
        ("1.2.3.3", StudyCondition.STRESS),
    ]
