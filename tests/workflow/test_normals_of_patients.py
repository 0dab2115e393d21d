"""Normal limits from patients: a list, plain DICOM, and what the limits say of themselves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest

from drawn_study import study_dataset
from nm_object import build_nm, save_object
from shortaxis.errors import OptionError, UnreadableFileError
from shortaxis.quantification.normal_files import read_normals
from shortaxis.quantification.normal_group import NormalGroup
from shortaxis.quantification.normal_limits import NormalLimits, NormalSet
from shortaxis.quantification.polar_map import LEVELS, PolarMap
from shortaxis.spect.study import PerfusionStudy
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.normals import patients
from shortaxis.workflow.normals.healthy_exams import HealthyExam
from shortaxis.workflow.normals.low_likelihood_list import read_list
from shortaxis.workflow.normals.merging import merged_sets
from shortaxis.workflow.normals.normal_sets import SetDescription, build_normal_set

SHAPE = (LEVELS, 48)
PATIENTS = 30


def a_map(seed: int, lost: float = 0.0) -> PolarMap:
    """A healthy wall, lower at the base, with a loss in the inferior wall if asked."""
    rng = np.random.default_rng(seed)
    heights = np.linspace(0.06, 0.94, LEVELS)
    counts = 80 - 30 * heights[:, None] ** 4 + rng.normal(0, 2, SHAPE)
    counts[:20, 8:16] *= 1 - lost
    return PolarMap(heights, counts, np.ones(SHAPE), np.ones(SHAPE))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Small exams as a camera writes them: no scenario, no sex in every third."""
    made = tmp_path_factory.mktemp("patients")
    rng = np.random.default_rng(0)
    for number in range(PATIENTS):
        volume = SpectVolume(rng.poisson(20, (12, 16, 16)), np.diag([8.0, 8.0, 8.0, 1.0]))
        dataset = build_nm(volume, seed=f"patient {number}")
        dataset.PatientSex = "" if number % 3 == 0 else "FM"[number % 2]
        save_object(dataset, made / f"{number:02d}.dcm")
    return made


def written_list(folder: Path, *rows: str, columns: str = "file,sex,age") -> Path:
    path = folder / "list.csv"
    path.write_text("\n".join([columns, *rows]) + "\n")
    return path


@pytest.fixture
def maps_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Volumes without a heart stand for patients: reading is what is tested here."""

    def drawn(study: PerfusionStudy, options: object) -> tuple[PolarMap | None, tuple[str, ...]]:
        seed = int(study.volume.counts.sum())
        return a_map(seed), ()

    monkeypatch.setattr(patients, "map_without_doubt", drawn)


@pytest.mark.usefixtures("maps_drawn")
def test_limits_of_thirty_patients_as_plain_dicom_score_a_study(
    shortaxis: Any, folder: Path, tmp_path: Path
) -> None:
    rows = [
        f"{number:02d}.dcm,{'FM'[number % 2] if number % 3 == 0 else ''},{40 + number}"
        for number in range(PATIENTS)
    ]
    path = tmp_path / "mine.json"
    listed = written_list(tmp_path, *rows)

    made = shortaxis("normals", "build", folder, "--list", listed, "-o", path, "--name", "ours")

    assert made.code == 0, made.err
    found = read_normals(path)
    assert {limits.group.sex for limits in found.limits} == {""}
    assert found.limits[0].exams == PATIENTS
    told = " ".join(found.statements)
    assert "15 F, 15 M" in told
    assert "ages 40 to 69" in told
    assert f"of {PATIENTS}" in told
    assert "few exams" in told
    study = save_object(study_dataset(), tmp_path / "study.dcm")
    run = shortaxis("quantify", study, "-o", tmp_path / "out", "--normals", path)
    assert run.code == 0, run.err
    scores = json.loads((tmp_path / "out/quantification.json").read_text())["scores"]
    assert scores["limits"]["name"] == "ours"
    assert scores["summed"] > 0


def test_nothing_is_taken_for_healthy_unsaid(shortaxis: Any, folder: Path, tmp_path: Path) -> None:
    run = shortaxis("normals", "build", folder, "-o", tmp_path / "mine.json")
    assert run.code == 2
    assert "--list" in run.err


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (["nobody.dcm,,"], "row 2, column file"),
        ([",F,"], "row 2, column file"),
        (["00.dcm,,", "00.dcm,F,"], "row 3, column file"),
        (["00.dcm,woman,"], "row 2, column sex"),
        (["00.dcm,F,old"], "row 2, column age"),
        (["01.dcm,M,", "02.dcm,M,"], "row 3, column sex"),
    ],
)
def test_an_error_names_row_and_column(
    shortaxis: Any, folder: Path, tmp_path: Path, rows: list[str], words: str
) -> None:
    path = written_list(tmp_path, *rows)
    run = shortaxis("normals", "build", folder, "--list", path, "-o", tmp_path / "x.json")
    assert run.code != 0
    assert words in run.err
    assert "nobody" not in run.err


def test_a_misspelt_column_is_not_passed_over(folder: Path, tmp_path: Path) -> None:
    path = written_list(tmp_path, "00.dcm,F", columns="file,gender")
    with pytest.raises(UnreadableFileError, match="no list of exams"):
        read_list(path, folder)


def test_each_exam_is_judged_by_limits_made_without_it() -> None:
    """One ill patient among the healthy does not hide itself, and is drawn."""
    group = NormalGroup(sex="F")
    exams = [HealthyExam(f"row {n}", group, a_map(n)) for n in range(24)]
    ill = HealthyExam("row 24", group, a_map(24, lost=0.5))
    built = build_normal_set(SetDescription("x", "drawn", "tracing"), [*exams, ill])
    assert [each.exam.label for each in built.outliers] == ["row 24"]
    assert "24 of 25 (96 %)" in " ".join(built.normals.statements)


def test_sets_are_pooled_as_if_they_had_been_one() -> None:
    rng = np.random.default_rng(0)
    samples = [rng.normal(70, 6, (count, *SHAPE)) for count in (20, 35)]
    sets = [
        NormalSet(
            name,
            "drawn",
            (
                NormalLimits(
                    name,
                    NormalGroup(),
                    len(each),
                    each.mean(axis=0),
                    each.std(axis=0, ddof=1),
                    ratio,
                ),
            ),
        )
        for name, each, ratio in zip("ab", samples, (1.1, 1.21), strict=True)
    ]
    (found,) = merged_sets(sets, "both").limits
    together = np.concatenate(samples)
    assert found.exams == 55
    np.testing.assert_allclose(found.mean_percent, together.mean(axis=0))
    np.testing.assert_allclose(found.sd_percent, together.std(axis=0, ddof=1))
    assert found.upper_ratio == pytest.approx((20 * 1.1 + 35 * 1.21) / 55)
    with pytest.raises(OptionError, match="do not go together"):
        merged_sets([sets[0], NormalSet("c", "", sets[1].limits, "network")], "x")


def test_a_header_that_says_pinholes_chooses_limits_of_pinholes(tmp_path: Path) -> None:
    from shortaxis.workflow.quantify.limits_choice import group_of
    from shortaxis.workflow.studies.finding import find_studies

    dataset = study_dataset()
    for said, kind in (("PINH", "multi-pinhole"), ("PARA", "parallel holes"), ("FANB", "")):
        dataset.DetectorInformationSequence[0].CollimatorType = said
        path = save_object(dataset, tmp_path / "study.dcm")
        assert group_of(find_studies(path).studies[0].facts).camera == kind
    assert pydicom.dcmread(path).DetectorInformationSequence[0].CollimatorType == "FANB"
