"""Harmonics through the slots of a beat."""

from __future__ import annotations

import numpy as np
import pytest

from shortaxis.errors import OptionError
from shortaxis.function.harmonics import BeatFit
from shortaxis.function.volume_curve import VolumeCurve

TURN = 2 * np.pi * np.arange(8) / 8
WAVE = 100 + 30 * np.cos(TURN) - 8 * np.sin(2 * TURN)


def test_two_harmonics_are_given_back_whatever_slots_are_left_out() -> None:
    is_used = np.array([True, True, False, True, True, True, False, True])
    holed = np.where(is_used, WAVE, 0.0)

    found = BeatFit(is_used).smoothed(holed)

    np.testing.assert_allclose(found, WAVE, atol=1e-9)


def test_what_no_heart_does_is_left_out_and_told_as_noise() -> None:
    shaken = WAVE + 3 * np.cos(4 * TURN)

    fit = BeatFit(np.ones(8, dtype=bool))

    np.testing.assert_allclose(fit.smoothed(shaken), WAVE, atol=1e-9)
    # Eight squares of 9 over the three numbers that two harmonics leave free.
    assert fit.noise_of(shaken) == pytest.approx(np.sqrt(8 * 9 / 3))


def test_too_few_slots_are_refused() -> None:
    with pytest.raises(OptionError, match="too few time slots"):
        BeatFit(np.array([True, True, True, True, False, False]))


def test_volumes_and_rates_of_a_plain_wave() -> None:
    curve = VolumeCurve(100 + 30 * np.cos(TURN), 2)

    assert curve.end_diastolic_ml == pytest.approx(130)
    assert curve.end_systolic_ml == pytest.approx(70)
    assert curve.ejection_fraction == pytest.approx(60 / 130)
    assert (curve.end_diastolic_slot, curve.end_systolic_slot) == (1, 5)
    # The steepest place of a cosine: its height times two pi a cycle.
    assert curve.peak_emptying_rate == pytest.approx(2 * np.pi * 30 / 130)
    assert curve.peak_filling_rate == pytest.approx(2 * np.pi * 30 / 130)
    assert curve.time_to_peak_filling == pytest.approx(0.25)
