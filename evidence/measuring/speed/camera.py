"""How fast the camera is: ``python -m evidence run benchmark_camera -- [--runs N]``, on one thread.

Claims, for 64 x 64 x 32 voxels and 64 views: a forward projection with attenuation, response and
scatter within 0.3 s; OSEM with 3 iterations of 10 subsets within 0.25 s without attenuation and
response, and within 2.5 s with both. The same work by PyTomography, where it is installed, is timed
in turn with ours in the same run; it has no such model of scatter. Medians over the runs after one
warm-up.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from evidence.recording.record import store_result
from evidence.recording.timing import medians_in_turn_s, stay_on_one_core
from shortaxis.camera.collimator import FWHM_PER_SIGMA, LEHR_140_KEV
from shortaxis.camera.fbp import reconstruct_fbp
from shortaxis.camera.orbits import Orbit, body_contour_radii_mm
from shortaxis.camera.osem import reconstruct_osem
from shortaxis.camera.projector import SpectProjector
from shortaxis.camera.scatter import ScatterModel
from shortaxis.camera.transaxial_grid import TransaxialGrid
from shortaxis.geometry.arrays import FloatArray

GRID = TransaxialGrid(slices=32, pixels=64, pixel_mm=6.4, slice_mm=6.4)
FINE = TransaxialGrid(slices=48, pixels=96, pixel_mm=6.4 / 1.5, slice_mm=6.4 / 1.5)
VIEWS, ITERATIONS, SUBSETS = 64, 3, 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    stay_on_one_core()

    activity, attenuation = chest(GRID)
    orbit = contour_orbit(attenuation)
    start = time.perf_counter()
    lines = SpectProjector(GRID, orbit)
    medians = {"first_orbit_s": round(time.perf_counter() - start, 4)}
    corrected = SpectProjector(GRID, orbit, attenuation, LEHR_140_KEV)
    projections = corrected.apply(activity)
    tasks = our_tasks(activity, attenuation, orbit, (lines, corrected))
    try:
        tasks |= their_tasks(activity, attenuation, orbit, projections)
    except ImportError:
        print("PyTomography is not installed: nothing to compare with")
    medians |= medians_in_turn_s(tasks, arguments.runs)
    for name, seconds in medians.items():
        print(f"{name:36s} {seconds:7.3f}")
    ratios = {
        name.removeprefix("pytomography_").removesuffix("_s"): round(
            seconds / medians[name.removeprefix("pytomography_")], 1
        )
        for name, seconds in medians.items()
        if name.startswith("pytomography_")
    }
    for name, ratio in ratios.items():
        print(f"{name:36s} {ratio:7.1f} times as long by PyTomography")
    values = {"runs": arguments.runs, "medians": medians, "pytomography_ratio": ratios}
    store_result("benchmark_camera", values)


def chest(grid: TransaxialGrid) -> tuple[Tensor, Tensor]:
    """Activity of a warm ellipse with a hot ball on the left, and water, 0.15 per cm."""
    y, x = grid.centered_mm()[:, None], grid.centered_mm()[None, :]
    z = (torch.arange(grid.slices) - (grid.slices - 1) / 2)[:, None, None] * grid.slice_mm
    body = ((x / 160) ** 2 + (y / 110) ** 2 < 1).expand(grid.shape)
    ball = (x - 50) ** 2 + (y + 30) ** 2 + z**2 < 40**2
    activity = 0.1 * body + 1.0 * ball
    return activity.float(), (0.15 * body).float()


def contour_orbit(attenuation: Tensor) -> Orbit:
    angles = Orbit.cardiac((200.0,) * VIEWS).angles_deg
    return Orbit.cardiac(body_contour_radii_mm(attenuation, GRID, angles, clearance_mm=15.0))


def our_tasks(
    activity: Tensor,
    attenuation: Tensor,
    orbit: Orbit,
    projectors: tuple[SpectProjector, SpectProjector],
) -> dict[str, Callable[[], object]]:
    lines, corrected = projectors
    full = SpectProjector(GRID, orbit, attenuation, LEHR_140_KEV, ScatterModel())
    fine_activity, fine_attenuation = chest(FINE)
    fine = SpectProjector(FINE, orbit, fine_attenuation, LEHR_140_KEV, ScatterModel())
    projections = corrected.apply(activity)
    return {
        "make_full_projector_s": lambda: SpectProjector(
            GRID, orbit, attenuation, LEHR_140_KEV, ScatterModel()
        ),
        "forward_with_scatter_s": lambda: full.apply(activity),
        "forward_fine_with_scatter_s": lambda: fine.apply(fine_activity),
        "forward_s": lambda: corrected.apply(activity),
        "osem_plain_s": lambda: reconstruct_osem(projections, lines, ITERATIONS, SUBSETS),
        "osem_corrected_s": lambda: reconstruct_osem(projections, corrected, ITERATIONS, SUBSETS),
        "fbp_s": lambda: reconstruct_fbp(projections, GRID, orbit),
    }


def their_tasks(
    activity: Tensor, attenuation: Tensor, orbit: Orbit, projections: Tensor
) -> dict[str, Callable[[], object]]:
    warnings.simplefilter("ignore")
    from pytomography.algorithms import OSEM
    from pytomography.likelihoods import PoissonLogLikelihood
    from pytomography.metadata.SPECT import SPECTObjectMeta, SPECTProjMeta, SPECTPSFMeta
    from pytomography.projectors.SPECT import SPECTSystemMatrix
    from pytomography.transforms.SPECT import SPECTAttenuationTransform, SPECTPSFTransform

    def sigma_cm(distance_cm: FloatArray) -> FloatArray:
        fwhm_mm = LEHR_140_KEV.fwhm_mm(torch.from_numpy(10 * distance_cm))
        return np.asarray(fwhm_mm / FWHM_PER_SIGMA / 10, dtype=np.float64)

    voxel_cm = [size / 10 for size in GRID.voxel_mm[::-1]]
    angles = [(angle + 180) % 360 for angle in orbit.angles_deg]
    # It makes one set of kernels for each radius: let it have those that ours are rounded to.
    radii_cm = [round(radius / 2) / 5 for radius in orbit.radial_position_mm]
    theirs, counts = (
        part.permute(*axes).contiguous()
        for part, axes in ((activity, (2, 1, 0)), (projections, (0, 2, 1)))
    )
    effects = (
        SPECTAttenuationTransform(attenuation.permute(2, 1, 0).contiguous()),
        SPECTPSFTransform(SPECTPSFMeta((), sigma_cm)),
    )

    def system(*transforms: object) -> SPECTSystemMatrix:
        object_meta = SPECTObjectMeta(voxel_cm, [GRID.pixels, GRID.pixels, GRID.slices])
        shape = (GRID.pixels, GRID.slices)
        projection_meta = SPECTProjMeta(shape, voxel_cm[:2], angles, radii=radii_cm)
        return SPECTSystemMatrix(list(transforms), [], object_meta, projection_meta)

    plain, corrected = system(), system(*effects)

    def osem(matrix: SPECTSystemMatrix) -> object:
        return OSEM(PoissonLogLikelihood(matrix, counts))(ITERATIONS, SUBSETS)

    return {
        "pytomography_forward_s": lambda: corrected.forward(theirs),
        "pytomography_osem_plain_s": lambda: osem(plain),
        "pytomography_osem_corrected_s": lambda: osem(corrected),
    }


if __name__ == "__main__":
    main()
