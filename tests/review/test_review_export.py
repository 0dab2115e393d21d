"""Reviewed studies as a cohort: the truth is what was signed off, evaluate and train read it."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.uid import generate_uid

from repository import DEMO
from shortaxis.errors import (
    ExistingOutputError,
    InputNotFoundError,
    OptionError,
    UnreadableFileError,
)
from shortaxis.evaluation.cohorts.cohort import find_cohort, read_exam_volume, read_truth
from shortaxis.evaluation.cohorts.reviewed_exams import read_reviewed_exam
from shortaxis.review.decisions import Decision, ReviewAction
from shortaxis.review.export import export_reviews
from shortaxis.review.session import ReviewSession
from shortaxis.review.store import ReviewStore, existing_store
from shortaxis.review.worklist import entries_of
from shortaxis.simulation.seed_ranges import TEST, TRAINING
from shortaxis.workflow.studies.finding import find_studies

MOVED_MM = [4.0, 0.0, -3.0]


@pytest.fixture(scope="module")
def reviewed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Folder of studies, and the folder of their reviews: one corrected, one accepted."""
    root = tmp_path_factory.mktemp("reviewed")
    studies, out = root / "studies", root / "out"
    studies.mkdir()
    out.mkdir()
    for name in ("study.dcm", "rest.dcm"):
        shutil.copy(DEMO / name, studies)
    # A third one, of another patient, that nobody looks at.
    other = pydicom.dcmread(DEMO / "study.dcm")
    other.StudyInstanceUID, other.SeriesInstanceUID = generate_uid(), generate_uid()
    other.SOPInstanceUID = other.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    other.save_as(studies / "between.dcm")
    session = ReviewSession(
        entries_of(find_studies(studies)), ReviewStore(out / "reviews.sqlite"), out
    )
    for each in session.entries.values():
        name = each.found.paths[0].name
        automatic = session.automatic(each.study)
        if name == "rest.dcm":
            comment = "Mrs Example has moved"
            session.decide(each.study, Decision(ReviewAction.ACCEPT, 0, "A. Reader", comment))
        elif name == "study.dcm":
            pose = {key: automatic[key] for key in ("center_mm", "patient_from_cardiac")}
            pose["center_mm"] = np.add(pose["center_mm"], MOVED_MM).tolist()
            session.decide(each.study, Decision(ReviewAction.CORRECT, 0, "B. Reader", pose=pose))
    return studies, out


def exported(reviewed: tuple[Path, Path], cohort: Path, *arguments: Any, **more: Any) -> Path:
    studies, out = reviewed
    store = existing_store(out / "reviews.sqlite")
    export_reviews(entries_of(find_studies(studies)), store, cohort, *arguments, **more)
    return cohort


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_truth_is_what_was_signed_off_and_the_counts_are_the_original_ones(
    reviewed: tuple[Path, Path], tmp_path: Path
) -> None:
    cohort = find_cohort(exported(reviewed, tmp_path / "cohort"))
    truth = read_truth(cohort)
    assert [each.exam_seed for each in truth.exams] == [TEST.first, TEST.first + 1]
    rows = rows_of(cohort.folder / "reviews.csv")
    for each, row in zip(truth.exams, rows, strict=True):
        (folder,) = [
            path.parent
            for path in reviewed[1].glob("*/pose.json")
            if row["condition"] in path.parent.name
        ]
        signed = json.loads((folder / "pose.json").read_text("utf-8"))
        np.testing.assert_allclose(each.pose.center_mm, signed["center_mm"])
        np.testing.assert_allclose(each.pose.patient_from_cardiac, signed["patient_from_cardiac"])
        source = {"stress": "study.dcm", "rest": "rest.dcm"}[row["condition"]]
        original = find_studies(reviewed[0] / source).studies[0].load().study.volume
        volume = read_exam_volume(cohort.path_of(each.exam_seed))
        np.testing.assert_array_equal(volume.counts, original.counts)
        np.testing.assert_allclose(volume.patient_from_index, original.patient_from_index)
        np.testing.assert_allclose(each.volume_center_mm, original.center_mm)
        assert each.strata["review"] == row["review"]
    by_review = {row["review"]: row for row in rows}
    assert float(by_review["corrected"]["moved_mm"]) == pytest.approx(5)
    assert float(by_review["accepted"]["moved_mm"]) == 0
    assert by_review["corrected"]["reviewer"] == "B. Reader"


