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
    monkeypatch.setattr(running, "work_on", deadly_work.work_on_or_die)
    (tmp_path / "studies" / "SIGKILL").mkdir(parents=True)
    shutil.copy(DEMO / "study.dcm", tmp_path / "studies" / "SIGKILL")
    shutil.copy(DEMO / "rest.dcm", tmp_path / "studies")

    result = run_batch(BatchRequest((tmp_path / "studies",), tmp_path / "out", NIFTI, workers=1))

    killer, innocent = sorted(result.records, key=lambda each: "error" not in each)
    assert Path(killer["path"]) == tmp_path / "studies" / "SIGKILL" / "study.dcm"
    assert "SIGKILL" in killer["error"]
    assert innocent["flag"] in ("accept", "review")
    assert (tmp_path / "out" / "studies" / innocent["key"] / "record.json").exists()
    kept = json.loads((tmp_path / "out" / "failed" / f"{killer['key']}.json").read_text("utf-8"))
    assert kept == killer
