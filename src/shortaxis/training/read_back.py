"""Read a block back from the ONNX file that it was exported to, so that training can go on from it.

The exporter folds batch normalisation into the convolution before it. Here it is taken apart again:
what a layer gives on average over samples and how far it spreads becomes what its normalisation has
seen, and its scale and offset undo both. In use the block then computes what the file does; in
training it begins close to it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

import torch
from torch import Tensor, nn

from shortaxis.errors import OptionError
from shortaxis.network.block import PoseBlock
from shortaxis.reorientation.weights import DEFAULT_WEIGHTS, find_weights

__all__ = ["find_exported", "load_exported", "spread_normalisations"]

EXPORTS_FOLDER = "exported"
"""Below the folder of cohorts: blocks of earlier weights, named by their SHA-256."""

PREFIX = "block."


def find_exported(sha256: str, cohorts: Path) -> Path:
    """The ONNX file with this digest, of the installed weights or below the folder of cohorts.

    Raises
    ------
    OptionError
        If there is none.
    """
    installed = sorted(find_weights(DEFAULT_WEIGHTS).folder.glob("*.onnx"))
    for path in (*installed, cohorts / EXPORTS_FOLDER / f"{sha256}.onnx"):
        if path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == sha256:
            return path
    raise OptionError(
        "the block to start from is missing",
        path=cohorts / EXPORTS_FOLDER / f"{sha256}.onnx",
        expected="the ONNX file with this digest",
        found="none there, and other weights are installed",
        cause="the installed weights have changed since; take the file from the release whose "
        "record names this digest",
    )


def load_exported(block: PoseBlock, path: Path) -> None:
    """Give a block the weights of an ONNX file; its normalisations pass on what they are given.

    Raises
    ------
    OptionError
        If the file is of another network.
    """
    named, folded = _initializers(path)
    state = block.state_dict()
    try:
        for name, value in named.items():
            state[name].copy_(value)
        for (name, layer), (weight, bias) in zip(_normalised(block), folded, strict=True):
            state[f"{name}.weight"].copy_(weight)
            with torch.no_grad():
                _pass_on(layer, bias)
    except (KeyError, RuntimeError, ValueError) as error:
        raise OptionError(
            "is a block of another network",
            path=path,
            expected=f"{len(state)} values of a {block.size.voxels} voxel block",
            found=f"{type(error).__name__}: {error}",
        ) from error


@torch.no_grad()
def spread_normalisations(block: PoseBlock, batches: Iterable[Tensor]) -> None:
    """Set what the normalisations of a block from `load_exported` have seen, by these counts.

    The block computes the same as before, and does nearly so when it trains.
    """
    seen: dict[str, list[Tensor]] = {}

    def keep(name: str, _module: nn.Module, _inputs: tuple[Tensor, ...], output: Tensor) -> None:
        flat = output.float().transpose(0, 1).flatten(1)
        seen.setdefault(name, []).append(torch.stack([flat.mean(1), flat.square().mean(1)]))

    convolutions = dict(block.named_modules())
    hooks = [
        convolutions[name].register_forward_hook(partial(keep, name))
        for name, _ in _normalised(block)
    ]
    block.eval()
    for counts in batches:
        block(counts)
    for hook in hooks:
        hook.remove()
    for name, layer in _normalised(block):
        mean, square = torch.stack(seen[name]).mean(0)
        variance = (square - mean.square()).clamp_min(1e-8)
        layer.running_mean.copy_(mean)  # type: ignore[union-attr]  # statistics are tracked
        layer.running_var.copy_(variance)  # type: ignore[union-attr]  # statistics are tracked
        layer.bias.add_(mean)
        layer.weight.copy_(torch.sqrt(variance + layer.eps))


def _pass_on(layer: nn.BatchNorm3d, bias: Tensor) -> None:
    layer.running_mean.zero_()  # type: ignore[union-attr]  # statistics are tracked
    layer.running_var.fill_(1 - layer.eps)  # type: ignore[union-attr]  # statistics are tracked
    layer.weight.fill_(1.0)
    layer.bias.copy_(bias)


def _normalised(block: PoseBlock) -> Iterator[tuple[str, nn.BatchNorm3d]]:
    """Convolutions in the order of the block, and the normalisation that follows each."""
    before = ""
    for name, module in block.named_modules():
        if isinstance(module, nn.BatchNorm3d):
            yield before, module
        before = name


def _initializers(path: Path) -> tuple[dict[str, Tensor], list[tuple[Tensor, Tensor]]]:
    """Values that kept their names, and weight and bias of folded convolutions in their order."""
    # Part of the extra that trains.
    import onnx
    from onnx import numpy_helper

    graph = onnx.load(path).graph
    values = {
        each.name: torch.from_numpy(numpy_helper.to_array(each).copy())
        for each in graph.initializer
    }
    named = {
        name.removeprefix(PREFIX): value
        for name, value in values.items()
        if name.startswith(PREFIX)
    }
    folded = [
        (values[node.input[1]], values[node.input[2]])
        for node in graph.node
        if node.op_type == "Conv" and not node.input[1].startswith(PREFIX)
    ]
    return named, folded
