"""How far the wall that is drawn lies from the true one, by every method.

``python -m evidence run wall -- [--cohorts FOLDER] [--weights NAME] [--motions N] [--data FOLDER]``
draws the wall of the selection exams of `configs/wall.toml`, which the network has not learnt from,
along the axes that the network of the pose finds, by every method, and stores ``wall.json``: errors
of surfaces, valve plane, length and volumes, how well the flag tells walls that are wrong, how well
the drawing repeats after known motions, how long it takes; and of real studies how the drawn wall
lies to the expert's mask.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from evidence.measuring.polar_maps.roc import roc_area
from evidence.measuring.real_studies.study_files import find_studies
from evidence.recording.options import add_cohorts, add_real_data
from evidence.recording.record import store_result
from evidence.recording.timing import medians_in_turn_s, stay_on_one_core
from evidence.registry.places import REPOSITORY
from shortaxis.evaluation.walls.masks.score import score_against_mask
from shortaxis.evaluation.walls.true_wall import true_wall
from shortaxis.evaluation.walls.wall_score import WallScore, score_wall
from shortaxis.geometry.motions import sample_motion
from shortaxis.geometry.pose import RigidPose, compose, invert
from shortaxis.nifti.wall_masks import read_wall_mask
from shortaxis.quantification.drawn_surfaces import surfaces_of_tracing, tracing_of_surfaces
from shortaxis.quantification.tracing import trace_ventricle
from shortaxis.reorientation.methods import DEFAULT_METHOD, estimate_pose
from shortaxis.reorientation.moved_volumes import with_moved_counts
from shortaxis.simulation.exam_files import StoredExam
from shortaxis.spect.volume import SpectVolume
from shortaxis.training.wall.config import read_wall_config
from shortaxis.ventricle.seen_from import radii_seen_from
from shortaxis.ventricle.surfaces import VentricleSurfaces
from shortaxis.ventricle.trust import AXIS_LIMIT_DEG
from shortaxis.ventricle.wall_network import (
    DEFAULT_WALL_WEIGHTS,
    WallDrawer,
    load_wall_drawer,
)
from shortaxis.workflow.studies.finding import find_studies as studies_in

SEED = 20260601
SMALL_ML, THICK_MM = 45.0, 12.0
MAX_TURN_DEG, MAX_SHIFT_MM = 10.0, 8.0
MOVED_EXAMS = 12

Draw = Callable[[SpectVolume, "Posed"], VentricleSurfaces]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add_cohorts(parser)
    add_real_data(parser)
    parser.add_argument("--weights", default=DEFAULT_WALL_WEIGHTS)
    parser.add_argument("--motions", type=int, default=2)
    parser.add_argument("--most", type=int, default=10_000, help="Exams of each range.")
    asked = parser.parse_args()
    config = read_wall_config(REPOSITORY / "configs/wall.toml", asked.cohorts)
    drawer = load_wall_drawer(asked.weights)
    methods: dict[str, Draw] = {"network": by_network(drawer), "tracing": by_tracing}
    rows: dict[str, list[tuple[WallScore, float, bool]]] = {name: [] for name in methods}
    moved: dict[str, list[dict[str, float]]] = {name: [] for name in methods}
    rng = np.random.default_rng(SEED)
    exams = [exam for one in config.selection for exam in islice(one.exams(), asked.most)]
    for number, exam in enumerate(exams):
        posed_as = posed(exam.volume)
        for name, draw in methods.items():
            surfaces = draw(exam.volume, posed_as)
            score = score_wall(surfaces, true_wall(exam.known_truth), exam.pose)
            rows[name].append((score, doubt(surfaces, posed_as), bool(surfaces.reasons)))
        if number % max(len(exams) // MOVED_EXAMS, 1) == 0:
            for name, each in repeated(exam.volume, methods, rng, asked.motions).items():
                moved[name] += each
    values = {
        "exams": len(exams),
        "weights_of_the_wall": drawer.record.sha256,
        "methods": {name: summary(each) for name, each in rows.items()},
        "repeated": {name: repetition(each) for name, each in moved.items()},
        "seconds": seconds(drawer, exams[0]),
        "real": real_studies(methods, asked.data) if asked.data and asked.data.exists() else [],
    }
    print(values)
    store_result("wall", values, config.selection[0].first)


class Posed(NamedTuple):
    """A pose, about the size, and the bound of the long axis."""

    pose: RigidPose
    size: tuple[float, ...]
    axis_bound_deg: float | None


def posed(volume: SpectVolume) -> Posed:
    """The pose that the network of the pose finds, anatomical roll.

    Whether the pose is doubted is no matter here, but how much its axis is.
    """
    found = estimate_pose(volume, DEFAULT_METHOD, None)
    extent = found.extent
    size = () if extent is None else (extent.length_mm, extent.radius_mm)
    return Posed(found.pose, size, found.uncertainty.long_axis_deg)


def by_network(drawer: WallDrawer) -> Draw:
    return lambda volume, known: drawer.draw(volume, known.pose, known.axis_bound_deg).surfaces


def by_tracing(volume: SpectVolume, known: Posed) -> VentricleSurfaces:
    return surfaces_of_tracing(trace_ventricle(volume, known.pose, *known.size), volume)


def doubt(surfaces: VentricleSurfaces, known: Posed) -> float:
    """How much a method doubts its wall: by its bounds if it has any, else by its reasons."""
    if surfaces.bounds is None:
        return float(len(surfaces.reasons))
    axis = (known.axis_bound_deg or 0.0) / AXIS_LIMIT_DEG
    return max(surfaces.bounds.wall_mm / 3, surfaces.bounds.valve_mm / 8, axis)


def summary(rows: Sequence[tuple[WallScore, float, bool]]) -> dict[str, Any]:
    """Errors of all exams by one method; lengths in mm, volumes in parts."""
    scores = [score for score, _, _ in rows]
    of = {
        name: np.array([getattr(score, name) for score in scores])
        for name in (
            "middle_mm", "endocardium_mm", "epicardium_mm", "middle_bias_mm", "valve_mm",
            "valve_deg", "length_off_mm", "cavity_part", "true_cavity_ml", "thickness_mm",
            "true_thickness_mm", "thickness_r", "missed_part", "extra_part",
        )
    }  # fmt: skip
    right = np.array([score.is_right for score in scores])
    flagged = np.array([flag for _, _, flag in rows])
    doubts = np.array([value for _, value, _ in rows])
    small = of["true_cavity_ml"] < SMALL_ML
    thick = of["true_thickness_mm"] > THICK_MM
    thickness_off = of["thickness_mm"] - of["true_thickness_mm"]
    return {
        **{
            name: {"median": _median(of[name]), "mean": _mean(of[name]), "95th": _high(of[name])}
            for name in ("middle_mm", "endocardium_mm", "epicardium_mm", "valve_mm", "valve_deg")
        },
        "middle_bias_mm": _mean(of["middle_bias_mm"]),
        "length": {"bias_mm": _mean(of["length_off_mm"]), "sd_mm": _sd(of["length_off_mm"])},
        "cavity": {
            name: {
                "exams": int(where.sum()),
                "bias": _mean(of["cavity_part"][where]),
                "sd": _sd(of["cavity_part"][where]),
            }
            for name, where in (("over 45 ml", ~small), ("under 45 ml", small))
        },
        "thickness": {
            "r_of_means": _r(of["thickness_mm"], of["true_thickness_mm"]),
            "median_r_within": _median(of["thickness_r"]),
            "bias_mm": _mean(thickness_off),
            "thick_exams": int(thick.sum()),
            "bias_over_12_mm": _mean(thickness_off[thick]),
        },
        "missed_part": _mean(of["missed_part"]),
        "extra_part": _mean(of["extra_part"]),
        "right_part": _mean(right.astype(float)),
        "flagged_right": int((flagged & right).sum()),
        "flagged_wrong": int((flagged & ~right).sum()),
        "right": int(right.sum()),
        "wrong": int((~right).sum()),
        "auc": round(roc_area(doubts, ~right), 3) if 0 < right.sum() < right.size else None,
    }


def repeated(
    volume: SpectVolume, methods: Mapping[str, Draw], rng: np.random.Generator, motions: int
) -> dict[str, list[dict[str, float]]]:
    """How far each method's wall differs after known motions, moved back."""
    posed_as = posed(volume)
    first = {name: draw(volume, posed_as) for name, draw in methods.items()}
    found: dict[str, list[dict[str, float]]] = {name: [] for name in methods}
    for _ in range(motions):
        motion = sample_motion(rng, posed_as.pose.center_mm, MAX_TURN_DEG, MAX_SHIFT_MM)
        moved = with_moved_counts(volume, motion)
        moved_as = posed(moved)
        back = compose(invert(motion.pose), moved_as.pose)
        for name, draw in methods.items():
            again = draw(moved, moved_as)
            found[name].append(difference(first[name], again, back))
    return found


