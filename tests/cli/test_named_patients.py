"""Who a patient is stands in DICOM headers alone: no picture, page, table, message or name tells.

Every verb reads the same exams as those of two patients. What it writes must be the same to the
last bit, which is stronger than to look for words: a picture has no words to look for.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import struct
import zlib
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import nibabel as nib
import pydicom
import pytest

from named_patients import PATIENTS, NamedPatient, write_named_pair, write_named_raw
from nm_object import save_object
from shortaxis.processes.pool import Pool
from shortaxis.workflow.batch import workforce
from verb_run import Run

BOTH = (PATIENTS[0], PATIENTS[1])

VERBS = {
    "reorient": ("reorient", "in/study.dcm", "-o", "out", "--format", "dicom,nifti"),
    "reorient a folder": ("reorient", "in", "-o", "out", "--json"),
    "quantify": ("quantify", "in/study.dcm", "--rest", "in/rest.dcm", "-o", "out"),
    "report": ("report", "in/study.dcm", "in/rest.dcm", "-o", "out"),
    "consistency": ("consistency", "in/study.dcm", "-o", "out", "--motions", "2"),
    "reconstruct": ("reconstruct", "in-raw/raw.dcm", "-o", "out", "--method", "fbp"),
    "wall": ("wall", "in/study.dcm", "-o", "out"),
    "info": ("info", "in"),
    "info as JSON": ("info", "in", "--json"),
}

INPUTS = {"in", "in-raw"}

TIMED = {"record.json", "results.parquet", "cohort.html"}
"""Of a batch: how long each study took, and where it lay; searched for words alone."""

IDENTITY_IS_THE_PATIENTS_OWN = ".dcm"

REPORTED_PICTURES = ("slices.dcm", "polar_maps.dcm")


def outcome(shortaxis: Any, folder: Path, verb: tuple[str, ...]) -> tuple[Run, dict[str, bytes]]:
    """Run a verb in a folder; what it said, and every file that it wrote."""
    os.chdir(folder)
    run = shortaxis(*verb)
    return run, {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.relative_to(folder).parts[0] not in INPUTS
    }


@pytest.fixture
def pairs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """A folder for each patient, with the exams in ``in``."""
    monkeypatch.chdir(tmp_path)
    # A PDF holds when it was made.
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    folders = [tmp_path / "first", tmp_path / "other"]
    for folder, patient in zip(folders, BOTH, strict=True):
        write_named_pair(folder / "in", patient)
    return folders


def found_words(texts: list[bytes]) -> list[str]:
    """Words of either patient that any of the texts holds, in either case."""
    words = {word for patient in BOTH for word in patient.words}
    return [word for word in words for text in texts if word.lower().encode() in text.lower()]


def readable(content: bytes, name: str) -> list[bytes]:
    """A file as it is, and what is packed in it."""
    found = [content]
    if name.endswith(".png"):
        found += text_of_png(content)
    if name.endswith(".pdf"):
        found += streams_of_pdf(content)
    if name.endswith(".gz"):
        found.append(zlib.decompress(content, wbits=31))
    return found


def text_of_png(content: bytes) -> Iterator[bytes]:
    """Every chunk of a PNG file but its pixels, unpacked (PNG specification, 11.3.3)."""
    place = 8
    while place < len(content):
        length, kind = struct.unpack(">I4s", content[place : place + 8])
        chunk = content[place + 8 : place + 8 + length]
        if kind == b"zTXt":
            yield zlib.decompress(chunk.partition(b"\0")[2][1:])
        elif kind not in (b"IDAT", b"PLTE"):
            yield chunk
        place += 12 + length


def streams_of_pdf(content: bytes) -> Iterator[bytes]:
    for packed in re.findall(rb"stream\r?\n(.*?)endstream", content, re.DOTALL):
        unpacker = zlib.decompressobj()
        try:
            yield unpacker.decompress(packed)
        except zlib.error:
            continue


@pytest.mark.parametrize("name", VERBS)
def test_two_patients_with_the_same_exams_get_the_same_files_and_words(
    shortaxis: Any, pairs: list[Path], name: str
) -> None:
    if name == "reconstruct":
        for folder, patient in zip(pairs, BOTH, strict=True):
            write_named_raw(folder / "in-raw", patient)

    (run, files), (other_run, other_files) = (
        outcome(shortaxis, folder, VERBS[name]) for folder in pairs
    )

    assert run.code == other_run.code == 0, run.err
    assert (run.out, run.err) == (other_run.out, other_run.err)
    assert list(files) == list(other_files)
    different = [path for path in files if files[path] != other_files[path]]
    assert [path for path in different if not path.endswith(IDENTITY_IS_THE_PATIENTS_OWN)] == []
    told = [run.out.encode(), run.err.encode(), "\n".join(files).encode()]
    for path, content in files.items():
        if not path.endswith(IDENTITY_IS_THE_PATIENTS_OWN):
            told += readable(content, path)
    assert found_words(told) == []


def test_what_is_searched_would_be_found() -> None:
    # A test of the search itself: each kind of file with a name in it.
    name = BOTH[0].family.encode()
    png = b"\x89PNG\r\n\x1a\n"
    text = b"Comment\0\0" + zlib.compress(name)
    png += struct.pack(">I4s", len(text), b"zTXt") + text + b"\0\0\0\0"
    pdf = b"stream\n" + zlib.compress(b"(" + name + b") Tj") + b"\nendstream"
    gz = zlib.compressobj(wbits=31)

    for content, path in (
        (png, "a.png"), (pdf, "a.pdf"), (gz.compress(name) + gz.flush(), "a.nii.gz"),
        (name.upper(), "a.csv"),
    ):  # fmt: skip
        assert found_words(readable(content, path)) == [BOTH[0].family], path


def test_documents_show_the_same_and_the_slices_keep_whose_they_are(
    shortaxis: Any, pairs: list[Path]
) -> None:
    written = []
    for folder, patient in zip(pairs, BOTH, strict=True):
        outcome(shortaxis, folder, VERBS["report"])
        found = {path.name: pydicom.dcmread(path) for path in (folder / "out").glob("*.dcm")}
        assert {each.PatientID for each in found.values()} == {patient.patient_id}
        written.append(found)

    first, other = written
    assert set(first) >= {*REPORTED_PICTURES, "report.dcm", "measurements.dcm"}
    for name in REPORTED_PICTURES:
        assert first[name].PixelData == other[name].PixelData
    assert first["report.dcm"].EncapsulatedDocument == other["report.dcm"].EncapsulatedDocument
    told = [str(each["measurements.dcm"].ContentSequence).encode() for each in written]
    assert found_words(told) == []


@pytest.fixture(scope="module")
def local() -> Iterator[Pool]:
    """A worker for all batches: what it imports takes seconds."""
    with Pool(1) as pool:
        yield pool


@pytest.mark.parametrize(
    ("options", "with_header"),
    [(("--with", "sheet,quantify"), True), (("--with", "quantify", "--deidentify"), False)],
    ids=["named", "without names"],
)
def test_a_batch_names_nobody(
    shortaxis: Any,
    local: Pool,
    pairs: list[Path],
    options: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
    *,
    with_header: bool,
) -> None:
    monkeypatch.setattr(workforce, "Pool", lambda *_: nullcontext(local))
    verb = ("batch", "in", "-o", "out", *options)

    (run, files), (other_run, other_files) = (outcome(shortaxis, folder, verb) for folder in pairs)

    assert run.code == other_run.code == 0, run.err + run.out
    told = [
        run.out.encode(),
        run.err.encode(),
        *map(str.encode, files),
        *map(str.encode, other_files),
    ]
    for written in (files, other_files):
        for path, content in written.items():
            if not (with_header and path.endswith(IDENTITY_IS_THE_PATIENTS_OWN)):
                told += readable(content, path)
    assert found_words(told) == []
    if with_header:
        same = {path for path in files if files[path] == other_files[path]}
        kinds = {path for path in files if Path(path).name not in TIMED}
        assert {path for path in kinds - same if not path.endswith(".dcm")} == set()
        assert any(path.endswith("review.png") for path in same)


def refused(folder: Path, patient: NamedPatient) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Files that no verb can take, each for another reason, and what is asked of them."""
    study = pydicom.dcmread(folder / "in" / "study.dcm")
    del study.DetectorInformationSequence
    save_object(study, folder / "in" / "lost" / "study.dcm")
    yield "geometry", ("reorient", "in/lost", "-o", "out")
    study = pydicom.dcmread(folder / "in" / "study.dcm")
    study.Rows = 3
    save_object(study, folder / "in" / "short" / "study.dcm")
    yield "pixels", ("reorient", "in/short", "-o", "out")
    study = pydicom.dcmread(folder / "in" / "study.dcm")
    study.SeriesDescription = f"SHORT AXIS {patient.family}"
    save_object(study, folder / "in" / "cut" / "study.dcm")
    yield "short axis", ("reorient", "in/cut", "-o", "out")
    content = (folder / "in" / "study.dcm").read_bytes()
    (folder / "in" / "torn").mkdir()
    (folder / "in" / "torn" / "study.dcm").write_bytes(content[:1500])
    yield "torn", ("info", "in/torn")
    rest = pydicom.dcmread(folder / "in" / "rest.dcm")
    rest.PatientID, rest.PatientBirthDate = f"{patient.patient_id}-2", "19010101"
    save_object(rest, folder / "in" / "rest2" / "rest.dcm")
    yield "pair", ("report", "in/study.dcm", "in/rest2/rest.dcm", "-o", "out")
    yield "normals", ("quantify", "in/study.dcm", "-o", "out", "--normals", "in/study.dcm")
    yield "pose", ("reorient", "in/study.dcm", "-o", "out", "--pose", "in/study.dcm")


