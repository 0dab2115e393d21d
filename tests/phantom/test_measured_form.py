"""The heart of version 2: its right ventricle turns, is full, and keeps the pose true."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

pytest.importorskip("torch", reason="the phantom needs torch")

import torch

from shortaxis.anatomy.cardiac_views import CardiacView, view_grid
from shortaxis.geometry.grids import Grid
from shortaxis.phantom.crescent_form import CrescentForm
from shortaxis.phantom.drawing import draw_myocardium
from shortaxis.phantom.heart import BloodPools, Heart, HeartMotion, LeftVentricle, RightVentricle
from shortaxis.phantom.heart_drawing import draw_ventricles
from shortaxis.phantom.heart_points import HeartPoints
from shortaxis.phantom.landmarks import right_ventricle_insertions_mm
from shortaxis.phantom.phantom import Phantom
from shortaxis.phantom.ranges import ADDED
from shortaxis.phantom.record import parameter_values, phantom_from_record, phantom_to_record
from shortaxis.phantom.ventricle_surface import VentricleSurface, rest_instant

STILL = HeartMotion(0, 0, 0)
VOXEL_MM = 1.5
UPRIGHT = LeftVentricle(
    valve_tilt_deg=0, bend_mm=0, ellipticity=0, triangularity=0, papillary_radius_mm=0
)


def heart(form: CrescentForm | None, **right: float) -> Heart:
    crescent = RightVentricle(
        **{"apex_height": 0.12, "width_mm": 31, "uptake": 1, **right}, form=form
    )
    return Heart(
        left_ventricle=UPRIGHT,
        right_ventricle=crescent,
        blood=BloodPools(uptake=0.5),
        motion=STILL,
        pericardial_fat_mm=0,
    )


def right_only(one: Heart) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What the right ventricle adds to a drawing: height 0-1, angle from the septum, distance."""
    pose = Phantom().pose
    grid = view_grid(CardiacView.SHORT_AXIS, pose, (80, 110, 110), VOXEL_MM)
    drawn = []
    for each in (one, replace(one, has_right_ventricle=False)):
        points = HeartPoints.around(each, pose, grid, 1)
        assert points is not None
        whole = torch.zeros(grid.shape)
        light = draw_ventricles(each, rest_instant(each), points).light
        whole[points.block.region] = points.averaged(light)
        drawn.append(whole)
    added = (drawn[0] - drawn[1]).abs() > 0.1
    z, y, x = (added.nonzero().numpy() - np.array([39.5, 54.5, 54.5])).T * VOXEL_MM
    length = one.left_ventricle.length_mm
    angle = (np.degrees(np.arctan2(y, x)) % 360) - 180
    return z / length + 0.5, angle, np.hypot(x, y)


@pytest.mark.parametrize("twist", [-40.0, -20.0, 15.0])
def test_the_apical_part_turns_by_its_twist_and_the_middle_stays(twist: float) -> None:
    form = CrescentForm(apical_twist_deg=twist, basal_turn_deg=0)

    height, angle, _ = right_only(heart(form))

    apical = angle[(height > 0.2) & (height < 0.26)]
    middle = angle[(height > 0.49) & (height < 0.55)]
    assert np.median(apical) == pytest.approx(twist, abs=4)
    assert np.median(middle) == pytest.approx(0, abs=2)


def test_the_bulk_of_the_base_turns_towards_anterior_and_the_insertions_stay() -> None:
    turned = CrescentForm(apical_twist_deg=0, basal_turn_deg=25)
    straight = CrescentForm(apical_twist_deg=0, basal_turn_deg=0)

    found = []
    for form in (turned, straight):
        height, angle, radius = right_only(heart(form))
        basal = (height > 0.78) & (height < 0.86)
        found.append((np.average(angle[basal], weights=radius[basal]), np.ptp(angle[basal])))

    assert found[0][0] - found[1][0] > 5
    assert found[0][1] == pytest.approx(found[1][1], abs=8)


