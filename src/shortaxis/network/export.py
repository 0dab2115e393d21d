"""A block as an ONNX file: counts in, a decoded pose out, nothing left to compute outside."""

from __future__ import annotations

import io
import warnings

import torch
from torch import Tensor, nn

from shortaxis.network.block import BlockOutput, PoseBlock

__all__ = ["INPUT_NAME", "onnx_bytes"]

INPUT_NAME = "counts"
OPSET = 18


def onnx_bytes(block: PoseBlock) -> bytes:
    """Serialise a block; the batch may have any size.

    Outputs have the names of `BlockOutput`, in its order. The same block gives the same bytes with
    the same version of torch.
    """
    edge = block.size.voxels
    example = torch.rand(2, 1, edge, edge, edge)
    wrapped = _Tuple(block).eval()
    file = io.BytesIO()
    with warnings.catch_warnings(), torch.no_grad():
        # The exporter that needs no second package is called legacy by torch itself.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            wrapped,
            (example,),
            file,  # type: ignore[arg-type]  # the exporter without dynamo writes to files
            dynamo=False,
            opset_version=OPSET,
            input_names=[INPUT_NAME],
            output_names=list(BlockOutput._fields),
            dynamic_axes={name: {0: "batch"} for name in (INPUT_NAME, *BlockOutput._fields)},
        )
    return file.getvalue()


class _Tuple(nn.Module):
    """The exporter wants a plain tuple."""

    def __init__(self, block: PoseBlock) -> None:
        super().__init__()
        self.block = block

    def forward(self, counts: Tensor) -> tuple[Tensor, ...]:
        return tuple(self.block(counts))
