"""The drawn heart lies where its pose says, beats as it should, and takes up what it is told."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from phantom_measures import (
    NO_BLOOD,
    STILL,
    angle_deg,
    measure_long_axis,
    measure_pose,
    silent_torso,
    upright_grid,
    voxels,
)
from shortaxis.anatomy.segments import SEGMENTS, Territory
from shortaxis.errors import GeometryError, OptionError
from shortaxis.geometry.pose import RigidPose
from shortaxis.phantom.contraction import cavity_volume_ml, contraction_at, instant_at
from shortaxis.phantom.defects import segment_defects
from shortaxis.phantom.drawing import draw_cavity, draw_myocardium, draw_phantom
from shortaxis.phantom.heart import (
    ApicalAneurysm,
    Heart,
    HeartMotion,
    LeftVentricle,
    PerfusionDefect,
    RightVentricle,
)
from shortaxis.phantom.landmarks import (
    apex_mm,
    right_ventricle_insertions_mm,
    valve_center_mm,
    valve_rim_mm,
)
from shortaxis.phantom.phantom import Phantom

FINE = upright_grid((106, 106, 106), 1.5)
ROUND_BASE = {"membranous_septum_mm": 0.0, "triangularity": 0.02, "ellipticity": 0.05}


def still_heart(**shape: float) -> Heart:
    """A heart without motion and blood, so that its walls are sharp."""
    return Heart(left_ventricle=LeftVentricle(**shape), motion=STILL, blood=NO_BLOOD)


def turned(seed: int) -> RigidPose:
    rng = np.random.default_rng(seed)
    return RigidPose(Rotation.random(random_state=rng).as_matrix(), rng.uniform(-4, 4, 3))


@pytest.mark.parametrize("seed", range(4))
def test_the_pose_measured_from_the_voxels_is_the_pose_that_was_asked_for(seed: int) -> None:
    heart = still_heart(bend_mm=2.0, bend_direction_deg=36.0 * seed, **ROUND_BASE)
    phantom = Phantom(heart, silent_torso(), turned(seed))

    wall = draw_myocardium(phantom, FINE, supersampling=1).numpy()
    measured = measure_pose(phantom, FINE, wall)

    truth = phantom.pose.patient_from_cardiac
    assert angle_deg(measured.patient_from_cardiac[:, 2], truth[:, 2]) < 0.5
    assert angle_deg(measured.patient_from_cardiac[:, 0], truth[:, 0]) < 1.0
    assert np.linalg.norm(measured.center_mm - phantom.pose.center_mm) < 0.7


def test_a_mirrored_heart_would_be_noticed() -> None:
    # Landmarks cannot tell a mirrored heart; a defect of the inferolateral wall can.
    defect = PerfusionDefect(
        angle_deg=45, angular_extent_deg=80, longitudinal_extent=0.6, severity=1
    )
    heart = Heart(motion=STILL, blood=NO_BLOOD, defects=(defect,), has_right_ventricle=False)
    phantom = Phantom(heart, silent_torso(), turned(7))

    wall = draw_myocardium(phantom, FINE, supersampling=1).numpy()
    activity = draw_phantom(phantom, FINE, supersampling=1).activity.numpy()
    lost = phantom.pose.to_cardiac(voxels(wall - activity, FINE)).mean(axis=0)

    assert lost[0] > 10
    assert lost[1] > 10
    assert abs(lost[2]) < 10


def test_the_mean_over_the_time_slots_is_the_pose_although_apex_and_base_move() -> None:
    shape = LeftVentricle(bend_mm=0.0, **ROUND_BASE)
    phantom = Phantom(Heart(left_ventricle=shape, blood=NO_BLOOD), silent_torso(), turned(3))

    ends = []
    for slot in range(8):
        wall = draw_myocardium(phantom, FINE, time_slot=slot, supersampling=1).numpy()
        apex, valve, _ = measure_long_axis(voxels(wall, FINE))
        ends.append((apex, valve))

    apex, valve = phantom.pose.to_cardiac(np.mean(ends, axis=0))
    travel = np.linalg.norm(np.ptp(np.array(ends), axis=0), axis=1)
    assert np.linalg.norm(apex - apex_mm(phantom.heart)) < 0.7
    assert np.linalg.norm(valve - valve_center_mm(phantom.heart)) < 0.7
    assert travel[0] < 3.5 < 9 < travel[1]


def test_landmarks_lie_where_the_definition_of_the_pose_says() -> None:
    heart = Heart(
        left_ventricle=LeftVentricle(
            length_mm=96,
            bend_mm=4,
            valve_tilt_deg=15,
            valve_tilt_direction_deg=40,
            triangularity=0.04,
        )
    )

    rim, insertions = valve_rim_mm(heart), right_ventricle_insertions_mm(heart)

    outward = insertions[:, :2] / np.linalg.norm(insertions[:, :2], axis=1, keepdims=True)
    assert np.allclose(rim.mean(axis=0), (0, 0, 48), atol=1e-4)
    normal = np.linalg.svd(rim - rim.mean(axis=0))[2][2]
    assert angle_deg(abs(normal), np.array([0, 0, 1])) < 16
    # Around the bent centre line the insertions are symmetric about the septum.
    assert insertions[0, 1] < 0 < insertions[1, 1]
    assert outward[:, 0].max() < 0


def test_the_insertions_are_symmetric_about_the_middle_of_the_septum_for_any_cross_section() -> (
    None
):
    shape = LeftVentricle(
        bend_mm=0, triangularity=0.05, triangularity_angle_deg=25, ellipticity=0.1
    )
    heart = Heart(left_ventricle=shape, right_ventricle=RightVentricle(insertion_angle_deg=50))

    insertions = right_ventricle_insertions_mm(heart, height=0.8)

    angles = np.degrees(np.arctan2(insertions[:, 1], -insertions[:, 0]))
    assert np.allclose(angles, (-50, 50), atol=1e-4)


@pytest.mark.parametrize("angle_deg", [40.0, 58.0, 80.0])
def test_a_dilated_right_ventricle_stays_on_the_side_of_the_septum(angle_deg: float) -> None:
    round_shape = {"ellipticity": 0.0, "triangularity": 0.0, "base_narrowing": 0.0, "bend_mm": 0.0}
    shape = LeftVentricle(radius_mm=24, wall_mm=8, **round_shape)
    right = RightVentricle(width_mm=62, wall_mm=6, insertion_angle_deg=angle_deg, uptake=1.0)
    heart = Heart(left_ventricle=shape, right_ventricle=right, motion=STILL)
    grid = upright_grid((90, 90, 90), 2.5)

    maps = []
    for each in (heart, replace(heart, has_right_ventricle=False)):
        phantom = Phantom(each, silent_torso(), turned(1))
        maps.append(draw_phantom(phantom, grid, supersampling=1).activity.numpy())
    added = phantom.pose.to_cardiac(voxels(maps[0] - maps[1], grid, threshold=0.3))

    # Radius, width and wall towards the septum; no more than the insertions on the other side.
    assert added[:, 0].min() == pytest.approx(-24 - 62 - 6, abs=2.5)
    assert added[:, 0].max() < 24 / 2
    assert abs(added[:, 1].min() + added[:, 1].max()) < 2.5


def test_insertions_are_refused_without_a_right_ventricle() -> None:
    with pytest.raises(GeometryError, match="insertions"):
        right_ventricle_insertions_mm(Heart(has_right_ventricle=False))


@pytest.mark.parametrize(
    "shape",
    [
        LeftVentricle(),
        LeftVentricle(radius_mm=22, length_mm=70, wall_mm=8, apex_wall_mm=6),
        LeftVentricle(length_mm=110, radius_mm=44, aneurysm=ApicalAneurysm()),
    ],
)
def test_the_wall_keeps_its_volume_while_the_cavity_shrinks(shape: LeftVentricle) -> None:
    motion = HeartMotion(ejection_fraction=0.55, base_excursion_mm=9)
    phantom = Phantom(Heart(left_ventricle=shape, motion=motion), silent_torso())
    grid = upright_grid((70, 70, 70), 2.2, phantom.pose.center_mm)

    walls, cavities = [], []
    for slot in range(8):
        drawn = {"time_slot": slot, "supersampling": 1}
        walls.append(float(draw_myocardium(phantom, grid, **drawn).sum()))
        cavities.append(float(draw_cavity(phantom, grid, **drawn).sum()))

    assert max(walls) / min(walls) < 1.03
    assert 1 - min(cavities) / max(cavities) == pytest.approx(0.55, abs=0.03)
    assert int(np.argmax(cavities)) == 0
    assert int(np.argmin(cavities)) == 3


def test_the_volume_of_the_cavity_is_that_of_the_voxels() -> None:
    phantom = Phantom(Heart(), silent_torso())
    grid = upright_grid((70, 70, 70), 2.0, phantom.pose.center_mm)

    drawn_ml = float(draw_cavity(phantom, grid, time_slot=0).sum()) * 0.008

    assert drawn_ml == pytest.approx(
        cavity_volume_ml(phantom.heart, instant_at(phantom.heart, 0.0)), rel=0.02
    )


def test_the_contraction_curve_has_its_ends_at_end_diastole_and_end_systole() -> None:
    cycle = np.linspace(0, 1, 200, endpoint=False)

    curve = np.array([contraction_at(each) for each in cycle])

    assert curve.min() == pytest.approx(0, abs=0.001)
    assert curve.max() == pytest.approx(1, abs=0.001)
    assert cycle[curve.argmax()] == pytest.approx(3 / 8, abs=0.01)
    # Three or more slots have the mean of the whole cycle, so a pose is exact for each number.
    for slots in (3, 4, 8, 16):
        few = np.mean([contraction_at(slot / slots) for slot in range(slots)])
        assert few == pytest.approx(curve.mean(), abs=1e-12)


def uptakes(phantom: Phantom, places: list[tuple[float, float]]) -> list[float]:
    """Highest activity on rays from the axis through the wall, at (angle, height in mm)."""
    grid = upright_grid((56, 56, 56), 2.0, phantom.pose.center_mm)
    activity = draw_phantom(phantom, grid).activity.numpy()
    radius = np.arange(10, 40, 0.5)
    highest = []
    for degrees, height_mm in places:
        angle = np.radians(degrees)
        flat = (radius * np.cos(angle), radius * np.sin(angle), np.full_like(radius, height_mm))
        patient = phantom.pose.to_patient(np.stack(flat, axis=1))
        index = np.round((patient - grid.patient_from_index[:3, 3]) / 2.0).astype(int)
        highest.append(float(activity[tuple(index[:, ::-1].T)].max()))
    return highest


def test_a_defect_lowers_the_uptake_of_its_territory_by_its_severity_and_nothing_else() -> None:
    defects = segment_defects(Territory.LEFT_CIRCUMFLEX, severity=0.6)
    shape = LeftVentricle(papillary_radius_mm=0)
    heart = Heart(left_ventricle=shape, motion=STILL, blood=NO_BLOOD, defects=defects)
    phantom = Phantom(heart, silent_torso())

    inside = uptakes(phantom, [(angle, height) for angle in (-20, 0, 20) for height in (0, 20)])
    outside = uptakes(phantom, [(angle, height) for angle in (90, 150, -90) for height in (0, 20)])

    assert inside == pytest.approx([0.4] * 6, abs=0.03)
    assert outside == pytest.approx([1.0] * 6, abs=0.03)


def test_territories_share_the_seventeen_segments_among_them() -> None:
    shared = sorted(number for territory in Territory for number in territory.value)

    assert shared == [segment.number for segment in SEGMENTS] == list(range(1, 18))


def test_segments_lie_where_the_american_heart_association_puts_them() -> None:
    # Cerqueira 2002: seen from the apex, anterior up, septum left; the names say the walls.
    walls = {1: (0, -1), 4: (0, 1), 13: (0, -1), 14: (-1, 0), 15: (0, 1), 16: (1, 0)}
    quadrants = {2: (-1, -1), 3: (-1, 1), 5: (1, 1), 6: (1, -1), 8: (-1, -1), 11: (1, 1)}

    for number, signs in (walls | quadrants).items():
        angle = np.radians(SEGMENTS[number - 1].angle_deg)
        direction = np.sign(np.round([np.cos(angle), np.sin(angle)], 9))
        assert tuple(direction) == signs, number


def test_neighbouring_segments_make_one_defect_without_a_seam() -> None:
    heart = Heart(
        left_ventricle=LeftVentricle(papillary_radius_mm=0),
        motion=STILL,
        blood=NO_BLOOD,
        defects=segment_defects((5, 6, 11, 12), severity=1.0),
    )
    phantom = Phantom(heart, silent_torso())

    # Heights 0 to 26 mm cross the border between the mid and the basal ring at 18 mm.
    uptake = uptakes(phantom, [(0, height) for height in (0, 14, 18, 22, 26)])

    assert max(uptake) < 0.02


def test_an_unknown_segment_is_refused() -> None:
    with pytest.raises(OptionError, match="segment"):
        segment_defects((0, 5))


def test_a_subendocardial_defect_leaves_the_outer_wall() -> None:
    defect = PerfusionDefect(angle_deg=0, severity=1.0, transmurality=0.4)
    shape = LeftVentricle(wall_mm=14, papillary_radius_mm=0)
    heart = Heart(left_ventricle=shape, motion=STILL, blood=NO_BLOOD, defects=(defect,))
    phantom = Phantom(heart, silent_torso())

    (uptake,) = uptakes(phantom, [(0, 0)])

    assert uptake > 0.9


def test_an_aneurysm_is_thin_and_takes_up_nothing() -> None:
    shape = LeftVentricle(aneurysm=ApicalAneurysm(height=0.35, uptake=0.0))
    healthy = Phantom(Heart(motion=STILL, blood=NO_BLOOD), silent_torso(), turned(5))
    ill = Phantom(
        Heart(left_ventricle=shape, motion=STILL, blood=NO_BLOOD), silent_torso(), turned(5)
    )

    apical = []
    for phantom in (healthy, ill):
        activity = draw_phantom(phantom, FINE, supersampling=1).activity.numpy()
        muscle = phantom.pose.to_cardiac(voxels(activity, FINE))
        apical.append((muscle[:, 2] < -25).sum())

    assert apical[1] < 0.02 * apical[0]


def test_a_time_slot_that_does_not_exist_is_refused() -> None:
    with pytest.raises(OptionError, match="time slot"):
        draw_myocardium(Phantom(), FINE, time_slot=8)
