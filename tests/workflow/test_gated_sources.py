"""One beating heart, however its gated study is stored."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from drawn_heart import usual_pose
from montages import folded
from nm_object import build_nm, build_pet_slices, save_object
from shortaxis.anatomy.cardiac_views import CardiacView, view_grid
from shortaxis.geometry.arrays import CountsArray
from shortaxis.quantification.severity import segment_uptakes
from shortaxis.spect.reading_options import AS_STORED, ReadingOptions
from shortaxis.spect.study import Modality, PerfusionStudy
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.quantify.function_study import StudyFunction
from shortaxis.workflow.quantify.quantifying import QuantifiedStudy, QuantifyOptions, quantify_study
from shortaxis.workflow.studies.finding import find_studies
from ventricle_scenes import Shell, draw_shell, patient_grid

RADII_MM = (27.0, 26.0, 24.0, 21.0, 19.0, 22.0, 25.0, 26.5)
GRID = patient_grid(spacing_mm=6.4)
POSE = usual_pose(GRID)
EF_APART, VOLUME_APART = 0.06, 0.12
"""Of one heart on other voxels and along axes that are found anew."""


@pytest.fixture(scope="module")
def gates() -> CountsArray:
    drawn = [draw_shell(GRID, POSE, Shell(radius_mm=each)).counts for each in RADII_MM]
    stored: CountsArray = np.round(10 * np.stack(drawn)).astype(np.float32)
    return stored


@pytest.fixture(scope="module")
def transaxial(gates: CountsArray) -> QuantifiedStudy:
    volume = SpectVolume(gates.sum(axis=0), GRID.patient_from_index)
    return quantify_study(PerfusionStudy(volume, gates), QuantifyOptions(), POSE)


def short_axis(gates: CountsArray) -> tuple[SpectVolume, CountsArray]:
    """As a program of another maker cuts them: 22 slices of 6 mm around the ventricle."""
    grid = view_grid(CardiacView.SHORT_AXIS, POSE, (22, 32, 32), 6.0)
    affine = GRID.patient_from_index
    cut = np.stack([SpectVolume(gate, affine).resampled(grid).counts for gate in gates])
    kept: CountsArray = np.round(cut).astype(np.float32)
    return SpectVolume(kept.sum(axis=0), grid.patient_from_index), kept


def read(folder: Path, options: ReadingOptions = AS_STORED) -> PerfusionStudy:
    (found,) = find_studies(folder, options=options).studies
    return found.load().study


def require_alike(one: StudyFunction | None, other: StudyFunction | None) -> None:
    assert one is not None
    assert other is not None
    assert one.measured is not None
    assert other.measured is not None
    curve, known = one.measured.curve, other.measured.curve
    assert curve.ejection_fraction == pytest.approx(known.ejection_fraction, abs=EF_APART)
    assert curve.end_diastolic_ml == pytest.approx(known.end_diastolic_ml, rel=VOLUME_APART)
    assert curve.end_systolic_slot == known.end_systolic_slot


@pytest.mark.parametrize("is_montage", [False, True], ids=["multi-frame", "montage"])
def test_gated_short_axis_slices_of_other_makers_are_measured_along_their_own_axes(
    gates: CountsArray, transaxial: QuantifiedStudy, tmp_path: Path, is_montage: bool
) -> None:
    volume, kept = short_axis(gates)
    stored = build_nm(
        volume,
        gates=kept,
        image_type=("DERIVED", "SECONDARY", "RECON GATED TOMO", "EMISSION"),
        series_description="GATED SHORT AXIS",
        signed=False,
    )
    save_object(folded(stored, len(kept)) if is_montage else stored, tmp_path / "sa.dcm")

    quantified = quantify_study(read(tmp_path, ReadingOptions(force_input=True)), QuantifyOptions())

    assert quantified.is_short_axis
    require_alike(quantified.function, transaxial.function)


def test_a_gated_pet_study_gives_the_same_function(
    gates: CountsArray, transaxial: QuantifiedStudy, tmp_path: Path
) -> None:
    volume = SpectVolume(gates.sum(axis=0), GRID.patient_from_index)
    for number, each in enumerate(build_pet_slices(volume, gates=gates)):
        save_object(each, tmp_path / f"{number}.dcm")

    study = read(tmp_path)

    assert study.facts.modality is Modality.PET
    require_alike(quantify_study(study, QuantifyOptions(), POSE).function, transaxial.function)


def test_gated_and_ungated_readings_of_one_study_agree(
    transaxial: QuantifiedStudy, tmp_path: Path
) -> None:
    volume = transaxial.study.volume
    save_object(build_nm(volume), tmp_path / "ungated.dcm")

    ungated = quantify_study(read(tmp_path), QuantifyOptions(), POSE)

    assert ungated.function is None
    one, other = (segment_uptakes(each.traced.polar_map) for each in (ungated, transaxial))
    assert one == pytest.approx(other, abs=0.1)
    assert ungated.traced.volume_ml == pytest.approx(transaxial.traced.volume_ml, rel=1e-3)
