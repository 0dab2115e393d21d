"""What the camera counts: directions, sums, attenuation, resolution and scatter by hand."""

from __future__ import annotations

import math

import pytest

torch = pytest.importorskip("torch", reason="the camera needs torch")

from camera_scenes import (  # noqa: E402
    SMALL,
    WATER_PER_CM,
    disc,
    point,
    positions_mm,
    seeded,
    water,
)
from shortaxis.camera.attenuation import Attenuation  # noqa: E402
from shortaxis.camera.collimator import (  # noqa: E402
    FWHM_PER_SIGMA,
    LEGP_140_KEV,
    LEHR_72_KEV,
    LEHR_140_KEV,
    Collimator,
    CollimatorDetectorResponse,
)
from shortaxis.camera.detector_binning import rebin_projections  # noqa: E402
from shortaxis.camera.orbits import Orbit, body_contour_radii_mm  # noqa: E402
from shortaxis.camera.projector import SpectProjector  # noqa: E402
from shortaxis.camera.rotation import ParallelProjection, Rotation  # noqa: E402
from shortaxis.camera.scatter import Scatter, ScatterModel, exponential_matrix  # noqa: E402
from shortaxis.camera.transaxial_grid import TransaxialGrid  # noqa: E402
from shortaxis.errors import CountsError, GeometryError, OptionError  # noqa: E402

ANTERIOR, LEFT_LATERAL, POSTERIOR, RIGHT_LATERAL = 180.0, 90.0, 0.0, 270.0
CLINICAL = TransaxialGrid(slices=8, pixels=64, pixel_mm=6.4, slice_mm=6.4)

# A source on the patient's left (column 9 of 12) and anterior (row 4 of 12), in slice 2.
SOURCE = (2, 4, 9)


@pytest.mark.parametrize(
    ("angle_deg", "expected_bin", "expected_depth"),
    [
        (ANTERIOR, 9, 4),  # left of the patient is right in the picture; near the detector
        (LEFT_LATERAL, 4, 2),  # anterior is left in the picture; third column from the left side
        (POSTERIOR, 2, 7),
        (RIGHT_LATERAL, 7, 9),
    ],
)
def test_a_point_on_the_left_is_seen_where_a_person_at_the_camera_sees_it(
    angle_deg: float, expected_bin: int, expected_depth: int
) -> None:
    source = point(SMALL, SOURCE)

    turned = Rotation(SMALL, [angle_deg]).apply(source)
    projection = ParallelProjection(SMALL, [angle_deg]).apply(source)

    assert turned[0, expected_depth, expected_bin, 2] == pytest.approx(1)
    assert projection[0, 2, expected_bin] == pytest.approx(1)


def test_a_point_in_an_oblique_view_is_seen_at_its_shadow() -> None:
    # 35 mm to the left and 15 mm anterior of the axis. In LAO (135) bins run to the left and back:
    # (35 - 15) cos 45 = 14.14 mm, so 1.41 bins past the middle, 5.5.
    projection = ParallelProjection(SMALL, [135.0]).apply(point(SMALL, SOURCE))

    center = (projection[0, 2] * torch.arange(12)).sum()
    assert center == pytest.approx(5.5 + 1.414, abs=0.1)


def test_counts_are_conserved_by_turning_within_the_circle() -> None:
    inside = SMALL.inside_circle()
    volume = torch.rand(SMALL.shape, generator=seeded(), dtype=torch.float64) * inside
    angles = [0.0, 11.0, 45.0, 200.5]

    turned = Rotation(SMALL, angles, torch.float64).apply(volume)

    # The corners of the outermost voxels can leave the square.
    per_slice = volume.sum(dim=(1, 2))
    torch.testing.assert_close(turned.sum(dim=(1, 2)), per_slice.expand(4, -1), rtol=1e-3, atol=0)
    inner = point(SMALL, (3, 5, 8), torch.float64)
    assert Rotation(SMALL, angles, torch.float64).apply(inner).sum() == pytest.approx(4, abs=1e-12)


def test_an_even_field_stays_even() -> None:
    turned = Rotation(CLINICAL, [7.0, 33.0, 45.0]).apply(torch.ones(CLINICAL.shape))

    inner = CLINICAL.inside_circle()[1:-1, 1:-1]
    values = turned[:, 1:-1, 1:-1][:, inner]
    assert values.min() > 0.99
    assert values.max() < 1.01


def test_turning_by_a_right_angle_only_moves_voxels() -> None:
    volume = torch.rand(SMALL.shape, generator=seeded())

    turned = Rotation(SMALL, [LEFT_LATERAL]).apply(volume)[0]

    # Depth runs from left to right of the patient, bins run to the back.
    expected = volume.flip(2).permute(2, 1, 0)
    torch.testing.assert_close(turned, expected)


