"""Studies that come from a DICOMweb server: whole, or one error that tells no identifiers."""

from __future__ import annotations

import re
import shutil
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pydicom
import pytest
from pydicom import Dataset
from pydicom.uid import NuclearMedicineImageStorage

pytest.importorskip("dicomweb_client", reason="DICOMweb as a source needs the extra web")

from repository import DEMO
from shortaxis.dicom.elements.part10 import file_meta_of
from shortaxis.errors import WebServerError
from shortaxis.web import client as web_client
from shortaxis.web import peer_time, storing_back
from shortaxis.web.address import WebAddress, read_address
from shortaxis.web.client import WebClient
from shortaxis.web.credentials import AUTHORITY, trusted_context
from shortaxis.web.fetching import fetch_query, fetch_study
from verb_run import Run
from web_origin import Origin, part10_bytes, running_origin

ANY_UID = r"\d+(\.\d+){4,}"


def nm(study: int = 1, number: int = 1, modality: str = "NM") -> Dataset:
    """An object of four pixels."""
    dataset = Dataset()
    dataset.SOPClassUID = NuclearMedicineImageStorage
    dataset.PatientName, dataset.PatientID, dataset.Modality = "Doe^Jane", "PID-1234", modality
    dataset.StudyInstanceUID = f"1.2.3.4.5.{study}"
    dataset.SeriesInstanceUID = f"1.2.3.4.5.{study}.{modality == 'NM':d}"
    dataset.SOPInstanceUID = f"{dataset.SeriesInstanceUID}.{number}"
    dataset.Rows = dataset.Columns = 2
    dataset.BitsAllocated = dataset.BitsStored = 16
    dataset.HighBit, dataset.PixelRepresentation, dataset.SamplesPerPixel = 15, 0, 1
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.PixelData = bytes(range(8))
    dataset.file_meta = file_meta_of(dataset)
    return dataset


@pytest.fixture(autouse=True)
def hasty_and_unknown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(web_client, "RETRY_DELAYS_S", (0.0, 0.01))
    monkeypatch.setenv("NETRC", str(tmp_path / "no-netrc"))
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))


@pytest.fixture
def origin() -> Iterator[Origin]:
    with running_origin(Origin([nm()])) as running:
        yield running


def asking(origin: Origin, what: str = "/1.2.3.4.5.1", timeout_s: float = 5.0) -> WebClient:
    address = read_address(Path(origin.address + what))
    return WebClient(address, "", trusted_context({}), timeout_s)


def files_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_what_comes_is_what_is_kept_there(origin: Origin, tmp_path: Path) -> None:
    origin.objects = [nm(number=1), nm(number=2), nm(modality="CT"), nm(study=2)]

    count = fetch_study(asking(origin), "1.2.3.4.5.1", tmp_path / "here")

    files = files_in(tmp_path / "here")
    assert count == len(files) == 2
    assert {path.read_bytes()[132:] for path in files} == {
        part10_bytes(each)[132:] for each in origin.objects[:2]
    }
    assert not any(re.search(r"1\.2\.3|Doe|PID", str(path)) for path in files)
    assert origin.hosts == {f"127.0.0.1:{origin.port}"}


@pytest.mark.parametrize("faults", [{"page": 1}, {"ignores_offset": True}])
def test_lists_of_any_length_are_read_to_their_end(
    origin: Origin, tmp_path: Path, faults: dict[str, Any]
) -> None:
    origin.objects = [nm(number=number) for number in range(3)]
    for name, value in faults.items():
        setattr(origin, name, value)

    assert fetch_study(asking(origin), "1.2.3.4.5.1", tmp_path / "here") == 3


def test_a_server_that_was_busy_is_asked_again(origin: Origin, tmp_path: Path) -> None:
    origin.status_of = {"/series": [503, 429], "/1.2.3.4.5.1.1.1": [500]}

    assert fetch_study(asking(origin), "1.2.3.4.5.1", tmp_path / "here") == 1


FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "wrong credentials": ({"password": "Bearer x"}, "refuses who asks"),
    "wrong root": ({"status_of": {"/series": [404]}}, "wrong root"),
    "busy for long": ({"status_of": {"/series": [503] * 9}}, "busy or has a fault"),
    "elsewhere": ({"moved": "http://127.0.0.1:9/login?PatientID=PID-1234"}, "not followed"),
    "a page": ({"body": b"<html>PID-1234</html>"}, "makes no sense"),
    "a list of nothing": ({"body": b"[{}]"}, "without its UID"),
    "a number": ({"body": b"3"}, "makes no sense"),
    "deep nonsense": ({"body": b"[" * 100_000}, "makes no sense"),
    "an empty list": ({"objects": []}, "the study is not there"),
    "images of another kind": ({"objects": [nm(modality="CT")]}, "the study is not there"),
    "cut pixels": ({"cut": 13}, "does not come whole"),
    "cut headers": ({"cut": 400}, "makes no sense"),
    "gone": ({"status_of": {"/1.2.3.4.5.1.1.1": [404] * 9}}, "a study that is gone"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_bad_peer_is_one_error_and_nothing_is_left(
    shortaxis: Callable[..., Run], origin: Origin, tmp_path: Path, fault: str
) -> None:
    values, words = FAULTS[fault]
    for name, value in values.items():
        setattr(origin, name, value)

    run = shortaxis("reorient", f"{origin.address}/1.2.3.4.5.1", "--out", tmp_path / "out")

    assert run.code == 1
    assert re.search(words, run.err)
    assert run.err.count("error:") == 1
    assert f"http://127.0.0.1:{origin.port}/rs/studies/...: " in run.err
    assert not re.search(rf"{ANY_UID}|Doe|PID-|Traceback", run.out + run.err)
    assert not files_in(tmp_path)
    assert not list((tmp_path / "temporary").iterdir())


def test_a_server_that_drips_has_failed(
    origin: Origin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(peer_time, "LEAST_BYTES_PER_S", 1e9)
    monkeypatch.setattr(web_client, "RETRY_DELAYS_S", ())
    origin.drip_s = 0.05

    with pytest.raises(WebServerError, match="too slowly"):
        fetch_study(asking(origin, timeout_s=0.2), "1.2.3.4.5.1", tmp_path / "here")


def test_an_answer_without_end_is_not_read(
    origin: Origin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web_client, "largest_input_bytes", lambda: 1 << 20)
    origin.body = b" " * (3 << 20)

    with pytest.raises(WebServerError, match="more than 1 MB"):
        fetch_study(asking(origin), "1.2.3.4.5.1", tmp_path / "here")


def test_nobody_at_the_address(shortaxis: Callable[..., Run], tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        run = shortaxis(
            "info", f"dicomweb+http://127.0.0.1:{port}/rs/studies/1.2.3.4.5.1", "--json"
        )

    assert run.code == 1
    (error,) = run.json["errors"]
    assert error["found"] == "Connection refused"
    assert "mistyped host or port" in error["cause"]


@pytest.mark.parametrize(
    "verb", ["info", "reorient", "reconstruct", "quantify", "wall", "consistency", "report"]
)
def test_each_verb_that_reads_a_study_takes_an_address(
    shortaxis: Callable[..., Run], origin: Origin, tmp_path: Path, verb: str
) -> None:
    origin.objects = []
    study = f"{origin.address}/1.2.3.4.5.1"
    out = [] if verb == "info" else ["--out", tmp_path / "out"]

    run = shortaxis(verb, study, *([study] if verb == "report" else []), *out)

    assert run.code == 1
    assert "the study is not there" in run.err


def test_an_earlier_exam_may_be_named_by_its_address(
    shortaxis: Callable[..., Run], origin: Origin, tmp_path: Path
) -> None:
    earlier = pydicom.dcmread(DEMO / "rest.dcm")
    earlier.StudyInstanceUID = "1.2.3.4.5.1"
    earlier.StudyDate = earlier.SeriesDate = earlier.AcquisitionDate = "20200103"
    origin.objects = [earlier]

    run = shortaxis(
        "report", DEMO / "rest.dcm", "-o", tmp_path / "out", "--json",
        "--prior", f"{origin.address}/1.2.3.4.5.1",
    )  # fmt: skip

    # It is the same exam in another study, and the fault names the server, not a folder here.
    assert run.code == 2
    assert "are the same exam" in run.out
    assert str(tmp_path) not in run.out
    assert not files_in(tmp_path / "temporary")


def test_a_server_without_tls_is_not_asked_in_the_clear(origin: Origin, tmp_path: Path) -> None:
    address = WebAddress(f"https://127.0.0.1:{origin.port}/rs", "1.2.3.4.5.1")
    secured = WebClient(address, "Bearer secret", ssl.create_default_context(), 5.0)

    with pytest.raises(WebServerError, match="cannot be trusted"):
        fetch_study(secured, "1.2.3.4.5.1", tmp_path / "here")

    assert not origin.asked


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An authority, a server that it vouches for under the name localhost, and a stranger."""
    if shutil.which("openssl") is None:
        pytest.skip("certificates are made by openssl")
    folder = tmp_path_factory.mktemp("certificates")
    for name in ("server", "stranger"):
        command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
        command += ["-keyout", f"{name}.key", "-out", f"{name}.pem", "-subj", "/CN=localhost"]
        command += ["-addext", "subjectAltName=DNS:localhost"]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return folder


@pytest.mark.parametrize(
    ("host", "trusted", "is_right"),
    [
        ("localhost", "server", True),
        ("localhost", "stranger", False),
        ("localhost", "", False),
        ("127.0.0.1", "server", False),
    ],
    ids=["right", "of another authority", "of nobody known", "of another host"],
)
def test_certificates_are_checked(
    certificates: Path, tmp_path: Path, host: str, trusted: str, is_right: bool
) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificates / "server.pem", certificates / "server.key")
    stated = {AUTHORITY: str(certificates / f"{trusted}.pem")} if trusted else {}

    with running_origin(Origin([nm()]), tls) as origin:
        address = WebAddress(f"https://{host}:{origin.port}/rs", "1.2.3.4.5.1")
        client = WebClient(address, "", trusted_context(stated), 5.0)
        if is_right:
            count = fetch_study(client, "1.2.3.4.5.1", tmp_path / "here")
        else:
            with pytest.raises(WebServerError, match="cannot be trusted"):
                fetch_study(client, "1.2.3.4.5.1", tmp_path / "here")
            count = 0

    assert count == is_right
    assert bool(origin.asked) == is_right


def test_an_object_that_arrives_meanwhile_is_fetched_too(origin: Origin, tmp_path: Path) -> None:
    def arrive() -> None:
        origin.objects = [nm(number=1), nm(number=2)]

    origin.after_each = arrive

    assert fetch_study(asking(origin), "1.2.3.4.5.1", tmp_path / "here") == 2


def test_a_study_that_does_not_come_to_rest_is_refused(origin: Origin, tmp_path: Path) -> None:
    def grow() -> None:
        origin.objects.append(nm(number=len(origin.objects) + 1))

    origin.after_each = grow

    with pytest.raises(WebServerError, match="changes while it is read"):
        fetch_study(asking(origin), "1.2.3.4.5.1", tmp_path / "here")


def test_a_query_is_resumed_and_what_changed_is_fetched_anew(
    origin: Origin, tmp_path: Path
) -> None:
    origin.objects = [nm(study=1), nm(study=2), nm(study=3, modality="CT")]
    query = asking(origin, "?ModalitiesInStudy=NM")
    first = list(fetch_query(query, tmp_path / "here"))
    origin.asked.clear()

    again = list(fetch_query(query, tmp_path / "here"))
    fetched_again = [each for each in origin.asked if "/instances/" in each]
    origin.objects.append(nm(study=2, number=2))
    list(fetch_query(query, tmp_path / "here"))

    assert first == again == [None, None]
    assert not fetched_again
    assert len(files_in(tmp_path / "here")) == 3
    assert "ModalitiesInStudy=NM" in origin.asked[0]


def test_one_study_that_does_not_come_does_not_stop_the_others(
    origin: Origin, tmp_path: Path
) -> None:
    origin.objects = [nm(study=number) for number in (1, 2, 3)]
    origin.status_of = {"/1.2.3.4.5.2.1.1": [404]}

    outcomes = list(fetch_query(asking(origin, "?ModalitiesInStudy=NM"), tmp_path / "here"))

    assert [each is None for each in outcomes] == [True, False, True]
    assert len(files_in(tmp_path / "here")) == 2


def test_a_server_that_gives_nothing_is_not_asked_a_hundred_times(
    origin: Origin, tmp_path: Path
) -> None:
    origin.objects = [nm(study=number) for number in range(100)]
    origin.status_of = {"/series": [404] * 100}

    with pytest.raises(WebServerError, match="wrong root"):
        list(fetch_query(asking(origin, "?ModalitiesInStudy=NM"), tmp_path / "here"))

    assert len(origin.asked) < 10


def test_an_empty_query_is_told(origin: Origin, tmp_path: Path) -> None:
    with pytest.raises(WebServerError, match="no study answers the query"):
        list(fetch_query(asking(origin, "?ModalitiesInStudy=PT"), tmp_path / "here"))


def test_a_query_is_for_batches(shortaxis: Callable[..., Run], origin: Origin) -> None:
    run = shortaxis("info", f"{origin.address}?ModalitiesInStudy=NM")

    assert run.code == 2
    assert "shortaxis batch takes queries" in run.err


def test_info_shows_a_study_of_the_server(shortaxis: Callable[..., Run], origin: Origin) -> None:
    study = pydicom.dcmread(DEMO / "study.dcm")
    origin.objects, origin.password = [study], "Basic am9lOmZpdmU="
    variables = {"SHORTAXIS_DICOMWEB_USER": "joe", "SHORTAXIS_DICOMWEB_PASSWORD": "five"}

    with pytest.MonkeyPatch.context() as stated:
        for name, value in variables.items():
            stated.setenv(name, value)
        run = shortaxis("info", f"{origin.address}/{study.StudyInstanceUID}", "--json")

    assert run.code == 0
    (there,) = run.json["studies"]
    here = shortaxis("info", DEMO / "study.dcm", "--json").json["studies"][0]
    assert {**there, "files": None} == {**here, "files": None}


def test_a_batch_takes_a_query_and_ends_with_one_where_a_study_is_missing(
    shortaxis: Callable[..., Run], origin: Origin, tmp_path: Path
) -> None:
    pytest.importorskip("polars", reason="batches need the extra cohort")
    origin.objects = [pydicom.dcmread(DEMO / "study.dcm"), nm(study=2)]
    origin.status_of = {"/1.2.3.4.5.2.1.1": [404]}
    query = f"{origin.address}?ModalitiesInStudy=NM"

    run = shortaxis("batch", query, "--out", tmp_path / "out", "--json")

    (error,) = run.json["errors"]
    assert (run.code, run.json["done"], run.json["failed"]) == (1, 1, 0)
    assert "run the same command again" in error["way_on"]


def test_results_go_back_only_where_a_study_came_from(
    shortaxis: Callable[..., Run], tmp_path: Path
) -> None:
    run = shortaxis("reorient", DEMO / "study.dcm", "--out", tmp_path / "out", "--store-back")

    assert run.code == 2
    assert "INPUT is no address of DICOMweb" in run.err


def test_results_that_are_not_stored_are_told_and_stay(
    origin: Origin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storing_back, "RETRY_DELAYS_S", (0.0,))
    address = read_address(Path(f"{origin.address}/1.2.3.4.5.1"))

    with pytest.raises(WebServerError, match="not stored") as told:
        storing_back.store_back(address, [DEMO / "study.dcm"])

    assert told.value.found == "status 501"
    assert "1.2.3.4" not in str(told.value)
    assert (DEMO / "study.dcm").is_file()


def test_what_is_sent_again_has_the_uids_that_it_had(
    origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storing_back, "RETRY_DELAYS_S", (0.0, 0.0, 0.0))
    address = read_address(Path(f"{origin.address}/1.2.3.4.5.1"))
    files = [DEMO / "study.dcm", DEMO / "rest.dcm"]
    origin.on_store = ["lost", "in part", "a page", "kept"]

    storing_back.store_back(address, files)

    once = [pydicom.dcmread(path).SOPInstanceUID for path in files]
    assert origin.stored == [once] * 4


@pytest.mark.parametrize("becomes", ["lost", "in part", "a page"])
def test_a_store_without_the_word_for_every_object_is_one_error(
    origin: Origin, monkeypatch: pytest.MonkeyPatch, becomes: str
) -> None:
    monkeypatch.setattr(storing_back, "RETRY_DELAYS_S", (0.0,))
    address = read_address(Path(f"{origin.address}/1.2.3.4.5.1"))
    origin.on_store = [becomes] * 9

    with pytest.raises(WebServerError, match="not stored") as told:
        storing_back.store_back(address, [DEMO / "study.dcm", DEMO / "rest.dcm"])

    assert len(origin.stored) == 2
    assert not re.search(rf"{ANY_UID}|PID-", str(told.value))


def test_without_its_extra_the_error_names_it(
    shortaxis: Callable[..., Run], origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "dicomweb_client", None)
    monkeypatch.delitem(sys.modules, "shortaxis.web.client")
    monkeypatch.delattr("shortaxis.web.client", raising=False)

    run = shortaxis("info", f"{origin.address}/1.2.3.4.5.1")

    assert run.code == 1
    assert "shortaxis[web]" in run.err
