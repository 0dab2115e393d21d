"""Draw the picture of the phantom: a torso in three planes, and four hearts in the cardiac views.

``python docs/figures/draw_phantom.py [FILE]`` writes a PNG, by default
``docs/images/phantom.png``. Each heart is shown as it is drawn and after a Gaussian blur as wide
as the resolution of a camera, which is no simulation of one.
"""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import palette
from matplotlib.axes import Axes
from scipy import ndimage

from shortaxis.anatomy.cardiac_views import CardiacView, view_grid
from shortaxis.anatomy.segments import Territory
from shortaxis.geometry.affines import affine_from_axes, geometric_center_mm
from shortaxis.geometry.arrays import CountsArray
from shortaxis.geometry.grids import Grid
from shortaxis.phantom.defects import segment_defects
from shortaxis.phantom.drawing import draw_phantom
from shortaxis.phantom.heart import (
    ApicalAneurysm,
    Heart,
    HeartMotion,
    LeftVentricle,
    RegionalUptake,
    RightVentricle,
)
from shortaxis.phantom.phantom import Phantom

TARGET = Path(__file__).resolve().parents[1] / "images" / "phantom.png"
SPACING_MM = 2.5
FWHM_MM = 11.0
FWHM_PER_SIGMA = 2 * np.sqrt(2 * np.log(2))

PLANES = {
    "Transaxial": ((0, 0, 1), (0, 1, 0), (1, 0, 0)),
    "Coronal": ((0, 1, 0), (0, 0, -1), (1, 0, 0)),
    "Sagittal": ((1, 0, 0), (0, 0, -1), (0, 1, 0)),
}
"""Stacking, row step (down) and column step (to the right) in LPS."""

SIDES = {"Transaxial": "RAL", "Coronal": "RSL", "Sagittal": "ASP"}
"""Left, top and right of each plane."""


def hearts() -> dict[str, Heart]:
    """The four hearts by title."""
    everywhere = RegionalUptake(lateral=0.06, inferior=-0.05, apical=0.04)
    multi_vessel = segment_defects((3, 4, 9, 10, 15), severity=0.8, thinning=0.3)
    multi_vessel += segment_defects((13, 14, 7, 8, 17), severity=0.6, transmurality=0.6)
    return {
        "Normal": Heart(left_ventricle=LeftVentricle(regional_uptake=everywhere)),
        "Septal hypertrophy": Heart(
            left_ventricle=LeftVentricle(
                radius_mm=33, wall_mm=13, septal_excess_mm=6, apex_wall_mm=11
            ),
            right_ventricle=RightVentricle(wall_mm=6, uptake=0.6),
            motion=HeartMotion(ejection_fraction=0.7),
        ),
        "Dilated, multi-vessel defects": Heart(
            left_ventricle=LeftVentricle(
                length_mm=108, radius_mm=42, wall_mm=9, apex_wall_mm=6, apex_bluntness=2.5
            ),
            motion=HeartMotion(ejection_fraction=0.25, base_excursion_mm=5),
            defects=multi_vessel,
        ),
        "Apical aneurysm": Heart(
            left_ventricle=LeftVentricle(
                length_mm=98, radius_mm=33, aneurysm=ApicalAneurysm(), regional_uptake=everywhere
            ),
            motion=HeartMotion(ejection_fraction=0.35, base_excursion_mm=7),
            defects=segment_defects(Territory.LEFT_ANTERIOR_DESCENDING, severity=0.4)[:2],
        ),
    }


def plane_grid(name: str, phantom: Phantom) -> Grid:
    """One thin stack in a plane through the centre of the left ventricle."""
    shape = (5, 152, 168)
    axes = PLANES[name]
    centred = affine_from_axes(axes, SPACING_MM, (0, 0, 0))
    middle = geometric_center_mm(centred, shape)
    # The body in the middle of the picture, the plane through the heart.
    stacking = np.array(axes[0])
    center = np.array([0.0, 0.0, 0.0]) + stacking * (stacking @ phantom.pose.center_mm)
    centred[:3, 3] = center - middle
    return Grid(shape, centred)


