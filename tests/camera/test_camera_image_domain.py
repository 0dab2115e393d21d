"""Cameras simulated in the image: resolution, imprint, field, rim and noise."""

from __future__ import annotations

import math

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the camera needs torch")

from camera_scenes import WATER_PER_CM, disc, point, positions_mm, seeded  # noqa: E402
from shortaxis.camera.collimator import FWHM_PER_SIGMA  # noqa: E402
from shortaxis.camera.field_of_view import FieldSelection, RoundField  # noqa: E402
from shortaxis.camera.filters import Gaussian  # noqa: E402
from shortaxis.camera.hot_rim import HotRim  # noqa: E402
from shortaxis.camera.image_domain import (  # noqa: E402
    CZT_GRID,
    AttenuationImprint,
    MultiPinholeCamera,
    PetCamera,
)
from shortaxis.camera.image_noise import (  # noqa: E402
    ImageNoise,
    sample_blotches,
    sample_noisy_image,
    sample_texture,
    with_waves,
)
from shortaxis.camera.resolution import SpatialResolution, pinhole_fwhm_mm  # noqa: E402
from shortaxis.camera.transaxial_grid import TransaxialGrid  # noqa: E402
from shortaxis.errors import CountsError, GeometryError, OptionError  # noqa: E402

BODY = TransaxialGrid(slices=54, pixels=84, pixel_mm=4.0, slice_mm=4.0)
FIRST = (2, 4, 10)
VOXEL_MM = (4.0, 4.0, 4.0)


def width_mm(image: torch.Tensor, grid: TransaxialGrid) -> float:
    """FWHM across columns by the second moment."""
    x = positions_mm(grid)[2]
    mean = (image * x).sum() / image.sum()
    return FWHM_PER_SIGMA * math.sqrt(float((image * (x - mean) ** 2).sum() / image.sum()))


def test_pet_blurs_a_point_alike_everywhere() -> None:
    grid = TransaxialGrid(slices=21, pixels=31, pixel_mm=2.5, slice_mm=3.0)
    camera = PetCamera(grid, fwhm_mm=6.5)

    widths = [
        width_mm(camera.apply(point(grid, index)), grid) for index in [(10, 15, 15), (12, 10, 20)]
    ]

    assert widths == pytest.approx([6.5, 6.5], rel=0.01)
    assert camera.apply(point(grid, (10, 15, 15))).sum() == pytest.approx(1, abs=1e-4)


def test_a_varying_resolution_is_the_wanted_one_at_each_voxel() -> None:
    grid = TransaxialGrid(slices=25, pixels=41, pixel_mm=2.5, slice_mm=2.5)
    wanted = torch.linspace(5.0, 10.0, 41).expand(grid.shape)

    camera = SpatialResolution(grid, wanted)

    for column in (13, 20, 29):
        image = camera.apply(point(grid, (12, 20, column)))
        assert width_mm(image, grid) == pytest.approx(float(wanted[0, 0, column]), rel=0.01)
        assert image.sum() == pytest.approx(1, abs=1e-3)


def test_a_part_of_a_blurred_image_is_that_of_the_whole() -> None:
    grid = TransaxialGrid(slices=11, pixels=19, pixel_mm=4, slice_mm=4)
    camera = SpatialResolution(grid, pinhole_fwhm_mm(grid, (5, 10)))
    volume = torch.rand(grid.shape, generator=torch.Generator().manual_seed(1))
    box = (slice(2, 9), slice(4, 17), slice(0, 12))

    part = camera.apply_within(volume, box)

    assert part.shape == (7, 13, 12)
    torch.testing.assert_close(part, camera.apply(volume)[box])


def test_pinholes_see_the_left_front_sharper_than_the_right_back() -> None:
    fwhm = pinhole_fwhm_mm(CZT_GRID, (0.0, 0.0))

    left_front, middle, right_back = fwhm[25, 10, 60], fwhm[25, 34, 35], fwhm[25, 60, 10]

    assert left_front < middle < right_back
    assert left_front == pytest.approx(6.0, abs=0.1)
    assert middle == pytest.approx(7.5, abs=0.05)


def test_the_imprint_of_one_direction_is_its_attenuation() -> None:
    mu = WATER_PER_CM * disc(BODY, 120.0)

    imprint = AttenuationImprint(BODY, mu, angles_deg=[180.0])

    # Water begins 120 mm before the middle; the voxel's centre is 2 mm behind it.
    assert imprint.factors[20, 42, 42] == pytest.approx(math.exp(-0.15 * 12.2), rel=0.02)


