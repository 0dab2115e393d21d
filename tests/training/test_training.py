"""Training: what samples are made of, what is learnt from them, and going on after a stop."""

from __future__ import annotations

import hashlib
import itertools
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation
from scipy.stats import kstest

from repository import REPOSITORY
from shortaxis.errors import OptionError
from shortaxis.geometry.pose import RigidPose, compose
from shortaxis.geometry.pose_errors import pose_errors, roll_angle_deg, signed_roll_deg
from shortaxis.inference.onnx_session import OnnxBlock
from shortaxis.network.block import BlockOutput, PoseBlock
from shortaxis.network.heads import landmarks_of
from shortaxis.network.sizes import BLOCK_SIZES
from shortaxis.reorientation.network_grid import NetworkGrid
from shortaxis.reorientation.weights import find_weights, load_cascade
from shortaxis.simulation.seed_ranges import CALIBRATION, SEED_RANGES, TEST
from shortaxis.spect.volume import SpectVolume
from shortaxis.training import training_stages
from shortaxis.training.calibration import MAX_POWER, bound_factor, bound_power
from shortaxis.training.config import read_config
from shortaxis.training.exams import SeedRange, TrainingExam, load_exams
from shortaxis.training.loop import read_block
from shortaxis.training.losses import block_loss, errors_of_batch
from shortaxis.training.module import rate
from shortaxis.training.packaging import package_weights, recalibrate
from shortaxis.training.read_back import load_exported, spread_normalisations
from shortaxis.training.rendering import rendered
from shortaxis.training.samples import Sample, Samples
from shortaxis.training.training_stages import train_stage
from shortaxis.training.variations import Tone, Variation, draw_variation
from shortaxis.training.views import draw_localiser_view, draw_refiner_view
from training_scenes import write_config

GRID = NetworkGrid(32, 6.4, level_radius_mm=64.0)


