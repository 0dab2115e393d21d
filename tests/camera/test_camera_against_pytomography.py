"""The camera against PyTomography, an independent implementation of the same physics.

PyTomography holds volumes as (x, y, z) and its angles are ours turned by 180 degrees. It turns by
bilinear interpolation, ours by overlap, so the two agree closely but not exactly.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the camera needs torch")
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    pytest.importorskip("pytomography", reason="PyTomography is the oracle", exc_type=ImportError)
    from pytomography.algorithms import OSEM
    from pytomography.likelihoods import PoissonLogLikelihood
    from pytomography.metadata.SPECT import SPECTObjectMeta, SPECTProjMeta, SPECTPSFMeta
    from pytomography.projectors.SPECT import SPECTSystemMatrix
    from pytomography.transforms.SPECT import SPECTAttenuationTransform, SPECTPSFTransform

from camera_scenes import positions_mm  # noqa: E402
from shortaxis.camera.collimator import FWHM_PER_SIGMA, LEHR_140_KEV  # noqa: E402
from shortaxis.camera.orbits import Orbit  # noqa: E402
from shortaxis.camera.osem import reconstruct_osem  # noqa: E402
from shortaxis.camera.projector import SpectProjector  # noqa: E402
from shortaxis.camera.transaxial_grid import TransaxialGrid  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore")

GRID = TransaxialGrid(slices=12, pixels=40, pixel_mm=6.4, slice_mm=6.4)
RADII_MM = tuple(180.0 + 4 * (view % 5) for view in range(24))
ORBIT = Orbit.cardiac(RADII_MM)


@dataclass(frozen=True)
class Exam:
    activity: torch.Tensor
    attenuation_map_per_cm: torch.Tensor


@pytest.fixture(scope="module")
def exam() -> Exam:
    """A hot ball on the left, warm ones on the right and in the middle, in an ellipse of water."""
    z, y, x = positions_mm(GRID)

    def ball(left_mm: float, back_mm: float, up_mm: float, sigma_mm: float) -> torch.Tensor:
        square = (x - left_mm) ** 2 + (y - back_mm) ** 2 + (z - up_mm) ** 2
        return torch.exp(-0.5 * square / sigma_mm**2)

    activity = 2 * ball(35, -25, 0, 18) + ball(-45, 10, -12, 20) + 0.5 * ball(0, 30, 12, 20)
    body = ((x / 110) ** 2 + (y / 85) ** 2 < 1).expand(GRID.shape)
    return Exam(activity.float(), (0.15 * body).float().contiguous())


def to_oracle(volume: torch.Tensor) -> torch.Tensor:
    return volume.permute(2, 1, 0).contiguous()


def sigma_cm(distance_cm: np.ndarray) -> np.ndarray:
    fwhm_mm = LEHR_140_KEV.fwhm_mm(torch.from_numpy(10.0 * np.asarray(distance_cm)))
    return (fwhm_mm / FWHM_PER_SIGMA / 10).numpy()


def oracle(exam: Exam, effects: bool) -> Any:
    voxel_cm = [0.64, 0.64, 0.64]
    angles = [(angle + 180) % 360 for angle in ORBIT.angles_deg]
    transforms = []
    if effects:
        response = SPECTPSFMeta((), sigma_cm, min_sigmas=5)
        transforms = [
            SPECTAttenuationTransform(to_oracle(exam.attenuation_map_per_cm)),
            SPECTPSFTransform(response),
        ]
    return SPECTSystemMatrix(
        transforms,
        [],
        SPECTObjectMeta(voxel_cm, [GRID.pixels, GRID.pixels, GRID.slices]),
        SPECTProjMeta(
            (GRID.pixels, GRID.slices), voxel_cm[:2], angles, radii=np.array(RADII_MM) / 10
        ),
    )


def ours(exam: Exam, effects: bool) -> SpectProjector:
    if not effects:
        return SpectProjector(GRID, ORBIT)
    return SpectProjector(GRID, ORBIT, exam.attenuation_map_per_cm, LEHR_140_KEV)


@pytest.mark.parametrize("effects", [False, True], ids=["lines", "attenuation and response"])
def test_expected_counts_agree(exam: Exam, effects: bool) -> None:
    theirs = oracle(exam, effects).forward(to_oracle(exam.activity)).permute(0, 2, 1)

    counts = ours(exam, effects).apply(exam.activity)

    hot = theirs > 0.05 * theirs.max()
    assert np.corrcoef(counts.flatten(), theirs.flatten())[0, 1] > 0.9998
    assert ((counts - theirs).abs() / theirs)[hot].mean() < 0.01
    assert counts.sum() == pytest.approx(float(theirs.sum()), rel=0.002)


@pytest.mark.parametrize("effects", [False, True], ids=["lines", "attenuation and response"])
def test_back_projections_agree(exam: Exam, effects: bool) -> None:
    counts = ours(exam, effects).apply(exam.activity)
    theirs = oracle(exam, effects).backward(counts.permute(0, 2, 1)).permute(2, 1, 0)

    volume = ours(exam, effects).adjoint(counts)

    inside = GRID.inside_circle().expand(GRID.shape)
    assert np.corrcoef(volume[inside], theirs[inside])[0, 1] > 0.999


@pytest.mark.parametrize("effects", [False, True], ids=["plain", "corrected"])
def test_osem_agrees(exam: Exam, effects: bool) -> None:
    counts = ours(exam, effects).apply(exam.activity)
    likelihood = PoissonLogLikelihood(oracle(exam, effects), counts.permute(0, 2, 1).contiguous())
    theirs = OSEM(likelihood)(4, 6).permute(2, 1, 0)

    activity = reconstruct_osem(counts, ours(exam, effects), iterations=4, subsets=6)

    hot = exam.activity > 0.1 * exam.activity.max()
    assert np.corrcoef(activity[hot], theirs[hot])[0, 1] > 0.999
    assert ((activity - theirs).abs() / theirs)[hot].mean() < 0.03