def blurred(activity: CountsArray, spacing_mm: float) -> CountsArray:
    """A Gaussian as wide as the resolution of a camera."""
    smooth: CountsArray = ndimage.gaussian_filter(activity, FWHM_MM / FWHM_PER_SIGMA / spacing_mm)
    return smooth


def draw_torso(axes: list[Axes], phantom: Phantom) -> None:
    """Three planes of activity, three of attenuation."""
    for column, name in enumerate(PLANES):
        maps = draw_phantom(phantom, plane_grid(name, phantom))
        shown = (
            (maps.activity[2].numpy(), "activity", 1.0),
            (maps.attenuation_per_cm[2].numpy(), "attenuation", 0.25),
        )
        for row, (picture, what, top) in enumerate(shown):
            axis = axes[column + 3 * row]
            axis.imshow(picture, cmap="gray_r", vmin=0, vmax=top, interpolation="nearest")
            axis.set_title(f"{name}, {what}", fontsize=palette.SMALL)
            for side, (x, y) in zip(SIDES[name], ((6, 76), (84, 8), (160, 76)), strict=True):
                axis.text(x, y, side, color=palette.ANGLE, ha="center", va="center")


def draw_heart(axes: list[Axes], title: str, heart: Heart) -> None:
    """Apical, mid and basal short axis, vertical and horizontal long axis; drawn and blurred."""
    phantom = Phantom(heart=heart)
    cuts = [(CardiacView.SHORT_AXIS, place) for place in (-0.25, 0.0, 0.3)]
    cuts += [(CardiacView.VERTICAL_LONG_AXIS, 0.0), (CardiacView.HORIZONTAL_LONG_AXIS, 0.0)]
    spacing_mm = 2.0
    for column, (view, place) in enumerate(cuts):
        grid = view_grid(view, phantom.pose, (65, 64, 64), spacing_mm)
        activity = draw_phantom(phantom, grid, supersampling=1).activity.numpy()
        frame = 32 + round(place * heart.left_ventricle.length_mm / spacing_mm)
        for row, volume in enumerate((activity, blurred(activity, spacing_mm))):
            axis = axes[column + 5 * row]
            picture = volume[frame]
            axis.imshow(picture, cmap="afmhot", vmin=0, vmax=0.95 * volume.max())
            if row == 0:
                axis.set_title(view.title.replace("long", "long\n"), fontsize=palette.SMALL)
    axes[2].set_title(f"{title}\nShort axis", fontsize=palette.SMALL)


def main(target: Path) -> None:
    """Draw everything on one sheet."""
    palette.use_style()
    figure = plt.figure(figsize=(15, 17.5))
    top, bottom = np.asarray(figure.subfigures(2, 1, height_ratios=(1.25, 1)))
    tight = {
        "wspace": 0.02,
        "hspace": 0.08,
        "left": 0.01,
        "right": 0.99,
        "top": 0.97,
        "bottom": 0.01,
    }
    torso_axes = top.subplots(2, 3, gridspec_kw=tight)
    draw_torso(list(torso_axes.flat), Phantom(heart=hearts()["Normal"]))
    groups = list(np.asarray(bottom.subfigures(2, 2)).flat)
    for group, (title, heart) in zip(groups, hearts().items(), strict=True):
        heart_axes = group.subplots(2, 5, gridspec_kw=tight | {"hspace": 0.02, "top": 0.86})
        draw_heart(list(heart_axes.flat), title, heart)
    for axis in figure.axes:
        axis.set_xticks([])
        axis.set_yticks([])
    figure.savefig(target, dpi=90, metadata={"Software": None})
    plt.close(figure)


if __name__ == "__main__":
    destination = Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET
    main(destination)
    print(destination)
