"""A second reader: what was read without seeing the first reading, and how far both agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from shortaxis.errors import OptionError
from shortaxis.geometry.pose import RigidPose
from shortaxis.geometry.pose_errors import pose_errors
from shortaxis.review.decisions import SIGNED_OFF, ReviewAction, ReviewState
from shortaxis.review.review_rows import StoredReview

__all__ = ["VERDICTS", "SecondReading", "agreement_of", "agreement_summary"]

VERDICTS = {
    ReviewAction.ACCEPT: ReviewState.ACCEPTED,
    ReviewAction.CORRECT: ReviewState.CORRECTED,
    ReviewAction.REJECT: ReviewState.REJECTED,
}
"""What a second reader can say, and the state of a study that the first one left with the same."""


@dataclass(frozen=True)
class SecondReading:
    """What a second reader said of a study.

    Parameters
    ----------
    study, content : str
        Which one, and on which counts.
    reviewer, at : str
        Who, and when.
    verdict : ReviewAction
        Accept, correct or reject.
    comment : str
        Anything else.
    pose : mapping or None
        ``pose.json`` of what was accepted or corrected.
    """

    study: str
    content: str
    reviewer: str
    at: str
    verdict: ReviewAction
    comment: str = ""
    pose: Mapping[str, Any] | None = None

    def require_other_reader(self, first: StoredReview, signed_by: str) -> None:
        """Refuse a second reading that is none.

        Raises
        ------
        OptionError
            If the study was not read before, or by the same reader.
        """
        if first.state is ReviewState.OPEN:
            raise OptionError(
                "nobody has read this study before",
                expected="a study that a first reader has decided on",
                found="an open one",
                way_on="decide on it without a second reading",
            )
        if signed_by.strip().casefold() == self.reviewer.strip().casefold():
            raise OptionError(
                "the second reader is the first one",
                expected="another name",
                found="the same name",
                way_on="let somebody else read it, or reopen the study",
            )


def agreement_of(first: StoredReview, second: SecondReading) -> dict[str, Any]:
    """How far two readings of a study agree: verdicts, and degrees and mm between the poses."""
    same = VERDICTS[second.verdict] is first.state
    record: dict[str, Any] = {
        "reviewer": second.reviewer,
        "at": second.at,
        "verdict": VERDICTS[second.verdict].value,
        "comment": second.comment,
        "same_verdict": same,
        "apart": None,
    }
    if first.state in SIGNED_OFF and first.pose is not None and second.pose is not None:
        apart = pose_errors(_pose(second.pose), _pose(first.pose))
        record["apart"] = {name: round(value, 2) for name, value in asdict(apart).items()}
    return record


def _pose(record: Mapping[str, Any]) -> RigidPose:
    return RigidPose(record["patient_from_cardiac"], record["center_mm"])


MEASURES = ("long_axis_deg", "roll_deg", "center_mm")


def agreement_summary(pairs: Sequence[tuple[StoredReview, SecondReading]]) -> dict[str, Any]:
    """Of all studies that were read twice: kappa of the verdicts, and how far poses lie apart.

    Kappa is Cohen's, None where chance alone would make both agree on all.
    """
    records = [agreement_of(*pair) for pair in pairs]
    poses = [each["apart"] for each in records if each["apart"] is not None]
    return {
        "studies": len(records),
        "same_verdict": sum(each["same_verdict"] for each in records),
        "kappa": _kappa([(one.state, VERDICTS[other.verdict]) for one, other in pairs]),
        "poses": len(poses),
        "apart": {name: _median_and_95th([each[name] for each in poses]) for name in MEASURES},
    }


def _kappa(verdicts: Sequence[tuple[ReviewState, ReviewState]]) -> float | None:
    if not verdicts:
        return None
    firsts, seconds = (Counter(each) for each in zip(*verdicts, strict=True))
    count = len(verdicts)
    seen = sum(one is other for one, other in verdicts) / count
    by_chance = sum(firsts[state] * seconds[state] for state in ReviewState) / count**2
    return None if by_chance == 1 else round((seen - by_chance) / (1 - by_chance), 3)


def _median_and_95th(values: Sequence[float]) -> dict[str, float] | None:
    if not values:
        return None
    return {
        "median": round(float(np.median(values)), 2),
        "95th": round(float(np.percentile(values, 95)), 2),
    }
