"""The networks of the paper's Table 1 (Zhu et al., arXiv 2208.03752), to compare with.

All take the image and its gradient image, ``(batch, 2, slice, row, column)``, and give the six
parameters of `shortaxis.network.six_parameters`. They differ in their CNN, in whether spatial
transformers join several blocks, and in whether one CNN gives all parameters or
translation and rotation have one each, as the three stages of optimisation need.

What the numbers of parameters tell. 3DVGG, 3DResNet and their three-stage forms agree exactly: two
networks with three outputs each, so whatever comes third has no weights of its own. CNN+STN is met
exactly by several shapes, of which `reorientation_cnn` is the plainest. The paper's own method,
719,897, is odd and thus no pair of like networks; our pair has 719,750, 147 or 0.02 % fewer.
Unlike pairs that meet the number exist, but about as many as chance gives: none is taken.

What is ours, where the paper is silent. The blocks: the first gives the translation, the second the
rotation as seen from there, the third corrects both with the same two CNNs, as the three stages
do; CNN+STN has three blocks, too, each of which gives all six. 3DVGG and 3DResNet have no spatial
transformers: they are there "to confirm the effectiveness of STN". In Table 1 a pair predicts in
1.9 times the time of the single network, with and without spatial transformers; how many blocks ask
it, that does not tell.

A CNN that serves several blocks has one set of weights, but statistics of its batch normalisation
for each block: a heart that has been turned upright has others. Shared ones left a CNN+STN that
knew the azimuth to 1 degree in training 9 degrees off in use, on drawn ellipsoids.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from copy import deepcopy
from dataclasses import dataclass
from typing import Self, cast

import torch
from torch import Tensor, nn

from shortaxis.errors import OptionError
from shortaxis.network.paper_regressors import ResNet18, reorientation_cnn, vgg16
from shortaxis.network.six_parameters import (
    Move,
    compose_moves,
    move_from_parameters,
    no_move,
    parameters_from_move,
    unit_of_parameters,
)
from shortaxis.network.spatial_transformer import PAPER_GRID, ViewGrid, sample_view

__all__ = ["PAPER_NETWORKS", "PaperNetwork", "PaperNetworkRecord", "build_paper_network"]

OUTPUTS = {"translation": slice(0, 3), "rotation": slice(3, 6), "pose": slice(0, 6)}
"""Which of the six parameters each kind of CNN gives."""


class PaperNetwork(nn.Module):
    """Blocks of CNNs, one after the other, joined by spatial transformers or not.

    Parameters
    ----------
    cnns : dict of str to Module
        By what they give: ``translation`` and ``rotation``, or ``pose``. Each takes
        ``(batch, 2, slice, row, column)`` and gives 3, or 6, values in units of 10 mm or degrees.
    blocks : tuple of tuples of str
        Which CNNs each block asks; one that serves several blocks has the same weights in all.
    grid : ViewGrid
        Of the images.
    has_spatial_transformers : bool
        Whether later blocks see the image moved by what the earlier ones said. Each samples the
        original image. Without, all see the image as it is, and what they say is added up.
    """

    def __init__(
        self,
        cnns: dict[str, nn.Module],
        blocks: tuple[tuple[str, ...], ...],
        grid: ViewGrid,
        *,
        has_spatial_transformers: bool,
    ) -> None:
        super().__init__()
        self.cnns = nn.ModuleDict(
            {
                name: nn.ModuleList(
                    [cnn, *(_with_weights_of(cnn) for _ in range(_count(name, blocks) - 1))]
                )
                for name, cnn in cnns.items()
            }
        )
        self.blocks = blocks
        self.grid = grid
        self.has_spatial_transformers = has_spatial_transformers

    def forward(self, images: Tensor, blocks: int | None = None) -> Tensor:
        """Six parameters ``(batch, 6)``, mm and degrees, after the first `blocks` blocks.

        Parameters
        ----------
        images : (batch, 2, slice, row, column) tensor
            Normalised counts and their gradient image, on the grid.
        blocks : int, optional
            How many blocks to ask; all by default. What no block gives is zero.
        """
        asked = self.blocks[:blocks]
        if not self.has_spatial_transformers:
            said = [self._said(number, images) for number in range(len(asked))]
            return torch.stack(said).sum(dim=0)
        move = no_move(len(images), images.float())
        for number in range(len(asked)):
            view = self._view(images, move) if number else images
            move = compose_moves(move, move_from_parameters(self._said(number, view)))
        return parameters_from_move(move)

    def let_move(self, names: Collection[str]) -> None:
        """Let the CNNs of these names move in training, and hold all others still.

        What is held has neither gradients nor, in training, new statistics of its
        batch normalisation; it normalises by those that it has.

        Raises
        ------
        OptionError
            If there is no CNN of such a name.
        """
        unknown = sorted(set(names) - set(self.cnns))
        if unknown or not names:
            raise OptionError(
                "no such part of the network",
                expected=" or ".join(self.cnns),
                found=", ".join(unknown) or "none",
            )
        for name, cnns in self.cnns.items():
            cnns.requires_grad_(name in names)
        self.train(self.training)

    def train(self, mode: bool = True) -> Self:
        """As of any module, but what is held still remains as in use."""
        super().train(mode)
        for cnns in self.cnns.values():
            if not any(parameter.requires_grad for parameter in cnns.parameters()):
                cnns.eval()
        return self

    def _said(self, block: int, view: Tensor) -> Tensor:
        """Six parameters as a block sees them."""
        said = view.new_zeros(len(view), 6, dtype=torch.float32)
        for name in self.blocks[block]:
            cnns = cast(nn.ModuleList, self.cnns[name])
            said[:, OUTPUTS[name]] = cnns[_count(name, self.blocks[:block])](view).float()
        return said * unit_of_parameters(said)

    def _view(self, images: Tensor, move: Move) -> Tensor:
        # The gradient image is sampled like the image: its magnitude does not turn, and taken
        # anew it would show the edge of the field of view.
        return sample_view(images, self.grid, move)


def _count(name: str, blocks: tuple[tuple[str, ...], ...]) -> int:
    """How many of the blocks ask this CNN."""
    return sum(name in names for names in blocks)


def _with_weights_of(cnn: nn.Module) -> nn.Module:
    """The same CNN with the same parameters, not copies of them, and buffers of its own."""
    return deepcopy(cnn, {id(parameter): parameter for parameter in cnn.parameters()})


@dataclass(frozen=True)
class PaperNetworkRecord:
    """One column of Table 1.

    Parameters
    ----------
    title : str
        The column's name there.
    cnn : callable
        Builds a CNN from outputs, shape and width divisor.
    published_parameters : int
        "Network complexity" there.
    has_spatial_transformers, has_stages : bool
        Whether spatial transformers join its blocks; whether it is optimised in three stages, with
        one CNN for the translation and one for the rotation.
    """

    title: str
    cnn: Callable[[int, tuple[int, int, int], int], nn.Module]
    published_parameters: int
    has_spatial_transformers: bool
    has_stages: bool

    @property
    def blocks(self) -> tuple[tuple[str, ...], ...]:
        """Which CNNs each block asks."""
        if not self.has_stages:
            return (("pose",),) * (3 if self.has_spatial_transformers else 1)
        apart = (("translation",), ("rotation",))
        return (*apart, ("translation", "rotation")) if self.has_spatial_transformers else apart


PAPER_NETWORKS = {
    "3dvgg": PaperNetworkRecord("3DVGG", vgg16, 44_278_022, False, False),
    "3dresnet": PaperNetworkRecord("3DResNet", ResNet18, 33_185_030, False, False),
    "cnn-stn": PaperNetworkRecord("CNN+STN", reorientation_cnn, 360_262, True, False),
    "3dvgg-three-stages": PaperNetworkRecord("3DVGG-ThreeStages", vgg16, 88_555_654, False, True),
    "3dresnet-three-stages": PaperNetworkRecord(
        "3DResNet-ThreeStages", ResNet18, 66_366_982, False, True
    ),
    "cnn-stn-three-stages": PaperNetworkRecord(
        "Our method", reorientation_cnn, 719_897, True, True
    ),
}
"""In the order of Table 1; the last one is the paper's own method."""


def build_paper_network(
    name: str, grid: ViewGrid = PAPER_GRID, width_divisor: int = 1
) -> PaperNetwork:
    """One of `PAPER_NETWORKS` with fresh weights.

    Parameters
    ----------
    name : str
        Its name there.
    grid : ViewGrid
        Of the images it is for.
    width_divisor : int
        By which all widths are divided; 1: as published.

    Raises
    ------
    OptionError
        If there is no such network, or the divisor is below 1.
    """
    if name not in PAPER_NETWORKS or width_divisor < 1:
        raise OptionError(
            "no such network of the paper",
            expected=f"{' or '.join(PAPER_NETWORKS)}, with a width divisor of 1 or more",
            found=f"{name}, {width_divisor}",
        )
    record = PAPER_NETWORKS[name]
    kinds = ("translation", "rotation") if record.has_stages else ("pose",)
    cnns = {
        kind: record.cnn(OUTPUTS[kind].stop - OUTPUTS[kind].start, grid.shape, width_divisor)
        for kind in kinds
    }
    return PaperNetwork(
        cnns, record.blocks, grid, has_spatial_transformers=record.has_spatial_transformers
    )
