"""The wall in three dimensions: what is painted lies where the heart has it."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from shortaxis.quantification.painted_surface import PaintedSurface, painted_surface
from shortaxis.workflow.drawing.surface_picture import SIDES, surface_picture, turn_of
from shortaxis.workflow.quantify.quantifying import QuantifyOptions, quantify_study
from shortaxis.workflow.studies.finding import find_studies


@pytest.fixture(scope="module")
def surface(demo_study_path: Path) -> PaintedSurface:
    study = find_studies(demo_study_path).studies[0].load().study
    return painted_surface(quantify_study(study, QuantifyOptions(normals=None)).wall)


@pytest.mark.parametrize(
    ("side", "right", "towards"),
    [
        ("anterior", [1, 0, 0], [0, -1, 0]),
        ("lateral", [0, 1, 0], [1, 0, 0]),
        ("inferior", [-1, 0, 0], [0, 1, 0]),
        ("septal", [0, -1, 0], [-1, 0, 0]),
    ],
)
def test_each_side_is_seen_from_there_with_the_base_up(
    side: str, right: list[float], towards: list[float]
) -> None:
    turn = turn_of(SIDES[side], 0.0)

    np.testing.assert_allclose(turn, [right, [0, 0, 1], towards], atol=1e-12)
    assert np.linalg.det(turn) == pytest.approx(1)


def test_the_defect_of_the_bundled_study_is_inferior(surface: PaintedSurface) -> None:
    x, y, z = surface.points_mm.T
    body = (z > np.percentile(z, 20)) & (z < np.percentile(z, 60))
    inferior = body & (y > np.abs(x))
    lateral = body & (x > np.abs(y))

    assert surface.uptake_percent[inferior].mean() < surface.uptake_percent[lateral].mean() - 15


def test_the_picture_shows_the_wall_from_four_sides(surface: PaintedSurface) -> None:
    with Image.open(io.BytesIO(surface_picture(surface))) as page:
        picture = np.asarray(page.convert("RGB")).astype(float)

    views = np.split(picture, len(SIDES), axis=1)
    assert all((view[60:-60, 60:-60] < 250).any(axis=2).mean() > 0.3 for view in views)
    # Green is colder than red: the defect is seen from the inferior side.
    cold = [float((view[..., 0] + 40 < view[..., 1]).mean()) for view in views]
    assert np.argmax(cold) == list(SIDES).index("inferior")


def test_values_for_the_page_are_plain_and_open_at_the_valve(surface: PaintedSurface) -> None:
    record = surface.to_record()

    assert len(record["points"]) == len(record["uptake"])
    assert np.max(record["triangles"]) == len(record["points"]) - 1


def test_the_picture_is_in_as_many_colours_as_a_byte_tells_apart(surface: PaintedSurface) -> None:
    content = surface_picture(surface)

    with Image.open(io.BytesIO(content)) as page:
        assert page.mode == "P"
    assert len(content) < 60_000
