"""A training of the wall network of a few samples, from exams to weights that draw a wall."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs torch")

import torch
from scipy.spatial.transform import Rotation

from shortaxis.anatomy.hybrid_grid import RAY_ANGLES, RAY_ROWS
from shortaxis.errors import ExistingOutputError, OptionError
from shortaxis.evaluation.walls.true_wall import TrueWall, true_wall, wall_in_frame
from shortaxis.evaluation.walls.wall_score import score_wall
from shortaxis.geometry.pose import RigidPose, compose
from shortaxis.network.wall import WallNetwork, WallOutput, WallSize
from shortaxis.simulation.cohort import CohortRequest, simulate_cohort
from shortaxis.training.exams import SeedRange
from shortaxis.training.wall.calibration import calibrated_trust
from shortaxis.training.wall.config import WallSettings, WallTraining, read_wall_config
from shortaxis.training.wall.exams import load_wall_exams
from shortaxis.training.wall.loop import train_wall
from shortaxis.training.wall.losses import wall_errors, wall_loss
from shortaxis.training.wall.measured import MeasuredWall
from shortaxis.training.wall.packaging import package_wall
from shortaxis.training.wall.samples import WallSamples
from shortaxis.training.wall.variations import FarFrames
from shortaxis.ventricle.surfaces import VentricleSurfaces
from shortaxis.ventricle.trust import WallMeasures
from shortaxis.ventricle.valve_plane import ValvePlane
from shortaxis.ventricle.wall_network import load_wall_drawer

SETTINGS = WallSettings(
    samples=16, epoch_samples=8, batch=4, channels=8, blocks=2, seed=3, precision="32-true"
)


@pytest.fixture(scope="module")
def exams(tmp_path_factory: pytest.TempPathFactory) -> dict[str, SeedRange]:
    """One exam for each purpose."""
    folder = tmp_path_factory.mktemp("exams")
    found = {}
    for name, first in (("train", 20), ("selection", 6_000_020), ("calibration", 7_000_020)):
        request = CohortRequest("clinical", 1, first, "compact", 0, preset_version=2)
        simulate_cohort(request, folder / name)
        found[name] = SeedRange(folder / name, "clinical", first, 1, 2)
    return found


@pytest.fixture(scope="module")
def config(exams: dict[str, SeedRange]) -> WallTraining:
    return WallTraining((exams["train"],), (exams["selection"],), (exams["calibration"],), SETTINGS)


@pytest.fixture(scope="module")
def run(config: WallTraining, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    train_wall(config, folder)
    return folder


def state(folder: Path) -> dict[str, torch.Tensor]:
    found: dict[str, torch.Tensor] = torch.load(folder / "last.ckpt", weights_only=True)["network"]
    return found


def test_a_run_that_was_stopped_goes_on_as_if_it_had_not_been(
    config: WallTraining, run: Path, tmp_path: Path
) -> None:
    train_wall(config, tmp_path, epochs=1)
    train_wall(config, tmp_path)

    for name, value in state(run).items():
        torch.testing.assert_close(value, state(tmp_path)[name], rtol=0, atol=0, msg=name)
    assert len((tmp_path / "losses.csv").read_text().splitlines()) == 3


def test_a_run_does_not_go_on_with_other_settings(config: WallTraining, run: Path) -> None:
    other = replace(config, settings=replace(SETTINGS, learning_rate=1e-4))

    with pytest.raises(OptionError, match="begun with other settings: settings"):
        train_wall(other, run)


def test_a_run_begins_with_the_network_of_another_one_and_says_so(
    config: WallTraining, run: Path, tmp_path: Path
) -> None:
    still = replace(config, settings=replace(SETTINGS, learning_rate=1e-30, weight_decay=0.0))
    train_wall(still, tmp_path, start=run, epochs=1)

    facts = json.loads((tmp_path / "stage.json").read_text())
    assert facts["start"]["epochs"] == 2
    assert facts["start"]["settings"]["learning_rate"] == SETTINGS.learning_rate
    torch.testing.assert_close(state(tmp_path)["stem.weight"], state(run)["stem.weight"])
    with pytest.raises(OptionError, match="begun with other settings: start"):
        train_wall(still, tmp_path)


def test_a_run_does_not_begin_with_a_network_of_another_size(
    config: WallTraining, run: Path, tmp_path: Path
) -> None:
    wider = replace(config, settings=replace(SETTINGS, channels=12))

    with pytest.raises(OptionError, match="of another size"):
        train_wall(wider, tmp_path, start=run)


def test_frames_of_estimators_that_erred_are_shown_as_often_and_as_far_as_asked() -> None:
    rng = np.random.default_rng(0)
    far = FarFrames(part=0.5, times=6.0)

    drawn = np.array([far.draw(rng) for _ in range(400)])

    assert 0.4 < (drawn > 1).mean() < 0.6
    assert 5 < drawn.max() <= 6
    assert drawn[drawn > 1].min() >= 2


def test_a_run_that_is_not_finished_gives_no_weights(config: WallTraining, tmp_path: Path) -> None:
    train_wall(config, tmp_path, epochs=1)

    with pytest.raises(OptionError, match="not been trained to its end"):
        package_wall(config, tmp_path, name="half", version="1")


def test_a_sample_has_its_surfaces_where_the_counts_have_the_wall(
    exams: dict[str, SeedRange],
) -> None:
    loaded = load_wall_exams([exams["train"]])
    sample = WallSamples(loaded, 1, 0, is_varied=False)[0]

    counts = sample["counts"].numpy()
    inner, outer = sample["endocardium"].numpy(), sample["epicardium"].numpy()
    muscle = sample["is_seen"].numpy() > 0
    at = np.argmax(counts, axis=0) * 2.5 + 2.5
    off = (at - (inner + outer) / 2)[muscle]
    assert abs(np.median(off)) < 3.0
    assert sample["valve"].shape == (5,)


def test_a_mirrored_sample_has_anterior_and_inferior_exchanged(
    exams: dict[str, SeedRange], monkeypatch: pytest.MonkeyPatch
) -> None:
    from shortaxis.training.wall import samples as module
    from shortaxis.training.wall.variations import PLAIN

    loaded = load_wall_exams([exams["train"]])
    found = []
    for is_mirrored in (False, True):
        variation = replace(PLAIN, is_mirrored=is_mirrored)
        monkeypatch.setattr(module, "draw_wall_variation", lambda *_, one=variation: one)
        found.append(WallSamples(loaded, 1, 0)[0])
    plain, mirrored = found

    opposite = (-np.arange(RAY_ANGLES)) % RAY_ANGLES
    for name in ("counts", "endocardium", "is_wall"):
        torch.testing.assert_close(mirrored[name], plain[name][..., opposite])  # type: ignore[literal-required]
    sign = torch.tensor([1.0, 1, -1, 1, -1])
    torch.testing.assert_close(mirrored["valve"], plain["valve"] * sign)


def test_what_says_the_truth_has_no_errors(exams: dict[str, SeedRange]) -> None:
    sample = WallSamples(load_wall_exams([exams["train"]]), 1, 0)[0]
    batch = {name: value[None] for name, value in sample.items()}
    inner, outer = batch["endocardium"], batch["epicardium"]
    said = WallOutput(
        (inner + outer) / 2,
        outer - inner,
        torch.zeros(1, 2, RAY_ROWS, RAY_ANGLES),
        10 * (2 * batch["is_wall"] - 1),
        10 * (2 * batch["is_seen"] - 1),
        batch["valve"],
        torch.zeros(1, 5),
    )

    errors = wall_errors(said, batch)  # type: ignore[arg-type]
    terms = wall_loss(said, batch)  # type: ignore[arg-type]

    assert float(errors.abs().max()) < 1e-3
    assert all(float(terms[name]) < 1e-3 for name in ("middle", "thickness", "valve", "size"))


def test_weights_are_written_with_their_facts_and_draw(
    config: WallTraining, run: Path, exams: dict[str, SeedRange], monkeypatch: pytest.MonkeyPatch
) -> None:
    from shortaxis.training.wall import packaging

    # A network of sixteen samples draws nothing right; its limits are set all the same.
    monkeypatch.setattr(
        packaging,
        "measured_walls",
        lambda *_: [replace(each, is_right=True) for each in measured()],
    )
    weights = package_wall(config, run, name="tiny", version="1")

    drawer = load_wall_drawer(str(weights))
    (exam,) = exams["selection"].exams()
    surfaces = drawer.draw(exam.volume, exam.pose).surfaces
    assert (drawer.record.name, drawer.record.version) == ("tiny", "1")
    assert surfaces.bounds is not None
    with pytest.raises(ExistingOutputError):
        package_wall(config, run, name="tiny", version="1")


def measured() -> list[MeasuredWall]:
    """Twenty walls whose errors are half of what was expected."""
    rng = np.random.default_rng(0)
    rows = []
    for _ in range(20):
        spread = tuple(float(each) for each in rng.uniform(1, 3, size=5))
        errors = tuple(each / 2 for each in spread)
        rows.append(MeasuredWall(errors, spread, WallMeasures(spread[0], spread[1], 0.0), True))
    return rows


def test_bounds_hold_what_was_measured_and_limits_pass_it() -> None:
    trust = calibrated_trust(measured(), measured())

    law = trust.laws["wall_mm"]
    assert law.bound(2.0) == pytest.approx(1.0, rel=1e-3)
    assert trust.limits.reasons(WallMeasures(2.5, 2.5, 0.0)) == ()
    assert trust.limits.reasons(WallMeasures(3.5, 3.5, 0.5)) != ()


def test_a_network_that_draws_nothing_right_gets_no_limits() -> None:
    wrong = [replace(each, is_right=False) for each in measured()]

    with pytest.raises(OptionError, match="draws no calibration exam right"):
        calibrated_trust(wrong, wrong)


def test_seeds_of_another_purpose_are_refused(exams: dict[str, SeedRange]) -> None:
    with pytest.raises(OptionError, match="seeds of another purpose"):
        WallTraining((exams["calibration"],), (), (), SETTINGS)


def test_exams_without_their_wall_are_refused(tmp_path: Path) -> None:
    simulate_cohort(CohortRequest("paper", 1, 20, "compact", 0, preset_version=1), tmp_path)

    with pytest.raises(OptionError, match="does not hold its true wall"):
        load_wall_exams([SeedRange(tmp_path, "paper", 20, 1)])


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("samples = 4", "numbers of samples do not fit"),
        ("samples = 8192\nprecision = 'half'", "unknown precision"),
        ("samples = 8192\ncolour = 3", "unknown values"),
        ("", "is no configuration"),
    ],
)
def test_a_configuration_that_is_wrong_says_why(tmp_path: Path, line: str, words: str) -> None:
    path = tmp_path / "wall.toml"
    train = '[{ folder = "a", preset = "clinical", first = 0, count = 2, preset_version = 2 }]'
    path.write_text(f"train = {train}\nselection = []\ncalibration = []\n{line}\n")

    with pytest.raises(OptionError, match=words):
        read_wall_config(path, tmp_path)


@pytest.mark.parametrize("name", ["wall.toml", "wall-further.toml", "wall-third.toml"])
def test_the_configuration_that_ships_keeps_purposes_apart(name: str) -> None:
    from repository import REPOSITORY

    config = read_wall_config(REPOSITORY / "configs" / name, Path("cohorts"))

    # Both presets have the same seeds; no purpose shares one with another.
    seeds = [
        set().union(*(one.seeds for one in ranges))
        for ranges in (config.train, config.selection, config.calibration)
    ]
    assert all(seeds)
    assert sum(map(len, seeds)) == len(set().union(*seeds))
    assert all(one.preset_version == 2 for one in config.train)


def true_bullet() -> TrueWall:
    inner, outer = (np.full((RAY_ROWS, RAY_ANGLES), each) for each in (20.0, 30.0))
    valve = ValvePlane.from_heights(35.0, 0.0, 0.0, (0.0, 0.0))
    is_wall = np.ones_like(inner)
    is_wall[18:] = 0
    return TrueWall(inner, outer, is_wall, np.ones_like(inner), valve)


def test_the_truth_drawn_from_another_frame_scores_no_error() -> None:
    truth, pose = true_bullet(), RigidPose(np.eye(3), np.array([1.0, 2.0, 3.0]))
    turn = Rotation.from_rotvec([0.05, -0.03, 0.2]).as_matrix()
    there = compose(pose, RigidPose(turn, np.array([1.0, -2.0, 1.5])))
    seen = wall_in_frame(truth, RigidPose(turn, np.array([1.0, -2.0, 1.5])).matrix)
    drawn = VentricleSurfaces(
        there, seen.endocardium_mm, seen.epicardium_mm, np.ones((2, RAY_ROWS, RAY_ANGLES)),
        seen.is_wall > 0.5, seen.is_wall > 0.5, seen.valve, "truth",
    )  # fmt: skip

    score = score_wall(drawn, truth, pose)

    assert score.middle_mm < 1e-6
    assert score.valve_mm < 1e-6
    assert score.is_right
    # The cavity is cut and summed along other rays.
    assert abs(score.cavity_part) < 0.01


def test_a_wall_drawn_too_far_out_scores_how_far() -> None:
    truth, pose = true_bullet(), RigidPose(np.eye(3), np.zeros(3))
    everywhere = np.ones((2, RAY_ROWS, RAY_ANGLES))
    drawn = VentricleSurfaces(
        pose, truth.endocardium_mm + 1, truth.epicardium_mm + 3, everywhere,
        truth.is_wall > 0.5, truth.is_wall > 0.5, truth.valve, "off",
    )  # fmt: skip

    score = score_wall(drawn, truth, pose)

    assert (score.endocardium_mm, score.epicardium_mm) == pytest.approx((1.0, 3.0))
    assert score.middle_bias_mm == pytest.approx(2.0)
    assert score.thickness_mm - score.true_thickness_mm == pytest.approx(2.0)


def test_an_image_of_a_cycle_shows_the_mean_wall(exams: dict[str, SeedRange]) -> None:
    (exam,) = exams["train"].exams()

    wall = true_wall(exam.known_truth)

    truth = exam.known_truth
    # The mean of the volumes is somewhat larger than the volume inside the mean surface.
    assert 0.9 < wall.cavity_ml / float(truth.cavity_ml.mean()) < 1.01
    length = exam.scenario.phantom.heart.left_ventricle.length_mm
    assert wall.length_mm == pytest.approx(length, rel=0.06)


ROUNDING_MM = 2e-5
"""Of float32, in a sum of depths of up to 70 mm."""


def test_the_neighbour_of_a_ray_at_the_apex_is_the_one_across_the_pole() -> None:
    network = WallNetwork(WallSize(channels=4, blocks=1)).eval()
    counts = torch.zeros(1, 28, RAY_ROWS, RAY_ANGLES)
    marked = counts.clone()
    marked[0, :, 0, 3] = 1.0
    context = torch.zeros(1, 11)
    with torch.no_grad():
        for whole in (*network.whole, network.profile_whole):
            whole.weight.zero_()
        changed = (network(marked, context).middle_mm - network(counts, context).middle_mm).abs()

    reached = np.flatnonzero(changed[0, 0].numpy() > ROUNDING_MM)
    assert {1, 2, 3, 4, 5} <= set(reached.tolist())
    assert {14, 15, 16} <= set(reached.tolist())
    assert not {8, 9, 20, 21} & set(reached.tolist())


def test_a_wall_along_a_pose_that_is_turned_round_scores_as_wrong() -> None:
    truth, pose = true_bullet(), RigidPose(np.eye(3), np.zeros(3))
    turned = RigidPose(np.diag([1.0, -1.0, -1.0]), np.zeros(3))
    drawn = VentricleSurfaces(
        turned, truth.endocardium_mm, truth.epicardium_mm, np.ones((2, RAY_ROWS, RAY_ANGLES)),
        truth.is_wall > 0.5, truth.is_wall > 0.5, truth.valve, "turned",
    )  # fmt: skip

    score = score_wall(drawn, truth, pose)

    assert not score.is_right
    assert score.valve_deg == pytest.approx(180.0)
