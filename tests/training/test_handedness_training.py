"""Training of the network that tells which way round a volume lies, and the weights it becomes."""

from __future__ import annotations

import json
import math
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from shortaxis.errors import OptionError
from shortaxis.geometry.cube_symmetries import FLIPS, ORDERS
from shortaxis.geometry.pose import RigidPose
from shortaxis.reorientation.handedness import judged
from shortaxis.reorientation.handedness_weights import handedness_of, load_handedness
from shortaxis.reorientation.network_grid import NetworkGrid
from shortaxis.reorientation.weights import DEFAULT_WEIGHTS, find_weights
from shortaxis.training import training_stages
from shortaxis.training.config import TrainingConfig, read_config
from shortaxis.training.exams import exams_made
from shortaxis.training.handedness.calibration import SeenExam, calibrated_rule, temperature_of
from shortaxis.training.handedness.module import handedness_loss
from shortaxis.training.handedness.packaging import recalibrate_handedness
from shortaxis.training.handedness.samples import HandednessExam, HandednessSamples, handedness_exam
from shortaxis.training.handedness.views import Blank, HandednessView, draw_handedness_view
from shortaxis.training.packaging import package_weights
from shortaxis.training.training_stages import train_stage
from training_scenes import write_config

ENERGIES = {"block": '"handedness"', "head": '"energies"', "precision": '"32-true"'}

GRID = NetworkGrid(8, 10.0, 60.0)


@pytest.fixture(scope="module", autouse=True)
def few_samples_are_watched() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training_stages, "WATCHED_SAMPLES", 4)
        yield


@pytest.fixture(scope="module")
def config(training_cohorts: Path, tmp_path_factory: pytest.TempPathFactory) -> TrainingConfig:
    path = write_config(tmp_path_factory.mktemp("config"), stages=("handedness",), **ENERGIES)
    return read_config(path, training_cohorts)


@pytest.fixture(scope="module")
def exams(config: TrainingConfig) -> list[HandednessExam]:
    return exams_made(config.train, handedness_exam)


# Views.


def test_blanked_places_are_zero_and_others_stay() -> None:
    counts = np.ones((8, 8, 8), dtype=np.float32)
    frame = RigidPose(np.eye(3), np.zeros(3))
    ball = Blank(np.array([0.0, 0.0, 30.0]), radius_mm=12.0)
    beyond = Blank(np.array([-20.0, 0.0, 0.0]))

    seen = HandednessView(frame, 0, (ball, beyond)).seen(counts, GRID, np.zeros(3))

    # Index 7 lies 35 mm from the middle, 4 and 3 lie 5 mm from it.
    assert seen[7, 4, 4] == 0
    assert seen[0, 4, 4] == 1
    assert seen[4, 4, 0] == 0
    assert seen[4, 4, 7] == 1


def test_axes_are_shown_in_the_order_that_was_drawn() -> None:
    counts = np.random.default_rng(4).random((8, 8, 8)).astype(np.float32)
    view = HandednessView(RigidPose(np.eye(3), np.zeros(3)), 3)

    seen = view.seen(counts, GRID, np.zeros(3))

    assert np.array_equal(seen, counts.transpose(ORDERS[3]))


def test_half_of_the_views_have_their_axes_in_order() -> None:
    rng = np.random.default_rng(7)

    orders = [draw_handedness_view(rng, np.zeros(3)).order for _ in range(600)]

    assert set(orders) == set(range(len(ORDERS)))
    assert 0.43 < orders.count(0) / 600 < 0.57


def test_without_variation_only_a_small_shift_is_left() -> None:
    rng = np.random.default_rng(7)

    for _ in range(50):
        view = draw_handedness_view(rng, np.array([5.0, 6.0, 7.0]), varied=False)

        assert view.blanks == ()
        assert np.allclose(view.patient_from_grid.patient_from_cardiac, np.eye(3))
        assert np.linalg.norm(view.patient_from_grid.center_mm - (5, 6, 7)) <= 8


