"""Many studies by many processes: found, done once, whatever is in the way."""

from __future__ import annotations

import base64
import json
import os
import re
import secrets
import shutil
import signal
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pydicom
import pytest

pytest.importorskip("polars", reason="a batch needs a table library")

import polars

from drawn_study import study_volume
from nm_object import build_nm, build_pet_slices, save_object
from repository import DEMO
from shortaxis.errors import ExistingOutputError, InputNotFoundError, OptionError
from shortaxis.processes.pool import Pool
from shortaxis.workflow.batch import options
from shortaxis.workflow.batch.cohort_page import doubt_of, write_cohort_page
from shortaxis.workflow.batch.options import BatchOptions
from shortaxis.workflow.batch.running import BatchRequest, BatchResult, run_batch
from shortaxis.workflow.batch.tables import COLUMNS, write_results
from shortaxis.workflow.studies.finding import find_studies
from verb_run import run_without

NIFTI = BatchOptions(formats=("nifti",))

STUDIES = 4
"""Enough that a worker is killed amid them."""


@pytest.fixture(scope="module")
def local() -> Iterator[Pool]:
    """A worker for all tests: what it imports takes a second."""
    with Pool(1) as pool:
        yield pool


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """NM, gated NM, PET in two folders, NIfTI, and what is no study."""
    root = tmp_path_factory.mktemp("mixed")
    for name in ("study.dcm", "rest.dcm"):
        (root / "patients").mkdir(exist_ok=True)
        shutil.copy(DEMO / name, root / "patients")
    shutil.copy(DEMO / "study.dcm", root / "a-copy.dcm")
    (root / "0-cut-short.dcm").write_bytes((DEMO / "study.dcm").read_bytes()[:3000])
    volume = study_volume()
    gates = np.round(np.stack([volume.counts * part for part in (0.4, 0.6)]))
    save_object(build_nm(volume, gates=gates, seed="gated"), root / "gated.dcm")
    for number, each in enumerate(build_pet_slices(volume, seed="pet")):
        folder = root / f"pet-{number % 2}"
        folder.mkdir(exist_ok=True)
        save_object(each, folder / f"{number}.dcm")
    affine = np.diag([-6.4, -6.4, 6.4, 1])
    image = nibabel.Nifti1Image(np.moveaxis(volume.counts, 0, -1).swapaxes(0, 1), affine)
    image.header["descrip"] = b"transaxial"
    nibabel.save(image, root / "image.nii.gz")
    empty = build_nm(volume, seed="empty")
    empty.PixelData = np.full_like(empty.pixel_array, 3).tobytes()
    save_object(empty, root / "no-heart.dcm")
    (root / "notes.txt").write_text("nothing")
    return root


def run(local: Pool, inputs: Path, out: Path, options: BatchOptions = NIFTI, **more: Any) -> Any:
    return run_batch(BatchRequest((inputs,), out, options, **more), crew=local)


@pytest.fixture(scope="module")
def batch(
    local: Pool, mixed: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, BatchResult]:
    out = tmp_path_factory.mktemp("batch") / "out"
    return out, run(local, mixed, out)


def test_the_same_studies_are_found_as_one_process_finds(
    batch: tuple[Path, BatchResult], mixed: Path
) -> None:
    found = find_studies(mixed)
    expected = {study.paths[0].name for study in found.studies}
    records = batch[1].records
    assert {Path(record["path"]).name for record in records} == expected
    assert len(records) == len(found.studies) == 6
    skipped = {item.path.name for item in batch[1].skipped}
    assert skipped >= {"0-cut-short.dcm", "notes.txt"}
    # Of two copies either may be the one that is used.
    assert len(skipped & {"study.dcm", "a-copy.dcm"}) == 1


