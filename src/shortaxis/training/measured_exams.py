"""Exams that weights are calibrated on: what the cascade does on each, kept against a stop.

The measures are those that the flag is judged by, without the three bounds, whose laws follow from
these exams. Every exam is one line of a file in the folder of the run; a line counts only for the
same blocks and the same exam, by their SHA-256.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from shortaxis._version import __version__
from shortaxis.evaluation.scores.exam_score import FAILURE_DEG, FAILURE_MM
from shortaxis.files.plain_json import OF_ANOTHER_SHAPE, to_json_line
from shortaxis.geometry.pose_errors import pose_errors
from shortaxis.reorientation.estimate import PoseUncertainty
from shortaxis.reorientation.judgement import default_judgement
from shortaxis.reorientation.network_cascade import Cascade, Refinement
from shortaxis.reorientation.network_estimate import extent_of, scaled_for_network
from shortaxis.reorientation.network_evidence import network_measures
from shortaxis.reorientation.quality import Measure
from shortaxis.spect.volume import SpectVolume
from shortaxis.training.exams import PosedExam, SeedRange

__all__ = ["MEASURED_FILE", "MeasuredExam", "MeasuredFile", "measured_exams"]

MEASURED_FILE = "calibration.jsonl"
"""In the folder of a run; it may be removed."""

BOUNDS = (Measure.LONG_AXIS_BOUND_DEG, Measure.CENTER_BOUND_MM, Measure.ROLL_BOUND_DEG)


@dataclass(frozen=True)
class MeasuredExam:
    """One exam as the cascade sees it.

    Parameters
    ----------
    preset : str
        Of the exam.
    errors : tuple of float
        Of the long axis and the roll (degrees) and of the centre (mm).
    spread : tuple of float
        The same errors as the cascade expects them.
    measures : mapping of str to float
        By the keys of `Measure`, without bounds; NaN and what was not measured are left out.
        Empty for an exam that no limit is set on.
    """

    preset: str
    errors: tuple[float, ...]
    spread: tuple[float, ...]
    measures: Mapping[str, float]

    @property
    def is_failure(self) -> bool:
        """Whether its slices would be of no use, as in an evaluation."""
        long_axis_deg, _, center_mm = self.errors
        return not (long_axis_deg <= FAILURE_DEG and center_mm <= FAILURE_MM)


class MeasuredFile:
    """Measured exams in a file, one line each, as far as they are of these blocks.

    Parameters
    ----------
    path : Path
        Of the file; one of other blocks, or of another version of the package, begins anew.
    blocks : sequence of str
        SHA-256 of the exported blocks.
    """

    def __init__(self, path: Path, blocks: Sequence[str]) -> None:
        self.path = path
        self.header = {"package": __version__, "blocks": list(blocks)}
        self.lines = self._read()
        content = [self.header, *self.lines.values()]
        path.write_text("".join(map(_line, content)), encoding="utf-8")

    def get(self, key: Mapping[str, Any]) -> MeasuredExam | None:
        """The exam of a key, if it was measured."""
        found = self.lines.get(_line(key))
        if found is None:
            return None
        return MeasuredExam(
            found["preset"], tuple(found["errors"]), tuple(found["spread"]), found["measures"]
        )

    def add(self, key: Mapping[str, Any], exam: MeasuredExam) -> None:
        """Append an exam."""
        values = {"key": dict(key), **asdict(exam)}
        with self.path.open("a", encoding="utf-8") as file:
            file.write(_line(values))
        self.lines[_line(key)] = values

    def _read(self) -> dict[str, dict[str, Any]]:
        """Whole lines by their keys; a killed process may have left half of the last one."""
        if not self.path.exists():
            return {}
        first, *rest = self.path.read_text(encoding="utf-8").splitlines() or [""]
        if _parsed(first) != self.header:
            return {}
        lines = (_parsed(each) for each in rest)
        return {_line(each["key"]): each for each in lines if each is not None}


def measured_exams(
    cascade: Cascade,
    ranges: Sequence[SeedRange],
    kept: MeasuredFile | None = None,
    *,
    with_measures: bool,
) -> Iterator[MeasuredExam]:
    """Measure exams one after the other, or take them from where they are kept.

    Raises
    ------
    OptionError
        If an exam is missing, or is another one than its file's name says.
    """
    for one in ranges:
        for seed, path in zip(one.seeds, one.paths, strict=True):
            key = {"exam": _sha256(path), "measures": with_measures}
            found = kept.get(key) if kept else None
            if found is None:
                exam = one.posed_exam(seed, path)
                found = _measured(cascade, exam, one.preset, with_measures=with_measures)
                if kept:
                    kept.add(key, found)
            yield found


def _measured(
    cascade: Cascade, exam: PosedExam, preset: str, *, with_measures: bool
) -> MeasuredExam:
    found = cascade.find(exam.volume)
    errors = pose_errors(found.pose, exam.pose)
    return MeasuredExam(
        preset,
        (errors.long_axis_deg, errors.roll_deg, errors.center_mm),
        tuple(map(float, found.spread)),
        _measures(cascade, exam.volume, found) if with_measures else {},
    )


def _measures(cascade: Cascade, volume: SpectVolume, found: Refinement) -> dict[str, float]:
    measures = network_measures(
        cascade,
        scaled_for_network(volume),
        found,
        extent_of(found),
        PoseUncertainty(),
        default_judgement().motion,
    )
    return {
        measure.key: float(value)
        for measure, value in measures.items()
        if measure not in BOUNDS and math.isfinite(value)
    }


def _line(values: Mapping[str, Any]) -> str:
    return to_json_line(values, sorted_keys=True) + "\n"


def _parsed(line: str) -> dict[str, Any] | None:
    try:
        values = json.loads(line)
    except OF_ANOTHER_SHAPE:
        return None
    return values if isinstance(values, dict) else None


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