def test_detectors_at_the_left_front_see_the_left_front_best() -> None:
    mu = WATER_PER_CM * disc(BODY, 140.0)

    factors = AttenuationImprint(BODY, mu).factors

    assert factors.min() > 0
    assert factors.max() <= 1 + 1e-6
    assert factors[20, 25, 59] > 2 * factors[20, 59, 25]
    # A cylinder about the axis looks the same on both sides of the line from LAO to RPO.
    mirrored = factors[20].flip(0, 1).T
    torch.testing.assert_close(factors[20], mirrored, atol=0.01, rtol=0)


def test_the_field_is_a_barrel_with_nothing_outside() -> None:
    mask = RoundField().mask(CZT_GRID)

    areas = mask.sum(dim=(1, 2))
    assert areas[0] == areas[49] == 0
    assert (areas[2:48] > 0).all()
    mask = RoundField(planes=()).mask(CZT_GRID)
    areas = mask.sum(dim=(1, 2))
    # Radius of 135 mm, 33.75 voxels; 86 mm away 135 * sqrt(1 - (86 / 131) ** 2) = 102 mm.
    assert areas[25] == pytest.approx(math.pi * 33.75**2, rel=0.02)
    assert areas[25 + 21] == pytest.approx(math.pi * 25.5**2, rel=0.03)
    rows, columns = torch.nonzero(mask[25], as_tuple=True)
    assert rows.float().mean() == pytest.approx(34.5)
    assert columns.float().mean() == pytest.approx(34.5)


def test_the_field_is_cut_in_front_where_the_detectors_begin() -> None:
    mask = RoundField().mask(CZT_GRID)[25]

    first_rows = [int(torch.nonzero(mask[:, column])[0]) for column in (8, 36, 52, 56)]

    # Read off four 530c studies, which agree in them.
    assert first_rows == pytest.approx([17, 12, 17, 21], abs=1)


@pytest.mark.parametrize("distance_mm", [0.0, -5.0, math.nan])
def test_a_plane_without_a_distance_is_refused(distance_mm: float) -> None:
    with pytest.raises(GeometryError, match="plane 0"):
        RoundField(planes=((180.0, distance_mm),))


def test_the_rim_is_hottest_opposite_the_detectors() -> None:
    factors = HotRim.away_from(CZT_GRID, detectors_deg=135.0, steepness=0.5)[25]

    # Detectors at the left front; rows go to the back, columns to the left.
    right_back, left_front = factors[60, 9], factors[9, 60]
    assert right_back == pytest.approx(math.exp(0.5), rel=1e-3)
    assert left_front == pytest.approx(math.exp(-0.5), rel=1e-3)


def test_waves_are_as_large_as_the_noise_says() -> None:
    expected = torch.tensor([0.0, 1.0, 4.0]).reshape(1, 1, 3)
    waves = torch.tensor([3.0, -1.0, 2.0]).reshape(1, 1, 3)

    noisy = with_waves(expected, waves, ImageNoise(relative_sd=0.1), reference=4.0)

    # sd = 0.1 * 4 * sqrt(1 / 4) = 0.2 and 0.1 * 4 = 0.4; nothing where nothing is.
    assert noisy.flatten().tolist() == pytest.approx([0.0, 0.8, 4.8])


def test_the_field_is_as_large_as_in_real_studies(real_dicom_paths: list) -> None:
    import pydicom

    mask = RoundField().mask(CZT_GRID)

    for path in real_dicom_paths:
        seen = pydicom.dcmread(path).pixel_array > 0
        # Air in the field can be zero too.
        assert seen.sum() == pytest.approx(int(mask.sum()), rel=0.12)
        assert (seen & ~mask.numpy()).sum() < 0.03 * seen.sum()
        assert np.abs(np.argwhere(seen).mean(axis=0) - 34.5)[1:].max() < 6


def test_depth_is_measured_from_the_edge_of_the_field() -> None:
    field = RoundField()

    depth = field.depth_mm(CZT_GRID)

    assert (depth[~field.mask(CZT_GRID)] == 0).all()
    assert depth[25, 34, 34] == pytest.approx(92, abs=6)  # the flat ends are nearest


def test_the_camera_sees_its_part_of_the_body_and_zero_elsewhere() -> None:
    selection = FieldSelection(BODY, CZT_GRID, FIRST, RoundField())
    body = torch.rand(BODY.shape, generator=seeded()) + 1

    seen = selection.apply(body)

    assert seen[25, 30, 40] == body[27, 34, 50]
    assert torch.equal(seen > 0, RoundField().mask(CZT_GRID))
    with pytest.raises(GeometryError, match="inside"):
        FieldSelection(BODY, CZT_GRID, (10, 4, 10), RoundField())