def difference(
    first: VentricleSurfaces, again: VentricleSurfaces, pose_of_again: RigidPose
) -> dict[str, float]:
    """Mean distance of the mid-walls, and change of the volume, of one heart drawn twice."""
    first_from_again = compose(invert(first.pose), pose_of_again).matrix
    expected = radii_seen_from(first.middle_mm, first_from_again)
    off = np.abs(again.middle_mm - expected)[again.is_wall]
    return {
        "middle_mm": float(off.mean()),
        "cavity_part": abs(again.cavity_ml / first.cavity_ml - 1),
    }


def repetition(rows: Sequence[Mapping[str, float]]) -> dict[str, Any]:
    """Medians and 95th percentiles over exams and motions."""
    if not rows:
        return {}
    return {
        name: {
            "median": _median(np.array([row[name] for row in rows])),
            "95th": _high(np.array([row[name] for row in rows])),
        }
        for name in ("middle_mm", "cavity_part")
    }


def seconds(drawer: WallDrawer, exam: StoredExam) -> dict[str, float]:
    """Time on one core: the surfaces alone, and with the polar map."""
    stay_on_one_core()

    def with_map() -> None:
        surfaces = drawer.draw(exam.volume, exam.pose).surfaces
        _ = tracing_of_surfaces(surfaces, exam.volume).polar_map

    tasks: dict[str, Callable[[], object]] = {
        "surfaces_s": lambda: drawer.draw(exam.volume, exam.pose),
        "surfaces_and_polar_map_s": with_map,
    }
    return medians_in_turn_s(tasks, 9, time.process_time)


