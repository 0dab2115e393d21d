"""Slices that are made again as they were."""

from __future__ import annotations

from pathlib import Path

import pytest

from repository import DEMO
from shortaxis.dicom.documents.object_origin import RepeatedOrigin
from shortaxis.errors import ExistingOutputError
from shortaxis.workflow.reorient.options import ReorientOptions
from shortaxis.workflow.reorient.requests import ReorientRequest
from shortaxis.workflow.repeated_slices import RepeatedSlices
from shortaxis.workflow.studies.finding import find_studies


def test_earlier_results_are_refused_before_anything_is_made_or_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (found,) = find_studies(DEMO / "study.dcm").studies
    (tmp_path / "short_axis.dcm").write_bytes(b"earlier")
    asked: list[str] = []
    monkeypatch.setattr(ReorientRequest, "make", lambda *_: asked.append("made"))
    origin = RepeatedOrigin(made_at=lambda _: asked.append("the server"))
    request = RepeatedSlices(ReorientRequest(ReorientOptions(method="ellipsoid")), origin)

    with pytest.raises(ExistingOutputError, match="--force"):
        request.make(found, tmp_path)

    assert asked == []
    assert [each.name for each in tmp_path.iterdir()] == ["short_axis.dcm"]
