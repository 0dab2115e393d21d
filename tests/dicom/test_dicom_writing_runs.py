"""What tells the series of one study apart in an archive, and which of them ask for a look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom import Dataset

from derived_files import DERIVATION, SOURCES, a_volume, derived, gates_of, stamp
from nm_object import build_nm, save_object
from shortaxis.anatomy.cardiac_views import CardiacView
from shortaxis.dicom.carried.source_header import SourceHeader
from shortaxis.dicom.reading.headers.kinds import classify_object
from shortaxis.dicom.writing.derived_series import derived_dataset
from shortaxis.errors import AlreadyReorientedError
from shortaxis.geometry.euler import rotation_from_angles
from shortaxis.geometry.pose import RigidPose
from shortaxis.reorientation.estimate import PoseEstimate, PoseUncertainty, Quality
from shortaxis.workflow.reorient.options import ReorientOptions
from shortaxis.workflow.reorient.outputs import OutputOptions, write_reorientation
from shortaxis.workflow.reorient.reorienting import reorient_study
from shortaxis.workflow.studies.finding import FoundStudy, find_studies

NOTICE = "Research software, not a medical device."
REASONS = ("few counts", "the header says HEAD (or so), not the heart")
BOUNDS = "90 % bounds: long axis 4.0 degrees, centre 5.5 mm, roll 12.0 degrees"


def flagged_by(*reasons: str) -> Any:
    return replace(DERIVATION, quality_flag="review", reasons=reasons, bounds=BOUNDS)


def short_axis_by(derivation: Any, folder: Path) -> Dataset:
    loaded = SOURCES["nm"](folder)
    return derived_dataset(
        derived(loaded, CardiacView.SHORT_AXIS), loaded.header, derivation, stamp()
    )


def test_a_flagged_object_says_so_first(tmp_path: Path) -> None:
    dataset = short_axis_by(flagged_by(*REASONS), tmp_path)

    assert dataset.SeriesDescription == "REVIEW ShortAxis SA stress: STRESS"
    assert dataset.ImageComments == (
        f"REVIEW: few counts; the header says HEAD (or so), not the heart. {BOUNDS}. {NOTICE}"
    )


def test_an_accepted_object_asks_for_no_review(tmp_path: Path) -> None:
    dataset = short_axis_by(DERIVATION, tmp_path)

    assert dataset.SeriesDescription == "ShortAxis SA stress: STRESS"
    assert dataset.ImageComments == f"ACCEPT. {NOTICE}"


def test_many_reasons_leave_room_for_what_follows_them(tmp_path: Path) -> None:
    reasons = [f"reason {number} (\u00dc\n)" for number in range(2000)]

    comments = short_axis_by(flagged_by(*reasons), tmp_path).ImageComments

    assert len(comments) <= 10240  # LT, PS3.5 6.2
    assert comments.startswith("REVIEW: reason 0 (??); reason 1 ")
    assert comments.endswith(f". {BOUNDS}. {NOTICE}")


def test_a_long_description_keeps_the_flag(tmp_path: Path) -> None:
    loaded = SOURCES["nm"](tmp_path)
    loaded.header.dataset.SeriesDescription = "x" * 64

    dataset = derived_dataset(
        derived(loaded, CardiacView.SHORT_AXIS), loaded.header, flagged_by("few counts"), stamp()
    )

    assert dataset.SeriesDescription.startswith("REVIEW ShortAxis SA stress: xxx")
    assert len(dataset.SeriesDescription) == 64


def test_slices_of_flagged_slices_carry_no_flag_of_theirs(tmp_path: Path) -> None:
    first = short_axis_by(replace(flagged_by("few counts"), run=("anatomical",)), tmp_path)
    with pytest.raises(AlreadyReorientedError, match="short axis"):
        classify_object(first)
    loaded = SOURCES["nm"](tmp_path)

    again = derived_dataset(
        derived(loaded, CardiacView.SHORT_AXIS), SourceHeader(first), DERIVATION, stamp()
    )

    assert again.SeriesDescription == "ShortAxis SA stress: STRESS"


def test_the_derivation_tells_both_angles_the_roll_and_the_interpolation(tmp_path: Path) -> None:
    told = short_axis_by(replace(DERIVATION, anatomical_roll_deg=-7.25), tmp_path)
    untold = short_axis_by(replace(DERIVATION, interpolation="cubic"), tmp_path)

    words = told.DerivationDescription
    # POSE of derived_files has elevation 22 and azimuth 41 degrees.
    assert "azimuth 41.0, elevation 22.0 degrees" in words
    assert "Anatomical roll -7.2 degrees" in words
    assert "Linear interpolation" in words
    assert "Anatomical roll not known" in untold.DerivationDescription
    assert "Cubic interpolation" in untold.DerivationDescription


def estimate(found: FoundStudy, **facts: Any) -> PoseEstimate:
    center = np.add(found.load().study.volume.center_mm, (30, -20, 0))
    pose = RigidPose(rotation_from_angles(20, 6, 45), center)
    return PoseEstimate(pose, **{"method": "network", **facts})


def written(
    found: FoundStudy, folder: Path, options: ReorientOptions | None = None, **facts: Any
) -> list[Dataset]:
    """Every slice file of a run on one study, with a pose that need not be estimated."""
    loaded = found.load()
    chosen = options or ReorientOptions()
    reorientation = reorient_study(loaded.study, chosen, estimate(found, **facts), loaded.header)
    output = OutputOptions(force=True, review_sheet=False)
    paths = write_reorientation(reorientation, folder, output)
    return [pydicom.dcmread(path) for path in paths if path.suffix == ".dcm"]


def found_in(folder: Path, *datasets: Dataset) -> Sequence[FoundStudy]:
    for number, dataset in enumerate(datasets):
        save_object(dataset, folder / f"{number}.dcm")
    return find_studies(folder).studies


def test_written_objects_carry_flag_reasons_and_bounds_of_the_estimate(tmp_path: Path) -> None:
    (found,) = found_in(tmp_path, build_nm(a_volume()))

    datasets = written(
        found, tmp_path / "out", quality=Quality(("few counts",)),
        uncertainty=PoseUncertainty(4.04, 5.5, 12),
    )  # fmt: skip

    assert len(datasets) == 3
    for dataset in datasets:
        assert dataset.SeriesDescription.startswith("REVIEW ShortAxis ")
        assert dataset.ImageComments == f"REVIEW: few counts. {BOUNDS}. {NOTICE}"
        assert "Anatomical roll 6.0 degrees" in dataset.DerivationDescription


def test_what_a_method_does_not_know_is_not_told(tmp_path: Path) -> None:
    (found,) = found_in(tmp_path, build_nm(a_volume()))

    for facts in ({"method": "manual"}, {"method": "ellipsoid", "knows_roll": False}):
        first, *_ = written(
            found, tmp_path / "out", uncertainty=PoseUncertainty(4.0, None), **facts
        )

        assert first.ImageComments == f"ACCEPT. {NOTICE}"
        assert not first.SeriesDescription.startswith("REVIEW")
    assert "Anatomical roll not known" in first.DerivationDescription


RUNS = {
    "": {},
    " anatomical": {"roll": "anatomical"},
    " cubic": {"interpolation": "cubic"},
    " anatomical cubic": {"roll": "anatomical", "interpolation": "cubic"},
}


def test_runs_on_one_study_have_names_and_numbers_of_their_own(tmp_path: Path) -> None:
    volume = a_volume()
    (found,) = found_in(tmp_path, build_nm(volume, gates=gates_of(volume)))
    named: set[tuple[str, int]] = set()

    for words, choices in RUNS.items():
        for method in ("network", "ellipsoid", "manual"):
            method_word = "" if method == "network" else f" {method}"
            options = ReorientOptions(size=32, spacing_mm=6, **choices)
            datasets = written(found, tmp_path / "out", options, method=method)

            assert [each.SeriesDescription for each in datasets] == [
                f"ShortAxis {view} stress{gated}{words}{method_word}: STRESS"
                for gated in ("", " gated") for view in ("SA", "VLA", "HLA")
            ]  # fmt: skip
            named |= {(each.SeriesDescription, int(each.SeriesNumber)) for each in datasets}

    assert len({name for name, _ in named}) == len({number for _, number in named}) == 72
    # Ten thousand numbers follow each series of the source, whose own is 1.
    assert all(10_000 < number < 20_000 for _, number in named)


@pytest.mark.parametrize("instance_numbers", [(1, 2), (1, 1), (None, None), (7001, 8001)])
def test_objects_of_one_source_series_have_names_and_numbers_of_their_own(
    instance_numbers: tuple[int | None, int | None], tmp_path: Path
) -> None:
    corrected, plain = build_nm(a_volume()), build_nm(a_volume())
    corrected.ImageID, plain.ImageID = "ReconAC", "ReconNAC"
    plain.SOPInstanceUID = plain.file_meta.MediaStorageSOPInstanceUID = "1.2.3"
    for dataset, number in zip((corrected, plain), instance_numbers, strict=True):
        dataset.InstanceNumber = number

    both = [
        written(found, tmp_path / "out") for found in found_in(tmp_path / "in", corrected, plain)
    ]

    assert [each[0].SeriesDescription for each in both] == [
        "ShortAxis SA stress: ReconAC STRESS", "ShortAxis SA stress: ReconNAC STRESS",
    ]  # fmt: skip
    assert len({int(dataset.SeriesNumber) for each in both for dataset in each}) == 6


def test_a_second_object_given_alone_is_told_from_the_first(tmp_path: Path) -> None:
    first, second = build_nm(a_volume()), build_nm(a_volume(), image_id="ReconNAC")
    second.InstanceNumber = 2
    names = []

    for dataset in (first, second):
        (found,) = find_studies(save_object(dataset, tmp_path / "source.dcm")).studies
        names.append([
            (each.SeriesDescription, int(each.SeriesNumber))
            for each in written(found, tmp_path / "out")
        ])  # fmt: skip

    assert names[0][0] == ("ShortAxis SA stress: STRESS", 10_001)
    assert names[1][0] == ("ShortAxis SA stress: ReconNAC STRESS", 10_121)


def test_an_image_id_that_names_the_patient_is_left_out(tmp_path: Path) -> None:
    dataset = build_nm(a_volume(), image_id="DEMO-1 AC")
    dataset.InstanceNumber = 2
    (found,) = found_in(tmp_path, dataset)

    assert written(found, tmp_path / "out")[0].SeriesDescription == "ShortAxis SA stress: STRESS"


def slopes(datasets: Sequence[Dataset]) -> list[str | None]:
    return [str(each.RescaleSlope) if "RescaleSlope" in each else None for each in datasets]


@pytest.mark.parametrize(("largest", "is_one"), [(1500, False), (2500, True), (32000, True)])
def test_views_of_one_study_share_a_slope(largest: int, is_one: bool, tmp_path: Path) -> None:
    volume = a_volume()
    counts = np.round(volume.counts * (largest / volume.counts.max()))
    (found,) = found_in(tmp_path, build_nm(replace(volume, counts=counts)))

    # Edges of 5 mm, so that no view is cut at the hottest voxel itself.
    options = ReorientOptions(spacing_mm=5)
    told = slopes(written(found, tmp_path / "out", options))

    assert len(set(told)) == 1
    assert (told[0] is None) == is_one


def test_time_slots_of_every_view_share_a_slope_of_their_own(tmp_path: Path) -> None:
    volume = a_volume()
    (found,) = found_in(tmp_path, build_nm(volume, gates=np.round(gates_of(volume) / 20)))

    datasets = written(found, tmp_path / "out", ReorientOptions(spacing_mm=5))

    told = slopes(datasets)
    assert (len(set(told[:3])), len(set(told[3:]))) == (1, 1)
    assert told[0] != told[3]