def test_a_cohort_names_no_patient(reviewed: tuple[Path, Path], tmp_path: Path) -> None:
    folder = exported(reviewed, tmp_path / "cohort")
    header = pydicom.dcmread(DEMO / "study.dcm", stop_before_pixels=True)
    private = [str(header.PatientName), str(header.PatientID), "Mrs Example"]
    private += [header.StudyInstanceUID, header.SeriesInstanceUID, str(reviewed[0])]
    texts = [
        path.read_text("utf-8")
        for path in folder.rglob("*")
        if path.suffix != ".npz" and path.is_file()
    ]
    for path in sorted((folder / "exams").iterdir()):
        with np.load(path) as stored:
            texts.append(str(stored["facts"]))
    # Cohort, table, two automatic poses and two exams.
    assert len(texts) == 6
    for text in texts:
        for word in private:
            assert word
            assert word not in text


def test_evaluate_tells_how_far_network_and_reviewers_are_apart(
    reviewed: tuple[Path, Path], tmp_path: Path, shortaxis: Any
) -> None:
    cohort = exported(reviewed, tmp_path / "cohort")
    run = shortaxis(
        "evaluate", cohort, "-o", tmp_path / "out", "--method", "network",
        "--poses", cohort / "automatic", "--poses-name", "automatic",
    )  # fmt: skip
    assert run.code == 0, run.err
    record = json.loads((tmp_path / "out" / "evaluation.json").read_text("utf-8"))
    assert record["cohort"]["preset"] == "reviewed"
    for method in ("network", "automatic"):
        groups = record["methods"][method]["groups"]
        # The network is what was reviewed: it agrees with what was accepted and not corrected.
        accepted = groups["accepted by the reviewer"]["errors"]
        assert accepted["center_mm"]["maximum"] == pytest.approx(0, abs=1e-3)
        assert accepted["long_axis_deg"]["maximum"] == pytest.approx(0, abs=1e-3)
        corrected = groups["corrected by the reviewer"]["errors"]
        assert corrected["center_mm"]["maximum"] == pytest.approx(5, abs=1e-3)
        assert "no or small defect" not in groups
        assert "patient lay still" not in groups
    page = (tmp_path / "out" / "evaluation.md").read_text("utf-8")
    assert "2 real studies" in page
    assert "simulated exams" not in page


def test_stress_and_rest_of_a_patient_stay_together(
    reviewed: tuple[Path, Path], tmp_path: Path
) -> None:
    studies, out = reviewed
    store_copy = tmp_path / "reviews.sqlite"
    shutil.copy(out / "reviews.sqlite", store_copy)
    entries = entries_of(find_studies(studies))
    session = ReviewSession(entries, ReviewStore(store_copy), tmp_path / "out")
    (between,) = [each for each in entries if each.found.paths[0].name == "between.dcm"]
    session.decide(between.study, Decision(ReviewAction.ACCEPT, 0, "A. Reader"))
    one, other = (each for each in entries if each is not between)
    export_reviews([one, between, other], session.store, tmp_path / "cohort")
    rows = rows_of(tmp_path / "cohort" / "reviews.csv")
    assert [row["study"] for row in rows] == [one.study, other.study, between.study]


def test_only_corrected_ones(reviewed: tuple[Path, Path], tmp_path: Path) -> None:
    cohort = find_cohort(exported(reviewed, tmp_path / "cohort", only_corrected=True))
    (exam,) = read_truth(cohort).exams
    assert exam.strata["review"] == "corrected"


def test_training_reads_what_was_exported_for_it_and_nothing_else(
    reviewed: tuple[Path, Path], tmp_path: Path
) -> None:
    pytest.importorskip("torch", reason="training needs torch")
    from shortaxis.training.config import Stage, read_config
    from shortaxis.training.exams import SeedRange, load_exams
    from shortaxis.training.module import grid_of

    cohort = exported(reviewed, tmp_path / "learn", "training")
    exams = SeedRange(cohort, "reviewed", TRAINING.first, 2)
    stage = Stage("a", "refiner", 32, epoch_samples=32)
    learnt = load_exams([exams], grid_of(stage))
    assert len(learnt) == 2
    for each in learnt:
        length_mm, radius_mm = each.size_mm
        assert 60 < length_mm < 120
        assert 15 < radius_mm < 45
    with pytest.raises(OptionError, match="review export"):
        _ = SeedRange(cohort, "reviewed", 0, 3).paths

    held_out = exported(reviewed, tmp_path / "test")
    text = (
        f'train = [{{ folder = "{held_out}", preset = "reviewed", first = {TEST.first}, '
        "count = 2 }]\n"
        'selection = []\ncalibration = []\n[[stages]]\nname = "a"\nblock = "refiner"\n'
        "samples = 32\nepoch_samples = 32\n"
    )
    (tmp_path / "config.toml").write_text(text, encoding="utf-8")
    with pytest.raises(OptionError, match="another purpose"):
        read_config(tmp_path / "config.toml", tmp_path)


