"""Whatever the user forces, nothing is scored from what calls itself an attenuation map."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pydicom import dcmread

import shortaxis as package
from repository import DEMO
from shortaxis import ReadingOptions, UnsupportedObjectError
from verb_run import Run


@pytest.fixture
def named_a_map(tmp_path: Path) -> Path:
    study = dcmread(DEMO / "study.dcm")
    study.SeriesDescription = "STRESS CTAC MAP"
    study.save_as(tmp_path / "map.dcm")
    return tmp_path / "map.dcm"


def test_quantify_gives_no_scores(
    named_a_map: Path, tmp_path: Path, shortaxis: Callable[..., Run]
) -> None:
    ran = shortaxis("quantify", named_a_map, "--out", tmp_path / "out", "--force-input")

    assert ran.code == 1
    assert "is an attenuation map: there is no tracer to score" in " ".join(ran.err.split())
    assert not (tmp_path / "out" / "quantification.json").exists()


def test_report_gives_no_scores(
    named_a_map: Path, tmp_path: Path, shortaxis: Callable[..., Run]
) -> None:
    ran = shortaxis(
        "report", named_a_map, DEMO / "rest.dcm", "--out", tmp_path / "out",
        "--force-input",
    )  # fmt: skip

    assert ran.code == 1
    assert "there is no tracer to score" in " ".join(ran.err.split())
    assert not (tmp_path / "out").exists()


def test_python_gives_no_scores(named_a_map: Path) -> None:
    with pytest.raises(UnsupportedObjectError, match="no tracer to score"):
        package.quantify(named_a_map, reading=ReadingOptions(force_input=True))


def test_reorient_cuts_it_and_says_so(
    named_a_map: Path, tmp_path: Path, shortaxis: Callable[..., Run]
) -> None:
    ran = shortaxis("reorient", named_a_map, "--out", tmp_path / "out", "--force-input", "--json")

    (made,) = ran.json["studies"]
    assert made["quality"]["flag"] == "review"
    assert "attenuation map: no tracer, and nothing to be scored" in " ".join(
        made["quality"]["reasons"]
    )
