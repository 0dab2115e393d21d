"""Whether the exported wall network computes what the trained one does."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

import numpy as np
import torch

from shortaxis.errors import ExportError
from shortaxis.inference.onnx_session import OnnxMaps
from shortaxis.network.wall import WallNetwork
from shortaxis.training.exams import SeedRange
from shortaxis.ventricle.ray_counts import RayCounts, ray_counts

__all__ = ["WALL_TOLERANCES", "compared_walls", "parity_rays"]

WALL_TOLERANCES = {
    "middle_mm": 5e-3,
    "thickness_mm": 5e-3,
    "log_scale": 2e-3,
    "is_wall": 5e-3,
    "is_seen": 5e-3,
    "valve": 5e-3,
    "log_spread": 2e-3,
}
"""Largest difference by output: a hundredth of what the surfaces are known to."""

EXAMS_OF_A_RANGE = 2


def parity_rays(ranges: Sequence[SeedRange]) -> list[RayCounts]:
    """Rays of the first exams of every range, along their true axes."""
    return [
        ray_counts(exam.volume, exam.pose)
        for one in ranges
        for exam in islice(one.exams(), EXAMS_OF_A_RANGE)
    ]


def compared_walls(
    network: WallNetwork, exported: OnnxMaps, rays: Sequence[RayCounts]
) -> dict[str, float]:
    """Largest absolute difference of every output, by its name.

    Raises
    ------
    ExportError
        If a difference is more than `WALL_TOLERANCES` allow, or is not a number.
    """
    counts = np.stack([each.counts for each in rays])
    context = np.stack([each.context for each in rays])
    with torch.no_grad():
        expected = network(torch.from_numpy(counts), torch.from_numpy(context))._asdict()
    found = exported(counts=counts, context=context)
    largest = {
        name: float(np.abs(found[name] - value.numpy()).max()) for name, value in expected.items()
    }
    for name, difference in largest.items():
        if not difference <= WALL_TOLERANCES[name]:
            raise ExportError(
                f"the exported wall network does not compute what was trained: {name}",
                expected=f"a difference of at most {WALL_TOLERANCES[name]:g}",
                found=f"{difference:.3g}",
                cause="versions of torch, onnx and onnxruntime that do not fit together",
            )
    return largest
