"""What an estimator says about one left ventricle."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from shortaxis.geometry.pose import RigidPose
from shortaxis.inference.weights_record import WeightsRecord
from shortaxis.reorientation.handedness import Handedness

__all__ = [
    "LeftVentricleExtent",
    "PoseEstimate",
    "PoseUncertainty",
    "Quality",
    "QualityFlag",
]


class QualityFlag(Enum):
    """Whether an operator should review the pose."""

    ACCEPT = "accept"
    REVIEW = "review"

    @property
    def words(self) -> str:
        """What is written large: of the axes, never of the patient."""
        return {"accept": "Axes: accepted", "review": "Axes: to be reviewed"}[self.value]


@dataclass(frozen=True)
class PoseUncertainty:
    """How far a pose may be off; None where the method cannot tell.

    `long_axis_deg` and `roll_deg` are angles in degrees, `center_mm` a distance. What they mean
    is in the table of methods (`shortaxis.reorientation.methods`).
    """

    long_axis_deg: float | None = None
    center_mm: float | None = None
    roll_deg: float | None = None


@dataclass(frozen=True)
class Quality:
    """A flag that follows from its reasons: any reason means `review`."""

    reasons: tuple[str, ...] = ()

    @property
    def flag(self) -> QualityFlag:
        """``review`` if there is any reason, else ``accept``."""
        return QualityFlag.REVIEW if self.reasons else QualityFlag.ACCEPT

    def with_reasons(self, *reasons: str) -> Quality:
        """Return the same quality with more reasons, each named once."""
        return Quality(tuple(dict.fromkeys(self.reasons + reasons)))


@dataclass(frozen=True)
class LeftVentricleExtent:
    """Size of the left ventricle as the estimator saw it, mm.

    `length_mm` runs from the epicardial apex to the centre of the valve plane (the pose's
    centre is its midpoint); `radius_mm` is the largest radius of the mid-wall surface.
    """

    length_mm: float
    radius_mm: float


@dataclass(frozen=True, eq=False)
class PoseEstimate:
    """A pose (anatomical roll, as far as the method knows it) and what is known about it.

    `method` is the name under which ``pose.json`` reports it; `knows_roll` is False where the
    roll is a convention and not what the method saw. `uncertainty` is in degrees and mm, `quality`
    the flag with its reasons, `extent` length and radius of the ventricle, None where the method
    does not measure them. `handedness` is which way round the volume lies, where that was looked
    at.
    """

    pose: RigidPose
    method: str
    uncertainty: PoseUncertainty = field(default_factory=PoseUncertainty)
    quality: Quality = field(default_factory=Quality)
    extent: LeftVentricleExtent | None = None
    weights: WeightsRecord = field(default_factory=WeightsRecord)
    knows_roll: bool = True
    handedness: Handedness | None = None
