"""What a reviewer can decide about a study, and what becomes of the study then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from shortaxis.errors import OptionError
from shortaxis.spect.stated_geometry import StatedGeometry

__all__ = ["SIGNED_OFF", "STATE_AFTER", "Decision", "ReviewAction", "ReviewState", "TrailAction"]


class ReviewState(StrEnum):
    """What has become of a study."""

    OPEN = "open"
    ACCEPTED = "accepted"
    CORRECTED = "corrected"
    REJECTED = "rejected"


class ReviewAction(StrEnum):
    """What a reviewer can do with a study."""

    ACCEPT = "accept"
    CORRECT = "correct"
    REJECT = "reject"
    REOPEN = "reopen"
    COMMENT = "comment"
    ORIENT = "orient"


class TrailAction(StrEnum):
    """What the trail tells besides, and nobody decides: other counts lie under the name."""

    REPLACED = "replaced"


STATE_AFTER = {
    ReviewAction.ACCEPT: ReviewState.ACCEPTED,
    ReviewAction.CORRECT: ReviewState.CORRECTED,
    ReviewAction.REJECT: ReviewState.REJECTED,
    ReviewAction.REOPEN: ReviewState.OPEN,
    ReviewAction.COMMENT: None,
    ReviewAction.ORIENT: ReviewState.OPEN,
}
"""State of a study after each action; a comment leaves it as it is, and another geometry asks for
another look."""

SIGNED_OFF = (ReviewState.ACCEPTED, ReviewState.CORRECTED)
"""States that come with results."""


@dataclass(frozen=True)
class Decision:
    """What a reviewer decided, made from a version of the review.

    `pose` is that of ``pose.json``, for a correction alone; `stated` is what the reviewer says of
    the geometry, for `ReviewAction.ORIENT` alone; `wall` is what was set of the wall by hand, for
    actions that sign off, and so is the `conclusion` of the reader.
    """

    action: ReviewAction
    version: int
    reviewer: str
    comment: str = ""
    pose: Mapping[str, Any] | None = None
    stated: StatedGeometry | None = None
    wall: Mapping[str, Any] | None = None
    conclusion: str = ""

    def __post_init__(self) -> None:
        if not self.reviewer.strip():
            raise OptionError("nobody signs", expected="the reviewer's name", found="none")
        if (self.action is ReviewAction.CORRECT) != (self.pose is not None):
            raise OptionError(
                "a correction and its pose belong together",
                expected="a pose with correct, and with nothing else",
                found=f"{self.action.value} {'without' if self.pose is None else 'with'} a pose",
            )
        if self.wall is not None and STATE_AFTER[self.action] not in SIGNED_OFF:
            raise OptionError(
                "a wall that was set by hand is kept with a signature",
                expected="accept or correct",
                found=self.action.value,
            )
        if self.conclusion.strip() and STATE_AFTER[self.action] not in SIGNED_OFF:
            raise OptionError(
                "a conclusion is kept with a signature",
                expected="accept or correct",
                found=self.action.value,
                way_on="sign the study off, or keep the words as a comment",
            )
        if (self.action is ReviewAction.ORIENT) != (self.stated is not None):
            raise OptionError(
                "a statement of geometry belongs to the action orient, and to no other",
                expected="orient with a geometry",
                found=f"{self.action.value} {'without' if self.stated is None else 'with'} one",
            )
