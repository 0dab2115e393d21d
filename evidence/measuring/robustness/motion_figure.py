"""Flagged exams and errors of the pose against how far patients moved, as a figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
from matplotlib.axes import Axes

from evidence.recording.pictures import keep_picture

__all__ = ["draw_curves"]

COLOURS = {"flagged": "tab:grey", "says_motion": "tab:red"}
LABELS = {"flagged": "flagged for any reason", "says_motion": "motion is a reason"}


def draw_curves(values: Mapping[str, Any], picture: Path) -> None:
    """Draw the curves of `clinical` exams and keep them as a picture."""
    curve = values["curves"]["clinical"]
    figure, (shares, errors) = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
    for name, label in LABELS.items():
        _band(shares, curve, name, label, COLOURS[name], 100)
    shares.axhline(100 * values["cost"]["says_motion"][0], color="tab:red", lw=0.8, ls=":")
    shares.set(ylabel="exams, %", ylim=(0, 100))
    _band(errors, curve, "long_axis_deg", "long axis, degrees", "tab:blue")
    _band(errors, curve, "center_mm", "centre to mean place, mm", "tab:orange")
    errors.axhline(15, color="black", lw=0.8, ls=":")
    errors.set(ylabel="error")
    for axes in (shares, errors):
        axes.set_xlabel("distance between the farthest places, mm")
        axes.set_xlim(0, 40)
        axes.legend(loc="upper left", fontsize=8, frameon=False)
    sheet = picture.with_suffix(".sheet.png")
    sheet.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(sheet, dpi=110)
    plt.close(figure)
    keep_picture(sheet, picture)
    sheet.unlink()


def _band(
    axes: Axes,
    curve: Sequence[Mapping[str, Any]],
    name: str,
    label: str,
    colour: str,
    factor: float = 1,
) -> None:
    """A line through the first of three numbers, and a band between the others."""
    middle = [(row["from_mm"] + row["to_mm"]) / 2 for row in curve]
    value, low, high = zip(*([factor * each for each in row[name]] for row in curve), strict=True)
    axes.plot(middle, value, "o-", color=colour, label=label, ms=3)
    axes.fill_between(middle, low, high, color=colour, alpha=0.15, lw=0)
