"""Whether an exported block computes what the trained one does, on exams as it will see them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice

import numpy as np
import torch

from shortaxis.errors import ExportError
from shortaxis.geometry.arrays import CountsArray
from shortaxis.geometry.pose import RigidPose
from shortaxis.network.block import PoseBlock
from shortaxis.reorientation.network_grid import NetworkGrid, smoothed_for
from shortaxis.training.exams import PosedExam, SeedRange

__all__ = ["PARITY_TOLERANCES", "compared", "parity_crops", "parity_exams"]

PARITY_TOLERANCES = {
    "rotation": 1e-4,
    "center_mm": 5e-3,
    "log_spread": 1e-3,
    "log_size": 1e-3,
    "presence": 1e-3,
    "landmarks_mm": 5e-3,
}
"""Largest difference by output: 0.006 degrees and 0.005 mm, far less than the tenths to which poses
are given. Counts that differ by a millionth, ten times the rounding of float32, change what the
installed weights say by a fiftieth of that or less."""

EXAMS_OF_A_RANGE = 2


def parity_exams(ranges: Iterable[SeedRange]) -> list[PosedExam]:
    """The first exams of every range."""
    return [exam for one in ranges for exam in islice(one.posed(), EXAMS_OF_A_RANGE)]


def parity_crops(grid: NetworkGrid, exams: Iterable[PosedExam]) -> CountsArray:
    """Normalised counts ``(crop, size, size, size)``: the middle of every exam, and its heart."""
    crops = []
    for exam in exams:
        smooth = smoothed_for(exam.volume, grid.spacing_mm)
        for frame in (RigidPose(np.eye(3), exam.volume.center_mm), exam.pose):
            crops.append(grid.normalised(grid.sampled(smooth, frame.matrix)))
    return np.stack(crops)


def compared(
    name: str,
    block: PoseBlock,
    exported: Callable[[CountsArray], dict[str, CountsArray]],
    crops: CountsArray,
) -> dict[str, float]:
    """Largest absolute difference of every output of a block, by its name.

    Parameters
    ----------
    name : str
        Of the block, for the error.
    block : PoseBlock
        As trained, set to evaluate.
    exported : callable
        Gives all outputs of the exported block by their names.
    crops : (batch, size, size, size) array
        Normalised counts.

    Raises
    ------
    ExportError
        If a difference is more than `PARITY_TOLERANCES` allow, or is not a number.
    """
    with torch.no_grad():
        expected = block(torch.from_numpy(crops)[:, None])._asdict()
    found = exported(crops)
    largest = {
        output: float(np.abs(found[output] - value.numpy()).max())
        for output, value in expected.items()
    }
    for output, difference in largest.items():
        if not difference <= PARITY_TOLERANCES[output]:
            raise ExportError(
                f"the exported {name} does not compute what was trained: {output}",
                expected=f"a difference of at most {PARITY_TOLERANCES[output]:g}",
                found=f"{difference:.3g}",
                cause="versions of torch, onnx and onnxruntime that do not fit together",
            )
    return largest
