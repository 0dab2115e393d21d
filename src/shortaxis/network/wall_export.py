"""The wall network as an ONNX file."""

from __future__ import annotations

import io
import warnings

import torch
from torch import Tensor, nn

from shortaxis.anatomy.hybrid_grid import RAY_ANGLES, RAY_ROWS
from shortaxis.network.export import OPSET
from shortaxis.network.wall import WallNetwork, WallOutput

__all__ = ["wall_onnx_bytes"]

INPUTS = ("counts", "context")


def wall_onnx_bytes(network: WallNetwork) -> bytes:
    """Serialise it; the batch may have any size, outputs have the names of `WallOutput`.

    The same network gives the same bytes with the same version of torch.
    """
    size = network.size
    example = (
        torch.rand(2, size.depths, RAY_ROWS, RAY_ANGLES),
        torch.rand(2, size.context),
    )
    file = io.BytesIO()
    with warnings.catch_warnings(), torch.no_grad():
        # The exporter that needs no second package is called legacy by torch itself.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            _Tuple(network).eval(),
            example,
            file,  # type: ignore[arg-type]  # the exporter without dynamo writes to files
            dynamo=False,
            opset_version=OPSET,
            input_names=list(INPUTS),
            output_names=list(WallOutput._fields),
            dynamic_axes={name: {0: "batch"} for name in (*INPUTS, *WallOutput._fields)},
        )
    return file.getvalue()


class _Tuple(nn.Module):
    """The exporter wants a plain tuple."""

    def __init__(self, network: WallNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, counts: Tensor, context: Tensor) -> tuple[Tensor, ...]:
        return tuple(self.network(counts, context))
