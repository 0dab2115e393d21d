"""What a review sheet is drawn from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from shortaxis.anatomy.cardiac_views import CardiacView
from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.pose import RigidPose
from shortaxis.reorientation.estimate import PoseEstimate
from shortaxis.spect.study import AcquisitionFacts
from shortaxis.spect.volume import SpectVolume

__all__ = ["Outline", "OutlinesOfFrames", "ReviewSheetContent", "no_outlines"]


@dataclass(frozen=True, eq=False)
class Outline:
    """A line on the tile of one frame.

    Parameters
    ----------
    points_mm : (point, 2) array
        Right and down of the pose's centre, as the view is shown.
    colour : str
        As ``#rrggbb``.
    width_px : float
        How wide it is drawn.
    name : str
        Which line it is, for whoever looks for it.
    """

    points_mm: FloatArray
    colour: str
    width_px: float = 1.4
    name: str = ""


OutlinesOfFrames = Callable[[CardiacView, int], Sequence[Outline]]
"""The lines of a frame, by its view and its index from 0 in the series that is written."""


def no_outlines(_view: CardiacView, _index: int) -> Sequence[Outline]:
    """Nothing is drawn on the tiles."""
    return ()


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
    outlines : callable
        Lines to be drawn on the tile of a frame.
    legend : tuple of str
        What the lines are.
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
    outlines: OutlinesOfFrames = no_outlines
    legend: tuple[str, ...] = ()