def test_results_are_those_of_reorient(
    batch: tuple[Path, BatchResult], tmp_path: Path, shortaxis: Any
) -> None:
    (record,) = [each for each in batch[1].records if each["path"].endswith("rest.dcm")]
    run = shortaxis("reorient", DEMO / "rest.dcm", "-o", tmp_path / "one", "--format", "nifti")
    assert run.code == 0
    folder = batch[0] / "studies" / record["key"]
    for name in ("short_axis", "vertical_long_axis", "horizontal_long_axis"):
        one, other = (nibabel.load(each / f"{name}.nii.gz") for each in (folder, tmp_path / "one"))
        np.testing.assert_array_equal(one.get_fdata(), other.get_fdata())
        np.testing.assert_array_equal(one.affine, other.affine)
    pose = json.loads((tmp_path / "one" / "pose.json").read_text("utf-8"))
    assert record["theta"] == pose["parameters"]["theta"]
    assert record["flag"] == pose["quality"]["flag"]


def test_one_bad_study_is_a_record_and_stops_nothing(batch: tuple[Path, BatchResult]) -> None:
    (failed,) = [each for each in batch[1].records if each.get("error")]
    assert failed["path"].endswith("no-heart.dcm")
    assert "holds no counts of a heart" in failed["error"]
    assert all(
        each["flag"] in ("accept", "review") for each in batch[1].records if each is not failed
    )


def test_what_is_finished_is_not_done_again_and_what_is_missing_is(
    local: Pool, batch: tuple[Path, BatchResult], mixed: Path
) -> None:
    out, first = batch
    records = {path: path.stat().st_mtime_ns for path in out.glob("studies/*/record.json")}
    again = run(local, mixed, out)
    assert (again.done, again.kept) == (0, 6)
    assert again.records == first.records
    gone = min(records)
    shutil.rmtree(gone.parent)
    (out / ".staging").mkdir(exist_ok=True)
    (out / ".staging" / "half-written").mkdir()
    third = run(local, mixed, out)
    assert (third.done, third.kept) == (1, 5)
    assert gone.exists()
    assert not (out / ".staging").exists()
    for path, at in records.items():
        assert path == gone or path.stat().st_mtime_ns == at


def test_other_users_cannot_read_any_result(batch: tuple[Path, BatchResult]) -> None:
    out, result = batch
    write_results(out, result.rows)
    write_cohort_page(out, result.records, result.skipped)

    paths = [out, *out.rglob("*")]
    assert any(path.name == "short_axis.nii.gz" for path in paths)
    assert not [path for path in paths if stat.S_IMODE(path.stat().st_mode) & 0o077]


def test_other_counts_under_the_same_uids_are_done_again_and_told(
    local: Pool, tmp_path: Path
) -> None:
    studies, out = tmp_path / "studies", tmp_path / "out"
    studies.mkdir()
    for name in ("study.dcm", "rest.dcm"):
        shutil.copy(DEMO / name, studies)
    with_report = BatchOptions(formats=("nifti",), extras=("report",))
    first = run(local, studies, out, with_report)
    (page,) = (out / "reports").glob("*/report.html")
    before = page.stat().st_mtime_ns
    stored = pydicom.dcmread(studies / "rest.dcm")
    stored.PixelData = np.roll(stored.pixel_array, 2, axis=2).tobytes()
    stored.save_as(studies / "rest.dcm")

    again = run(local, studies, out, with_report)

    assert (again.done, again.kept, again.changed) == (1, 1, 1)
    assert page.stat().st_mtime_ns > before
    moved = {
        each["key"]: abs(each["center_x_mm"] - old["center_x_mm"])
        for each, old in zip(again.records, first.records, strict=True)
    }
    by_name = {Path(each["path"]).name: moved[each["key"]] for each in again.records}
    assert by_name["study.dcm"] == 0
    assert by_name["rest.dcm"] > 6
    assert run(local, studies, out, with_report).kept == 2


def test_other_options_need_force_and_other_folders_are_left_alone(
    local: Pool, batch: tuple[Path, BatchResult], tmp_path: Path
) -> None:
    out, _ = batch
    other = BatchOptions(formats=("nifti",), extras=("quantify",), normals="fixed-bands")
    with pytest.raises(ExistingOutputError, match="asked for otherwise"):
        run(local, DEMO, out, other)
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(ExistingOutputError, match="holds no batch"):
        run(local, DEMO, tmp_path)
    first = run(local, DEMO, tmp_path / "new")
    second = run(local, DEMO, tmp_path / "new", other, force=True)
    assert second.done == len(first.records) == 2
    assert all(each["summed_score"] >= 0 for each in second.records)
    # What needs normal limits is not told without them, and the row says why.
    told = {(each["total_perfusion_deficit"], each["limits"]) for each in second.records}
    assert told == {(None, "fixed bands")}
    assert len(list((tmp_path / "new").glob("studies/*/quantification.json"))) == 2


