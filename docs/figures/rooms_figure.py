"""The rooms of the package as the import contract in ``pyproject.toml`` orders them."""

from __future__ import annotations

import tomllib
from pathlib import Path

import matplotlib.pyplot as plt
import palette
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

REPOSITORY = Path(__file__).resolve().parents[2]

PURPOSES = {
    "cli": ("one file per verb", "typer, rich"),
    "evaluation": ("poses against the truth", "scipy, matplotlib, polars"),
    "agreement": ("beside readers", "scipy"),
    "review": ("see, correct, sign off", "fastapi"),
    "service": ("the DICOM node", "pynetdicom"),
    "training": ("networks are trained", "torch, lightning"),
    "workflow": ("the use cases", "matplotlib, dask"),
    "simulation": ("exams of known pose", "torch, polars"),
    "dicom": ("NM and PET", "pydicom"),
    "inference": ("the network at work", "onnxruntime"),
    "nifti": ("NIfTI files", "nibabel"),
    "reconstruction": ("views to volumes", "scipy"),
    "reorientation": ("pose, quality", "scipy"),
    "quantification": ("polar map, scores", "scipy"),
    "function": ("volumes over the beat", "numpy"),
    "ventricle": ("surfaces of the wall", "scipy"),
    "web": ("studies of archives", "dicomweb-client"),
    "network": ("its blocks", "torch"),
    "phantom": ("heart, torso", "torch"),
    "camera": ("operators", "torch"),
    "spect": ("what a study is", "numpy"),
    "anatomy": ("axes, views, segments", "numpy"),
    "geometry": ("frames, poses, resampling", "numpy, scipy"),
    "files": ("whole files, folders, locks, JSON, pages", "jinja2"),
    "processes": ("workers that may die", ""),
    "errors": ("one root, named children", ""),
}
"""What a room holds, and the libraries that it may use."""

DICOM_PURPOSES = {
    "documents": ("print, pictures", ""),
    "writing": ("studies to objects", ""),
    "reading": ("objects to studies", ""),
    "received": ("objects that arrive", ""),
    "carried": ("what a source says", ""),
    "elements": ("codes, words, UIDs", ""),
    "lean_pydicom": ("what is loaded of it", "pydicom"),
}
"""What a package of the dicom room holds."""

WIDTH, HEIGHT, GAP, MARGIN = 9.6, 0.92, 0.14, 0.75

LETTERS = 100.0
"""Size of letters times their number that a box of width 1 holds, with a margin."""

HEADING = 0.62
"""Height of the words above the packages of a room."""


def read_layers(room: str = "") -> list[list[str]]:
    """Rooms that exist, or packages of a room, outermost first, from the import contract."""
    text = (REPOSITORY / "pyproject.toml").read_text(encoding="utf-8")
    contracts = tomllib.loads(text)["tool"]["importlinter"]["contracts"]
    container = f"shortaxis.{room}".rstrip(".")
    rows = next(each["layers"] for each in contracts if each.get("containers") == [container])
    package = REPOSITORY.joinpath("src", *container.split("."))
    layers = [[room.strip(" ()") for room in row.split("|")] for row in rows]
    existing = [[room for room in row if _exists(package, room)] for row in layers]
    return [row for row in existing if row]


def draw_rooms() -> Figure:
    """One band a layer, one box a room; an import may only point downwards."""
    layers, inside = read_layers(), read_layers("dicom")
    depth = len(layers) * (HEIGHT + GAP) - GAP
    below = HEADING + HEIGHT
    figure, panel = plt.subplots(figsize=(10.2, 0.86 * (depth + below)))
    figure.subplots_adjust(left=0.005, right=0.995, top=0.995, bottom=0.005)
    for number, rooms in enumerate(layers):
        bottom = depth - HEIGHT - number * (HEIGHT + GAP)
        width = (WIDTH - GAP * (len(rooms) - 1)) / len(rooms)
        for place, room in enumerate(rooms):
            _draw_room(panel, room, (place * (width + GAP), bottom), width)
    _draw_direction(panel, depth)
    _draw_packages(panel, [name for layer in inside for name in layer], -below)
    panel.set(xlim=(-0.05, WIDTH + MARGIN), ylim=(-below - 0.05, depth + 0.05))
    panel.axis("off")
    return figure


def _exists(package: Path, room: str) -> bool:
    return (package / room / "__init__.py").is_file() or (package / f"{room}.py").is_file()


def _draw_room(panel: Axes, room: str, corner: tuple[float, float], width: float) -> None:
    purpose, libraries = (PURPOSES | DICOM_PURPOSES).get(room, ("", ""))
    left, bottom = corner
    box = FancyBboxPatch(
        corner,
        width,
        HEIGHT,
        boxstyle="round,pad=0,rounding_size=0.1",
        facecolor=palette.BODY,
        edgecolor=palette.FAINT,
        lw=1.2,
    )
    panel.add_patch(box)
    middle = left + width / 2
    rows = (
        (0.72, room, palette.TITLE, "bold", palette.INK),
        (0.43, purpose, palette.TEXT, "normal", palette.SOFT),
        (0.19, libraries, palette.SMALL, "normal", palette.ANGLE),
    )
    for height, text, size, weight, color in rows:
        panel.text(
            middle,
            bottom + height,
            text,
            ha="center",
            va="center",
            fontsize=min(size, width * LETTERS / max(len(text), 1)),
            fontweight=weight,
            color=color,
        )


def _draw_packages(panel: Axes, names: list[str], bottom: float) -> None:
    """The packages of the dicom room beside each other; an import may only point to the right."""
    gap = 2.5 * GAP
    width = (WIDTH - gap * (len(names) - 1)) / len(names)
    panel.text(
        0, bottom + HEIGHT + 0.2, "inside dicom", va="center", color=palette.INK, fontweight="bold"
    )
    style = {"arrowstyle": "-|>", "color": palette.Z_AXIS, "lw": 2, "shrinkA": 2, "shrinkB": 2}
    for place, name in enumerate(names):
        left = place * (width + gap)
        _draw_room(panel, name, (left, bottom), width)
        if place:
            y = bottom + HEIGHT / 2
            panel.annotate("", (left, y), (left - gap, y), arrowprops=style)


def _draw_direction(panel: Axes, depth: float) -> None:
    style = {"arrowstyle": "-|>", "color": palette.Z_AXIS, "lw": 2, "shrinkA": 0, "shrinkB": 0}
    x = WIDTH + 0.35 * MARGIN
    panel.annotate("", (x, 0.1), (x, depth - 0.1), arrowprops=style)
    panel.text(
        x + 0.2,
        depth / 2,
        "imports point this way only",
        rotation=270,
        ha="center",
        va="center",
        color=palette.Z_AXIS,
    )
