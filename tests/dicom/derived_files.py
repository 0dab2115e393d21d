"""Derived series of every kind of source, for tests of writing and conformance."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from pydicom import Dataset

from drawn_heart import draw_study, transaxial_grid, usual_pose
from nm_object import build_nm, build_pet_slices, save_object, stored_on_the_gantry
from shortaxis.anatomy.cardiac_views import CardiacView, view_grid
from shortaxis.dicom.carried.source_header import SourceHeader
from shortaxis.dicom.elements.uids import numbered_uids, random_uid
from shortaxis.dicom.writing.derived_series import (
    Derivation,
    DerivedSeries,
    Stamp,
    write_derived_series,
)
from shortaxis.geometry.euler import rotation_from_angles
from shortaxis.geometry.pose import RigidPose
from shortaxis.spect.study import PerfusionStudy
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.studies.finding import LoadedStudy, find_studies

NOW = datetime(2024, 1, 2, 10, 15)
POSE = RigidPose(rotation_from_angles(22, 7, 41), (52.0, -48.0, 4.0))
DERIVATION = Derivation(
    method="network",
    weights_name="default",
    weights_version="1",
    weights_sha256="0123456789abcdef" * 4,
    pose=POSE,
    roll="conventional",
    quality_flag="accept",
    description="Research software, not a medical device.",
    software_version="0.1.0",
)


def stamp(number: int = 1) -> Stamp:
    return Stamp(number, numbered_uids("1.2.826.0.1.3680043.8.498.1"), NOW)


def a_volume() -> SpectVolume:
    grid = transaxial_grid()
    return draw_study(grid, usual_pose(grid))


def gates_of(volume: SpectVolume, slots: int = 8) -> np.ndarray:
    weights = 1 + 0.3 * np.sin(np.linspace(0, 2 * np.pi, slots, endpoint=False))
    return np.round(volume.counts * weights[:, None, None, None]).astype(np.float32)


def _saved(dataset: Dataset, folder: Path) -> LoadedStudy:
    return find_studies(save_object(dataset, folder / "source.dcm")).studies[0].load()


def _nm(folder: Path, **options: Any) -> LoadedStudy:
    return _saved(build_nm(a_volume(), **options), folder)


def _gated_nm(folder: Path) -> LoadedStudy:
    volume = a_volume()
    return _saved(build_nm(volume, gates=gates_of(volume), negative_spacing=True), folder)


def _on_the_gantry(folder: Path, position: str) -> LoadedStudy:
    stored, _ = stored_on_the_gantry(a_volume(), position)
    built = build_nm(stored, patient_position=position, with_patient_position=True)
    return _saved(built, folder)


def _oblique(folder: Path) -> LoadedStudy:
    volume = a_volume()
    tilt = RigidPose(rotation_from_angles(8, 12, 5) @ rotation_from_angles(0, 0, 0).T, (0, 0, 0))
    return _saved(
        build_nm(SpectVolume(volume.counts, tilt.matrix @ volume.patient_from_index)), folder
    )


def _pet(folder: Path, *, gated: bool) -> LoadedStudy:
    volume = a_volume()
    slices = build_pet_slices(volume, gates=gates_of(volume, 4) if gated else None)
    for number, dataset in enumerate(slices):
        save_object(dataset, folder / "pet" / f"{number:04d}.dcm")
    return find_studies(folder / "pet").studies[0].load()


def _bare_header(folder: Path) -> LoadedStudy:
    """A source that says as little as can still be read."""
    dataset = build_nm(a_volume())
    for keyword in (
        "StudyDate", "StudyTime", "StudyID", "AccessionNumber", "ReferringPhysicianName",
        "PatientBirthDate", "PatientSex", "Manufacturer", "SeriesNumber", "SeriesDescription",
        "RotationInformationSequence", "EnergyWindowInformationSequence", "InstanceNumber",
        "RadiopharmaceuticalInformationSequence", "PatientOrientationCodeSequence",
        "PatientGantryRelationshipCodeSequence", "AcquisitionContextSequence", "ImageID",
        "PositionReferenceIndicator", "NumberOfRotations", "CountsAccumulated",
    ):  # fmt: skip
        if keyword in dataset:
            delattr(dataset, keyword)
    return _saved(dataset, folder)


SOURCES: dict[str, Callable[[Path], LoadedStudy]] = {
    "nm": _nm,
    "nm-negative-spacing": lambda folder: _nm(folder, negative_spacing=True),
    "nm-gated": _gated_nm,
    "nm-hfp": lambda folder: _on_the_gantry(folder, "HFP"),
    "nm-ffs": lambda folder: _on_the_gantry(folder, "FFS"),
    "nm-oblique": _oblique,
    "nm-bare-header": _bare_header,
    "pet": lambda folder: _pet(folder, gated=False),
    "pet-gated": lambda folder: _pet(folder, gated=True),
    "nifti": lambda folder: LoadedStudy(PerfusionStudy(a_volume())),
}


def derived(loaded: LoadedStudy, view: CardiacView, *, gated: bool = False) -> DerivedSeries:
    """One view of a study, cut at 5 mm with the rotation of `POSE` about the volume's centre."""
    pose = RigidPose(POSE.patient_from_cardiac, np.add(loaded.study.volume.center_mm, (30, -20, 0)))
    grid = view_grid(view, pose, (30, 40, 40), 5.0)
    volume = loaded.study.volume.resampled(grid)
    if not gated:
        return DerivedSeries(view, volume)
    gates = np.stack([gate.resampled(grid).counts for gate in loaded.study.gate_volumes()])
    return DerivedSeries(view, volume, gates)


def write_all(loaded: LoadedStudy, folder: Path) -> list[tuple[Path, DerivedSeries]]:
    """Write every view, gated ones too if there are gates."""
    written = []
    for number, view in enumerate(CardiacView, start=1):
        for gated in (False, True) if loaded.study.is_gated else (False,):
            series = derived(loaded, view, gated=gated)
            path = folder / f"{view.value}{'_gated' if gated else ''}.dcm"
            header = loaded.header or SourceHeader()
            new = Stamp(number, random_uid, NOW)
            write_derived_series(path, series, header, DERIVATION, new)
            written.append((path, series))
    return written
