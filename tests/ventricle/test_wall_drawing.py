"""From the outputs of the wall network to surfaces, and weights that are none."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from shortaxis.errors import HeartNotFoundError, UnknownWeightsError
from shortaxis.geometry.pose import RigidPose
from shortaxis.inference.onnx_session import ModelError
from shortaxis.inference.weights_record import INSTALLED_WALL_WEIGHTS
from shortaxis.ventricle.wall_network import (
    WallDrawer,
    decoded,
    load_wall_drawer,
    open_wall_network,
)
from wall_scenes import GRID, POSE, TRUST, hot_bullet, outputs_of


class Says:
    """Stands for a network: says the same of everything."""

    def __init__(self, **changes: np.ndarray) -> None:
        self.outputs = {**outputs_of(20.0, 30.0, 35.0), **changes}

    def __call__(self, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        assert inputs["counts"].shape == (1, 28, *GRID)
        return {name: value[None].astype(np.float32) for name, value in self.outputs.items()}


def test_outputs_become_surfaces_with_bounds() -> None:
    drawing = WallDrawer(Says(), TRUST).draw(hot_bullet(), POSE)  # type: ignore[arg-type]

    surfaces = drawing.surfaces
    np.testing.assert_allclose(surfaces.endocardium_mm, 20.0)
    np.testing.assert_allclose(surfaces.epicardium_mm, 30.0)
    assert surfaces.valve.slopes == pytest.approx((0.1, -0.2))
    np.testing.assert_allclose(surfaces.valve.center_mm, [2, 3, 35 + 0.2 - 0.6], atol=1e-5)
    assert surfaces.bounds is not None
    assert surfaces.bounds.cavity_ml == pytest.approx(0.2 * surfaces.cavity_ml, rel=1e-5)
    assert surfaces.reasons == ()


def test_a_network_that_expects_large_errors_is_flagged() -> None:
    unsure = Says(log_spread=np.log(np.array([5.0, 20.0, 3.0, 0.1, 4.0])))

    surfaces = WallDrawer(unsure, TRUST).draw(hot_bullet(), POSE).surfaces  # type: ignore[arg-type]

    assert surfaces.flag == "review"
    assert len(surfaces.reasons) == 2


def test_a_wall_thicker_than_its_place_allows_leaves_a_cavity() -> None:
    found = decoded({**outputs_of(20, 30, 35), "thickness_mm": np.full(GRID, 80.0)})

    assert (found.endocardium_mm > 0).all()
    assert (found.epicardium_mm > found.endocardium_mm).all()


def test_what_is_no_muscle_is_not_seen() -> None:
    found = decoded({**outputs_of(20, 30, 35), "is_wall": np.full(GRID, -1.0)})

    assert not found.is_seen.any()


def test_a_pose_beside_the_volume_is_refused() -> None:
    away = RigidPose(np.eye(3), np.array([900.0, 0.0, 0.0]))

    with pytest.raises(HeartNotFoundError, match="nothing to draw a wall in"):
        WallDrawer(Says(), TRUST).draw(hot_bullet(), away)  # type: ignore[arg-type]


def test_a_file_that_is_no_network_is_refused() -> None:
    with pytest.raises(ModelError):
        open_wall_network(b"no network")


@pytest.mark.parametrize("name", list(INSTALLED_WALL_WEIGHTS))
def test_installed_weights_are_what_the_table_says_and_draw(name: str) -> None:
    drawer = load_wall_drawer(name)

    assert drawer.record.sha256 == INSTALLED_WALL_WEIGHTS[name]
    surfaces = drawer.draw(hot_bullet(), POSE).surfaces
    assert surfaces.bounds is not None
    # A bullet of 20 to 30 mm whose wall ends 35 mm above the centre.
    muscle = surfaces.is_wall[8:14]
    assert np.abs(surfaces.middle_mm[8:14][muscle] - 25.0).mean() < 3.0


def test_weights_that_are_not_there_are_named() -> None:
    with pytest.raises(UnknownWeightsError, match="not installed"):
        load_wall_drawer("nowhere")


def test_weights_of_a_pose_draw_no_wall(tmp_path: Path) -> None:
    (tmp_path / "record.json").write_text(json.dumps({"schema": "shortaxis/weights/4"}))

    with pytest.raises(UnknownWeightsError, match="shortaxis/wall-weights/1"):
        load_wall_drawer(str(tmp_path))