def test_numbers_of_another_convention_of_phases_or_another_wall_are_made_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    onset, peak = (BatchOptions(extras=("quantify",), phase=each) for each in ("onset", "peak"))
    assert (onset.quantify.phase, peak.quantify.phase) == ("onset", "peak")
    first = onset.digest
    assert peak.digest != first
    # Of slices alone neither matters.
    assert BatchOptions(phase="peak").digest == BatchOptions().digest
    monkeypatch.setattr(options, "INSTALLED_WALL_WEIGHTS", {"ventricle": "of another network"})
    assert onset.digest != first
    with pytest.raises(OptionError, match="phase"):
        BatchOptions(phase="first")


def test_nothing_to_do_is_an_error(local: Pool, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputNotFoundError, match="no study"):
        run(local, tmp_path / "empty", tmp_path / "out")
    with pytest.raises(InputNotFoundError, match="does not exist"):
        run(local, tmp_path / "nowhere", tmp_path / "out")


def test_a_worker_that_is_killed_is_survived(local: Pool, tmp_path: Path) -> None:
    studies = tmp_path / "studies"
    studies.mkdir()
    for number in range(STUDIES):
        dataset = pydicom.dcmread(DEMO / "study.dcm")
        for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"):
            setattr(dataset, keyword, pydicom.uid.generate_uid())
        dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
        dataset.save_as(studies / f"{number}.dcm")
    killed: list[int] = []

    class Killer:
        """Told of progress; kills one worker in the middle."""

        def __call__(self, title: str) -> Killer:
            return self

        def __enter__(self) -> Any:
            def update(done: int, total: int) -> None:
                if 0 < done < total and total == STUDIES and not killed:
                    # Other tests of this process may have children, too.
                    (member,) = local._crew.members
                    killed.append(member.worker._process.pid or 0)
                    os.kill(killed[0], signal.SIGKILL)

            return update

        def __exit__(self, *arguments: object) -> None:
            pass

    result = run_batch(BatchRequest((studies,), tmp_path / "out", NIFTI), Killer(), local)
    assert len(killed) == 1
    assert len(result.records) == STUDIES
    assert not any(each.get("error") for each in result.records)


def test_the_table_and_the_page_hold_every_study(
    batch: tuple[Path, BatchResult], tmp_path: Path
) -> None:
    out, result = batch
    table = polars.read_parquet(write_results(out, result.records))
    assert table.columns == list(COLUMNS)
    assert table.height == 6
    assert table["error"].null_count() == 5
    page = write_cohort_page(out, result.records, result.skipped).read_text("utf-8")
    assert "holds no counts of a heart" in page
    images = re.findall(r"data:image/png;base64,([^\"]+)", page)
    made = [each for each in result.records if not each.get("error")]
    # Histograms, and a picture of each study.
    assert len(images) == 1 + len(made)
    assert all(base64.b64decode(each).startswith(b"\x89PNG") for each in images)
    shown = re.findall(r'alt="Slices of (\w+)"', page)
    assert shown == [each["key"] for each in sorted(made, key=doubt_of, reverse=True)]
    assert "http" not in page.replace("http-equiv", "")
    doubts = [doubt_of(each) for each in result.records if not each.get("error")]
    assert max(doubts) < float("inf")