def test_the_same_number_is_the_same_sample(exams: list[HandednessExam]) -> None:
    first, again = (HandednessSamples(exams, count=9, seed=5)[4] for _ in range(2))
    other = HandednessSamples(exams, count=9, seed=5)[5]

    assert torch.equal(first["counts"], again["counts"])
    assert first["order"] == again["order"]
    assert not torch.equal(first["counts"], other["counts"])
    assert first["counts"].shape == (2, 32, 32, 32)


# Loss and calibration.


def test_the_loss_wants_the_order_that_is_shown_and_no_flip() -> None:
    energies = torch.zeros(2, len(ORDERS), len(FLIPS))
    energies[0, 4, 0] = 3.0
    orders = torch.tensor([4, 4])

    loss = handedness_loss(energies, orders)

    assert loss[0].item() == pytest.approx(math.log(math.e**3 + 47) - 3.0, rel=1e-5)
    assert loss[1].item() == pytest.approx(math.log(48), rel=1e-5)


def test_a_network_that_makes_no_mistake_is_believed_as_far_as_its_exams_go() -> None:
    energies = np.tile([30.0, 0.0], (198, 1))

    temperature = temperature_of(energies)

    # One mistake among two hundred.
    assert 30.0 / temperature == pytest.approx(math.log(199), rel=1e-3)


def test_a_network_that_doubts_is_made_no_surer() -> None:
    assert temperature_of(np.tile([0.5, 0.0], (50, 1))) == 1.0


def seen_exam(height: float, preset: str = "clinical", seen_part: float = 1.0) -> SeenExam:
    energies = np.zeros((len(ORDERS), len(FLIPS)), dtype=np.float32)
    energies[0, 0] = height
    return SeenExam(preset, True, seen_part, energies)


def test_the_limit_is_even_odds_where_all_good_exams_are_above() -> None:
    rule, facts = calibrated_rule([seen_exam(20.0)] * 150, "clinical")

    assert (rule.mirrored_below, rule.exchanged_below) == (0.0, 0.0)
    assert facts["good_exams"] == 150
    assert facts["good_flagged"] == 0


def test_the_limit_falls_to_what_all_but_a_hundredth_of_good_exams_have() -> None:
    exams = [seen_exam(20.0)] * 145 + [seen_exam(-15.0)] * 5

    rule, facts = calibrated_rule(exams, "clinical")

    assert rule.mirrored_below < 0
    assert facts["good_flagged"] <= 1


@pytest.mark.parametrize("rival", [0.0, 19.0, 24.0, 40.0])
def test_no_exam_is_sure_in_a_wrong_way_round(rival: float) -> None:
    exam = seen_exam(20.0)
    exam.energies[2, 3] = rival

    rule, _ = calibrated_rule([seen_exam(20.0)] * 149 + [exam], "clinical")

    for order, flip in np.ndindex(exam.energies.shape):
        if (order, flip) != (0, 0):
            assert not judged(in_the_way_round(exam.energies, order, flip), rule, 1.0).is_sure
    assert judged(seen_exam(60.0).energies, rule, 1.0).is_sure


def in_the_way_round(energies: np.ndarray, order: int, flip: int) -> np.ndarray:
    """What the network says of the same volume under a header of another way round."""
    moved = energies.copy()
    moved[[0, order]] = moved[[order, 0]]
    moved[:, [0, flip]] = moved[:, [flip, 0]]
    return moved


def test_exams_that_cannot_tell_and_unusual_ones_set_no_limit() -> None:
    usual = [seen_exam(20.0)] * 150
    others = [seen_exam(-15.0, "wide")] * 5 + [seen_exam(-15.0, seen_part=0.3)] * 5

    rule, facts = calibrated_rule(usual + others, "clinical")

    assert (rule.mirrored_below, rule.exchanged_below) == (0.0, 0.0)
    assert facts["exams_that_cannot_tell"] == 5
    assert facts["exams_that_tell"] == 155