def test_a_source_in_water_is_attenuated_by_the_water_before_it() -> None:
    # Rows 8 to 39 are water, the source is in row 20: twelve and a half voxels of 6.4 mm.
    mu = torch.zeros(CLINICAL.shape)
    mu[:, 8:40] = WATER_PER_CM
    orbit = Orbit.circular(ANTERIOR, 360, 1, 250)

    counts = SpectProjector(CLINICAL, orbit, mu).apply(point(CLINICAL, (4, 20, 32)))

    assert counts.sum() == pytest.approx(math.exp(-0.15 * 12.5 * 0.64), rel=1e-5)


@pytest.mark.parametrize("angle_deg", [180.0, 135.0, 101.0, 17.0])
def test_the_middle_of_a_water_cylinder_is_attenuated_alike_in_every_view(angle_deg: float) -> None:
    mu = WATER_PER_CM * disc(CLINICAL, 100.0)
    middle = disc(CLINICAL, 10.0)
    orbit = Orbit.circular(angle_deg, 360, 1, 250)

    counts = SpectProjector(CLINICAL, orbit, mu).apply(middle)

    # 10 cm of water; over a disc of 1 cm the mean of exp(-mu d) is 0.3 % higher than at its middle.
    assert counts.sum() / middle.sum() == pytest.approx(math.exp(-1.5), rel=0.015)


def test_without_water_nothing_is_attenuated() -> None:
    rotation = Rotation(SMALL, [10.0, 50.0])

    attenuation = Attenuation(rotation, torch.zeros(SMALL.shape))

    assert all((attenuation.transmission(view) == 1).all() for view in (0, 1))


@pytest.mark.parametrize("highest", [-0.1, 40.0, math.nan])
def test_a_map_in_other_units_than_per_cm_is_refused(highest: float) -> None:
    with pytest.raises(CountsError, match="attenuation map"):
        Attenuation(Rotation(SMALL, [0.0]), torch.full(SMALL.shape, highest))


def test_the_resolution_is_the_one_of_the_formula() -> None:
    # LEHR by hand: lead 26.9 per cm, two mean free paths 0.743 mm, L = 23.307 mm. At 10 cm
    # 1.11 * (23.307 + 100 + 7) / 23.307 = 6.206 mm, with 3.8 mm in squares 7.277 mm.
    fwhm = LEHR_140_KEV.fwhm_mm(torch.tensor([100.0, 250.0]))

    assert fwhm[0] == pytest.approx(7.277, abs=0.002)
    # Field values: about 7.5 mm at 10 cm and 14 mm at 25 cm.
    torch.testing.assert_close(fwhm, torch.tensor([7.5, 14.0]), atol=0.3, rtol=0)


@pytest.mark.parametrize("pixel_mm", [2.0, 6.4])
@pytest.mark.parametrize("distance_mm", [100.0, 250.0])
def test_a_point_is_seen_as_wide_as_its_distance_demands(
    distance_mm: float, pixel_mm: float
) -> None:
    grid = TransaxialGrid(slices=41, pixels=41, pixel_mm=pixel_mm, slice_mm=2.5)
    orbit = Orbit.circular(ANTERIOR, 360, 1, distance_mm)

    counts = SpectProjector(grid, orbit, collimator=LEHR_140_KEV).apply(point(grid, (20, 20, 20)))

    expected = float(LEHR_140_KEV.fwhm_mm(torch.tensor(distance_mm)))
    z, _, x = positions_mm(grid)
    across = math.sqrt(float((counts[0].sum(dim=0) * x.flatten() ** 2).sum()))
    along = math.sqrt(float((counts[0].sum(dim=1) * z.flatten() ** 2).sum()))
    assert across * FWHM_PER_SIGMA == pytest.approx(expected, rel=0.01)
    assert along * FWHM_PER_SIGMA == pytest.approx(expected, rel=0.01)
    assert counts.sum() == pytest.approx(1, abs=1e-4)


def test_the_nearer_source_is_seen_sharper() -> None:
    grid = TransaxialGrid(slices=1, pixels=32, pixel_mm=6.4, slice_mm=6.4)
    orbit = Orbit.circular(ANTERIOR, 360, 1, 150)
    projector = SpectProjector(grid, orbit, collimator=LEHR_140_KEV)

    near, far = (projector.apply(point(grid, (0, row, 16))).max() for row in (4, 27))

    assert near > 1.3 * far


