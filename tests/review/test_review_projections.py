"""Projections on the review page: the views as counted, and where the patient lay."""

from __future__ import annotations

from base64 import b64decode
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("fastapi", reason="the review page needs FastAPI")
pytest.importorskip("httpx2", reason="the tests of the review page need httpx2")

from drawn_study import study_volume
from nm_object import build_nm, save_object
from raw_exams import ANGLES, heart_views
from raw_views import write_raw
from reviewed_studies import Reviewed

MOVED_ROWS, FIRST_MOVED = 3, 12


def write_moved_exam(path: Path) -> Path:
    """The drawn study; from one view on, the patient lies three pixels further to the head."""
    views = heart_views()
    views[FIRST_MOVED:] = np.roll(views[FIRST_MOVED:], -MOVED_ROWS, axis=1)
    x, y, z = study_volume().center_mm.tolist()
    return write_raw(path, views, ANGLES, pixel_mm=6.4, radius_mm=250.0, axis_mm=(x, y, z))


def test_views_and_motion_are_shown_as_they_were_counted(tmp_path: Path) -> None:
    studies = tmp_path / "studies"
    studies.mkdir()
    write_moved_exam(studies / "raw.dcm")
    reviewed = Reviewed(studies, tmp_path / "out")
    record = reviewed.opened()
    assert record["holds_projections"]

    shown = reviewed.client.get(f"api/studies/{record['study']}/projections").json()

    shape = (shown["views"], shown["rows"], shown["bins"])
    cine = np.frombuffer(b64decode(shown["cine"]), np.uint8).reshape(shape).astype(float)
    counted = heart_views()
    still = np.corrcoef(cine[:FIRST_MOVED].ravel(), counted[:FIRST_MOVED].ravel())[0, 1]
    assert still > 0.99
    linogram = np.frombuffer(b64decode(shown["linogram"]), np.uint8).reshape(shape[:2])
    middles = linogram @ np.arange(shape[1]) / linogram.sum(axis=1)
    assert middles[FIRST_MOVED - 1] - middles[FIRST_MOVED] == pytest.approx(MOVED_ROWS, abs=0.5)
    assert shown["marked_views"] == [FIRST_MOVED]
    to_head = np.array(shown["course_mm"])[:, 2]
    jump = to_head[FIRST_MOVED:].mean() - to_head[:FIRST_MOVED].mean()
    assert jump == pytest.approx(MOVED_ROWS * 6.4, abs=4)
    assert shown["words"].startswith("The patient moved by up to")
    assert shown["made"].startswith("OSEM")


def test_slices_that_came_as_slices_have_none(tmp_path: Path) -> None:
    studies = tmp_path / "studies"
    studies.mkdir()
    save_object(build_nm(study_volume()), studies / "slices.dcm")
    reviewed = Reviewed(studies, tmp_path / "out")
    record = reviewed.opened()

    answer = reviewed.client.get(f"api/studies/{record['study']}/projections")

    assert not record["holds_projections"]
    assert answer.status_code == 404
    assert answer.json()["expected"] == "a study that was reconstructed from raw projections"
