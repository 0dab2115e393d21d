"""The review sheet: one picture on which an operator accepts or rejects a reorientation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from shortaxis.anatomy.cardiac_views import CardiacView
from shortaxis.geometry.pose import RigidPose
from shortaxis.reorientation.estimate import PoseEstimate
from shortaxis.spect.study import AcquisitionFacts
from shortaxis.spect.volume import SpectVolume

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["ReviewSheetContent", "draw_review_sheet", "write_review_sheet"]


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


def draw_review_sheet(content: ReviewSheetContent) -> Figure:
    """Draw the sheet, 1600 x 1200 pixels: source cuts and facts above, slices below.

    The myocardial level is shown as 100 %, in the source cuts too.
    """
    # Matplotlib takes longer to import than a pose to estimate; who draws nothing never pays.
    from shortaxis.workflow.drawing.canvas import new_sheet
    from shortaxis.workflow.drawing.display_scale import myocardial_level
    from shortaxis.workflow.review_sheet.facts import draw_facts, draw_title
    from shortaxis.workflow.review_sheet.panels import draw_source_cuts
    from shortaxis.workflow.review_sheet.septum import draw_right_ventricle
    from shortaxis.workflow.review_sheet.tiles import draw_colour_bar, draw_slices

    sheet = new_sheet()
    extent = content.estimate.extent
    level = myocardial_level(content.volume, content.pose, extent)
    draw_title(sheet, content)
    draw_source_cuts(sheet, content, level)
    draw_facts(sheet, content)
    draw_slices(sheet, content, level)
    draw_right_ventricle(sheet, content, level)
    draw_colour_bar(sheet)
    return sheet.figure


def write_review_sheet(path: Path, content: ReviewSheetContent) -> None:
    """Draw the sheet and write it as PNG.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    canvas = FigureCanvasAgg(draw_review_sheet(content))
    # Level 3 takes half the time of the default and 5 % more space.
    canvas.print_figure(str(path), format="png", pil_kwargs={"compress_level": 3})