def test_general_purpose_holes_and_low_energies_blur_more() -> None:
    at_10_cm = torch.tensor(100.0)

    assert LEGP_140_KEV.fwhm_mm(at_10_cm) > LEHR_140_KEV.fwhm_mm(at_10_cm) + 1
    assert LEHR_72_KEV.fwhm_mm(at_10_cm) > LEHR_140_KEV.fwhm_mm(at_10_cm)


def test_radii_are_rounded_by_less_than_can_be_seen() -> None:
    turned = torch.zeros(1, SMALL.pixels, SMALL.pixels, SMALL.slices)
    turned[0, 5, 6, 3] = 1

    exact, rounded = (
        CollimatorDetectorResponse(SMALL, LEHR_140_KEV, [radius]).apply(turned)
        for radius in (160.0, 160.99)
    )

    torch.testing.assert_close(exact, rounded, atol=0.01 * float(exact.max()), rtol=0)


def test_impossible_collimators_are_refused() -> None:
    with pytest.raises(OptionError, match="septa"):
        Collimator("foil", 1.0, 0.5, 26.9, 3.8, 7.0)
    with pytest.raises(OptionError, match="hole_diameter_mm"):
        Collimator("plate", 0.0, 24.0, 26.9, 3.8, 7.0)


@pytest.mark.parametrize(("depth_cm", "share"), [(10.0, 0.288), (15.0, 0.400)])
def test_scatter_is_a_third_of_the_counts_from_the_depth_of_the_heart(
    depth_cm: float, share: float
) -> None:
    # 1 - exp(-(0.154 - 0.12) * depth): 1 - exp(-0.34) and 1 - exp(-0.51).
    voxels = round(depth_cm / 0.5)
    grid = TransaxialGrid(slices=64, pixels=64, pixel_mm=5.0, slice_mm=10.0)
    mu = torch.zeros(grid.shape)
    mu[:, 32 - voxels : 32] = 0.154
    source = point(grid, (32, 32, 32))
    orbit = Orbit.circular(ANTERIOR, 360, 1, 250)

    with_scatter = SpectProjector(grid, orbit, mu, scatter=ScatterModel(slope_per_cm=2.0))
    primary = SpectProjector(grid, orbit, mu)

    counts = with_scatter.apply(source).sum()
    assert (counts - primary.apply(source).sum()) / counts == pytest.approx(share, abs=0.003)


def test_scatter_spreads_wider_than_the_source_and_sums_to_one() -> None:
    spread = exponential_matrix(slope_per_pixel=0.192, size=201)

    assert spread[100].sum() == pytest.approx(1, abs=1e-6)
    assert spread[100, 100] < 0.1
    assert spread[100, 104] / spread[100, 100] == pytest.approx(math.exp(-4 * 0.192))


def test_air_around_a_body_is_left_out_without_a_change_in_any_digit() -> None:
    grid, orbit = CLINICAL, Orbit(225.0, 180.0, (230.0, 240.0, 250.0), "CW")
    body = disc(grid, 130, center_mm=(20, -15))
    activity = body * torch.rand(grid.shape, generator=seeded())
    projector = SpectProjector(grid, orbit, WATER_PER_CM * body, LEHR_140_KEV, ScatterModel())

    rotation = Rotation(grid, orbit.angles_deg)
    attenuation = Attenuation(rotation, WATER_PER_CM * body)
    turned = rotation.apply(activity)
    response = CollimatorDetectorResponse(grid, LEHR_140_KEV, orbit.radial_position_mm)
    unscattered = response.apply(attenuation.apply(turned))
    expected = unscattered + Scatter(grid, attenuation, ScatterModel()).apply(turned)

    assert torch.equal(projector.apply(activity), expected)
    assert torch.equal(projector.for_one_pass().apply(activity), expected)
    assert torch.equal(projector.expected_scatter(activity), expected - unscattered)


def test_nothing_is_expected_of_an_empty_body() -> None:
    orbit = Orbit(225.0, 180.0, (230.0, 240.0), "CW")
    empty = torch.zeros(CLINICAL.shape)

    for projector in (
        SpectProjector(CLINICAL, orbit, empty, LEHR_140_KEV, ScatterModel()),
        SpectProjector(CLINICAL, orbit, empty, LEHR_140_KEV).for_one_pass(),
    ):
        assert not projector.apply(empty).any()


@pytest.mark.parametrize("values", [{"broad_to_narrow": 1.2}, {"slope_per_cm": 0.0}])
def test_impossible_scatter_is_refused(values: dict[str, float]) -> None:
    with pytest.raises(OptionError):
        ScatterModel(**values)


