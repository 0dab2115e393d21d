"""Reconstructions, filters and counts, against what can be told beforehand."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the camera needs torch")

from camera_scenes import WATER_PER_CM, disc, seeded  # noqa: E402
from shortaxis.camera.collimator import LEHR_140_KEV  # noqa: E402
from shortaxis.camera.fbp import reconstruct_fbp  # noqa: E402
from shortaxis.camera.filters import (  # noqa: E402
    Butterworth,
    FrequencyWindow,
    Gaussian,
    Hanning,
    filter_counts,
)
from shortaxis.camera.noise import sample_counts, scale_to_maximum, scale_to_total  # noqa: E402
from shortaxis.camera.orbits import Orbit  # noqa: E402
from shortaxis.camera.osem import reconstruct_osem, subset_views  # noqa: E402
from shortaxis.camera.projector import SpectProjector  # noqa: E402
from shortaxis.camera.scatter import ScatterModel  # noqa: E402
from shortaxis.camera.transaxial_grid import TransaxialGrid  # noqa: E402
from shortaxis.errors import CountsError, GeometryError, OptionError  # noqa: E402

GRID = TransaxialGrid(slices=4, pixels=48, pixel_mm=6.4, slice_mm=6.4)
VIEWS = 48
HALF_TURN = Orbit.cardiac((200.0,) * VIEWS)
WHOLE_TURN = Orbit.circular(0.0, 360.0, VIEWS, 200.0)
RADIUS_MM = 90.0
NYQUIST_PER_CM = 0.78125  # 1 / (2 * 0.64 cm)


def well_inside() -> torch.Tensor:
    return disc(GRID, RADIUS_MM - 20) > 0.99


def well_outside() -> torch.Tensor:
    return (disc(GRID, RADIUS_MM + 20) == 0) & GRID.inside_circle()


@pytest.mark.parametrize("orbit", [HALF_TURN, WHOLE_TURN], ids=["180", "360"])
def test_osem_of_a_disc_without_noise_gives_the_disc(orbit: Orbit) -> None:
    projector = SpectProjector(GRID, orbit)
    projections = projector.apply(disc(GRID, RADIUS_MM))

    activity = reconstruct_osem(projections, projector, iterations=6, subsets=8)

    assert (activity >= 0).all()
    assert activity[well_inside()].mean() == pytest.approx(1, abs=0.01)
    assert activity[well_inside()].std() < 0.04
    assert activity[well_outside()].max() < 0.02
    assert activity.sum() == pytest.approx(float(disc(GRID, RADIUS_MM).sum()), rel=0.002)


def test_osem_conserves_the_counts_of_noisy_projections() -> None:
    projector = SpectProjector(GRID, WHOLE_TURN)
    expected = scale_to_total(projector.apply(disc(GRID, RADIUS_MM)), 2e5)
    projections = sample_counts(expected, seeded())

    activity = reconstruct_osem(projections, projector, iterations=2, subsets=6)

    assert projector.apply(activity).sum() == pytest.approx(float(projections.sum()), rel=0.01)


def test_osem_undoes_attenuation_and_blur_that_it_knows_of() -> None:
    mu = WATER_PER_CM * disc(GRID, 120.0)
    truth = disc(GRID, RADIUS_MM)
    projector = SpectProjector(GRID, WHOLE_TURN, mu, LEHR_140_KEV)
    projections = projector.apply(truth)

    corrected = reconstruct_osem(projections, projector, iterations=6, subsets=8)
    uncorrected = reconstruct_osem(
        projections, SpectProjector(GRID, WHOLE_TURN), iterations=6, subsets=8
    )

    # Volumes have four slices only: blur takes counts out of the end slices for good.
    middle = well_inside()[1:3]
    assert corrected[1:3][middle].mean() == pytest.approx(1, abs=0.03)
    center = torch.zeros_like(middle)
    center[:, 22:26, 22:26] = True
    rim = middle & (disc(GRID, RADIUS_MM - 30)[1:3] == 0)
    assert corrected[1:3][center].mean() == pytest.approx(1, abs=0.05)
    # The middle of a disc lies deeper than its rim: uncorrected, it is darker.
    assert uncorrected[1:3][center].mean() < 0.9 * uncorrected[1:3][rim].mean()


def test_resolution_recovery_overshoots_at_edges_and_nothing_else_does() -> None:
    blurring = SpectProjector(GRID, WHOLE_TURN, collimator=LEHR_140_KEV)
    projections = blurring.apply(disc(GRID, RADIUS_MM))
    middle = well_inside()[1:3]
    edge = ((disc(GRID, RADIUS_MM - 5) > 0.99) & (disc(GRID, RADIUS_MM - 30) == 0))[1:3]

    recovered = reconstruct_osem(projections, blurring, 8, 8)[1:3]
    plain = reconstruct_osem(projections, SpectProjector(GRID, WHOLE_TURN), 8, 8)[1:3]

    # Gibbs: what is known of a blur is taken back up to a frequency, and not beyond.
    assert recovered[edge].max() > 1.05 * recovered[middle].median()
    assert plain[edge].max() < 1.02 * plain[middle].median()


def test_backprojection_of_few_views_has_streaks_beside_what_is_hot_and_osem_has_none() -> None:
    few = Orbit.circular(0.0, 360.0, 16, 200.0)
    projector = SpectProjector(GRID, few)
    projections = projector.apply(disc(GRID, 30.0))
    beside = (disc(GRID, 60.0) == 0) & GRID.inside_circle()

    streaked = reconstruct_fbp(projections, GRID, few)[beside]
    even = reconstruct_osem(projections, projector, 6, 4)[beside]

    # Rays that are too hot, and beside them too cold ones.
    assert streaked.max() > 0.1
    assert streaked.min() < -0.05
    assert even.abs().max() < 0.02


def test_osem_leaves_out_scatter_that_it_is_told_of() -> None:
    mu = WATER_PER_CM * disc(GRID, 120.0)
    truth = disc(GRID, RADIUS_MM)
    primary = SpectProjector(GRID, WHOLE_TURN, mu)
    projections = SpectProjector(GRID, WHOLE_TURN, mu, scatter=ScatterModel()).apply(truth)
    scatter = projections - primary.apply(truth)

    told = reconstruct_osem(projections, primary, 4, 8, additive=scatter)
    untold = reconstruct_osem(projections, primary, 4, 8)

    assert told[well_inside()].mean() == pytest.approx(1, abs=0.02)
    assert untold[well_inside()].mean() > 1.05


def test_empty_views_give_an_empty_volume() -> None:
    projector = SpectProjector(GRID, WHOLE_TURN)

    activity = reconstruct_osem(torch.zeros(projector.out_shape), projector, 1, 8)

    assert not activity.any()


@pytest.mark.parametrize(("views", "subsets"), [(64, 10), (60, 8), (12, 12), (7, 1)])
def test_subsets_share_out_all_views(views: int, subsets: int) -> None:
    shared = subset_views(views, subsets)

    assert len(shared) == subsets
    assert sorted(itertools.chain(*shared)) == list(range(views))
    assert max(map(len, shared)) - min(map(len, shared)) <= 1


def test_osem_refuses_what_it_cannot_use() -> None:
    projector = SpectProjector(GRID, WHOLE_TURN)
    projections = torch.ones(projector.out_shape)

    with pytest.raises(GeometryError, match="projections"):
        reconstruct_osem(projections[1:], projector, 1, 1)
    with pytest.raises(CountsError, match="counts"):
        reconstruct_osem(-projections, projector, 1, 1)
    with pytest.raises(OptionError, match="subsets"):
        reconstruct_osem(projections, projector, 1, VIEWS + 1)
    with pytest.raises(OptionError, match="iterations"):
        reconstruct_osem(projections, projector, 0, 1)


@pytest.mark.parametrize("orbit", [HALF_TURN, WHOLE_TURN], ids=["180", "360"])
def test_fbp_of_a_disc_gives_the_disc(orbit: Orbit) -> None:
    projections = SpectProjector(GRID, orbit).apply(2 * disc(GRID, RADIUS_MM))

    activity = reconstruct_fbp(projections, GRID, orbit)

    assert activity[well_inside()].mean() == pytest.approx(2, rel=0.01)
    assert activity[well_inside()].std() < 0.04
    assert activity[well_outside()].mean() == pytest.approx(0, abs=0.02)


def test_fbp_puts_an_off_centre_disc_where_it_is() -> None:
    truth = disc(GRID, 25.0, center_mm=(50.0, -30.0))
    projections = SpectProjector(GRID, HALF_TURN).apply(truth)

    activity = reconstruct_fbp(projections, GRID, HALF_TURN, Hanning(NYQUIST_PER_CM))[0].clamp(0)

    # 50 mm to the left are 7.8 columns right of the middle, 23.5; 30 mm anterior 4.7 rows above.
    index = torch.arange(48.0)
    assert (activity.sum(dim=0) * index).sum() / activity.sum() == pytest.approx(31.3, abs=0.4)
    assert (activity.sum(dim=1) * index).sum() / activity.sum() == pytest.approx(18.8, abs=0.4)


def test_fbp_refuses_arcs_that_see_lines_unevenly() -> None:
    orbit = Orbit.circular(0.0, 270.0, VIEWS, 200.0)

    with pytest.raises(OptionError, match="turn"):
        reconstruct_fbp(torch.ones(GRID.projection_shape(VIEWS)), GRID, orbit)
    with pytest.raises(GeometryError, match="orbit"):
        reconstruct_fbp(torch.ones(GRID.projection_shape(VIEWS + 1)), GRID, WHOLE_TURN)


@pytest.mark.parametrize(
    ("window", "frequency_per_cm", "gain"),
    [
        (Butterworth(0.4, 5), 0.4, 0.5),
        (Butterworth(0.4, 5), 0.0, 1.0),
        (Butterworth(0.4, 2), 0.8, 1 / 17),  # 1 / (1 + 2 ** 4)
        (Hanning(0.6), 0.3, 0.5),
        (Hanning(0.6), 0.7, 0.0),
        (Gaussian(10.0), 2 * math.log(2) / math.pi, 0.5),  # FWHM 1 cm: exp(-(pi f)^2 / (4 ln 2))
    ],
)
def test_gains_are_those_of_the_textbook(
    window: FrequencyWindow, frequency_per_cm: float, gain: float
) -> None:
    if isinstance(window, Gaussian):
        frequency_per_cm = 2 * math.log(2) / math.pi
        gain = math.exp(-((math.pi * frequency_per_cm) ** 2) / (4 * math.log(2)))

    actual = window.gain(torch.tensor([frequency_per_cm], dtype=torch.float64))

    assert float(actual) == pytest.approx(gain, abs=1e-9)


def test_a_butterworth_filter_halves_a_wave_at_its_cutoff() -> None:
    # 0.4 cycles/cm: waves of 25 mm.
    grid = TransaxialGrid(slices=24, pixels=80, pixel_mm=5.0, slice_mm=6.0)
    x_cm = grid.centered_mm() / 10
    wave = torch.cos(2 * math.pi * 0.4 * x_cm).expand(grid.shape)

    filtered = filter_counts(wave, grid.voxel_mm, Butterworth(0.4, 5))

    middle = (12, 40, slice(30, 50))
    amplitude = filtered[middle].square().mean().sqrt() / wave[middle].square().mean().sqrt()
    assert amplitude == pytest.approx(0.5, abs=0.01)


def test_a_gaussian_filter_makes_a_point_as_wide_as_it_says() -> None:
    volume = torch.zeros(25, 41, 41, dtype=torch.float64)
    volume[12, 20, 20] = 7

    filtered = filter_counts(volume, (4.0, 2.0, 2.0), Gaussian(12.0))

    profile = filtered[12, 20] / filtered[12, 20].max()
    assert profile[23] == pytest.approx(0.5, abs=1e-3)  # 6 mm away
    assert filtered[12 + 3, 20, 20] / filtered[12, 20, 20] == pytest.approx(2**-4, abs=1e-3)
    assert filtered.sum() == pytest.approx(7, rel=1e-3)


def test_projections_are_filtered_view_by_view() -> None:
    counts = torch.rand(3, 8, 16, generator=seeded())

    together = filter_counts(counts, (6.4, 6.4), Butterworth(0.5, 5))

    alone = filter_counts(counts[1], (6.4, 6.4), Butterworth(0.5, 5))
    torch.testing.assert_close(together[1], alone)


def test_nothing_wraps_around_the_edges() -> None:
    volume = torch.zeros(8, 16, 16)
    volume[4, 8, 0] = 1

    filtered = filter_counts(volume, (6.4, 6.4, 6.4), Gaussian(12.0))

    assert filtered[4, 8, 15].abs() < 1e-3


@pytest.mark.parametrize("window", [Butterworth(3.0, 10), Hanning(0.79)])
def test_a_cutoff_above_nyquist_is_refused_with_the_likely_unit(window: FrequencyWindow) -> None:
    with pytest.raises(OptionError, match="Nyquist") as caught:
        filter_counts(torch.ones(8, 8, 8), (6.4, 6.4, 6.4), window)

    assert "cycles/mm" in str(caught.value.cause)


def test_filters_without_a_width_are_refused() -> None:
    with pytest.raises(OptionError, match="cutoff"):
        Butterworth(0.0, 5)
    with pytest.raises(OptionError, match="order"):
        Butterworth(0.4, -1)
    with pytest.raises(OptionError, match="fwhm"):
        Gaussian(math.inf)
    with pytest.raises(GeometryError, match="spacings"):
        filter_counts(torch.ones(8, 8), (6.4, 6.4, 6.4), Gaussian(10.0))


@pytest.mark.parametrize("make", [seeded, np.random.default_rng], ids=["torch", "numpy"])
def test_counts_have_the_mean_and_the_variance_of_poisson(make: object) -> None:
    expected = torch.full((200, 500), 6.5)

    counts = sample_counts(expected, make(3))

    # 100 000 draws: the mean is known to sqrt(6.5 / 1e5) = 0.008, the variance to about 0.03.
    assert counts.mean() == pytest.approx(6.5, abs=0.04)
    assert counts.var() == pytest.approx(6.5, abs=0.15)
    assert torch.equal(counts, counts.round())
    assert torch.equal(counts, sample_counts(expected, make(3)))
    assert not torch.equal(counts, sample_counts(expected, make(4)))


def test_counts_are_scaled_to_a_total_or_to_the_hottest_bin_of_the_heart() -> None:
    expected = torch.tensor([[[1.0, 4.0, 20.0]]])
    myocardial = torch.tensor([[[0.5, 2.0, 0.0]]])

    assert scale_to_total(expected, 100).sum() == pytest.approx(100)
    assert scale_to_maximum(expected, 100).max() == pytest.approx(100)
    assert scale_to_maximum(expected, 100, myocardial)[0, 0, 1] == pytest.approx(100)


def test_counts_that_cannot_be_are_refused() -> None:
    with pytest.raises(CountsError, match="expected"):
        sample_counts(torch.tensor([-1.0]), seeded())
    with pytest.raises(CountsError, match="scaled"):
        scale_to_total(torch.zeros(3), 100)
