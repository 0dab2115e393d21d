"""A sheet that is painted in bands is the sheet that is painted at once."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from shortaxis.workflow.drawing import painting
from shortaxis.workflow.drawing.box import Box
from shortaxis.workflow.drawing.marks import Rim, Shape
from shortaxis.workflow.drawing.painted_sheet import PaintedSheet
from shortaxis.workflow.drawing.painting import BAND_PX, painted_png


@pytest.fixture
def crossed() -> PaintedSheet:
    """Marks of every kind over the edges of bands."""
    sheet = PaintedSheet(width=200, height=2 * BAND_PX + 50)
    panel = sheet.panel(Box(0, 0, 200, sheet.height), "all")
    panel.line([(10, 10), (60, sheet.height - 10)], "#cc3311", 2.5, rim=Rim("#000000", 5))
    for edge in (BAND_PX, 2 * BAND_PX):
        corners = np.array([(70, edge - 20), (100, edge + 15.3), (80, edge + 20)], dtype=float)
        panel.shape(Shape(corners, "#0077bb", Rim("#ffffff", 3)))
        panel.line(corners + 20, "#009988", 3, opacity=0.6, clip=Box(90, edge - 9, 30, 20))
        sheet.text((120, edge + 0.5), "apex", 18, anchor=(0, 0.5), rim=Rim("#888888", 3))
        sheet.text((150, edge - 3), "pqg", 16, ground="#ddddff", anchor=(0.5, 1))
        sheet.text((185, edge), "septum", 15, anchor=(0.5, 0.5), turn=90, bold=True)
    return sheet


def test_marks_that_bands_share_are_painted_as_at_once(
    crossed: PaintedSheet, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_bands = painted_png(crossed)

    monkeypatch.setattr(painting, "BAND_PX", crossed.height)
    at_once = painted_png(crossed)

    assert in_bands == at_once
    edges = np.asarray(Image.open(io.BytesIO(in_bands)).convert("L"))[BAND_PX - 1 : BAND_PX + 1]
    assert (edges < 200).any(axis=1).all()
