"""What the page sends, checked before anything is done with it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from shortaxis.geometry.pose import RigidPose
from shortaxis.review.decisions import Decision, ReviewAction
from shortaxis.spect.stated_geometry import StoredAxis

__all__ = [
    "DecisionBody",
    "HeartBody",
    "OrientationBody",
    "PolarBody",
    "PoseBody",
    "decision_of",
    "plain",
]

Number = Annotated[float, Field(allow_inf_nan=False, ge=-1e5, le=1e5)]
Row = Annotated[list[Number], Field(min_length=3, max_length=3)]


class PoseBody(BaseModel):
    """Pose as in ``pose.json``: LPS mm, columns are the cardiac axes."""

    model_config = ConfigDict(extra="forbid")

    center_mm: Row
    patient_from_cardiac: Annotated[list[Row], Field(min_length=3, max_length=3)]

    def pose(self) -> RigidPose:
        """The pose.

        Raises
        ------
        GeometryError
            If its matrix is no rotation.
        """
        return RigidPose(np.array(self.patient_from_cardiac), np.array(self.center_mm))


Place = Annotated[list[Number], Field(min_length=3, max_length=3)]


class PlaneBody(BaseModel):
    """A valve plane, LPS mm."""

    model_config = ConfigDict(extra="forbid")

    center_mm: Place
    normal: Place


class PushedBody(BaseModel):
    """A point that a surface of the wall passes, LPS mm."""

    model_config = ConfigDict(extra="forbid")

    surface: Literal["endocardium", "middle", "epicardium"]
    point_mm: Place


class NeighbourBody(BaseModel):
    """A ball around a hot organ, LPS mm."""

    model_config = ConfigDict(extra="forbid")

    center_mm: Place
    radius_mm: Annotated[float, Field(allow_inf_nan=False, ge=2, le=150)]


class WallByHandBody(BaseModel):
    """What a reviewer set of the wall; what is left out was not set."""

    model_config = ConfigDict(extra="forbid")

    valve_plane: PlaneBody | None = None
    apex_mm: Place | None = None
    pushed: Annotated[list[PushedBody], Field(max_length=200)] = []
    neighbours: Annotated[list[NeighbourBody], Field(max_length=200)] = []


class HeartBody(PoseBody):
    """A pose, and what was set of the wall."""

    wall_by_hand: WallByHandBody | None = None


class PolarBody(HeartBody):
    """A pose whose polar map is asked for, and what finds the wall."""

    wall: Literal["tracing", "network"] | None = None


class DecisionBody(BaseModel):
    """What a reviewer decided."""

    model_config = ConfigDict(extra="forbid")

    action: ReviewAction
    version: int = Field(ge=0, le=2**31)
    reviewer: str = Field(min_length=1, max_length=100)
    comment: str = Field(default="", max_length=4000)
    conclusion: str = Field(default="", max_length=4000)
    pose: PoseBody | None = None
    wall_by_hand: WallByHandBody | None = None


class StatedBody(BaseModel):
    """What a reviewer states of the geometry; what is left out stays as the file says."""

    model_config = ConfigDict(extra="forbid")

    orientation: Annotated[str | None, Field(pattern="^[LRPASIHF]{3}$")] = None
    slice_spacing_mm: Number | None = None
    pixel_spacing_mm: Annotated[list[Number], Field(min_length=2, max_length=2)] | None = None
    flips: Annotated[list[StoredAxis], Field(max_length=3)] = []


class OrientationBody(BaseModel):
    """A statement of geometry, and who makes it."""

    model_config = ConfigDict(extra="forbid")

    version: int = Field(ge=0, le=2**31)
    reviewer: str = Field(min_length=1, max_length=100)
    comment: str = Field(default="", max_length=4000)
    stated: StatedBody


def plain(body: BaseModel | None) -> dict[str, Any] | None:
    """Plain values; None of nothing."""
    return None if body is None else body.model_dump()


def decision_of(body: DecisionBody) -> Decision:
    """What a reviewer decided.

    Raises
    ------
    OptionError
        For what does not belong together.
    """
    return Decision(
        body.action,
        body.version,
        body.reviewer,
        body.comment,
        None if body.pose is None else body.pose.model_dump(),
        wall=plain(body.wall_by_hand),
        conclusion=body.conclusion,
    )
