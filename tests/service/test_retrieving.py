"""An archive is asked for what the node has not, and sends it there (PS3.4 annex C)."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pynetdicom", reason="the DICOM node needs pynetdicom")

from pydicom import Dataset
from pynetdicom import AE, evt
from pynetdicom.dsutils import encode
from pynetdicom.sop_class import (
    StudyRootQueryRetrieveInformationModelFind,
    StudyRootQueryRetrieveInformationModelMove,
)

from orthanc_server import OrthancServer, find_orthanc, running_orthanc
from repository import DEMO
from service_peers import WAIT_S, free_port, new_study, send
from shortaxis.dicom.elements.uids import hashed_name
from shortaxis.dicom.received.queries import (
    PatientSought,
    is_of_patient,
    of_one_patient,
    patient_with_exam,
    patient_without_rest,
    prior_dates,
    priors_among,
    require_dates,
    series_found,
    study_query,
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
            f"port = {archive_port}\ntimeout_s = {WAIT_S}\n"
        )
        self.spool = Spool(folder / "spool")
        self.spool.prepare()
        self.journal = Journal(self.spool.journal)

    @contextmanager
    def listening(self) -> Iterator[None]:
        node = Node(port=self.port, network_timeout_s=WAIT_S)
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


def exam_of(patient_id: str, day: str, name: str = "study.dcm") -> Dataset:
    made = new_study(name)
    made.PatientID, made.StudyDate = patient_id, day
    return made


def names_of(*exams: Dataset) -> set[str]:
    return {hashed_name(each.SOPInstanceUID) for each in exams}


def seek_priors(shortaxis: Callable[..., Run], here: Here, *more: str) -> Run:
    return shortaxis("serve", "retrieve", here.config, "--from", "pacs", "--prior-exams", *more)


@pytest.mark.system
@pytest.mark.parametrize("way", [(), ("--get",)])
def test_earlier_exams_of_a_patient_come_once_and_nothing_else_does(
    shortaxis: Callable[..., Run], orthanc: OrthancServer, here: Here, way: tuple[str, ...]
) -> None:
    here_already = new_study()
    patient = here_already.PatientID
    here_already.StudyDate = "20260110"
    stress, rest = exam_of(patient, "20230405"), exam_of(patient, "20230405", "rest.dcm")
    ours = exam_of(patient, "20230405")
    ours.Manufacturer = "ShortAxis"
    others = [
        exam_of(patient, "20260110", "rest.dcm"),  # the same day
        exam_of(patient, "20260301"),  # later
        exam_of(patient, "20201231"),  # too long ago
        exam_of(patient, ""),
        exam_of(f"{patient}0", "20230405"),
    ]
    for each in (here_already, stress, rest, ours, *others):
        orthanc.post("/instances", stored(each))
    send(here.port, [here_already])

    dry = seek_priors(shortaxis, here, *way, "--dry-run", "--json")
    before = here.objects()
    first = seek_priors(shortaxis, here, *way, "--json")
    again = seek_priors(shortaxis, here, *way, "--json")
    further = seek_priors(shortaxis, here, "--years", "6", "--dry-run", "--json")

    assert (dry.json, before) == (
        {"found": 2, "here": 0, "missing": 2, "failed": []},
        names_of(here_already),
    )
    assert first.json == {"found": 2, "here": 0, "retrieved": 2, "failed": []}
    # The exams that came are within years of one that is not within years of the newest.
    assert again.json == {"found": 2, "here": 2, "retrieved": 0, "failed": []}
    assert further.json == {"found": 3, "here": 2, "missing": 1, "failed": []}
    assert here.objects() == names_of(here_already, stress, rest)
    assert patient not in first.out + first.err


@pytest.mark.system
def test_what_came_as_a_prior_exam_is_not_gone_back_from_when_the_newer_one_is_gone(
    shortaxis: Callable[..., Run], orthanc: OrthancServer, here: Here
) -> None:
    newest = new_study()
    newest.StudyDate = "20260110"
    prior, older = exam_of(newest.PatientID, "20230405"), exam_of(newest.PatientID, "20190405")
    for each in (newest, prior, older):
        orthanc.post("/instances", stored(each))
    send(here.port, [newest])
    first = seek_priors(shortaxis, here, "--json")
    with sqlite3.connect(here.spool.journal) as journal:
        for table in ("objects", "studies"):
            journal.execute(
                f"DELETE FROM {table} WHERE study = ?",  # noqa: S608
                (hashed_name(newest.StudyInstanceUID),),
            )

    again = seek_priors(shortaxis, here, "--json")

    assert first.json["retrieved"] == 1
    assert again.json == {"found": 0, "here": 0, "retrieved": 0, "failed": []}
    assert here.objects() == names_of(prior)


@pytest.mark.system
def test_an_issuer_that_is_known_tells_two_patients_of_one_id_apart(
    shortaxis: Callable[..., Run], orthanc: OrthancServer, here: Here
) -> None:
    held = new_study()
    held.StudyDate, held.IssuerOfPatientID = "20260110", "NORTH"
    same, other = exam_of(held.PatientID, "20230405"), exam_of(held.PatientID, "20230406")
    same.IssuerOfPatientID, other.IssuerOfPatientID = "NORTH", "SOUTH"
    for each in (held, same, other):
        # Orthanc keeps one patient an ID: each study brings its own series and objects.
        orthanc.post("/instances", stored(each))
    send(here.port, [held])

    run = seek_priors(shortaxis, here, "--json")

    assert run.json["retrieved"] == 1
    assert here.objects() == names_of(held, same)


def test_one_kind_of_search_is_asked_for(shortaxis: Callable[..., Run], tmp_path: Path) -> None:
    here = Here(tmp_path, 9)

    both = seek_priors(shortaxis, here, "--missing-rest")
    none = shortaxis("serve", "retrieve", here.config, "--from", "pacs")
    no_years = seek_priors(shortaxis, here, "--years", "0")

    assert (both.code, none.code, no_years.code) == (2, 2, 2)
    assert "--prior-exams" in both.err


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
    # Until it is given up.
    while event.assoc.is_established:
        time.sleep(0.05)
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
        here.config.write_text(
            here.config.read_text().replace(f"timeout_s = {WAIT_S}", "timeout_s = 3")
        )
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


@pytest.mark.parametrize(("patient_id", "day"), [("", "20260110"), ("PID*", "20260110"), ("1", "")])
def test_who_has_no_id_or_no_date_has_no_priors_sought(
    tmp_path: Path, patient_id: str, day: str
) -> None:
    exam_of(patient_id, day).save_as(tmp_path / "stress.dcm")

    assert patient_with_exam([tmp_path / "stress.dcm"]) is None


def listed(day: str, **said: str) -> Dataset:
    result = Dataset()
    result.PatientID, result.StudyDate = "1", day
    for keyword, value in said.items():
        setattr(result, keyword, value)
    return result


def test_priors_are_earlier_by_their_own_dates_whatever_an_archive_matches() -> None:
    patient = PatientSought("1", "19500101", date(2026, 1, 10), "NORTH")
    days = ("20210109", "20210110", "20260109", "20260110", "20260111", "")
    of_others = [
        listed("20250101", PatientBirthDate="19510101"),
        listed("20250101", IssuerOfPatientID="SOUTH"),
        listed("20250101", PatientID="11"),
    ]

    found = priors_among([*map(listed, days), *of_others], patient, 5)

    assert [each.StudyDate for each in found] == ["20210110", "20260109"]
    assert prior_dates(patient.exam_on, 5) == "20210110-20260109"


def test_an_id_of_two_issuers_is_followed_only_where_the_exam_here_names_its_own() -> None:
    found = [
        listed("20250101", IssuerOfPatientID="NORTH"),
        listed("20250102", IssuerOfPatientID="SOUTH"),
    ]

    assert not of_one_patient(found, PatientSought("1", "", date(2026, 1, 10)))
    assert of_one_patient(found[:1], PatientSought("1", "", date(2026, 1, 10))) == found[:1]
    assert not priors_among(found, PatientSought("1", "", date(2026, 1, 10)), 5)
    assert priors_among(found, PatientSought("1", "", date(2026, 1, 10), "SOUTH"), 5) == found[1:]
    assert is_of_patient(found[0], PatientSought("1", "", date(2026, 1, 10), "NORTH"))
    assert not is_of_patient(found[0], PatientSought("1", "", date(2026, 1, 10), "SOUTH"))


@pytest.mark.parametrize(
    "patient_id", ["M\u00fcller-1", "\u041f\u0430\u0446\u0438\u0435\u043d\u04421"]
)
def test_letters_of_an_id_are_sent_as_themselves_and_not_as_a_pattern(patient_id: str) -> None:
    asked = study_query("20200101-20250101", patient_id=patient_id)

    sent = encode(asked, is_implicit_vr=True, is_little_endian=True)

    assert sent is not None
    assert patient_id.encode() in sent
    assert b"?" not in sent


def test_series_along_the_heart_and_of_other_modalities_are_left_out() -> None:
    study = Dataset()
    study.StudyInstanceUID = "1.2.3"
    series_listed = []
    for number, (modality, words) in enumerate(
        [("NM", "REST TRANSAXIAL"), ("NM", "STRESS SA"), ("CT", "AC CT"), ("PT", "STRESS RB82")]
    ):
        series = Dataset()
        series.SeriesInstanceUID = f"1.2.3.{number}"
        series.Modality, series.SeriesDescription = modality, words
        series_listed.append(series)

    found = series_found(study, series_listed)

    assert [(each.series_uid, each.condition) for each in found] == [
        ("1.2.3.0", StudyCondition.REST),
        ("1.2.3.3", StudyCondition.STRESS),
    ]
