"""F-18 glucose is named as what it shows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pydicom import Dataset

from shortaxis.dicom.carried.stated.glucose import glucose_note


def pet(**tracer: Any) -> Dataset:
    item = Dataset()
    for keyword, value in tracer.items():
        setattr(item, keyword, value)
    dataset = Dataset()
    dataset.RadiopharmaceuticalInformationSequence = [item]
    return dataset


def coded(value: str, meaning: str) -> list[Dataset]:
    item = Dataset()
    item.CodeValue, item.CodeMeaning = value, meaning
    return [item]


@pytest.mark.parametrize(
    "dataset",
    [
        pet(Radiopharmaceutical="FDG"),
        pet(Radiopharmaceutical="18F-FDG"),
        pet(Radiopharmaceutical="Fluorodeoxyglucose"),
        pet(RadiopharmaceuticalCodeSequence=coded("35321007", "")),
        pet(RadiopharmaceuticalCodeSequence=coded("C-B1031", "")),
    ],
)
def test_glucose_by_name_or_code_is_viability(dataset: Dataset) -> None:
    note = glucose_note(dataset)

    assert note is not None
    assert note.text == "FDG: viability, not perfusion"
    assert note.is_doubtful


def test_a_series_called_after_glucose_is_viability() -> None:
    dataset = Dataset()
    dataset.SeriesDescription = "Cardiac FDG AC"

    note = glucose_note(dataset)

    assert note is not None
    assert note.text.startswith("FDG: viability")


@pytest.mark.parametrize(
    "dataset", [pet(RadionuclideHalfLife="6586.2"), pet(Radiopharmaceutical="F-18")]
)
def test_fluorine_without_a_tracer_may_be_glucose(dataset: Dataset) -> None:
    note = glucose_note(dataset)

    assert note is not None
    assert "without the name of its tracer" in note.text


@pytest.mark.parametrize(
    "dataset",
    [
        Dataset(),
        pet(Radiopharmaceutical="Flurpiridaz F-18", RadionuclideHalfLife="6586.2"),
        pet(Radiopharmaceutical="Rubidium Rb-82", RadionuclideHalfLife="76.4"),
        pet(Radiopharmaceutical="Ammonia N13", RadionuclideHalfLife="597.9"),
        pet(RadionuclideHalfLife="76.4"),
    ],
)
def test_tracers_of_perfusion_are_left_alone(dataset: Dataset) -> None:
    assert glucose_note(dataset) is None


def test_a_real_whole_body_series_is_reoriented_upright_and_flagged(
    real_data_dir: Path, tmp_path: Path, shortaxis: Any
) -> None:
    folder = real_data_dir / "pet_whole_body"
    if not folder.is_dir():
        pytest.skip("the whole-body series is not here")
    refused = shortaxis("reorient", folder, "-o", tmp_path / "refused")
    assert refused.code != 0
    assert "--whole-body" in refused.err

    run = shortaxis("reorient", folder, "--whole-body", "-o", tmp_path / "out", "--json")

    assert run.code == 0, run.err
    (study,) = run.json["studies"]
    pose = json.loads((tmp_path / "out" / "pose.json").read_text(encoding="utf-8"))
    # Seen on the review sheet: apex to the left, the front and the feet, the valve 93 mm behind it.
    assert 30 < pose["parameters"]["theta"] < 65
    assert 10 < pose["parameters"]["alpha"] < 45
    assert pose["quality"]["flag"] == "review"
    assert "a whole-body series: the heart was sought in all of it" in pose["quality"]["reasons"]
    assert any("FDG shows viability" in reason for reason in pose["quality"]["reasons"])
    assert study["folder"] == str(tmp_path / "out")