def test_deidentified_results_name_nobody_and_stay_one_study(local: Pool, tmp_path: Path) -> None:
    studies = tmp_path / "studies"
    studies.mkdir()
    private = {
        "PatientName": "Private^Person", "PatientID": "PID-1234", "PatientBirthDate": "19440101",
        "AccessionNumber": "ACC-77", "ReferringPhysicianName": "Doctor^Private",
        "InstitutionName": "Private Hospital", "StudyDate": "20240203",
        "StationName": "PRIVATESTATION", "OtherPatientIDs": "OTHER-9",
        "PatientComments": "lives in Private Street",
    }  # fmt: skip
    uids = []
    for name in ("study.dcm", "rest.dcm"):
        dataset = pydicom.dcmread(DEMO / name)
        for keyword, value in private.items():
            setattr(dataset, keyword, value)
        dataset.save_as(studies / name)
        uids += [dataset.StudyInstanceUID, dataset.SeriesInstanceUID, dataset.SOPInstanceUID]
        uids += [dataset.FrameOfReferenceUID]
    options = BatchOptions(extras=("quantify",), deidentify=True)
    out = tmp_path / "out"
    result = run(local, studies, out, options)
    write_results(out, result.records)
    write_cohort_page(out, result.records, result.skipped)
    assert stat.S_IMODE((out / ".secret").stat().st_mode) == 0o600
    files = [path for path in out.rglob("*") if path.is_file() and path.name != ".secret"]
    words = [word for value in private.values() for word in value.split("^")] + uids
    for path in files:
        content = path.read_bytes()
        for word in {*words, str(studies)}:
            assert word.encode() not in content, (path.name, word)
    written = [pydicom.dcmread(path) for path in files if path.suffix == ".dcm"]
    assert len(written) == 6
    assert len({each.StudyInstanceUID for each in written}) == 1
    assert len({each.SeriesInstanceUID for each in written}) == 6
    assert len({each.PatientID for each in written}) == 1
    assert written[0].PatientID
    for each in written:
        assert each.PatientIdentityRemoved == "YES"
        assert each.DeidentificationMethodCodeSequence[0].CodeValue == "113100"
        assert each.file_meta.MediaStorageSOPInstanceUID == each.SOPInstanceUID
        assert each.DetectorInformationSequence[0].ImagePositionPatient
        assert each.pixel_array.any()
    # Another run into the folder gives the same UIDs, one into another folder does not.
    first = {each.StudyInstanceUID for each in written}
    shutil.rmtree(out / "studies")
    run(local, studies, out, options)
    again = {pydicom.dcmread(path).StudyInstanceUID for path in out.rglob("*.dcm")}
    assert again == first
    run(local, studies, tmp_path / "other", options)
    other = {pydicom.dcmread(path).StudyInstanceUID for path in (tmp_path / "other").rglob("*.dcm")}
    assert not other & first


def test_a_batch_that_is_interrupted_leaves_no_secret_that_anybody_knows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(length: int) -> str:
        raise KeyboardInterrupt

    request = BatchRequest((DEMO,), tmp_path / "out", BatchOptions(deidentify=True))
    with monkeypatch.context() as patch:
        patch.setattr(secrets, "token_hex", interrupted)
        with pytest.raises(KeyboardInterrupt):
            run_batch(request)

    # UIDs made with the empty text could be made again by anybody.
    assert not (tmp_path / "out" / ".secret").exists()


def test_pairs_get_a_report(local: Pool, tmp_path: Path) -> None:
    options = BatchOptions(formats=("nifti",), extras=("report", "sheet"))
    out = tmp_path / "out"
    result = run(local, DEMO, out, options)
    by_condition = {each["condition"]: each for each in result.records}
    report = out / by_condition["stress"]["report"]
    assert "rest" in report.read_text("utf-8")
    assert "report" not in by_condition["rest"]
    assert len(list(out.glob("studies/*/review.png"))) == 2
    at = report.stat().st_mtime_ns
    again = run(local, DEMO, out, options)
    assert again.kept == 2
    assert report.stat().st_mtime_ns == at


def test_sheets_and_reports_are_not_deidentified() -> None:
    with pytest.raises(OptionError, match="words of the header"):
        BatchOptions(extras=("sheet",), deidentify=True)


def test_the_verb_with_its_own_processes_and_without_dask(mixed: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    options = ["--workers", "2", "--format", "nifti", "--json"]

    run = run_without("distributed", ["batch", str(mixed), "-o", str(out), *options])

    assert (run.returncode, run.stderr) == (1, "")
    told, loaded = run.stdout.split("loaded", maxsplit=1)
    counts = json.loads(told)
    assert (counts["studies"], counts["failed"], counts["done"]) == (6, 1, 6)
    assert Path(counts["results"]).exists()
    assert Path(counts["page"]).exists()
    assert not {"distributed", "dask"} & set(loaded.split())
