"""What the exported wall network makes of exams, along the axes that a cascade finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from shortaxis.evaluation.walls.true_wall import true_wall
from shortaxis.evaluation.walls.wall_score import score_wall
from shortaxis.inference.onnx_session import OnnxMaps
from shortaxis.reorientation.network_cascade import Cascade
from shortaxis.simulation.exam_files import StoredExam
from shortaxis.training.exams import SeedRange
from shortaxis.ventricle.trust import BOUNDED_WALL_ERRORS, WallMeasures
from shortaxis.ventricle.wall_network import predict_wall

__all__ = ["MeasuredWall", "measured_walls"]


@dataclass(frozen=True)
class MeasuredWall:
    """One exam: errors and expected errors in the order of `BOUNDED_WALL_ERRORS`."""

    errors: tuple[float, ...]
    spread: tuple[float, ...]
    measures: WallMeasures
    is_right: bool


def measured_walls(
    network: OnnxMaps,
    cascade: Cascade,
    ranges: Sequence[SeedRange],
    done: Callable[[], None],
) -> Iterator[MeasuredWall]:
    """Measure exams one after the other; `done` is called after each.

    Raises
    ------
    OptionError
        If an exam is missing, another one, or was stored without its true wall.
    """
    for one in ranges:
        for exam in one.exams():
            yield _measured(network, cascade, exam)
            done()


def _measured(network: OnnxMaps, cascade: Cascade, exam: StoredExam) -> MeasuredWall:
    truth = exam.known_truth
    pose = cascade.find(exam.volume).pose
    rays, prediction = predict_wall(network, exam.volume, pose)
    score = score_wall(prediction.surfaces(pose), true_wall(truth), exam.pose)
    spread = tuple(prediction.spread[name] for name in BOUNDED_WALL_ERRORS)
    return MeasuredWall(score.expected_errors, spread, prediction.measures(rays), score.is_right)