def real_studies(methods: Mapping[str, Draw], folder: Path) -> list[dict[str, Any]]:
    """Dice and distances of drawn walls and expert masks; nothing is set by them."""
    rows = []
    for number, (path, mask) in enumerate(find_studies(folder), start=1):
        if mask is None:
            continue
        volume = studies_in(path).studies[0].load().study.volume
        posed_as = posed(volume)
        wall = read_wall_mask(mask, volume)
        for name, draw in methods.items():
            surfaces = draw(volume, posed_as)
            score = score_against_mask(surfaces, volume, wall)
            values = {key: round(value, 2) for key, value in asdict(score).items()}
            rows.append({"study": number, "method": name, **values, "flag": surfaces.flag})
    return rows


def _mean(values: np.ndarray) -> float:
    return round(float(values.mean()), 4) if values.size else float("nan")


def _median(values: np.ndarray) -> float:
    return round(float(np.median(values)), 4) if values.size else float("nan")


def _high(values: np.ndarray) -> float:
    return round(float(np.percentile(values, 95)), 4) if values.size else float("nan")


def _sd(values: np.ndarray) -> float:
    return round(float(values.std(ddof=1)), 4) if values.size > 1 else float("nan")


def _r(one: np.ndarray, other: np.ndarray) -> float:
    # A method that takes every wall for as thick tells nothing of thickness.
    if min(one.std(), other.std()) < 0.01:
        return 0.0
    return round(float(np.corrcoef(one, other)[0, 1]), 3)


if __name__ == "__main__":
    main()
