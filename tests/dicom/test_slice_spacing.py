"""A slice spacing that other attributes of the header contradict is a reason to look."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pydicom
import pytest
from pydicom import Dataset

from drawn_study import study_volume
from nm_object import build_pet_slices, save_object
from repository import DEMO
from shortaxis.spect.reading_notes import ReadingNote, doubts
from shortaxis.spect.reading_options import AS_STORED, ReadingOptions
from shortaxis.spect.stated_geometry import StatedGeometry
from shortaxis.workflow.studies.finding import find_studies
from split_exams import write_slices, write_windows

FACTORS = (0.5, 0.6, 0.7, 0.8, 0.9, 1.1, 1.2, 1.3, 1.4)

IN_DOUBT = "slice spacing is in doubt"

PIXEL_MM = 6.6


def doubt_of(path: Path, options: ReadingOptions = AS_STORED) -> str:
    """The words on the slice spacing, the same from the listing and from reading."""
    (found,) = find_studies(path, options=options).studies
    said: list[tuple[ReadingNote, ...]] = [found.notes, found.load().study.notes]
    first, second = (" | ".join(w for w in doubts(n) if IN_DOUBT in w) for n in said)
    assert first == second
    return first


def changed(folder: Path, change: Callable[[Dataset], None]) -> Path:
    nm = pydicom.dcmread(DEMO / "study.dcm")
    change(nm)
    return save_object(nm, folder / "study.dcm")


@pytest.mark.parametrize("factor", FACTORS)
def test_a_spacing_that_is_not_the_slice_thickness_is_in_doubt(
    tmp_path: Path, factor: float
) -> None:
    def stretch(nm: Dataset) -> None:
        nm.SpacingBetweenSlices = f"{-PIXEL_MM * factor:.4f}"

    said = doubt_of(changed(tmp_path, stretch))

    assert "SliceThickness (0018,0050) is 6.6 mm" in said
    assert "--slice-spacing -6.6" in said


@pytest.mark.parametrize("factor", FACTORS)
@pytest.mark.parametrize("thickness", ["same", "empty", "absent", "0"])
def test_a_spacing_that_is_no_whole_number_of_pixels_is_in_doubt(
    tmp_path: Path, factor: float, thickness: str
) -> None:
    def stretch(nm: Dataset) -> None:
        nm.SpacingBetweenSlices = f"{-PIXEL_MM * factor:.4f}"
        nm.SliceThickness = {"same": f"{PIXEL_MM * factor:.4f}", "0": "0"}.get(thickness)
        if thickness == "absent":
            del nm.SliceThickness

    said = doubt_of(changed(tmp_path, stretch))

    assert "pixel" in said
    assert "--slice-spacing -6.6" in said


@pytest.mark.parametrize("factor", [1, 2, 3])
def test_cubes_and_slices_added_up_are_not_in_doubt(tmp_path: Path, factor: int) -> None:
    def thicken(nm: Dataset) -> None:
        nm.SpacingBetweenSlices = f"{-PIXEL_MM * factor:.4f}"
        nm.SliceThickness = f"{PIXEL_MM * factor:.4f}"

    assert not doubt_of(changed(tmp_path, thicken))


@pytest.mark.parametrize(
    ("pixel", "spacing"),
    [("6.5913981", "6.6"), ("4.7951998710632", "-4.8"), ("4", "-4.0003"), ("3.195", "6.39")],
)
def test_rounding_is_no_doubt(tmp_path: Path, pixel: str, spacing: str) -> None:
    def rounded(nm: Dataset) -> None:
        nm.PixelSpacing = [pixel, pixel]
        nm.SpacingBetweenSlices, nm.SliceThickness = spacing, spacing.strip("-")

    assert not doubt_of(changed(tmp_path, rounded))


@pytest.mark.parametrize(
    "stated",
    [StatedGeometry(slice_spacing_mm=-6.6), StatedGeometry(pixel_spacing_mm=(9.24, 9.24))],
)
def test_what_the_user_states_is_not_doubted_again(tmp_path: Path, stated: StatedGeometry) -> None:
    def stretch(nm: Dataset) -> None:
        nm.SpacingBetweenSlices = "-9.24"

    said = doubt_of(changed(tmp_path, stretch), ReadingOptions(stated=stated))

    assert bool(said) == (stated.slice_spacing_mm is None)


def test_energy_windows_of_one_object_are_told_alike(tmp_path: Path) -> None:
    write_windows(tmp_path / "windows.dcm")
    nm = pydicom.dcmread(tmp_path / "windows.dcm")
    nm.SpacingBetweenSlices = "-8"
    save_object(nm, tmp_path / "windows.dcm")

    found = find_studies(tmp_path / "windows.dcm").studies

    assert [any(IN_DOUBT in words for words in doubts(each.notes)) for each in found] == [True] * 2


def test_slices_of_files_are_compared_with_their_positions(tmp_path: Path) -> None:
    write_slices(tmp_path)
    assert not doubt_of(tmp_path)

    for path in tmp_path.iterdir():
        nm = pydicom.dcmread(path)
        position = nm.DetectorInformationSequence[0].ImagePositionPatient
        position[2] = f"{position[2] * 1.2:.4f}"
        save_object(nm, path)

    said = doubt_of(tmp_path)
    assert "SliceThickness" in said
    assert "SpacingBetweenSlices" in said
    assert "--slice-spacing 6.6" in said


@pytest.mark.parametrize("factor", [0.7, 1.2, 1.4])
def test_pet_slices_as_thick_as_they_are_apart_need_be_no_cubes(
    tmp_path: Path, factor: float
) -> None:
    for name, is_kept in (("right", False), ("wrong", True)):
        for number, each in enumerate(build_pet_slices(study_volume())):
            thickness = float(each.SliceThickness)
            each.ImagePositionPatient[2] = f"{float(each.ImagePositionPatient[2]) * factor:.4f}"
            each.SliceThickness = f"{thickness if is_kept else thickness * factor:.4f}"
            save_object(each, tmp_path / name / f"{number:03}.dcm")

    assert not doubt_of(tmp_path / "right")
    assert "SliceThickness" in doubt_of(tmp_path / "wrong")


def test_the_demo_and_real_studies_are_not_in_doubt(real_data_dir: Path) -> None:
    for path in (DEMO / "study.dcm", DEMO / "rest.dcm", *(real_data_dir / "dicom").glob("*.dcm")):
        assert not doubt_of(path)
    found = find_studies(real_data_dir / "pet_whole_body", options=ReadingOptions(whole_body=True))
    assert not any(IN_DOUBT in note.text for study in found.studies for note in study.notes)