def test_a_cardiac_orbit_goes_from_rao_over_the_left_front_to_lpo() -> None:
    orbit = Orbit.cardiac((200.0,) * 60)

    assert orbit.angles_deg[0] == 225
    assert orbit.angles_deg[15] == pytest.approx(180)
    assert orbit.angles_deg[45] == pytest.approx(90)
    assert orbit.angles_deg[-1] == pytest.approx(48)


def test_a_body_contour_keeps_its_clearance_from_an_ellipse() -> None:
    _, y, x = positions_mm(CLINICAL)
    body = ((x / 160) ** 2 + (y / 110) ** 2 <= 1).float() * WATER_PER_CM
    angles = [180.0, 90.0, 135.0]

    radii = body_contour_radii_mm(body.expand(CLINICAL.shape), CLINICAL, angles, 15.0)

    # Support of an ellipse: sqrt((160 sin a)^2 + (110 cos a)^2); voxels add at most their half.
    exact = torch.tensor([110.0, 160.0, math.hypot(160, 110) / math.sqrt(2)]) + 15
    torch.testing.assert_close(torch.tensor(radii), exact, atol=6.4, rtol=0)


def test_orbits_that_cannot_be_are_refused() -> None:
    with pytest.raises(GeometryError, match="orbit"):
        Orbit(0.0, 180.0, ())
    with pytest.raises(GeometryError, match="orbit"):
        Orbit(0.0, 180.0, (-5.0,))
    with pytest.raises(OptionError, match="arc"):
        Orbit(0.0, 400.0, (200.0,))
    with pytest.raises(OptionError, match="direction"):
        Orbit(0.0, 180.0, (200.0,), "LEFT")
    with pytest.raises(GeometryError, match="radii"):
        Orbit.cardiac((200.0,) * 4).with_radii((1.0,))
    with pytest.raises(GeometryError, match="body"):
        body_contour_radii_mm(torch.zeros(SMALL.shape), SMALL, [0.0], 10.0)


def test_orbits_keep_their_angles_with_other_radii() -> None:
    orbit = Orbit.cardiac((200.0,) * 3)

    assert orbit.with_radii((180.0, 190.0, 200.0)).angles_deg == orbit.angles_deg


def test_fine_bins_are_added_up_in_the_bins_of_the_detector() -> None:
    fine = TransaxialGrid(slices=3, pixels=6, pixel_mm=4.0, slice_mm=4.0)
    detector = TransaxialGrid(slices=2, pixels=4, pixel_mm=6.0, slice_mm=6.0)
    counts = torch.zeros(1, 3, 6)
    counts[0, 0] = torch.tensor([1.0, 2, 3, 4, 5, 6])

    rebinned = rebin_projections(counts, fine, detector)

    # Bins of 6 mm take one and a half of 4 mm: 1 + 2/2, 2/2 + 3, 4 + 5/2, 5/2 + 6.
    torch.testing.assert_close(rebinned[0, 0], torch.tensor([2.0, 4.0, 6.5, 8.5]))
    assert not rebinned[0, 1].any()


def test_a_finer_grid_sees_the_same_counts() -> None:
    coarse = TransaxialGrid(slices=4, pixels=32, pixel_mm=12.8, slice_mm=12.8)
    fine = TransaxialGrid(slices=6, pixels=48, pixel_mm=12.8 / 1.5, slice_mm=12.8 / 1.5)
    orbit = Orbit.cardiac((220.0, 220.0, 220.0))

    def project(grid: TransaxialGrid) -> torch.Tensor:
        mu = WATER_PER_CM * disc(grid, 150.0)
        share = (grid.pixel_mm / coarse.pixel_mm) ** 3
        return SpectProjector(grid, orbit, mu, LEHR_140_KEV).apply(disc(grid, 60.0) * share)

    rebinned, direct = rebin_projections(project(fine), fine, coarse), project(coarse)

    torch.testing.assert_close(rebinned.sum(dim=(1, 2)), direct.sum(dim=(1, 2)), rtol=0.02, atol=0)
    # Fine voxels are turned with less blur: edges of the cylinder differ by the fine pixel.
    assert (rebinned - direct).abs().max() < 0.1 * direct.max()


def test_grids_that_cannot_be_are_refused() -> None:
    with pytest.raises(GeometryError, match="grid"):
        TransaxialGrid(0, 64, 6.4, 6.4)
    with pytest.raises(GeometryError, match="pixel_mm"):
        TransaxialGrid(10, 64, math.inf, 6.4)
    with pytest.raises(GeometryError, match="attenuation map"):
        Attenuation(Rotation(SMALL, [0.0]), water(CLINICAL))
