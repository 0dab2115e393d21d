"""Addresses of DICOMweb, and who asks there."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from shortaxis.errors import OptionError
from shortaxis.web.address import is_web_address, read_address
from shortaxis.web.credentials import AUTHORITY, authorization_for, trusted_context

STUDY = "dicomweb+https://pacs.example/dicom-web/studies/1.2.840.1"


def test_a_path_that_lost_a_slash_is_the_same_address() -> None:
    address = read_address(Path(STUDY))

    assert str(Path(STUDY)).startswith("dicomweb+https:/pacs")
    assert (address.root, address.study_uid) == ("https://pacs.example/dicom-web", "1.2.840.1")


def test_a_query_keeps_its_attributes() -> None:
    typed = (
        "dicomweb+http://localhost:8042/rs/studies?ModalitiesInStudy=NM&StudyDate=2026-&00080061"
    )

    address = read_address(Path(typed))

    assert address.root == "http://localhost:8042/rs"
    assert dict(address.query) == {"ModalitiesInStudy": "NM", "StudyDate": "2026-", "00080061": ""}


@pytest.mark.parametrize("typed", ["study.dcm", "./dicomweb+https:", "https://a/studies/1", "a:/b"])
def test_other_paths_are_no_addresses(typed: str) -> None:
    assert not is_web_address(Path(typed))


@pytest.mark.parametrize(
    "typed",
    [
        "dicomweb+https://pacs.example",
        "dicomweb+https://pacs.example/rs/studies",
        "dicomweb+https://pacs.example/rs/series/1.2",
        "dicomweb+https://pacs.example/rs/studies/1.2/series/3",
        "dicomweb+https://pacs.example/rs/studies/Doe^Jane",
        "dicomweb+https://pacs.example/rs/studies/1.2?PatientID=3",
        "dicomweb+https://pacs.example/rs/studies?PatientID=3&limit=3",
        "dicomweb+https://pacs.example:port/rs/studies/1.2",
        "dicomweb+https://me:secret@pacs.example/rs/studies/1.2",
    ],
)
def test_what_is_no_address_is_told_without_what_it_says(typed: str) -> None:
    with pytest.raises(OptionError) as told:
        read_address(Path(typed))

    assert not any(word in str(told.value) for word in ("secret", "Doe", "PatientID"))


def test_nothing_of_the_study_or_the_query_is_shown() -> None:
    one = read_address(Path(STUDY))
    many = read_address(Path("dicomweb+https://pacs.example/rs/studies?PatientName=Doe"))

    assert one.shown == "https://pacs.example/dicom-web/studies/..."
    assert many.shown == "https://pacs.example/rs/studies?..."
    assert "Doe" not in repr(many)


def test_a_token_comes_before_a_password_and_that_before_netrc(tmp_path: Path) -> None:
    address = read_address(Path(STUDY))
    (tmp_path / "token").write_text("abc\n")
    (tmp_path / "netrc").write_text("machine pacs.example login jane password four\n")
    netrc = {"NETRC": str(tmp_path / "netrc")}
    basic = {**netrc, "SHORTAXIS_DICOMWEB_USER": "joe", "SHORTAXIS_DICOMWEB_PASSWORD": "five"}
    token = {**basic, "SHORTAXIS_DICOMWEB_TOKEN_FILE": str(tmp_path / "token")}

    found = [authorization_for(address, each) for each in (netrc, basic, token)]

    expected = [base64.b64encode(each).decode() for each in (b"jane:four", b"joe:five")]
    assert found == [*(f"Basic {each}" for each in expected), "Bearer abc"]


def test_netrc_speaks_of_its_host_alone(tmp_path: Path) -> None:
    (tmp_path / "netrc").write_text("machine other login a password b\ndefault login c password d")

    found = authorization_for(read_address(Path(STUDY)), {"NETRC": str(tmp_path / "netrc")})

    assert found == ""


def test_a_netrc_that_cannot_be_understood_is_told_without_its_words(tmp_path: Path) -> None:
    (tmp_path / "netrc").write_text("machine pacs.example login jane pasword hunter2\n")

    with pytest.raises(OptionError) as told:
        authorization_for(read_address(Path(STUDY)), {"NETRC": str(tmp_path / "netrc")})

    assert "hunter2" not in str(told.value)
    assert "line 1" in str(told.value)


@pytest.mark.parametrize(
    ("host", "travels"), [("127.0.0.1:8042", True), ("[::1]", True), ("localhost", True)]
)
def test_credentials_travel_in_the_clear_within_this_machine_alone(
    host: str, travels: bool
) -> None:
    stated = {"SHORTAXIS_DICOMWEB_USER": "joe", "NETRC": "/nowhere"}
    here = read_address(Path(f"dicomweb+http://{host}/rs/studies/1.2"))
    away = read_address(Path("dicomweb+http://pacs.example/rs/studies/1.2"))

    assert bool(authorization_for(here, stated)) == travels
    with pytest.raises(OptionError, match="in the clear"):
        authorization_for(away, stated)
    assert authorization_for(away, {"NETRC": "/nowhere"}) == ""


def test_certificates_that_are_not_there_are_told(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="cannot be read"):
        trusted_context({AUTHORITY: str(tmp_path / "none.pem")})
