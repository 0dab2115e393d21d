"""Small exams for the tests of the camera: everything that can be told by hand."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="the camera needs torch")

from shortaxis.camera.orbits import Orbit  # noqa: E402
from shortaxis.camera.transaxial_grid import TransaxialGrid  # noqa: E402

WATER_PER_CM = 0.15
SMALL = TransaxialGrid(slices=6, pixels=12, pixel_mm=10.0, slice_mm=8.0)
SPARSE_ORBIT = Orbit(225.0, 180.0, (150.0, 155.0, 163.0, 171.0, 180.0), "CW")


def positions_mm(grid: TransaxialGrid) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """z, y, x of the voxels from the middle of the grid, each to be broadcast."""
    across = grid.centered_mm()
    along = (torch.arange(grid.slices, dtype=torch.float64) - (grid.slices - 1) / 2) * grid.slice_mm
    return along[:, None, None], across[None, :, None], across[None, None, :]


def disc(grid: TransaxialGrid, radius_mm: float, center_mm: tuple[float, float] = (0, 0)):
    """1 within a cylinder about (x, y), else 0; edges are shared out by 5 x 5 points."""
    _, y, x = positions_mm(grid)
    steps = (torch.arange(5) - 2) / 5 * grid.pixel_mm
    inside = torch.zeros(1, grid.pixels, grid.pixels)
    for dy in steps:
        for dx in steps:
            inside += torch.hypot(x + dx - center_mm[0], y + dy - center_mm[1]) < radius_mm
    return (inside / 25).expand(grid.shape).clone()


def point(grid: TransaxialGrid, index: tuple[int, int, int], dtype: torch.dtype = torch.float32):
    """One count in one voxel."""
    volume = torch.zeros(grid.shape, dtype=dtype)
    volume[index] = 1
    return volume


def water(grid: TransaxialGrid) -> torch.Tensor:
    """Attenuation map of a cylinder that fills most of the grid, 1/cm."""
    return WATER_PER_CM * disc(grid, 0.42 * grid.pixels * grid.pixel_mm)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)
