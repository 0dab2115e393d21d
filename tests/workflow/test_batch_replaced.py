"""What a batch keeps of earlier runs: results of the same counts, made with the same."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest

from repository import DEMO
from shortaxis.errors import HeartNotFoundError
from shortaxis.files.staged_folder import staged_folder
from shortaxis.inference import weights_record
from shortaxis.workflow.batch import study_work
from shortaxis.workflow.batch.options import BatchOptions
from shortaxis.workflow.batch.scanning import BatchStudy
from shortaxis.workflow.batch.study_record import Fate, WorkedOn, earlier_record
from shortaxis.workflow.batch.study_work import work_on_one
from shortaxis.workflow.reorient.options import ReorientOptions
from shortaxis.workflow.studies.finding import find_studies

OPTIONS = BatchOptions(ReorientOptions(method="ellipsoid"), formats=("nifti",))

KEY = "one"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return Path(shutil.copy(DEMO / "study.dcm", tmp_path))


def worked_on(source: Path, options: BatchOptions = OPTIONS, secret: bytes = b"") -> WorkedOn:
    (found,) = find_studies(source).studies
    return work_on_one(BatchStudy(KEY, found), source.parent / "out", options, secret)


def shift_counts(source: Path, by: int = 2) -> None:
    """Other counts under the same UIDs, in a file of the same size and time."""
    before = source.stat()
    stored = pydicom.dcmread(source)
    stored.PixelData = np.roll(stored.pixel_array, by, axis=2).tobytes()
    stored.save_as(source)
    os.utime(source, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_the_same_counts_are_kept_wherever_they_lie(source: Path, tmp_path: Path) -> None:
    first = worked_on(source)
    assert first.fate is Fate.MADE
    (tmp_path / "elsewhere").mkdir()
    moved = Path(shutil.move(source, tmp_path / "elsewhere" / "study.dcm"))
    (found,) = find_studies(moved).studies

    again = work_on_one(BatchStudy(KEY, found), tmp_path / "out", OPTIONS)

    assert again == WorkedOn(first.record, Fate.KEPT)


def test_other_counts_are_done_again(source: Path) -> None:
    first = worked_on(source)
    shift_counts(source)

    again = worked_on(source)

    assert again.fate is Fate.CHANGED
    assert again.record["center_x_mm"] != pytest.approx(first.record["center_x_mm"], abs=3)
    assert worked_on(source).fate is Fate.KEPT


def test_a_half_copied_file_is_done_once_it_is_whole(source: Path) -> None:
    whole = source.read_bytes()
    (found,) = find_studies(source).studies
    source.write_bytes(whole[: len(whole) // 2])
    study, out = BatchStudy(KEY, found), source.parent / "out"
    failed = work_on_one(study, out, OPTIONS)
    assert failed.record["error"]
    assert work_on_one(study, out, OPTIONS) == WorkedOn(failed.record, Fate.KEPT)

    source.write_bytes(whole)

    assert "error" not in work_on_one(study, out, OPTIONS).record


def test_results_of_counts_that_are_there_no_more_do_not_stay_beside_a_failure(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    worked_on(source)
    results = source.parent / "out" / "studies" / KEY
    assert results.exists()
    shift_counts(source)

    def heartless(*arguments: Any) -> Any:
        raise HeartNotFoundError("no left ventricle was found")

    monkeypatch.setattr(study_work, "reorient_study", heartless)

    again = worked_on(source)

    assert (again.fate, again.record["error"]) == (Fate.CHANGED, "no left ventricle was found")
    assert not results.exists()


def test_results_stay_where_nobody_can_tell_what_lies_there(source: Path) -> None:
    worked_on(source)
    (found,) = find_studies(source).studies
    source.write_bytes(source.read_bytes()[:4000])

    again = work_on_one(BatchStudy(KEY, found), source.parent / "out", OPTIONS)

    assert again.record["error"]
    assert (source.parent / "out" / "studies" / KEY).exists()


def test_what_was_read_is_what_is_noted_whatever_lies_there_afterwards(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reorient = study_work.reorient_study

    def replaced_meanwhile(*arguments: Any) -> Any:
        shift_counts(source)
        return reorient(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(study_work, "reorient_study", replaced_meanwhile)
        first = worked_on(source)

    again = worked_on(source)

    assert again.fate is Fate.CHANGED
    assert again.record["content"] != first.record["content"]


def test_weights_that_were_replaced_in_their_folder_ask_for_new_results(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(weights_record.FOLDER / "default", tmp_path / "weights"))
    options = BatchOptions(ReorientOptions(weights=str(folder)))
    before = options.digest
    record = json.loads((folder / "record.json").read_text("utf-8"))
    record["version"] = "another"
    (folder / "record.json").write_text(json.dumps(record), "utf-8")

    assert options.digest != before


def test_a_deidentified_record_tells_nobody_what_it_was_made_of(source: Path) -> None:
    from shortaxis.spect.content import content_sha256, counts_sha256

    options = BatchOptions(ReorientOptions(method="ellipsoid"), deidentify=True)
    done = worked_on(source, options, b"secret")
    study = find_studies(source).studies[0].load().study

    texts = [path.read_text("utf-8") for path in (source.parent / "out").rglob("*.json")]

    assert done.record["content"]
    assert len(texts) == 2
    for text in texts:
        assert content_sha256(study) not in text
        assert counts_sha256(study.volume) not in text
    assert worked_on(source, options, b"secret").fate is Fate.KEPT


@pytest.mark.parametrize("text", ["[]", "null", '"one"', "1e999", "[" * 100_000, "9" * 5000])
def test_a_record_of_another_shape_is_no_earlier_result(tmp_path: Path, text: str) -> None:
    with staged_folder(tmp_path / "studies" / KEY) as staging:
        (staging / "record.json").write_text(text)

    assert earlier_record(tmp_path, KEY, "digest") is None