def test_errors_name_nobody(shortaxis: Any, pairs: list[Path]) -> None:
    told: list[list[str]] = []
    for folder, patient in zip(pairs, BOTH, strict=True):
        runs = []
        for reason, verb in refused(folder, patient):
            os.chdir(folder)
            plain = shortaxis(*verb)
            as_json = shortaxis(*verb, "--json")
            assert plain.code == as_json.code, reason
            runs += [f"{reason} {plain.code}", plain.out, plain.err, as_json.out, as_json.err]
            shutil.rmtree(folder / "out", ignore_errors=True)
        told.append(runs)

    assert found_words([text.encode() for text in told[0] + told[1]]) == []
    assert told[0] == told[1]
    assert sum(text.endswith(" 0") for text in told[0][::5]) <= 1  # all but the listing are refused


def test_the_volumes_of_nifti_hold_no_words_of_the_header(
    shortaxis: Any, pairs: list[Path]
) -> None:
    outcome(shortaxis, pairs[0], VERBS["reorient"])

    header = nib.load(pairs[0] / "out" / "short_axis.nii.gz").header
    words = b" ".join(header[name].tobytes() for name in ("descrip", "aux_file", "db_name"))
    assert found_words([words, *(each.get_content() for each in header.extensions)]) == []


def test_review_exports_and_the_worklist_name_nobody(shortaxis: Any, pairs: list[Path]) -> None:
    pytest.importorskip("fastapi", reason="the review page needs FastAPI")
    pytest.importorskip("httpx2", reason="the tests of the review page need httpx2")
    from datetime import UTC, datetime

    from fastapi.testclient import TestClient

    from shortaxis.review.app import create_app
    from shortaxis.review.session import ReviewSession
    from shortaxis.review.store import ReviewStore
    from shortaxis.review.worklist import entries_of
    from shortaxis.workflow.studies.finding import find_studies

    noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    told = []
    for folder in pairs:
        os.chdir(folder)
        out = folder / "out"
        out.mkdir()
        entries = entries_of(find_studies(Path("in")))
        session = ReviewSession(
            entries, ReviewStore(out / "reviews.sqlite"), out, clock=lambda: noon
        )
        app = create_app(session, Path("in"), "token", frozenset({"127.0.0.1:8042"}))
        client = TestClient(app, base_url="http://127.0.0.1:8042/token/")
        rows = client.get("api/worklist").json()
        texts = [json.dumps(rows)]
        for row in rows:
            record = client.get(f"api/studies/{row['study']}").json()
            body = {"action": "accept", "version": record["version"], "reviewer": "A. Reader"}
            answer = client.post(f"api/studies/{row['study']}/decision", json=body)
            assert answer.status_code == 200, answer.text
            texts += [json.dumps(record), answer.text]
        texts += sorted(str(path.relative_to(out)) for path in out.rglob("*"))
        # The key of a study follows from where its file lies.
        for number, row in enumerate(rows):
            texts = [text.replace(row["study"], f"study {number}") for text in texts]
        told.append(texts)
        content = [
            each for path in sorted(out.rglob("*"))
            if path.is_file() and path.suffix != ".dcm"
            for each in readable(path.read_bytes(), path.name)
        ]  # fmt: skip
        assert found_words([*content, *map(str.encode, texts)]) == []
    assert told[0] == told[1]
