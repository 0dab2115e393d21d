"""The draw: who is imaged, and how; the same seed gives the same exam."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("torch", reason="the simulation needs torch")

from shortaxis.errors import OptionError
from shortaxis.geometry.euler import angles_from_rotation
from shortaxis.phantom.contraction import cavity_volume_ml, instant_at
from shortaxis.phantom.heart import Heart
from shortaxis.phantom.organs import AbdomenPlacement
from shortaxis.phantom.phantom import Phantom
from shortaxis.phantom.regional_contraction import RegionalContraction
from shortaxis.phantom.torso import Torso
from shortaxis.simulation import priors
from shortaxis.simulation.acquisition import (
    Acquisition,
    FieldOfView,
    PatientMotion,
    PostFilter,
    Reconstruction,
)
from shortaxis.simulation.draws import LogUniform, Normal, Uniform, chosen
from shortaxis.simulation.measured.torsos import COLD
from shortaxis.simulation.patients import sample_patient
from shortaxis.simulation.presets import PRESETS, sample_scenario
from shortaxis.simulation.scenario import (
    ExamScenario,
    scenario_from_json,
    scenario_to_json,
)
from simulation_scenes import scenario_of

SEEDS = 300
presets = st.sampled_from(sorted(PRESETS))
seeds = st.integers(0, 2**40)


@cache
def many(preset: str) -> tuple[ExamScenario, ...]:
    return tuple(sample_scenario(preset, seed) for seed in range(SEEDS))


def angles(scenarios: tuple[ExamScenario, ...]) -> np.ndarray:
    """Alpha, beta, theta of each exam, degrees."""
    return np.array(
        [angles_from_rotation(each.phantom.pose.patient_from_cardiac) for each in scenarios]
    )


@settings(max_examples=60)
@given(presets, seeds, st.sampled_from([0, 8]))
def test_any_scenario_survives_json(preset: str, seed: int, time_slots: int) -> None:
    scenario = sample_scenario(preset, seed, time_slots=time_slots)

    text = scenario_to_json(scenario)

    assert scenario_from_json(text) == scenario
    # Strict JSON, for readers other than Python's: no NaN, no infinity.
    json.loads(text, parse_constant=pytest.fail)


@settings(max_examples=20)
@given(presets, seeds, st.lists(seeds, max_size=3))
def test_a_seed_gives_the_same_exam_whatever_was_drawn_before(
    preset: str, seed: int, others: list[int]
) -> None:
    first = sample_scenario(preset, seed)

    for other in others:
        sample_scenario(preset, other)
    np.random.default_rng(0).normal(size=3)

    assert sample_scenario(preset, seed) == first


def test_a_generator_gives_seeds_one_after_the_other() -> None:
    first = [sample_scenario("wide", np.random.default_rng(5)).exam_seed for _ in range(2)]
    rng = np.random.default_rng(5)
    pair = [sample_scenario("wide", rng) for _ in range(2)]

    assert first[0] == first[1] == pair[0].exam_seed
    assert pair[0].exam_seed != pair[1].exam_seed
    assert sample_scenario("wide", pair[1].exam_seed) == pair[1]


@pytest.mark.parametrize("preset", PRESETS)
def test_different_seeds_give_different_patients(preset: str) -> None:
    shapes = {(each.patient, each.phantom.heart.left_ventricle.length_mm) for each in many(preset)}

    patients = {each.patient for each in many(preset)}
    assert len({length for _, length in shapes}) == len(patients) == len(shapes)


@pytest.mark.parametrize("preset", ["paper", "clinical"])
def test_stress_and_rest_of_a_patient_share_shape_and_body(preset: str) -> None:
    for stress, rest in zip(many(preset)[::2], many(preset)[1::2], strict=True):
        assert (stress.condition, rest.condition) == ("stress", "rest")
        assert stress.patient == rest.patient
        hearts = [replace(each.phantom.heart, defects=()) for each in (stress, rest)]
        # Balanced ischaemia dilates the cavity at stress.
        radii = [each.left_ventricle.radius_mm for each in hearts]
        assert 1 <= radii[0] / radii[1] <= 1.12 + 1e-9
        widened = replace(hearts[1].left_ventricle, radius_mm=radii[0])
        assert hearts[0] == replace(hearts[1], left_ventricle=widened)
        torsos = [each.phantom.torso for each in (stress, rest)]
        for part in ("body", "arms", "breasts", "lungs", "diaphragm", "skeleton", "respiration"):
            assert getattr(torsos[0], part) == getattr(torsos[1], part)
        assert torsos[0].liver.scale == torsos[1].liver.scale
        # A liver that takes up nothing does so on both days.
        first, second = (each.liver.uptake for each in torsos)
        assert first != second or first <= COLD[1]
        for part in ("camera", "tracer", "angular_views", "heads", "clearance_mm", "follows_body"):
            assert getattr(stress.acquisition, part) == getattr(rest.acquisition, part)
        assert stress.reconstruction == rest.reconstruction
        # Another dose, and another day.
        assert stress.acquisition.counts != rest.acquisition.counts
        assert stress.acquisition.pinhole != rest.acquisition.pinhole


def test_the_widest_heart_dilates_no_further_than_a_heart_can_be() -> None:
    stress = sample_scenario("wide", 1001114, version=2)

    assert stress.phantom.heart.left_ventricle.radius_mm == 60


@pytest.mark.parametrize("preset", ["paper", "clinical"])
def test_defects_at_rest_are_the_same_places_and_some_of_them_lighter(preset: str) -> None:
    lighter = 0
    for stress, rest in zip(many(preset)[::2], many(preset)[1::2], strict=True):
        pairs = list(zip(stress.phantom.heart.defects, rest.phantom.heart.defects, strict=True))
        for at_stress, at_rest in pairs:
            assert replace(at_stress, severity=at_rest.severity) == at_rest
            assert at_rest.severity <= at_stress.severity
        lighter += any(after.severity < before.severity for before, after in pairs)

    assert lighter > 0.1 * SEEDS / 2


@pytest.mark.parametrize("preset", ["paper", "clinical"])
def test_a_patient_comes_back_a_few_degrees_and_millimetres_away(preset: str) -> None:
    poses = [each.phantom.pose for each in many(preset)]
    turns, moves = [], []
    for stress, rest in zip(poses[::2], poses[1::2], strict=True):
        cosine = (np.trace(stress.patient_from_cardiac.T @ rest.patient_from_cardiac) - 1) / 2
        turns.append(np.degrees(np.arccos(np.clip(cosine, -1, 1))))
        moves.append(np.linalg.norm(stress.center_mm - rest.center_mm))

    # Re-examinations differ by 4-6 degrees in MRI (Foster 2005).
    assert 2 < np.median(turns) < 7
    assert 3 < np.median(moves) < 15
    assert min(turns) > 0


def test_wide_exams_are_of_single_patients_in_both_conditions() -> None:
    assert len({each.patient for each in many("wide")}) == SEEDS
    rest = sum(each.condition == "rest" for each in many("wide"))
    assert 0.4 < rest / SEEDS < 0.6


@pytest.mark.parametrize(
    ("draw", "inside"),
    [
        (Normal(3, 5, 0, 4), (0, 4)),
        (Uniform(-2, 7), (-2, 7)),
        (LogUniform(0.1, 20), (0.1, 20)),
    ],
)
def test_a_draw_stays_within_its_limits_and_comes_near_both(draw: Any, inside: Any) -> None:
    rng = np.random.default_rng(1)

    values = np.array([draw.sample(rng) for _ in range(2000)])

    low, high = inside
    assert low <= values.min() < low + 0.05 * (high - low)
    assert high - 0.05 * (high - low) < values.max() <= high


def test_a_log_uniform_draw_is_as_often_below_its_geometric_mean_as_above() -> None:
    rng = np.random.default_rng(2)

    values = [LogUniform(0.1, 10).sample(rng) for _ in range(4000)]

    assert np.mean(np.array(values) < 1) == pytest.approx(0.5, abs=0.03)


def test_choices_follow_their_weights() -> None:
    rng = np.random.default_rng(3)

    picked = [chosen(rng, ("a", "b", "c"), (1, 3, 0)) for _ in range(2000)]

    assert picked.count("b") / 2000 == pytest.approx(0.75, abs=0.03)
    assert "c" not in picked


TABLES = ("POSE", "LEFT_VENTRICLE", "REGIONAL_UPTAKE", "RIGHT_VENTRICLE", "MOTION", "TORSO")


@pytest.mark.parametrize("table", TABLES)
def test_the_wide_column_takes_in_the_middle_of_the_clinical_one(table: str) -> None:
    for name, (clinical, wide) in getattr(priors, table).items():
        low, high = wide.low, wide.high
        if isinstance(clinical, Normal):
            assert low <= clinical.mean - clinical.sd, name
            assert clinical.mean + clinical.sd <= high, name
        else:
            assert low <= clinical.low < clinical.high <= high, name


@settings(max_examples=60)
@given(st.integers(0, 2**32), st.sampled_from([priors.CLINICAL, priors.WIDE]))
def test_a_patient_lies_within_the_priors(seed: int, spread: int) -> None:
    patient = sample_patient(np.random.default_rng(seed), spread)

    drawn = dict(zip(("alpha", "beta", "theta"), patient.angles_deg, strict=True))
    drawn |= {
        "left_mm": patient.left_mm,
        "apex_to_chest_wall_mm": patient.apex_to_chest_wall_mm,
    }
    for name, value in drawn.items():
        limits: Any = priors.POSE[name][spread]
        assert limits.low <= value <= limits.high, name
    body: Any = patient.torso.torso.body
    for name in ("half_width_mm", "half_depth_mm", "squareness", "taper_per_m"):
        limits = priors.TORSO[name][spread]
        assert limits.low <= getattr(body, name) <= limits.high, name
    for condition, organs in patient.torso.uptake:
        for name, value in organs:
            limits = priors.ABDOMEN_UPTAKE[condition][name][spread]
            assert limits.low * 0.999 <= value <= limits.high * 1.001, name


def test_wide_poses_reach_the_limits_of_the_design() -> None:
    found = angles(many("wide"))

    # DESIGN section 5: theta -10..70, alpha -20..60, beta within +-30 degrees.
    for column, (low, high) in enumerate([(-20, 60), (-30, 30), (-10, 70)]):
        reach = 0.05 * (high - low)
        assert found[:, column].min() < low + reach
        assert found[:, column].max() > high - reach


def test_wide_hearts_are_as_small_and_as_large_as_the_design_wants() -> None:
    ventricles = [each.phantom.heart.left_ventricle for each in many("wide")]
    lengths = [each.length_mm for each in ventricles]
    walls = [each.wall_mm for each in ventricles]

    # Length 60-120 mm, wall 8-12 and up to 16 mm in hypertrophy.
    assert min(lengths) < 64
    assert max(lengths) > 116
    assert min(walls) < 8
    assert max(walls) > 16


@pytest.mark.parametrize("preset", ["paper", "clinical"])
def test_clinical_poses_are_centred_as_their_table_says(preset: str) -> None:
    medians = np.median(angles(many(preset)), axis=0)

    for name, median in zip(("alpha", "beta", "theta"), medians, strict=True):
        prior = priors.CLINICAL_POSE[name]
        # Three standard errors of a median of 150 patients, and what does not fit a chest.
        assert median == pytest.approx(prior.mean, abs=3 * 1.25 * prior.sd / 150**0.5), name


@pytest.mark.parametrize("preset", PRESETS)
def test_every_heart_lies_inside_the_body(preset: str) -> None:
    turns = np.deg2rad(np.arange(0, 360, 30))
    for scenario in many(preset):
        phantom: Phantom = scenario.phantom
        ventricle, body = phantom.heart.left_ventricle, phantom.torso.body
        ring = np.stack([np.cos(turns), np.sin(turns), 0 * turns], 1) * ventricle.radius_mm
        ring[:, 2] = (ventricle.widest_height - 0.5) * ventricle.length_mm
        ends = [(0, 0, -ventricle.length_mm / 2), (0, 0, ventricle.length_mm / 2)]
        cardiac = np.vstack([ring, ends])

        patient = cardiac @ phantom.pose.patient_from_cardiac.T + phantom.pose.center_mm
        x, y, z = (patient - phantom.body_center_mm).T

        # A superellipse that grows along the body: |x/a|^n + |y/b|^n = 1 is the skin.
        growth = 1 + body.taper_per_m * z / 1000
        across = np.abs(x / (body.half_width_mm * growth)) ** body.squareness
        deep = np.abs(y / (body.half_depth_mm * growth)) ** body.squareness
        assert (across + deep < 1).all(), (preset, scenario.exam_seed)


@pytest.mark.parametrize("preset", PRESETS)
def test_the_middle_of_every_heart_is_in_the_stored_field(preset: str) -> None:
    for scenario in many(preset):
        field = scenario.field_of_view
        offset = np.abs(scenario.phantom.pose.center_mm - field.center_mm)
        across, along = field.matrix * field.pixel_mm / 2, field.slices * field.slice_mm / 2
        assert (offset < (across, across, along)).all(), (preset, scenario.exam_seed)


def test_paper_exams_follow_the_protocol_of_the_paper() -> None:
    for scenario in many("paper"):
        field, reconstruction = scenario.field_of_view, scenario.reconstruction
        assert (field.matrix, field.pixel_mm, field.slice_mm) == (64, 6.4, 6.4)
        assert 22 <= field.slices <= 36
        assert (reconstruction.method, reconstruction.iterations) == ("osem", 3)
        assert reconstruction.subsets == 10
        assert reconstruction.post_filter.kind == "butterworth"
        assert scenario.acquisition.scan_arc_deg == 180


def test_wide_exams_have_every_matrix_voxel_and_filter() -> None:
    fields = [each.field_of_view for each in many("wide")]

    assert {each.matrix for each in fields} >= {48, 64, 80, 96, 128}
    assert min(each.pixel_mm for each in fields) < 3.3
    assert max(each.pixel_mm for each in fields) > 6.7
    kinds = {each.reconstruction.post_filter.kind for each in many("wide")}
    assert kinds >= {"butterworth", "gaussian", "hanning"}


@pytest.mark.parametrize("preset", PRESETS)
def test_both_signs_of_spacing_occur(preset: str) -> None:
    negative = sum(each.field_of_view.negative_spacing for each in many(preset))

    assert 0.4 < negative / SEEDS < 0.6


@settings(max_examples=40)
@given(
    st.integers(8, 60),
    st.integers(16, 130),
    st.floats(1, 15),
    st.floats(1, 15),
    st.tuples(*[st.floats(-1500, 1500)] * 3),
)
def test_a_field_of_view_is_an_upright_box_about_its_centre(
    slices: int, matrix: int, pixel_mm: float, slice_mm: float, center: tuple[float, float, float]
) -> None:
    grid = FieldOfView(slices, matrix, pixel_mm, slice_mm, center).grid

    assert grid.shape == (slices, matrix, matrix)
    affine = grid.patient_from_index
    # Slices to the head (+z), rows to the back (+y), columns to the left (+x).
    np.testing.assert_allclose(affine[:3, 0], (0, 0, slice_mm))
    np.testing.assert_allclose(affine[:3, 1], (0, pixel_mm, 0))
    np.testing.assert_allclose(affine[:3, 2], (pixel_mm, 0, 0))
    opposite = affine @ (slices - 1, matrix - 1, matrix - 1, 1)
    np.testing.assert_allclose((affine[:3, 3] + opposite[:3]) / 2, center, atol=1e-9)


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (lambda: sample_scenario("nobody", 0), "preset"),
        (lambda: sample_scenario("paper", -1), "negative"),
        (lambda: Acquisition("x", technique="X-RAY"), "technique"),
        (lambda: Acquisition("x", tracer="SUGAR"), "tracer"),
        (lambda: Acquisition("x", scan_arc_deg=90), "scan arc"),
        (lambda: Acquisition("x", counts=0), "counts"),
        (lambda: Acquisition("x", counts=float("nan")), "counts"),
        (lambda: Reconstruction("guess"), "reconstruction"),
        (lambda: Reconstruction("fbp", attenuation_corrected=True), "corrects nothing"),
        (lambda: PostFilter("wiener"), "filter"),
        (lambda: PatientMotion(after_part=0), "after_part"),
        (lambda: FieldOfView(slices=2), "slices"),
        (lambda: FieldOfView(center_mm=(0, 0, float("nan"))), "center_mm"),
        (lambda: FieldOfView(center_mm=(0, 0)), "center_mm"),
        (lambda: scenario_of(condition="sleep"), "condition"),
        (lambda: scenario_of(time_slots=33), "time slots"),
        (lambda: scenario_of(time_slots=2), "time slots"),
        (lambda: scenario_of(preset="nobody"), "preset"),
        (lambda: scenario_of(exam_seed=-1), "seed"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(make: Any, word: str) -> None:
    with pytest.raises(OptionError, match=word):
        make()


@pytest.mark.parametrize(
    ("kind", "method"), [("osem", "image"), ("pinhole", "osem"), ("pet", "fbp")]
)
def test_a_camera_and_a_reconstruction_that_do_not_belong_together_are_refused(
    kind: str, method: str
) -> None:
    with pytest.raises(OptionError, match="reconstruct"):
        scenario_of(kind, reconstruction=Reconstruction(method))


def record() -> dict[str, Any]:
    values: dict[str, Any] = json.loads(scenario_to_json(sample_scenario("clinical", 3)))
    return values


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "7", '"text"', '{"schema": "other/1"}'])
def test_text_that_is_no_scenario_is_refused(text: str) -> None:
    with pytest.raises(OptionError, match="scenario"):
        scenario_from_json(text)


@pytest.mark.parametrize("name", record())
@pytest.mark.parametrize("wrong", ["missing", None, "text", [], {"unknown": 1}])
def test_a_scenario_with_a_damaged_part_is_refused(name: str, wrong: object) -> None:
    values = record()
    if wrong is None and name == "gating":
        pytest.skip("an ungated exam has none")
    if wrong == "missing":
        del values[name]
    else:
        values[name] = wrong

    with pytest.raises(OptionError):
        scenario_from_json(json.dumps(values))


@pytest.mark.parametrize("part", ["acquisition", "reconstruction", "field_of_view"])
def test_a_scenario_with_a_damaged_number_is_refused(part: str) -> None:
    for name in record()[part]:
        for wrong in (None, "text", [], [1, "x", 3]):
            values = record()
            values[part][name] = wrong
            if name == "camera" and wrong == "text":
                continue
            with pytest.raises(OptionError):
                scenario_from_json(json.dumps(values))


@pytest.mark.parametrize("preset", ["clinical", "wide"])
def test_no_part_of_a_patient_lies_beyond_what_is_projected(preset: str) -> None:
    from shortaxis.simulation.parallel_camera import body_voxels, grid_of

    for each in many(preset):
        if each.acquisition.technique != "PARALLEL_HOLES":
            continue
        torso, center = each.phantom.torso, np.array(each.phantom.body_center_mm)
        half_mm = torso.body.half_width_mm
        if not torso.arms.are_raised:
            half_mm += 2 * torso.arms.radius_mm - 12
        grid = grid_of(body_voxels(each), each)
        reach_mm = grid.shape[2] * grid.spacing_mm[2] / 2
        off_mm = abs(grid.center_mm[0] - center[0])
        assert off_mm + half_mm <= reach_mm + 35


def test_settings_that_nothing_would_do_are_refused() -> None:
    with pytest.raises(OptionError, match="corrects nothing"):
        Reconstruction("fbp", scatter_corrected=True)
    with pytest.raises(OptionError, match="whole number"):
        Acquisition("any", angular_views=64.5)
    with pytest.raises(OptionError, match="whole number"):
        FieldOfView(slices=32.5)
    with pytest.raises(OptionError, match="share the views"):
        Acquisition("any", angular_views=45)


def heart_of(exam: ExamScenario) -> Heart:
    return exam.phantom.heart


def moved_mm(exam: ExamScenario) -> float:
    return exam.acquisition.motion.distance_mm


def end_diastolic_ml(heart: Heart) -> float:
    return cavity_volume_ml(heart, instant_at(heart, 0.0))


def contraction_of(heart: Heart) -> RegionalContraction:
    return heart.contraction or RegionalContraction()


HARD: dict[str, Callable[[ExamScenario], bool]] = {
    "a wall without uptake": lambda e: sum(d.severity >= 0.9 for d in heart_of(e).defects) >= 3,
    "an aneurysm": lambda e: heart_of(e).left_ventricle.aneurysm is not None,
    "a thin scar": lambda e: any(
        d.thinning >= 0.4 and d.severity >= 0.75 for d in heart_of(e).defects
    ),
    "a thick right ventricle": lambda e: heart_of(e).right_ventricle.wall_mm > 7,
    "a thick left ventricle": lambda e: heart_of(e).left_ventricle.wall_mm > 15,
    "20 ml": lambda e: end_diastolic_ml(heart_of(e)) < 20,
    "400 ml": lambda e: end_diastolic_ml(heart_of(e)) > 400,
    "papillary muscles": lambda e: heart_of(e).left_ventricle.papillary_radius_mm > 6,
    "hot gut under the diaphragm": lambda e: any(
        loop.uptake > 1 and max(z for *_, z in loop.waypoints_mm) > -40
        for loop in e.phantom.torso.bowel
    ),
    "a liver that takes up nothing": lambda e: e.phantom.torso.liver.uptake <= COLD[1],
    "a man with fat before the heart": lambda e: (
        e.phantom.torso.has_breasts and not e.phantom.torso.is_of_woman
    ),
    "a patient who jumps": lambda e: moved_mm(e) > 10 and not e.acquisition.motion.is_creep,
    "a patient who creeps": lambda e: moved_mm(e) > 10 and e.acquisition.motion.is_creep,
    "a long field of PET": lambda e: (
        e.acquisition.technique == "PET" and e.field_of_view.slices * e.field_of_view.slice_mm > 350
    ),
    "a full circle": lambda e: e.acquisition.scan_arc_deg == 360,
    "backprojection of few views": lambda e: (
        e.reconstruction.method == "fbp" and e.acquisition.angular_views <= 30
    ),
    "resolution recovery carried far": lambda e: (
        e.reconstruction.resolution_modelled
        and e.reconstruction.iterations * e.reconstruction.subsets >= 64
    ),
    "bundle branch block": lambda e: (
        contraction_of(heart_of(e)).lateral_delay > 0.1
        and len(contraction_of(heart_of(e)).patches) > 0
    ),
    "pacing": lambda e: contraction_of(heart_of(e)).basal_delay > 0.09,
    "akinesia": lambda e: any(abs(p.amplitude) < 0.1 for p in contraction_of(heart_of(e)).patches),
    "dyskinesia": lambda e: any(p.amplitude < -0.1 for p in contraction_of(heart_of(e)).patches),
    "an ejection fraction of 15 %": lambda e: heart_of(e).motion.ejection_fraction < 0.15,
    "an ejection fraction of 80 %": lambda e: heart_of(e).motion.ejection_fraction > 0.8,
}


@pytest.mark.parametrize("name", HARD)
def test_what_is_hard_is_drawn_and_is_not_the_rule(name: str) -> None:
    drawn = [each for preset in ("clinical", "wide") for each in many(preset)]

    found = sum(map(HARD[name], drawn))

    assert 1 <= found < 0.4 * len(drawn)


AROUND: dict[str, Callable[[Torso], float]] = {
    "abdomen and diaphragm": lambda torso: placed(torso).turn_deg,
    "left lobe of the liver, front to back": lambda torso: placed(torso).liver_shift_mm,
    "left lobe of the liver, below the diaphragm": lambda torso: placed(torso).liver_drop_mm,
    "left lobe of the liver, reach": lambda torso: torso.liver.left_reach_mm,
    "uptake of the liver": lambda torso: torso.liver.uptake,
    "stomach, left": lambda torso: torso.stomach.center_mm[0],
    "stomach, back": lambda torso: torso.stomach.center_mm[1],
    "spleen, left": lambda torso: torso.spleen.center_mm[0],
    "uptake of the spleen": lambda torso: torso.spleen.uptake,
    "loops of gut": lambda torso: len(torso.bowel),
    "first loop of gut, left": lambda torso: torso.bowel[0].waypoints_mm[0][0],
    "how deep the heart sinks into the diaphragm": lambda torso: torso.diaphragm.settling_mm,
}


def placed(torso: Torso) -> AbdomenPlacement:
    assert torso.abdomen is not None
    return torso.abdomen


@pytest.mark.parametrize("name", AROUND)
@pytest.mark.parametrize("preset", ["clinical", "wide"])
def test_what_lies_around_the_heart_says_nothing_of_its_roll(preset: str, name: str) -> None:
    # Stress and rest share a torso: of each patient one exam.
    exams = many(preset)[::2]
    _, roll, _ = angles(exams).T
    value = [AROUND[name](each.phantom.torso) for each in exams]

    # Beyond it less than one of a thousand draws of 150 that have nothing to do with each other.
    assert np.std(value) > 0
    assert abs(np.corrcoef(roll, value)[0, 1]) < 0.27
