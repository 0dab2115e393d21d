"""Gated studies are quantified with their function, without being asked."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from drawn_heart import transaxial_grid, usual_pose
from shortaxis.dicom.documents.ventricle_measurements import FunctionMeasurements
from shortaxis.errors import ExistingOutputError, OptionError
from shortaxis.spect.study import PerfusionStudy
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.quantify.function_rows import function_line, function_rows
from shortaxis.workflow.quantify.quantifying import QuantifiedStudy, QuantifyOptions, quantify_study
from shortaxis.workflow.quantify.requests import (
    FUNCTION_NAMES,
    QUANTIFICATION_NAMES,
    write_quantification,
)
from ventricle_scenes import Shell, draw_shell

RADII_MM = (27.0, 26.0, 24.0, 21.0, 19.0, 22.0, 25.0, 26.5)


def quantified(radii: tuple[float, ...]) -> QuantifiedStudy:
    grid = transaxial_grid()
    gates = np.stack(
        [draw_shell(grid, usual_pose(grid), Shell(radius_mm=each)).counts for each in radii]
    )
    volume = SpectVolume(gates.sum(axis=0), grid.patient_from_index)
    return quantify_study(PerfusionStudy(volume, gates), QuantifyOptions(), usual_pose(grid))


@pytest.fixture(scope="module")
def gated() -> QuantifiedStudy:
    return quantified(RADII_MM)


def test_files_of_the_function_lie_beside_those_of_the_sum(
    gated: QuantifiedStudy, tmp_path: Path
) -> None:
    written = write_quantification(gated, tmp_path)

    assert [each.name for each in written] == [*QUANTIFICATION_NAMES, *FUNCTION_NAMES]
    record = json.loads((tmp_path / "function.json").read_text())
    assert record["schema"] == "shortaxis/function/1"
    assert record["end_systolic_slot"] in (4, 5)
    assert record["end_diastolic_ml"] > record["end_systolic_ml"]
    assert "not validated on patients" in record["notice"]
    with (tmp_path / "function.csv").open(newline="") as file:
        assert [int(row["segment"]) for row in csv.DictReader(file)] == list(range(1, 18))


@pytest.mark.parametrize("name", FUNCTION_NAMES)
def test_a_file_of_somebody_is_not_overwritten_by_the_function(
    gated: QuantifiedStudy, tmp_path: Path, name: str
) -> None:
    (tmp_path / name).write_text("mine")

    with pytest.raises(ExistingOutputError):
        write_quantification(gated, tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == "mine"


def test_files_of_an_earlier_gated_study_do_not_stay_beside_an_ungated_one(
    gated: QuantifiedStudy, tmp_path: Path
) -> None:
    write_quantification(gated, tmp_path)
    ungated = PerfusionStudy(gated.study.volume)
    later = quantify_study(ungated, QuantifyOptions(), gated.pose, gated.estimate)

    write_quantification(later, tmp_path, force=True)

    assert sorted(each.name for each in tmp_path.iterdir()) == sorted(QUANTIFICATION_NAMES)


def test_two_slots_give_no_number_and_the_reason() -> None:
    function = quantified((27.0, 19.0)).function

    assert function is not None
    assert function.measured is None
    assert function.flag == "review"
    assert "do not tell how the heart beats" in function_line(function)
    assert set(function_rows(function)) == {"-", "review"}


def test_an_unknown_convention_of_phases_is_refused_before_any_work() -> None:
    with pytest.raises(OptionError, match="unknown convention of phases"):
        QuantifyOptions(phase="mine")


def test_a_function_that_is_no_number_is_not_reported() -> None:
    with pytest.raises(OptionError, match="cannot be reported"):
        FunctionMeasurements(float("nan"), 100.0, 50.0, 50.0, 100.0, 10.0)
