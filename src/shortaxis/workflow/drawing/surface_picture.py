"""The wall in three dimensions as a picture: seen from four sides, for pages without scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from shortaxis.geometry.arrays import FloatArray
from shortaxis.quantification.painted_surface import PaintedSurface
from shortaxis.workflow.drawing.png import png_in_few_colours

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

__all__ = ["SIDES", "colour_table", "surface_picture", "turn_of"]

SIDES = {"anterior": 0.0, "lateral": 90.0, "inferior": 180.0, "septal": 270.0}
"""From where the wall is seen, and how far the viewer has gone about the long axis."""

PITCH_DEG = 15.0
"""From below: the apex is seen."""

EDGE, FINER = 240, 2
"""Pixels of one view, and how many times as fine it is painted."""

INK = "#14181f"


def turn_of(yaw_deg: float, pitch_deg: float = PITCH_DEG) -> FloatArray:
    """Rows: to the right on screen, up, and towards the viewer, in the cardiac frame.

    The base is up; without a turn the viewer looks from the anterior side. The script of the
    turnable view has the same.
    """
    c, s = np.cos(np.deg2rad(yaw_deg)), np.sin(np.deg2rad(yaw_deg))
    d, t = np.cos(np.deg2rad(pitch_deg)), np.sin(np.deg2rad(pitch_deg))
    return np.array([[c, s, 0.0], [s * t, -c * t, d], [s * d, -c * d, -t]])


def colour_table() -> npt.NDArray[np.uint8]:
    """Colours (256, 3) of the polar maps, from 0 to 100 per cent."""
    from matplotlib import colormaps

    from shortaxis.workflow.drawing.polar_map import COLOUR_MAP

    table: npt.NDArray[np.uint8] = colormaps[COLOUR_MAP](np.linspace(0, 1, 256), bytes=True)[:, :3]
    return table


def surface_picture(surface: PaintedSurface) -> bytes:
    """A PNG of the wall from all `SIDES`, beside each other, in few colours."""
    from PIL import Image
    from PIL.ImageDraw import Draw

    size = EDGE * FINER
    picture = Image.new("RGB", (len(SIDES) * size, size), "white")
    draw = Draw(picture)
    for number, yaw in enumerate(SIDES.values()):
        _paint(draw, surface, turn_of(yaw), (number * size, size))
    small = picture.resize((len(SIDES) * EDGE, EDGE), Image.Resampling.LANCZOS)
    words = Draw(small)
    for number, name in enumerate(SIDES):
        words.text((number * EDGE + 6, 4), f"from the {name} side", fill=INK)
    return png_in_few_colours(small, level=9)


def _paint(
    draw: ImageDraw, surface: PaintedSurface, turn: FloatArray, place: tuple[int, int]
) -> None:
    """The farthest triangles first; nearer ones are painted over them."""
    left, size = place
    at = surface.points_mm - surface.points_mm.mean(axis=0)
    seen = at @ turn.T
    scale = 0.47 * size / np.linalg.norm(at, axis=1).max()
    corners = seen[surface.triangles]
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    light = 0.45 + 0.55 * np.abs(across[:, 2]) / np.maximum(np.linalg.norm(across, axis=1), 1e-9)
    uptake = surface.uptake_percent[surface.triangles].mean(axis=1)
    level = np.clip(np.round(2.55 * uptake), 0, 255).astype(int)
    colours = (colour_table()[level] * light[:, None]).astype(int)
    across_px, down_px = scale * corners[..., 0], -scale * corners[..., 1]
    pixels = np.stack([left + size / 2 + across_px, size / 2 + down_px], axis=-1)
    for number in np.argsort(corners[..., 2].sum(axis=1)):
        red, green, blue = colours[number].tolist()
        draw.polygon([(x, y) for x, y in pixels[number].tolist()], fill=(red, green, blue))
