"""What a method says of one exam: a pose, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from shortaxis.errors import OptionError
from shortaxis.reorientation.estimate import PoseEstimate

__all__ = ["Absence", "ExamEstimate"]


class Absence(Enum):
    """Why there is no pose: the method found no heart, or nobody gave a pose."""

    NOT_FOUND = "not found"
    NO_POSE = "no pose"


@dataclass(frozen=True, eq=False)
class ExamEstimate:
    """Either an `estimate` or an `absence`, never both.

    Raises
    ------
    OptionError
        If both are given, or none.
    """

    exam_seed: int
    estimate: PoseEstimate | None = None
    absence: Absence | None = None

    def __post_init__(self) -> None:
        if (self.estimate is None) == (self.absence is None):
            raise OptionError(
                f"exam {self.exam_seed} has no clear outcome",
                expected="a pose, or the reason why there is none",
                found="neither" if self.absence is None else "both",
            )
