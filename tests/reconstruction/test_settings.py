"""Filters and their units, settings and presets, attenuation and scatter by hand."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconstruction_scenes import angles_of, views_of, with_counts
from shortaxis.errors import OptionError
from shortaxis.reconstruction.attenuation import hounsfield_to_per_cm, water_per_cm
from shortaxis.reconstruction.filtering import filtered, filtered_over_slots
from shortaxis.reconstruction.post_filters import (
    FILTER_KINDS,
    PostFilter,
    nyquist_from_per_cm,
    per_cm_from_nyquist,
)
from shortaxis.reconstruction.presets import PRESETS
from shortaxis.reconstruction.scatter import scatter_estimate, scatter_methods_for
from shortaxis.reconstruction.settings import ReconstructionSettings
from shortaxis.spect.projections import Projections


@pytest.mark.parametrize(
    ("sample_mm", "per_cm"), [(6.4, 0.78125), (6.8, 0.735294), (4.0, 1.25), (3.2, 1.5625)]
)
def test_nyquist_is_half_a_cycle_for_each_sample(sample_mm: float, per_cm: float) -> None:
    assert per_cm_from_nyquist(1.0, sample_mm) == pytest.approx(per_cm, rel=1e-5)
    assert nyquist_from_per_cm(per_cm / 2, sample_mm) == pytest.approx(0.5, rel=1e-5)


@given(st.floats(0.05, 1), st.floats(2, 12))
def test_a_cutoff_is_the_same_in_both_units(fraction: float, sample_mm: float) -> None:
    post_filter = PostFilter.with_nyquist_cutoff("hann", fraction, sample_mm)

    back = nyquist_from_per_cm(post_filter.cutoff_per_cm, sample_mm)

    assert back == pytest.approx(fraction)


def test_gains_are_those_of_the_definitions() -> None:
    frequency = np.array([0.0, 0.2, 0.4, 0.8])

    butterworth = PostFilter("butterworth", 0.4, order=5).gain(frequency)
    hann = PostFilter("hann", 0.4).gain(frequency)

    assert butterworth == pytest.approx([1, 1 / (1 + 0.5**10), 0.5, 1 / (1 + 2**10)])
    assert hann == pytest.approx([1, 0.5, 0, 0], abs=1e-12)


def test_a_gaussian_makes_a_point_as_wide_as_it_says() -> None:
    volume = np.zeros((33, 33, 33), dtype=np.float32)
    volume[16, 16, 16] = 1

    smooth = filtered(volume, (4.0, 4.0, 4.0), PostFilter("gaussian", fwhm_mm=14))

    place = (np.arange(33) - 16) * 4.0
    for axis in range(3):
        profile = smooth.sum(axis=tuple({0, 1, 2} - {axis}))
        sigma = np.sqrt((profile * place**2).sum() / profile.sum())
        assert 2.3548 * sigma == pytest.approx(14, rel=0.01)
    assert smooth.sum() == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("kind", FILTER_KINDS)
def test_counts_at_one_edge_do_not_come_back_at_the_other(kind: str) -> None:
    volume = np.zeros((20, 20, 20), dtype=np.float32)
    volume[0] = 1

    smooth = filtered(volume, (6.4, 6.4, 6.4), PostFilter(kind, 0.4, 5))

    assert abs(smooth[-1]).max() < 0.01 * smooth[0].max()


@pytest.mark.parametrize("kind", ["butterworth", "hann", "gaussian"])
def test_filters_are_those_of_the_simulation(kind: str) -> None:
    torch = pytest.importorskip("torch", reason="the simulated camera needs torch")
    from shortaxis.camera import filters

    window = {
        "butterworth": filters.Butterworth(0.4, 8),
        "hann": filters.Hanning(0.4),
        "gaussian": filters.Gaussian(9.0),
    }[kind]
    volume = np.zeros((24, 24, 24), dtype=np.float32)
    volume[9:15, 9:15, 9:15] = np.random.default_rng(4).random((6, 6, 6))

    theirs = filters.filter_counts(torch.from_numpy(volume), (6.4, 6.4, 6.4), window).numpy()

    ours = filtered(volume, (6.4, 6.4, 6.4), PostFilter(kind, 0.4, 8, 9))
    # How far the zeros beyond the edge go differs.
    assert ours == pytest.approx(theirs, abs=0.002)


def test_both_units_of_a_cutoff_are_said() -> None:
    assert PostFilter("butterworth", 0.4, 10).words(6.4) == (
        "Butterworth 0.4 cycles/cm (0.51 of Nyquist), order 10"
    )
    assert PostFilter("gaussian", fwhm_mm=9).words(6.4) == "Gaussian 9 mm FWHM"


def test_slots_are_mixed_round_the_beat_and_two_are_left_alone() -> None:
    slots = np.zeros((8, 1, 1, 1), dtype=np.float32)
    slots[0] = 4

    assert filtered_over_slots(slots).ravel().tolist() == [2, 1, 0, 0, 0, 0, 0, 1]
    assert filtered_over_slots(slots[:2]).ravel().tolist() == [4, 0]


@pytest.mark.parametrize("name", PRESETS)
def test_settings_come_back_from_a_record(name: str) -> None:
    settings = PRESETS[name].settings

    record = json.loads(json.dumps(settings.to_dict()))

    assert ReconstructionSettings.from_dict(record) == settings
    assert PRESETS[name].purpose


@pytest.mark.parametrize(
    "changes",
    [
        {"method": "mlem"},
        {"iterations": 0},
        {"iterations": 2.5},
        {"subsets": True},
        {"collimator": "pinhole"},
        {"scatter": "auto"},
        {"method": "fbp", "collimator": "LEHR"},
        {"method": "fbp", "attenuation_corrected": True},
        {"zoom": 2},
        {"post_filter": {"kind": "metz"}},
        {"post_filter": {"cutoff_per_cm": 0.0}},
        {"post_filter": {"power": 10}},
    ],
)
def test_settings_that_mean_nothing_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(OptionError):
        ReconstructionSettings.from_dict(changes)


def test_words_say_what_is_corrected() -> None:
    settings = ReconstructionSettings(iterations=4, collimator="LEHR", scatter="dual")

    assert settings.words == "OSEM 4i10s SC RR"
    assert replace(settings, attenuation_corrected=True).words == "OSEM 4i10s AC SC RR"
    assert ReconstructionSettings(method="fbp").words == "FBP"


def test_water_attenuates_as_tables_say() -> None:
    assert water_per_cm(140.5) == pytest.approx(0.154, abs=0.001)
    assert water_per_cm(72) == pytest.approx(0.191, abs=0.002)


@pytest.mark.parametrize(("energy", "bone"), [(140.5, 0.295), (72.0, 0.486)])
def test_ct_numbers_of_air_water_and_bone_become_their_attenuation(
    energy: float, bone: float
) -> None:
    # Cortical bone at the 75 keV of the CT: 0.465 per cm, and water 0.188.
    numbers = [-1000, 0, 1000 * (0.465 / 0.188 - 1), -1024]

    found = hounsfield_to_per_cm(numbers, energy)

    assert found == pytest.approx([0, water_per_cm(energy), bone, 0], abs=0.006)
    assert (np.diff(hounsfield_to_per_cm(np.arange(-1000, 2000, 10), energy)) > 0).all()


def with_windows(windows: tuple[tuple[float, float], ...], levels: tuple[float, ...]):
    one = views_of((), angles_of(180, 8), (40, 40))
    counts = np.ones((len(windows), 1, 8, 40, 40)) * np.reshape(levels, (-1, 1, 1, 1, 1))
    return with_counts(one, counts, windows_kev=windows)


PEAK = (126.0, 154.0)


@pytest.mark.parametrize(
    ("windows", "levels", "method", "wanted"),
    [
        # Half of the window below.
        ((PEAK, (92.0, 125.0)), (100, 40), "dual", 20),
        # 12 per 4 keV and 2 per 4 keV: 3.5 per keV of both, over half of 28 keV.
        ((PEAK, (154.0, 158.0), (122.0, 126.0)), (100, 2, 12), "triple", 49),
        # No window above: a triangle of 3 per keV under 28 keV.
        ((PEAK, (122.0, 126.0)), (100, 12), "triple", 42),
        # The nearer of two windows is that beside the peak, the wider that of two windows.
        ((PEAK, (92.0, 120.0), (122.0, 126.0)), (100, 60, 12), "triple", 42),
        ((PEAK, (122.0, 126.0), (92.0, 120.0)), (100, 12, 60), "dual", 30),
    ],
)
def test_scatter_is_what_the_formulas_give(
    windows: tuple[tuple[float, float], ...],
    levels: tuple[float, ...],
    method: str,
    wanted: float,
) -> None:
    projections = with_windows(windows, levels)

    estimate = scatter_estimate(projections, method)

    assert estimate is not None
    assert estimate.shape == (1, 8, 40, 40)
    assert estimate[0, :, 15:25, 15:25] == pytest.approx(wanted, rel=0.01)
    assert scatter_methods_for(projections) == ("triple", "dual", "none")


def test_a_photopeak_alone_has_no_scatter_correction() -> None:
    projections: Projections = with_windows((PEAK,), (100,))

    assert scatter_methods_for(projections) == ("none",)
    assert scatter_estimate(projections, "none") is None
    with pytest.raises(OptionError, match="no energy window below"):
        scatter_estimate(projections, "triple")