@pytest.fixture(scope="module", autouse=True)
def few_samples_are_watched() -> Iterator[None]:
    """They are looked at after every epoch, and nothing is learnt from them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training_stages, "WATCHED_SAMPLES", 4)
        yield


@pytest.fixture(scope="module")
def cohorts(training_cohorts: Path) -> Path:
    """Two exams for each purpose."""
    return training_cohorts


@pytest.fixture(scope="module")
def exams(cohorts: Path) -> list[TrainingExam]:
    """The two training exams."""
    return load_exams([SeedRange(cohorts / "train", "paper", 20, 2)], GRID)


# Seeds


def test_ranges_of_seeds_do_not_overlap_and_begin_with_even_numbers() -> None:
    for one, following in itertools.pairwise(SEED_RANGES):
        assert one.first <= one.last < following.first
    assert all(one.first % 2 == 0 for one in SEED_RANGES)


def test_the_table_of_seeds_in_the_docs_is_the_one_in_the_code() -> None:
    text = (REPOSITORY / "docs/explanation/simulation.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if re.match(r"\| [\d,]+ to ", line)]
    expected = [f"| {one.first:,} to {one.last:,} | {one.purpose} |" for one in SEED_RANGES]
    assert rows == expected


EXPERIMENTS = sorted((REPOSITORY / "configs").glob("paper-*.toml"))
WALLS = sorted((REPOSITORY / "configs").glob("wall*.toml"))
"""Other kinds of configurations, with tests of their own."""

TRAININGS = sorted({*(REPOSITORY / "configs").glob("*.toml")} - {*EXPERIMENTS, *WALLS})


@pytest.mark.parametrize("path", TRAININGS, ids=lambda path: path.name)
def test_configurations_of_the_repository_keep_to_their_seeds(path: Path) -> None:
    config = read_config(path, Path("cohorts"))
    assert config.stages
    for one in (*config.train, *config.selection, *config.calibration):
        with pytest.raises(OptionError):
            TEST.require(one.seeds)


def test_training_on_test_exams_is_refused(cohorts: Path, tmp_path: Path) -> None:
    path = write_config(tmp_path)
    path.write_text(path.read_text().replace("first = 20,", "first = 8000000,"))
    with pytest.raises(OptionError, match="another purpose"):
        read_config(path, cohorts)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("seed = 3", "sede = 3", "unknown values"),
        ("samples = 16", "samples = 4", "numbers of samples"),
        ('block = "refiner"', 'block = "refinery"', "unknown block"),
        ("[[stages]]", "[[stages", "no training configuration"),
        ('name = "refiner"', 'name = "localiser"', "do not follow"),
    ],
)
def test_a_wrong_configuration_is_one_error_that_names_the_file(
    cohorts: Path, tmp_path: Path, before: str, after: str, words: str
) -> None:
    path = write_config(tmp_path)
    path.write_text(path.read_text().replace(before, after, 1))
    with pytest.raises(OptionError, match=words) as caught:
        read_config(path, cohorts)
    assert "run.toml" in str(caught.value)


def test_missing_exams_are_named_with_the_command_that_makes_them(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="shortaxis simulate --preset wide"):
        _ = SeedRange(tmp_path, "wide", 0, 3).paths


# Samples


def test_the_target_brings_the_heart_back_to_where_it_is(exams: list[TrainingExam]) -> None:
    exam = exams[0]
    for number in range(20):
        rng = np.random.default_rng(number)
        for view in (draw_refiner_view(rng, exam, 0.2), draw_localiser_view(rng, exam)):
            again = compose(view.patient_from_grid, view.target(exam.pose))
            errors = pose_errors(again, exam.pose)
            assert errors.geodesic_deg < 1e-5
            assert errors.center_mm < 1e-9


def test_the_grid_is_shifted_into_every_direction_alike(exams: list[TrainingExam]) -> None:
    """Each component of a uniform direction is uniform from -1 to 1 (Archimedes)."""
    exam = exams[0]
    rng = np.random.default_rng(0)
    on_heart, off_heart = [], []
    for _ in range(3000):
        view = draw_refiner_view(rng, exam, 0.5)
        in_grid = view.target(exam.pose).center_mm
        seen_from_heart = view.patient_from_grid.center_mm - exam.pose.center_mm
        (on_heart if view.has_heart else off_heart).append(
            in_grid if view.has_heart else seen_from_heart
        )
    for shifts in (np.array(on_heart), np.array(off_heart)):
        directions = shifts / np.linalg.norm(shifts, axis=1, keepdims=True)
        for component in directions.T:
            assert kstest(component, "uniform", args=(-1, 2)).pvalue > 1e-3


def test_the_roll_that_a_start_has_says_nothing_of_the_true_one(exams: list[TrainingExam]) -> None:
    exam = exams[0]
    rng = np.random.default_rng(1)
    views = [draw_refiner_view(rng, exam, 0.0) for _ in range(2000)]
    rolls = np.array([signed_roll_deg(view.patient_from_grid, exam.pose) for view in views])
    near = np.array([np.linalg.norm(view.target(exam.pose).center_mm) < 8 for view in views])
    for group in (rolls[near], rolls[~near]):
        # Flat over +-38 degrees at least: as many far off as near the truth.
        assert 0.35 < np.mean(np.abs(group) > 19) < 0.65
        assert abs(np.mean(group)) < 2.5


def test_in_its_own_frame_an_exam_looks_the_same_however_the_patient_lies(
    exams: list[TrainingExam],
) -> None:
    exam = exams[0]
    turn = RigidPose(Rotation.from_rotvec((20, -30, 10), degrees=True).as_matrix(), (5, 6, 7))
    turned = replace(
        exam,
        volume=SpectVolume(exam.volume.counts, turn.matrix @ exam.volume.patient_from_index),
        pose=compose(turn, exam.pose),
    )
    np.testing.assert_allclose(
        rendered(turned, GRID, turned.pose, Variation()),
        rendered(exam, GRID, exam.pose, Variation()),
        atol=1e-3,
    )


def test_scaling_an_exam_is_looking_with_smaller_voxels(exams: list[TrainingExam]) -> None:
    exam = exams[0]
    scale = 1.25
    small = NetworkGrid(32, 6.4 / scale, level_radius_mm=64.0 / scale)
    np.testing.assert_allclose(
        rendered(exam, GRID, exam.pose, Variation(scale=scale)),
        rendered(exam, small, exam.pose, Variation()),
        atol=1e-5,
    )


def test_the_same_number_is_the_same_sample(exams: list[TrainingExam]) -> None:
    first, second = (_samples(exams)[7] for _ in range(2))
    for name in first:
        torch.testing.assert_close(first[name], second[name], rtol=0, atol=0)
    assert not torch.equal(first["counts"], _samples(exams)[8]["counts"])


def test_some_samples_have_no_heart_and_all_are_finite(exams: list[TrainingExam]) -> None:
    samples = [_samples(exams)[number] for number in range(120)]
    absent = sum(1 - sample["has_heart"].item() for sample in samples)
    assert 5 <= absent <= 40
    assert all(torch.isfinite(value).all() for sample in samples for value in sample.values())


def test_slices_that_were_cut_off_are_empty(exams: list[TrainingExam]) -> None:
    exam = exams[0]
    upright = RigidPose(np.eye(3), exam.pose.center_mm)
    cut = rendered(exam, GRID, upright, Variation(lowest_mm=-20.0, highest_mm=15.0))
    heights = (np.arange(32) - 15.5) * 6.4
    filled = cut.reshape(32, -1).any(axis=1)
    assert not filled[(heights < -20) | (heights > 15)].any()
    assert filled[(heights > -19) & (heights < 14)].all()


def test_variations_change_counts_and_never_below_zero(exams: list[TrainingExam]) -> None:
    exam = exams[0]
    plain = rendered(exam, GRID, exam.pose, Variation())
    changed = 0
    for number in range(30):
        variation = draw_variation(np.random.default_rng(number))
        counts = rendered(exam, GRID, exam.pose, variation)
        assert counts.min() >= 0
        changed += not np.allclose(counts, plain)
    assert changed >= 25
    noisy = rendered(exam, GRID, exam.pose, Variation(tone=Tone(noise=0.1, noise_seed=1)))
    assert 0.01 < np.abs(noisy - plain).mean() < 0.2


# Losses


def test_errors_of_a_batch_agree_with_those_of_poses() -> None:
    rng = np.random.default_rng(0)
    truth = Rotation.random(6, random_state=1)
    small = Rotation.from_rotvec(rng.normal(0, 4, size=(6, 3)), degrees=True)
    estimate = truth * small
    centers = rng.normal(size=(2, 6, 3))
    output = _output(estimate.as_matrix(), centers[0])
    found = errors_of_batch(output, _sample(truth.as_matrix(), centers[1]))
    for i in range(6):
        expected = pose_errors(
            RigidPose(estimate[i].as_matrix(), centers[0, i]),
            RigidPose(truth[i].as_matrix(), centers[1, i]),
        )
        assert found.long_axis_deg[i].item() == pytest.approx(expected.long_axis_deg, abs=1e-3)
        assert found.roll_deg[i].item() == pytest.approx(expected.roll_deg, abs=1e-2)
        assert found.center_mm[i].item() == pytest.approx(expected.center_mm, abs=1e-5)


def test_the_roll_of_a_batch_is_that_of_poses_however_far_the_long_axis_is_tilted() -> None:
    truth, estimate = Rotation.random(50, random_state=3), Rotation.random(50, random_state=4)
    centers = np.zeros((50, 3))
    found = errors_of_batch(
        _output(estimate.as_matrix(), centers), _sample(truth.as_matrix(), centers)
    )
    expected = [
        roll_angle_deg(RigidPose(a, centers[0]), RigidPose(b, centers[0]))
        for a, b in zip(estimate.as_matrix(), truth.as_matrix(), strict=True)
    ]
    np.testing.assert_allclose(found.roll_deg.numpy(), expected, atol=0.05)


def test_the_loss_is_least_at_the_truth_and_heartless_samples_teach_no_pose() -> None:
    truth = Rotation.random(4, random_state=2).as_matrix()
    sample = _sample(truth, np.zeros((4, 3)))
    at_truth = block_loss(_output(truth, np.zeros((4, 3))), sample)
    turned = truth @ Rotation.from_rotvec((0, 5, 0), degrees=True).as_matrix()
    off = block_loss(_output(turned, np.ones((4, 3))), sample)
    assert at_truth["landmarks"] < 1e-8
    assert off["landmarks"] > 1e-3
    assert off["loss"] > at_truth["loss"]
    sample["has_heart"] = torch.zeros(4)
    heartless = block_loss(_output(turned, np.ones((4, 3))), sample)
    assert heartless["landmarks"] == heartless["rotation"] == heartless["center"] == 0
    assert heartless["presence"] > 0


def test_a_roll_that_cannot_be_seen_counts_less_and_the_axis_as_much() -> None:
    truth = np.tile(np.eye(3), (2, 1, 1))
    sample = _sample(truth, np.zeros((2, 3)))
    rolled, tipped = (
        _output(truth @ Rotation.from_rotvec(vector, degrees=True).as_matrix(), np.zeros((2, 3)))
        for vector in ((0, 0, 8), (8, 0, 0))
    )
    seen = [block_loss(each, sample)["rotation"].item() for each in (rolled, tipped)]
    sample["roll_weight"] = torch.full((2,), 0.25)
    hidden = [block_loss(each, sample)["rotation"].item() for each in (rolled, tipped)]
    assert hidden[0] == pytest.approx(0.25 * seen[0], rel=1e-5)
    # The long axis and one axis across it move: the latter counts a quarter.
    assert hidden[1] == pytest.approx(0.625 * seen[1], rel=1e-5)


def test_the_learning_rate_rises_and_falls_to_zero() -> None:
    assert rate(0.0) == 0
    assert rate(0.05) == pytest.approx(1)
    assert rate(1.0) == pytest.approx(0)
    assert rate(0.3) > rate(0.6) > rate(0.9)


# Going on from what was released


def _installed(block: str) -> Path:
    return find_weights("default").folder / f"{block}.onnx"


@pytest.mark.parametrize("name", ["localiser", "refiner"])
def test_an_exported_block_is_read_back_and_computes_the_same(name: str) -> None:
    block = PoseBlock(BLOCK_SIZES[name])
    load_exported(block, _installed(name))
    counts = torch.rand((4, 1, 32, 32, 32), generator=torch.Generator().manual_seed(3))
    expected = OnnxBlock(_installed(name).read_bytes(), 32).outputs(counts[:, 0].numpy())
    for spread in (False, True):
        if spread:
            spread_normalisations(block, [counts])
        found = block.eval()(counts)
        for output, values in expected.items():
            np.testing.assert_allclose(
                getattr(found, output).detach().numpy(), values, atol=2e-3, rtol=1e-3
            )
    # What its normalisations have seen is what they see: it trains from where it stood.
    trained = block.train()(counts)
    np.testing.assert_allclose(trained.rotation.detach().numpy(), expected["rotation"], atol=1e-3)


def test_a_stage_starts_from_a_released_block(cohorts: Path, tmp_path: Path) -> None:
    digest = hashlib.sha256(_installed("localiser").read_bytes()).hexdigest()
    config = read_config(write_config(tmp_path), cohorts)
    stage = replace(config.stages[0], start_sha256=digest, learning_rate=1e-9)
    trained = PoseBlock(BLOCK_SIZES["localiser"])
    trained.load_state_dict(read_block(train_stage(config, stage, tmp_path / "run")))
    counts = torch.rand((2, 1, 32, 32, 32), generator=torch.Generator().manual_seed(4))
    released = PoseBlock(BLOCK_SIZES["localiser"])
    load_exported(released, _installed("localiser"))
    kernel, same = (each.to_deep.weight for each in (trained, released))
    np.testing.assert_allclose(kernel.detach().numpy(), same.detach().numpy(), atol=1e-6)
    assert trained.eval()(counts).rotation.isfinite().all()


def test_a_released_block_that_is_missing_or_another_network_is_told(
    cohorts: Path, tmp_path: Path
) -> None:
    config = read_config(write_config(tmp_path), cohorts)
    stage = replace(config.stages[0], start_sha256="0" * 64)
    with pytest.raises(OptionError, match="take the file from the release"):
        train_stage(config, stage, tmp_path / "run")
    with pytest.raises(OptionError, match="another network"):
        load_exported(PoseBlock(BLOCK_SIZES["localiser"]), _installed("refiner"))
    with pytest.raises(OptionError, match="two starts"):
        replace(config.stages[0], start="first", start_sha256="0" * 64)


# The loop


def test_a_stopped_run_goes_on_exactly(cohorts: Path, tmp_path: Path) -> None:
    config = read_config(write_config(tmp_path), cohorts)
    stage = config.stages[0]
    whole = read_block(train_stage(config, stage, tmp_path / "whole"))
    train_stage(config, stage, tmp_path / "parts", epochs=1)
    parts = read_block(train_stage(config, stage, tmp_path / "parts"))
    assert whole.keys() == parts.keys()
    for name, value in whole.items():
        torch.testing.assert_close(parts[name], value, rtol=0, atol=0)
    logs = sorted((tmp_path / "parts/localiser/logs").glob("*/metrics.csv"))
    assert len(logs) == 2


def test_a_trained_network_becomes_weights_that_are_found_and_checked(
    cohorts: Path, tmp_path: Path
) -> None:
    config = read_config(write_config(tmp_path), cohorts)
    for stage in config.stages:
        train_stage(config, stage, tmp_path / "run", epochs=1)
    folder = package_weights(config, tmp_path / "run", name="own", version="1")
    weights = find_weights(str(folder))
    record = json.loads((folder / "record.json").read_text())
    assert weights.record.name == "own"
    assert weights.grid("refiner") == GRID
    assert all(law.factor > 0 and law.power >= 0 for law in weights.bound_laws)
    assert record["calibration"]["exams"][0]["first"] == CALIBRATION.first + 20
    assert len(record["training"]["digest"]) == 64
    before = dict(record)
    fewer = replace(config, calibration=(replace(config.calibration[0], count=1),))
    recalibrate(*load_cascade(str(folder)), fewer, version="2")
    record = json.loads((folder / "record.json").read_text())
    assert record["calibration"]["exams"][0]["count"] == 1
    assert record["version"] == "2"
    changed = {"calibration", "version"}
    assert all(record[name] == before[name] for name in before.keys() - changed)


def test_a_later_stage_wants_the_earlier_one(cohorts: Path, tmp_path: Path) -> None:
    path = write_config(tmp_path)
    text = path.read_text().replace(
        'name = "refiner"\nblock = "refiner"',
        ('name = "again"\nblock = "localiser"\nstart = "localiser"'),
    )
    path.write_text(text)
    config = read_config(path, cohorts)
    with pytest.raises(OptionError, match="has not been trained"):
        train_stage(config, config.stages[1], tmp_path / "run", epochs=1)


def test_weights_of_one_block_alone_are_refused_and_nothing_is_left(
    cohorts: Path, tmp_path: Path
) -> None:
    config = read_config(write_config(tmp_path), cohorts)
    alone = replace(config, stages=config.stages[:1])
    with pytest.raises(OptionError, match="every block"):
        package_weights(alone, tmp_path / "run", name="own", version="1")
    assert not (tmp_path / "run").exists()


def test_bounds_hold_for_nine_of_ten_exams_not_yet_seen() -> None:
    rng = np.random.default_rng(0)
    held = []
    for _ in range(200):
        factor = bound_factor(rng.exponential(size=99))
        held.append((rng.exponential(size=200) <= factor).mean())
    assert np.mean(held) == pytest.approx(0.9, abs=0.01)


def test_bounds_hold_for_easy_and_for_hard_exams_alike() -> None:
    rng = np.random.default_rng(0)
    spreads = np.repeat([1.0, 3.0], 200)
    # Hard exams are four times harder than the network expects them to be.
    true_scale = np.repeat([1.0, 12.0], 200)
    power = bound_power(true_scale * rng.exponential(size=400), spreads)
    assert power == pytest.approx(1 + np.log(4) / np.log(3), abs=0.25)
    factor = bound_factor(true_scale * rng.exponential(size=400) / spreads**power)
    for spread, scale in ((1.0, 1.0), (3.0, 12.0)):
        held = scale * rng.exponential(size=4000) <= factor * spread**power
        assert held.mean() == pytest.approx(0.9, abs=0.04)


def test_an_expected_error_that_says_nothing_gives_one_bound_for_all() -> None:
    rng = np.random.default_rng(1)
    power = bound_power(rng.exponential(size=500), rng.uniform(1, 10, size=500))
    assert power == pytest.approx(0, abs=0.3)


def test_expected_errors_that_hardly_differ_give_no_steep_bound() -> None:
    power = bound_power(np.array([1.0, 30.0]), np.array([8.0, 8.0001]))
    assert 0 <= power <= MAX_POWER


def _samples(exams: list[TrainingExam]) -> Samples:
    return Samples(exams, GRID, is_localiser=False, count=200, seed=1)


def _output(rotation: np.ndarray, center_mm: np.ndarray) -> BlockOutput:
    turn = torch.tensor(rotation, dtype=torch.float32)
    center = torch.tensor(center_mm, dtype=torch.float32)
    batch = len(turn)
    return BlockOutput(
        turn,
        center,
        torch.zeros(batch, 3),
        torch.zeros(batch, 2),
        torch.zeros(batch),
        landmarks_of(turn, center),
    )


def _sample(rotation: np.ndarray, center_mm: np.ndarray) -> Sample:
    batch = len(rotation)
    return {
        "counts": torch.zeros(batch, 1, 32, 32, 32),
        "rotation": torch.tensor(rotation, dtype=torch.float32),
        "center_mm": torch.tensor(center_mm, dtype=torch.float32),
        "log_size": torch.zeros(batch, 2),
        "has_heart": torch.ones(batch),
        "roll_weight": torch.ones(batch),
    }
