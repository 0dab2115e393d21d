"""A transaxial study as napari shows it: one layer for each view along the heart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import shortaxis

__all__ = ["layers_of", "reader_of"]

LayerData = tuple[Any, dict[str, Any], str]


def reader_of(path: str | Sequence[str]) -> Callable[[str], list[LayerData]] | None:
    """What reads a path; None for several, since a study is one file or one folder."""
    return layers_of if isinstance(path, str) else None


def layers_of(path: str) -> list[LayerData]:
    """Short axis, and both long axes, which are hidden at first; of a gated study the time slots.

    Voxels are in mm, and the flag stands in the name of each layer.

    Raises
    ------
    shortaxis.ShortAxisError
        If the study cannot be read, or no heart is found in it.
    """
    made = shortaxis.reorient(path)
    flag = made.estimate.quality.flag.value
    return [
        (
            made.gated_views.get(view, volume.counts),
            {
                "name": f"{view.value.replace('_', ' ').capitalize()} ({flag})",
                "scale": (1,) * (view in made.gated_views) + tuple(volume.spacing_mm),
                "visible": number == 0,
                "metadata": {"reasons": list(made.estimate.quality.reasons)},
            },
            "image",
        )
        for number, (view, volume) in enumerate(made.views.items())
    ]