def test_a_renamed_exam_is_noticed(reviewed: tuple[Path, Path], tmp_path: Path) -> None:
    cohort = find_cohort(exported(reviewed, tmp_path / "cohort"))
    first, second = (cohort.path_of(seed) for seed in cohort.request.seeds)
    shutil.copy(first, second)
    with pytest.raises(UnreadableFileError, match="another exam"):
        read_truth(cohort)
    second.unlink()
    with pytest.raises(InputNotFoundError, match="export the reviews again"):
        read_truth(cohort)


def test_changed_counts_are_noticed(reviewed: tuple[Path, Path], tmp_path: Path) -> None:
    cohort = find_cohort(exported(reviewed, tmp_path / "cohort"))
    path = cohort.path_of(cohort.request.first_seed)
    with np.load(path) as stored:
        arrays = dict(stored)
    arrays["counts"] = arrays["counts"] + 1
    np.savez(path, **arrays)
    with pytest.raises(UnreadableFileError, match="counts of another study"):
        read_reviewed_exam(path)


def test_a_file_that_was_replaced_after_its_review_is_left_out_and_its_copy_is_not(
    reviewed: tuple[Path, Path], tmp_path: Path
) -> None:
    studies, out = reviewed
    path = studies / "rest.dcm"
    kept = path.read_bytes()
    replaced = pydicom.dcmread(path)
    replaced.SOPInstanceUID = replaced.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    try:
        replaced.save_as(path)
        whole = exported((studies, out), tmp_path / "whole")
        replaced.PixelData = np.roll(replaced.pixel_array, 4, axis=2).tobytes()
        replaced.save_as(path)
        part = exported((studies, out), tmp_path / "part")
    finally:
        path.write_bytes(kept)
    assert len(rows_of(whole / "reviews.csv")) == 2
    assert len(rows_of(part / "reviews.csv")) == 1
    (history,) = rows_of(part / "history.csv")
    assert (history["action"], history["counts"]) == ("accept", "other")


def test_an_earlier_export_is_replaced_only_by_force_and_nothing_else_ever(
    reviewed: tuple[Path, Path], tmp_path: Path
) -> None:
    cohort = exported(reviewed, tmp_path / "cohort")
    with pytest.raises(ExistingOutputError, match="earlier export"):
        exported(reviewed, cohort)
    exported(reviewed, cohort, "training", only_corrected=True, force=True)
    assert [path.name for path in (cohort / "exams").iterdir()] == ["0000000000.npz"]
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    with pytest.raises(ExistingOutputError, match="other files"):
        exported(reviewed, tmp_path / "mine", force=True)


def test_the_verb_says_what_it_did_and_what_is_missing(
    reviewed: tuple[Path, Path], tmp_path: Path, shortaxis: Any
) -> None:
    studies, out = reviewed
    cohort = tmp_path / "cohort"
    run = shortaxis("review", "export", studies, "--reviewed", out, "-o", cohort)
    assert run.code == 0, run.err
    assert "2 exams: 1 accepted, 1 corrected; not exported: 0 rejected, 1 open" in run.out

    run = shortaxis("review", "export", studies, "--reviewed", tmp_path, "-o", tmp_path / "no")
    assert run.code != 0
    assert "holds no reviews" in run.err
    assert not (tmp_path / "reviews.sqlite").exists()

    (tmp_path / "new").mkdir()
    ReviewStore(tmp_path / "new" / "reviews.sqlite")
    run = shortaxis(
        "review", "export", studies, "--reviewed", tmp_path / "new", "-o", tmp_path / "no"
    )
    assert run.code != 0
    assert "3 open" in run.err
    assert not (tmp_path / "no").exists()

    run = shortaxis(
        "review", "export", studies, "--reviewed", out, "-o", tmp_path / "no", "--purpose", "fun"
    )
    assert run.code != 0
    assert "evaluation or training" in run.err