def test_a_fuller_form_holds_more_blood_than_an_ellipse_of_the_same_width() -> None:
    def at_mid_height(form: CrescentForm | None) -> int:
        height, _, _ = right_only(heart(form))
        return int(((height > 0.45) & (height < 0.6)).sum())

    assert at_mid_height(CrescentForm()) > 1.08 * at_mid_height(None)


def test_insertions_are_symmetric_about_the_septal_axis_at_mid_height() -> None:
    anterior, inferior = right_ventricle_insertions_mm(heart(CrescentForm()))

    assert anterior[1] == pytest.approx(-inferior[1])
    assert anterior[0] == pytest.approx(inferior[0])
    assert anterior[0] < 0
    assert anterior[1] < 0


def test_insertions_turn_towards_inferior_at_the_apex() -> None:
    anterior, inferior = right_ventricle_insertions_mm(heart(CrescentForm()), 0.2)

    middle = (anterior + inferior) / 2
    assert middle[1] > 0


@pytest.mark.parametrize("direction", [-30.0, 0.0, 40.0])
def test_the_septum_is_shortest_where_the_gap_is(direction: float) -> None:
    shape = replace(UPRIGHT, membranous_septum_mm=20, membranous_direction_deg=direction)
    one = Heart(left_ventricle=shape, motion=STILL, has_right_ventricle=False)
    phantom = Phantom(heart=one)
    grid = view_grid(CardiacView.SHORT_AXIS, phantom.pose, (1, 110, 110), VOXEL_MM)

    affine = grid.patient_from_index.copy()
    affine[:3, 3] += phantom.pose.patient_from_cardiac[:, 2] * (shape.length_mm / 2 - 8)
    wall = draw_myocardium(phantom, Grid(grid.shape, affine)).numpy()[0]

    rows, columns = np.mgrid[:110, :110] - 54.5
    angle = np.degrees(np.arctan2(rows, columns)) % 360
    ring = [wall[(angle >= low) & (angle < low + 10)].sum() for low in range(0, 360, 10)]
    gap = np.flatnonzero(np.array(ring) < 0.3 * max(ring)) * 10 + 5
    assert np.mean(gap) - 180 == pytest.approx(direction, abs=6)


def test_nothing_is_added_on_the_far_side_of_the_left_ventricle() -> None:
    _, angle, _ = right_only(heart(CrescentForm()))

    assert (np.abs(angle) < 125).all()


def test_what_came_later_is_not_in_the_record_of_a_heart_without_it() -> None:
    plain = phantom_to_record(Phantom())
    formed = phantom_to_record(Phantom(heart=heart(CrescentForm())))

    assert "form" not in plain["heart"]["right_ventricle"]
    assert "membranous_direction_deg" not in plain["heart"]["left_ventricle"]
    assert "abdomen" not in plain["torso"]
    assert formed["heart"]["right_ventricle"]["form"]["apical_twist_deg"] == -20
    assert phantom_from_record(formed) == Phantom(heart=heart(CrescentForm()))


def test_every_added_field_has_a_default_that_records_leave_out() -> None:
    for kind in (LeftVentricle, RightVentricle, Heart, HeartMotion):
        added = [each for each in fields(kind) if ADDED in each.metadata]
        values = parameter_values(kind())
        assert not {each.name for each in added} & set(values)
        assert len(values) == len(fields(kind)) - len(added)


def test_the_wall_itself_is_that_of_the_same_heart_without_a_form() -> None:
    one = heart(CrescentForm())
    surfaces = [
        VentricleSurface(each, rest_instant(each))
        for each in (one, replace(one, right_ventricle=RightVentricle()))
    ]
    places = torch.randn(3, 50, generator=torch.Generator().manual_seed(1)) * 20

    levels = [each.epicardium(each.coordinates(*places)) for each in surfaces]

    assert torch.equal(*levels)
