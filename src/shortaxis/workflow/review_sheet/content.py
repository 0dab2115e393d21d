"""What a review sheet is drawn from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from shortaxis.anatomy.cardiac_views import CardiacView
from shortaxis.geometry.pose import RigidPose
from shortaxis.reorientation.estimate import PoseEstimate
from shortaxis.spect.study import AcquisitionFacts
from shortaxis.spect.volume import SpectVolume

__all__ = ["ReviewSheetContent"]


@dataclass(frozen=True, eq=False)
class ReviewSheetContent:
    """What the sheet shows.

    Parameters
    ----------
    volume : SpectVolume
        The original transaxial counts.
    views : mapping of CardiacView to SpectVolume
        The slices as they are written, in the same counts.
    estimate : PoseEstimate
        Method, quality, uncertainty, size, and the anatomical pose.
    pose : RigidPose
        The pose that the slices were cut with.
    roll : str
        The roll convention of that pose.
    title : str
        Headline, without patient identifiers.
    facts : AcquisitionFacts
        What else the source says of itself.
    time_slots : int
        How many were summed into `volume`; 1 if the study is not gated.
    interpolation : str
        How the counts of the slices were sampled.
    """

    volume: SpectVolume
    views: Mapping[CardiacView, SpectVolume]
    estimate: PoseEstimate
    pose: RigidPose
    roll: str
    title: str
    facts: AcquisitionFacts = field(default_factory=AcquisitionFacts)
    time_slots: int = 1
    interpolation: str = "linear"
