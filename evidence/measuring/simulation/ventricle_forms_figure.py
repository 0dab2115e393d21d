"""Real ventricles and those of both versions of the presets beside each other, as a figure.

``python -m evidence run ventricle_forms_figure -- [--pictures FOLDER]`` draws what
``ventricle_forms`` has stored: a row a measure, each on a scale of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from evidence.recording.options import picture_options
from evidence.recording.pictures import keep_picture
from evidence.recording.record import store_pictures
from evidence.registry.stored import stored

NAME, SHOWN = "ventricle_forms_figure", "ventricle_forms"

COLUMNS = 3

GROUPS = (
    ("real", "53 CT angiographies", "#c2410c"),
    ("1", "version 1", "#8a94a0"),
    ("2", "version 2", "#0b5cad"),
)
"""Key in the record, label, colour."""


def main() -> None:
    parser = picture_options(__doc__)
    pictures = parser.parse_args().pictures
    record = stored(SHOWN)
    if record is None:
        parser.error(f"measure first: python -m evidence run {SHOWN}")
    figure = draw(record["measures"])
    picture = pictures / "ventricle-forms.png"
    picture.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(picture, dpi=110, metadata={"Software": None})
    plt.close(figure)
    keep_picture(picture, picture)
    store_pictures(NAME, [picture], None)


def draw(measures: Mapping[str, Mapping[str, Sequence[float]]]) -> Figure:
    """Median as a dot, 5th to 95th percentile as a bar; each group a line of the row."""
    rows = -(-len(measures) // COLUMNS)
    figure, axes = plt.subplots(rows, COLUMNS, figsize=(13, 0.62 * rows), facecolor="white")
    for place, axis in enumerate(axes.T.flat):
        axis.set_visible(place < len(measures))
    for axis, (name, values) in zip(axes.T.flat, measures.items(), strict=False):
        _row(axis, name, values)
    handles = [
        Line2D([], [], color=colour, marker="o", markersize=4, label=label)
        for _, label, colour in GROUPS
    ]
    figure.legend(handles=handles, loc="upper center", ncols=len(GROUPS), frameon=False)
    figure.tight_layout(rect=(0, 0, 1, 0.97), h_pad=0.35)
    return figure


def _row(axis: Axes, name: str, values: Mapping[str, Sequence[float]]) -> None:
    for line, (key, _, colour) in enumerate(GROUPS):
        found = values[key]
        axis.plot([found[0], found[-1]], [-line, -line], color=colour, linewidth=1.6)
        axis.plot([found[len(found) // 2]], [-line], "o", color=colour, markersize=4)
    axis.set_ylim(-len(GROUPS) + 0.4, 0.6)
    axis.set_yticks([])
    axis.set_ylabel(name, rotation=0, ha="right", va="center", fontsize=8)
    axis.tick_params(axis="x", labelsize=7, length=2, pad=1)
    for side in ("top", "left", "right"):
        axis.spines[side].set_visible(False)


if __name__ == "__main__":
    main()