def test_the_rim_is_hot_where_there_is_activity_beyond_it() -> None:
    mu = torch.zeros(BODY.shape)
    activity = torch.full(BODY.shape, 0.1)
    activity[:, 40:, :8] = 5.0  # beyond the right edge of the field, in the back

    plain = MultiPinholeCamera.of_body(BODY, mu, FIRST).apply(activity)
    rimmed = MultiPinholeCamera.of_body(BODY, mu, FIRST, rim_strength=1.0).apply(activity)

    added = rimmed - plain
    depth = RoundField().depth_mm(CZT_GRID)
    right, left = added[25, 34:, :35].max(), added[25, 34:, 35:].max()
    assert right > 3 * left
    assert added[depth > 40].max() < 0.01 * right
    assert not added[depth == 0].any()


def test_blotches_have_a_mean_of_one_and_are_alike_over_two_centimetres() -> None:
    blotches = sample_blotches((40, 70, 70), VOXEL_MM, 0.8, seeded())

    assert blotches.mean() == pytest.approx(1, abs=0.1)
    assert blotches.min() > 0
    logs = blotches.log() - blotches.log().mean()
    neighbours = (logs[..., 1:] * logs[..., :-1]).mean() / logs.square().mean()
    far = (logs[..., 15:] * logs[..., :-15]).mean() / logs.square().mean()
    # Of a Gaussian of 20 mm, sigma 8.5 mm: exp(-(4 / 17) ** 2) = 0.946.
    assert neighbours == pytest.approx(0.946, abs=0.01)
    assert abs(far) < 0.1


def test_texture_has_the_power_spectrum_that_was_asked_for() -> None:
    noise = ImageNoise(relative_sd=0.1, window=Gaussian(14.0), knee_per_cm=0.1)
    textures = [sample_texture((40, 96, 96), VOXEL_MM, noise, seeded(seed)) for seed in range(4)]

    # A Hann taper keeps power from leaking between frequencies at the edges.
    along, across = (torch.hann_window(size, False, dtype=torch.float64) for size in (40, 96))
    tapers = along[:, None, None] * across[None, :, None] * across[None, None, :]
    power = sum(torch.fft.fftn(texture * tapers).abs().square() for texture in textures)
    along, across = (torch.fft.fftfreq(size, 0.4, dtype=torch.float64) for size in (40, 96))
    axial, row, column = torch.meshgrid(along, across, across, indexing="ij")
    transaxial = torch.hypot(row, column)
    wanted = noise.amplitude(transaxial, axial).square()
    for low, high in [(0.1, 0.2), (0.2, 0.3), (0.3, 0.4)]:
        band = (transaxial >= low) & (transaxial < high) & (axial.abs() < 0.2)
        near = (transaxial >= 0.15) & (transaxial < 0.25) & (axial.abs() < 0.2)
        measured = power[band].mean() / power[near].mean()
        assert measured == pytest.approx(float(wanted[band].mean() / wanted[near].mean()), rel=0.15)
    assert torch.stack(textures).var() == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize(("exponent", "ratio"), [(1.0, 10.0), (0.5, math.sqrt(10)), (0.0, 1.0)])
def test_noise_grows_with_the_counts(exponent: float, ratio: float) -> None:
    expected = torch.full((40, 60, 60), 10.0)
    expected[:, :, 30:] = 100.0
    noise = ImageNoise(relative_sd=0.02, exponent=exponent)

    image = sample_noisy_image(expected, VOXEL_MM, noise, 100.0, seeded())

    deviation = image - expected
    low, high = deviation[:, :, :30].std(), deviation[:, :, 30:].std()
    assert high == pytest.approx(2.0, rel=0.15)
    assert high / low == pytest.approx(ratio, rel=0.2)


@pytest.mark.parametrize("make", [seeded, np.random.default_rng], ids=["torch", "numpy"])
def test_noise_repeats_with_its_seed_and_leaves_nothing_below_zero(make: object) -> None:
    expected = torch.ones(20, 30, 30)
    expected[:, :10] = 0
    noise = ImageNoise(relative_sd=1.5)

    first, again, other = (
        sample_noisy_image(expected, VOXEL_MM, noise, 1.0, make(seed)) for seed in (1, 1, 2)
    )

    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert first.min() == 0
    assert not first[:, :10].any()


def test_noise_that_cannot_be_is_refused() -> None:
    with pytest.raises(OptionError, match="relative_sd"):
        ImageNoise(relative_sd=-0.1)
    with pytest.raises(CountsError, match="reference"):
        sample_noisy_image(torch.ones(4, 4, 4), VOXEL_MM, ImageNoise(0.1), 0.0, seeded())
    with pytest.raises(GeometryError, match="resolution"):
        PetCamera(CZT_GRID, fwhm_mm=0.0)
    with pytest.raises(GeometryError, match="radius_mm"):
        RoundField(radius_mm=-1)
