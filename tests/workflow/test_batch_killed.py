"""A batch of one machine survives its workers, and names the study that killed them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

pytest.importorskip("polars", reason="a batch needs a table library")

from evidence.measuring.survival import deadly_work
from repository import DEMO
from shortaxis.workflow.batch import running
from shortaxis.workflow.batch.options import BatchOptions
from shortaxis.workflow.batch.running import BatchRequest, run_batch

NIFTI = BatchOptions(formats=("nifti",))


def test_a_study_that_kills_its_worker_is_named_and_the_others_are_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "studies" / "SIGKILL").mkdir(parents=True)
    shutil.copy(DEMO / "study.dcm", tmp_path / "studies" / "SIGKILL")
    shutil.copy(DEMO / "rest.dcm", tmp_path / "studies")

    request = BatchRequest((tmp_path / "studies",), tmp_path / "out", NIFTI, workers=1)

    with monkeypatch.context() as patch:
        patch.setattr(running, "work_on", deadly_work.work_on_or_die)
        result = run_batch(request)

    killer, innocent = sorted(result.records, key=lambda each: "error" not in each)
    assert Path(killer["path"]) == tmp_path / "studies" / "SIGKILL" / "study.dcm"
    assert "SIGKILL" in killer["error"]
    assert innocent["flag"] in ("accept", "review")
    assert (tmp_path / "out" / "studies" / innocent["key"] / "record.json").exists()
    kept = tmp_path / "out" / "failed" / f"{killer['key']}.json"
    assert json.loads(kept.read_text("utf-8")) == killer

    # What it holds is not known, so the next run tries it again.
    again = run_batch(request)

    assert (again.done, again.kept, again.changed) == (1, 1, 0)
    assert not any(each.get("error") for each in again.records)
    assert not kept.exists()
