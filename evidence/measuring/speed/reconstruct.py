"""How fast a reconstruction is: ``python -m evidence run benchmark_reconstruct -- [--runs N]``.

Claims, for 64 x 64 x 64 voxels and 60 views on one core: OSEM with 4 iterations of 10 subsets
within 1 s, with attenuation and resolution recovery within 8 s, eight gates within 10 s; under
600 MB. The same work by PyTomography, where it is installed, is timed in turn with ours in the same
run, and its images are compared with ours: of expected counts, and of counts with 150 in the
hottest bin, before and after the usual filter. Medians over the runs after one warm-up, in seconds
of processor time: everything runs in one thread.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from evidence.recording.record import store_result
from evidence.recording.timing import medians_in_turn_s, stay_on_one_core
from shortaxis.geometry.arrays import CountsArray, FloatArray
from shortaxis.reconstruction.attenuation import AttenuationMap
from shortaxis.reconstruction.blur import FWHM_PER_SIGMA
from shortaxis.reconstruction.camera_voxels import CameraVoxels
from shortaxis.reconstruction.collimators import COLLIMATORS
from shortaxis.reconstruction.filtering import filtered
from shortaxis.reconstruction.post_filters import PostFilter
from shortaxis.reconstruction.projector import to_columns, to_views
from shortaxis.reconstruction.reconstructing import photopeak_kev, projector_of, reconstruct
from shortaxis.reconstruction.settings import ReconstructionSettings
from shortaxis.spect.projections import Projections
from shortaxis.spect.volume import SpectVolume

VIEWS, SIZE, PIXEL_MM = 60, 64, 6.4
HOTTEST, SEED = 150.0, 1
PLAIN = ReconstructionSettings(iterations=4, subsets=10, post_filter=PostFilter("none"))
CORRECTED = replace(PLAIN, collimator="LEHR", attenuation_corrected=True)
FBP = replace(PLAIN, method="fbp")

Tasks = dict[str, Callable[[], CountsArray]]


@dataclass(frozen=True, eq=False)
class Chest:
    """A warm ellipse of water with a hot ball, and its expected views."""

    projections: Projections
    attenuation: AttenuationMap


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    stay_on_one_core()
    chest = drawn_chest()
    tasks: Tasks = our_tasks(chest)
    images = {name: task() for name, task in tasks.items()}
    # Before anything else is loaded that would take memory.
    unit = 1 if sys.platform == "darwin" else 1024
    peak_mb = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6)
    correlations: dict[str, dict[str, float]] = {}
    try:
        theirs = their_tasks(chest)
        correlations = compared(chest, images, theirs)
        tasks |= theirs
    except ImportError:
        print("PyTomography is not installed: nothing to compare with")
    medians = medians_in_turn_s(tasks, arguments.runs, time.process_time)
    ratios = {
        name: round(medians[f"pytomography_{name}"] / medians[name], 1) for name in correlations
    }
    values = {
        "runs": arguments.runs,
        "medians_s": medians,
        "peak_memory_mb": peak_mb,
        "pytomography_ratio": ratios,
        "correlation": correlations,
    }
    print(values)
    store_result("benchmark_reconstruct", values, SEED)


def drawn_chest() -> Chest:
    """Views on a contour of 180 to 220 mm, as the reconstruction models them."""
    place = (np.arange(SIZE) - (SIZE - 1) / 2) * PIXEL_MM
    z, y, x = np.meshgrid(place, place, place, indexing="ij")
    body = (x / 170) ** 2 + (y / 120) ** 2 < 1
    ball = (x - 50) ** 2 + (y + 30) ** 2 + z**2 < 40**2
    activity = (0.1 * body + 1.0 * ball).astype(np.float32)
    water = (0.15 * body).astype(np.float32)
    radii = 200 + 20 * np.sin(np.arange(VIEWS) / 10)
    empty = Projections(
        counts=np.zeros((1, 1, VIEWS, SIZE, SIZE), dtype=np.float32),
        angles_deg=tuple((225 - 180 / VIEWS * view) % 360 for view in range(VIEWS)),
        # PyTomography makes one set of kernels for each radius: these are those that ours round to.
        radial_position_mm=tuple(2.0 * np.round(radii / 2)),
        pixel_mm=(PIXEL_MM, PIXEL_MM),
        axis_mm=(0.0, 0.0, 0.0),
        windows_kev=((126.45, 154.55),),
    )
    voxels = CameraVoxels.of(empty)
    rays = projector_of(empty, CORRECTED, water).apply(to_columns(activity), range(VIEWS))
    views = to_views(rays, voxels)[None, None]
    attenuation = AttenuationMap(SpectVolume(water, voxels.grid.patient_from_index))
    counts = (views / views.max() * HOTTEST).astype(np.float32)
    return Chest(replace(empty, counts=counts), attenuation)


def noisy(projections: Projections) -> Projections:
    """The same with counting noise."""
    counts = np.random.default_rng(SEED).poisson(projections.counts)
    return replace(projections, counts=counts.astype(np.float32))


def our_tasks(chest: Chest) -> Tasks:
    gates = np.repeat(chest.projections.counts / 8, 8, axis=1).astype(np.float32)
    gated = replace(chest.projections, counts=gates, is_gated=True)
    return {
        "osem_plain": lambda: reconstruct(chest.projections, PLAIN).volume.counts,
        "osem_corrected": lambda: our_image(chest, chest.projections, CORRECTED),
        "eight_gates": lambda: reconstruct(gated, PLAIN).volume.counts,
        "fbp": lambda: reconstruct(chest.projections, FBP).volume.counts,
    }


def our_image(
    chest: Chest, projections: Projections, settings: ReconstructionSettings
) -> CountsArray:
    attenuation = chest.attenuation if settings.attenuation_corrected else None
    return reconstruct(projections, settings, attenuation=attenuation).volume.counts


def compared(
    chest: Chest, images: dict[str, CountsArray], theirs: Tasks
) -> dict[str, dict[str, float]]:
    """Correlation of our images with theirs, over all voxels."""
    counted = noisy(chest.projections)
    with_noise = their_tasks(replace(chest, projections=counted))
    found = {}
    for name, settings in (("osem_plain", PLAIN), ("osem_corrected", CORRECTED)):
        other = theirs[f"pytomography_{name}"]()
        ours, noisy_other = (
            our_image(chest, counted, settings),
            with_noise[f"pytomography_{name}"](),
        )
        found[name] = {
            "expected_counts": correlation(images[name], other),
            "noisy": correlation(ours, noisy_other),
            "noisy_filtered": correlation(usual(ours), usual(noisy_other)),
        }
    return found


def usual(counts: CountsArray) -> CountsArray:
    return filtered(counts, (PIXEL_MM,) * 3, PostFilter())


def correlation(one: CountsArray, other: CountsArray) -> float:
    return round(float(np.corrcoef(one.ravel(), other.ravel())[0, 1]), 6)


def their_tasks(chest: Chest) -> Tasks:
    warnings.simplefilter("ignore")
    import torch
    from pytomography.algorithms import OSEM
    from pytomography.likelihoods import PoissonLogLikelihood
    from pytomography.metadata.SPECT import SPECTObjectMeta, SPECTProjMeta, SPECTPSFMeta
    from pytomography.projectors.SPECT import SPECTSystemMatrix
    from pytomography.transforms.SPECT import SPECTAttenuationTransform, SPECTPSFTransform

    torch.set_num_threads(1)
    projections, energy_kev = chest.projections, photopeak_kev(chest.projections)

    def sigma_cm(distance_cm: FloatArray) -> FloatArray:
        fwhm_mm = COLLIMATORS["LEHR"].fwhm_mm(10 * np.asarray(distance_cm), energy_kev)
        return np.asarray(fwhm_mm / FWHM_PER_SIGMA / 10)

    water = torch.from_numpy(chest.attenuation.volume.counts.copy()).permute(2, 1, 0).contiguous()
    effects = (SPECTAttenuationTransform(water), SPECTPSFTransform(SPECTPSFMeta((), sigma_cm)))
    # Views there are (bin, slice), slices to the head.
    views = projections.counts[0, 0, :, ::-1].transpose(0, 2, 1).copy()
    counts = torch.from_numpy(views)
    # Its circle of voxels is a little wider than ours.
    place = np.arange(SIZE) - (SIZE - 1) / 2
    circle = np.hypot(place[:, None], place[None, :]) <= (SIZE - 1) / 2

    def image(*transforms: object) -> CountsArray:
        object_meta = SPECTObjectMeta([PIXEL_MM / 10] * 3, [SIZE] * 3)
        angles = [(angle + 180) % 360 for angle in projections.angles_deg]
        radii_cm = np.array(projections.radial_position_mm) / 10
        meta = SPECTProjMeta((SIZE, SIZE), [PIXEL_MM / 10] * 2, angles, radii=radii_cm)
        matrix = SPECTSystemMatrix(list(transforms), [], object_meta, meta)
        made = OSEM(PoissonLogLikelihood(matrix, counts))(PLAIN.iterations, PLAIN.subsets)
        return np.asarray(made.permute(2, 1, 0).numpy() * circle, dtype=np.float32)

    return {
        "pytomography_osem_plain": lambda: image(),
        "pytomography_osem_corrected": lambda: image(*effects),
    }


if __name__ == "__main__":
    main()