# A run.


def test_a_run_of_both_kinds_is_refused(training_cohorts: Path, tmp_path: Path) -> None:
    path = write_config(tmp_path)
    lines = ["", "[[stages]]", 'name = "third"', 'block = "handedness"', 'head = "energies"']
    path.write_text(path.read_text() + "\n".join(lines))

    with pytest.raises(OptionError, match="stages of two kinds"):
        read_config(path, training_cohorts)


def test_the_network_has_a_head_of_its_own(training_cohorts: Path, tmp_path: Path) -> None:
    path = write_config(tmp_path, stages=("handedness",), **{**ENERGIES, "head": '"landmarks"'})

    with pytest.raises(OptionError, match="unknown head"):
        read_config(path, training_cohorts)


def test_a_stopped_run_goes_on_to_the_same_network(config: TrainingConfig, tmp_path: Path) -> None:
    (stage,) = config.stages
    whole = train_stage(config, stage, tmp_path / "whole")
    train_stage(config, stage, tmp_path / "stopped", epochs=1)
    resumed = train_stage(config, stage, tmp_path / "stopped")

    states = [torch.load(each, weights_only=True)["state_dict"] for each in (whole, resumed)]

    assert states[0].keys() == states[1].keys()
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])


def test_its_weights_are_the_installed_ones_with_another_handedness_network(
    config: TrainingConfig, tmp_path: Path
) -> None:
    installed = find_weights(DEFAULT_WEIGHTS)
    train_stage(config, config.stages[0], tmp_path, epochs=1)

    folder = package_weights(config, tmp_path, name="mine", version="3")

    weights = find_weights(str(folder))
    own = handedness_of(weights)
    assert own is not None
    assert weights.record.name == "mine"
    assert weights.values["blocks"] == installed.values["blocks"]
    assert weights.judgement == installed.judgement
    assert all(weights.model(block) == installed.model(block) for block in ("localiser", "refiner"))
    assert own.values["parity"]["energies"] < 1e-3
    assert own.values["training"]["stages"][0]["block"] == "handedness"
    assert own.values["calibration"]["hearts_found_by"] == {
        block: entry["sha256"] for block, entry in installed.values["blocks"].items()
    }
    assert own.rule.sure_above is not None
    assert load_handedness(str(folder)) is not None
    assert json.loads((folder / "record.json").read_text())["handedness"]["parameters"] > 300_000


def test_its_rule_is_set_anew_without_training(config: TrainingConfig, tmp_path: Path) -> None:
    folder = tmp_path / "weights"
    shutil.copytree(find_weights(DEFAULT_WEIGHTS).folder, folder)
    before = json.loads((folder / "record.json").read_text())

    recalibrate_handedness(str(folder), config, version="9", progress=lambda done, total: None)

    after = json.loads((folder / "record.json").read_text())
    assert after["version"] == "9"
    assert after["handedness"]["sha256"] == before["handedness"]["sha256"]
    assert after["handedness"]["training"] == before["handedness"]["training"]
    assert after["handedness"]["calibration"]["exams"] == [one.facts for one in config.calibration]
    assert {**after, "version": 0, "handedness": 0} == {**before, "version": 0, "handedness": 0}


def test_weights_without_the_network_have_no_rule_to_set(
    config: TrainingConfig, tmp_path: Path
) -> None:
    folder = tmp_path / "weights"
    shutil.copytree(find_weights(DEFAULT_WEIGHTS).folder, folder)
    record = json.loads((folder / "record.json").read_text())
    del record["handedness"]
    (folder / "record.json").write_text(json.dumps(record))

    with pytest.raises(OptionError, match="no handedness network"):
        recalibrate_handedness(str(folder), config, version="9", progress=lambda done, total: None)
