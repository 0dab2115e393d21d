"""How large the blocks of the cascade are.

Together they have fewer parameters than the paper's network, 719,897 (Zhu et al., Table 1).
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["BLOCK_SIZES", "HEADS", "LOCALISER", "MAX_PARAMETERS", "REFINER", "BlockSize"]

MAX_PARAMETERS = 719_897

HEADS = ("landmarks", "two vectors")


@dataclass(frozen=True)
class BlockSize:
    """One block of the cascade.

    Parameters
    ----------
    voxels : int
        Edge of the cube that it is shown; the features start at half the resolution.
    spacing_mm, level_radius_mm : float
        Voxel size, and the radius within which counts set the level
        (`shortaxis.reorientation.network_grid.NetworkGrid`).
    widths : tuple of int
        Channels at a half, a quarter and an eighth of the grid's resolution.
    depths : tuple of int
        Residual layers at these resolutions on the way down. On the way up one follows at a
        quarter, and one convolution at a half: there each costs as much time as six at a quarter.
    reach_mm : float
        How far from the middle votes for landmarks are expected; 0: anywhere.
    head : {"landmarks", "two vectors"}
        How the pose is given.
    """

    voxels: int
    spacing_mm: float
    level_radius_mm: float
    widths: tuple[int, int, int]
    depths: tuple[int, int, int]
    reach_mm: float = 0.0
    head: str = "landmarks"


LOCALISER = BlockSize(32, 12.8, 160.0, (16, 32, 40), (1, 1, 1))
"""Sees 41 cm of the patient in the patient's own frame."""

REFINER = BlockSize(32, 6.4, 64.0, (24, 36, 48), (1, 2, 1), reach_mm=60.0)
"""Sees 20 cm around a pose in that pose's frame, and gives what is left to turn and to shift."""

BLOCK_SIZES = {"localiser": LOCALISER, "refiner": REFINER}
