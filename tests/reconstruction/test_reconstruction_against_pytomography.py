"""OSEM beside PyTomography's, an independent implementation of the same physics.

PyTomography holds volumes as (x, y, z), views as (bin, slice), and its angles are ours turned by
180 degrees. It turns by bilinear interpolation, ours by overlap, so the two agree closely but not
exactly.
"""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTomography needs torch")
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    pytest.importorskip("pytomography", reason="PyTomography is the oracle", exc_type=ImportError)
    from pytomography.algorithms import OSEM
    from pytomography.likelihoods import PoissonLogLikelihood
    from pytomography.metadata.SPECT import SPECTObjectMeta, SPECTProjMeta, SPECTPSFMeta
    from pytomography.projectors.SPECT import SPECTSystemMatrix
    from pytomography.transforms.SPECT import SPECTAttenuationTransform, SPECTPSFTransform

from reconstruction_scenes import AXIS_MM, PIXEL_MM, Ball, angles_of, counted, views_of  # noqa: E402
from shortaxis.reconstruction.attenuation import AttenuationMap  # noqa: E402
from shortaxis.reconstruction.camera_voxels import CameraVoxels  # noqa: E402
from shortaxis.reconstruction.collimators import COLLIMATORS  # noqa: E402
from shortaxis.reconstruction.post_filters import PostFilter  # noqa: E402
from shortaxis.reconstruction.reconstructing import reconstruct  # noqa: E402
from shortaxis.reconstruction.settings import ReconstructionSettings  # noqa: E402
from shortaxis.spect.projections import Projections  # noqa: E402
from shortaxis.spect.volume import SpectVolume  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore")

PLAIN = ReconstructionSettings(iterations=4, subsets=6, post_filter=PostFilter("none"))
CORRECTED = replace(PLAIN, collimator="LEHR", attenuation_corrected=True)
PIXELS, SLICES = 36, 10
VIEWS = views_of(
    (Ball((35, -25, 0), 18, 2.0), Ball((-45, 10, -12), 20, 1.0), Ball((0, 30, 12), 30, 1.0)),
    angles_of(180, 24),
    (SLICES, PIXELS),
    radial_position_mm=tuple(150.0 + 4 * (view % 3) for view in range(24)),
)


def water_map() -> AttenuationMap:
    """An ellipse of water around the axis of rotation."""
    grid = CameraVoxels.of(VIEWS).grid
    place = (np.arange(PIXELS) - (PIXELS - 1) / 2) * PIXEL_MM
    inside = (place[None, :] / 100) ** 2 + (place[:, None] / 80) ** 2 < 1
    water = np.broadcast_to(0.15 * inside, grid.shape).astype(np.float32)
    return AttenuationMap(SpectVolume(water, grid.patient_from_index))


def theirs(projections: Projections, settings: ReconstructionSettings) -> np.ndarray:
    def sigma_cm(distance_cm: np.ndarray) -> np.ndarray:
        return COLLIMATORS["LEHR"].fwhm_mm(10 * np.asarray(distance_cm), 140.5) / 23.548

    transforms = []
    if settings.attenuation_corrected:
        water = torch.from_numpy(water_map().volume.counts.copy()).permute(2, 1, 0).contiguous()
        response = SPECTPSFTransform(SPECTPSFMeta((), sigma_cm, min_sigmas=5))
        transforms = [SPECTAttenuationTransform(water), response]
    meta = SPECTProjMeta(
        (PIXELS, SLICES),
        [PIXEL_MM / 10] * 2,
        [(angle + 180) % 360 for angle in projections.angles_deg],
        radii=np.array(projections.radial_position_mm) / 10,
    )
    object_meta = SPECTObjectMeta([PIXEL_MM / 10] * 3, [PIXELS, PIXELS, SLICES])
    matrix = SPECTSystemMatrix(transforms, [], object_meta, meta)
    views = projections.counts[0, 0, :, ::-1].transpose(0, 2, 1).copy()
    likelihood = PoissonLogLikelihood(matrix, torch.from_numpy(views))
    return OSEM(likelihood)(settings.iterations, settings.subsets).permute(2, 1, 0).numpy()


@pytest.mark.parametrize("settings", [PLAIN, CORRECTED], ids=["plain", "corrected"])
@pytest.mark.parametrize("hottest", [0, 150], ids=["expected", "counted"])
def test_images_agree(settings: ReconstructionSettings, hottest: float) -> None:
    projections = counted(VIEWS, hottest) if hottest else VIEWS
    attenuation = water_map() if settings.attenuation_corrected else None

    ours = reconstruct(projections, settings, attenuation=attenuation).volume

    oracle = theirs(projections, settings)
    inside = ours.counts > 0
    assert ours.center_mm == pytest.approx(AXIS_MM)
    assert np.corrcoef(ours.counts[inside], oracle[inside])[0, 1] > 0.999
    level = ours.counts[inside].sum() / len(projections.angles_deg) / oracle[inside].sum()
    assert level == pytest.approx(1, abs=0.01)
