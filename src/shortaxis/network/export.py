"""A block as an ONNX file: counts in, a decoded pose out, nothing left to compute outside."""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from shortaxis.network.block import BlockOutput, PoseBlock
from shortaxis.network.handedness import HandednessNetwork

__all__ = ["ENERGIES_NAME", "INPUT_NAME", "onnx_bytes", "onnx_bytes_of_handedness"]

INPUT_NAME = "counts"
ENERGIES_NAME = "energies"
OPSET = 18


def onnx_bytes(block: PoseBlock) -> bytes:
    """Serialise a block; the batch may have any size.

    Outputs have the names of `BlockOutput`, in its order. The same block gives the same bytes with
    the same version of torch.
    """
    edge = block.size.voxels
    return _exported(_Tuple(block), torch.rand(2, 1, edge, edge, edge), BlockOutput._fields)


def onnx_bytes_of_handedness(network: HandednessNetwork) -> bytes:
    """Serialise the handedness network, its flips included; the batch may have any size."""
    edge, grids = network.size.voxels, len(network.size.spacings_mm)
    return _exported(network, torch.rand(2, grids, edge, edge, edge), (ENERGIES_NAME,))


def _exported(network: nn.Module, example: Tensor, outputs: Sequence[str]) -> bytes:
    file = io.BytesIO()
    with warnings.catch_warnings(), torch.no_grad():
        # The exporter that needs no second package is called legacy by torch itself.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network.eval(),
            (example,),
            file,  # type: ignore[arg-type]  # the exporter without dynamo writes to files
            dynamo=False,
            opset_version=OPSET,
            input_names=[INPUT_NAME],
            output_names=list(outputs),
            dynamic_axes={name: {0: "batch"} for name in (INPUT_NAME, *outputs)},
        )
    return file.getvalue()


class _Tuple(nn.Module):
    """The exporter wants a plain tuple."""

    def __init__(self, block: PoseBlock) -> None:
        super().__init__()
        self.block = block

    def forward(self, counts: Tensor) -> tuple[Tensor, ...]:
        return tuple(self.block(counts))
