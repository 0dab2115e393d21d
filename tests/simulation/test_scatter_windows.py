"""Energy windows beside the photopeak: where they lie, and what an estimate from them gives."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pydicom
import pytest

pytest.importorskip("torch", reason="the simulation needs torch")

import torch
from scipy.stats import norm

from dicom_programs import messages_of_dciodvfy
from shortaxis.simulation.exam import SimulatedExam
from shortaxis.simulation.exam_files import CohortFormat, write_exam
from shortaxis.simulation.expected_counts import expected_counts
from shortaxis.simulation.motion_course import course_of
from shortaxis.simulation.scatter_windows import (
    count_scatter_windows,
    scatter_windows_kev,
    share_in_window,
)
from shortaxis.simulation.scenario import ExamScenario
from shortaxis.simulation.simulating import simulate
from simulation_scenes import small_scenario

PEAK_KEV, LOWER_KEV, UPPER_KEV = (126.4, 154.5), (123.4, 126.4), (154.5, 157.5)


def scenario(slots: int = 0, camera: str = "Test Camera", tracer: str = "") -> ExamScenario:
    small = small_scenario(time_slots=slots, preset_version=2)
    acquisition = replace(
        small.acquisition, camera=camera, tracer=tracer or small.acquisition.tracer
    )
    return replace(small, acquisition=acquisition)


@cache
def exam(slots: int = 0) -> SimulatedExam:
    return simulate(scenario(slots), scatter_windows=True)


@pytest.mark.parametrize(
    ("camera", "tracer", "windows"),
    [
        ("GE Infinia", "TC99M_SESTAMIBI", ((114.0, 126.0),)),
        ("SIEMENS Symbia", "TC99M_TETROFOSMIN", ((105.3, 126.4),)),
        ("Philips CardioMD", "TC99M_SESTAMIBI", (LOWER_KEV, UPPER_KEV)),
        ("GE Infinia", "TL201_CHLORIDE", ((61.0, 64.0), (80.0, 83.0))),
    ],
)
def test_windows_are_those_of_the_camera(camera: str, tracer: str, windows: tuple) -> None:
    found = scatter_windows_kev(scenario(camera=camera, tracer=tracer))

    assert np.array(found) == pytest.approx(np.array(windows))


def test_the_part_of_a_window_is_that_of_a_gaussian() -> None:
    sigma_kev = 0.095 * 140.5 / 2.3548

    found = share_in_window(140.5, PEAK_KEV)

    wanted = norm.cdf(154.5, 140.5, sigma_kev) - norm.cdf(126.4, 140.5, sigma_kev)
    assert found == pytest.approx(wanted, abs=1e-4)


def test_scatter_is_as_many_per_kev_below_the_photopeak_and_falls_to_none_across_it() -> None:
    scattered = torch.full((1, 200, 200), 50.0)

    lower, upper = count_scatter_windows(
        scenario(), [scattered], [scattered], np.random.default_rng(1)
    )

    # A triangle over 28.1 keV holds 50, so its height is 100 / 28.1 per keV; the window has 3 keV.
    assert float(lower[0].mean()) == pytest.approx(3 * 100 / 28.1, rel=0.01)
    assert float(upper[0].sum()) == 0


def test_what_is_not_scattered_spills_alike_into_both_narrow_windows() -> None:
    unscattered = torch.full((1, 200, 200), 1000.0)

    lower, upper = count_scatter_windows(
        scenario(), [unscattered], [torch.zeros_like(unscattered)], np.random.default_rng(1)
    )

    assert float(lower[0].mean()) == pytest.approx(5.2, abs=0.5)
    assert float(upper[0].mean()) == pytest.approx(float(lower[0].mean()), rel=0.1)


@pytest.mark.parametrize("slots", [0, 4])
def test_windows_change_neither_the_exam_nor_its_photopeak(slots: int) -> None:
    without = simulate(scenario(slots))

    assert np.array_equal(exam(slots).volume.counts, without.volume.counts)
    assert np.array_equal(exam(slots).projections.counts[:1], without.projections.counts)
    assert without.projections.windows_kev == (PEAK_KEV,)
    assert len(exam(slots).projections.windows_kev) == 3


@pytest.mark.parametrize("slots", [0, 4])
def test_dciodvfy_finds_no_error_in_several_windows(slots: int, tmp_path: Path) -> None:
    path = write_exam(exam(slots), tmp_path, CohortFormat.DICOM, with_projections=True)
    dataset = pydicom.dcmread(path / "projections.dcm")

    assert messages_of_dciodvfy(path / "projections.dcm", "Error") == []
    assert dataset.NumberOfEnergyWindows == len(dataset.EnergyWindowInformationSequence) == 3
    assert sorted(set(dataset.EnergyWindowVector)) == [1, 2, 3]


def test_the_estimate_of_pytomography_is_the_scatter_of_the_photopeak(tmp_path: Path) -> None:
    reader = pytest.importorskip(
        "pytomography.io.SPECT.dicom", reason="PyTomography is an extra of the tests"
    )
    path = write_exam(exam(), tmp_path, CohortFormat.DICOM, with_projections=True)
    expected = expected_counts(
        exam().scenario, course_of(exam().scenario.acquisition), with_scatter=True
    )

    found = reader.get_energy_window_scatter_estimate(str(path / "projections.dcm"), 0, 1, 2)

    # What spills makes it too high, by about an eighth where scatter is a third.
    total, scatter = float(found.sum()), float(expected.scatter[0].sum())
    assert 1.0 < total / scatter < 1.4
    # Along the slices, too: PyTomography has them last, from feet to head.
    profile = found.cpu().numpy().sum(axis=(0, 1))
    ours = expected.scatter[0].sum(dim=(0, 2)).numpy()
    assert np.corrcoef(profile, ours)[0, 1] > 0.97
