"""Raw projections are read as the standard has them, however their frames are stored."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom import Dataset

from raw_views import (
    cardiac_angles,
    frames_taken,
    raw_object,
    spot_views,
    write_raw,
)
from shortaxis.dicom.reading.finding.scan import scan_dicom
from shortaxis.dicom.reading.projections import RawStudy, read_projections
from shortaxis.dicom.reading.views.merged_heads import MERGED_HEADS
from shortaxis.spect.reading_notes import doubts
from shortaxis.spect.reading_options import AS_STORED, ReadingOptions
from shortaxis.spect.stated_acquisition import StatedAcquisition
from shortaxis.spect.stated_geometry import StatedGeometry

Change = Callable[[Dataset], Dataset | None]

L_MODE = [*cardiac_angles(16, 225, -90), *cardiac_angles(16, 135, -90)]
"""Two heads at right angles, each over 90 degrees: the usual cardiac acquisition."""


def read(path: Path, options: ReadingOptions = AS_STORED) -> RawStudy:
    (entry,) = scan_dicom(path, options=options).entries
    return read_projections(entry, options)


def stated(**acquisition: object) -> ReadingOptions:
    return ReadingOptions(acquisition=StatedAcquisition(**acquisition))


def test_counts_angles_distances_and_place_are_those_that_were_written(tmp_path: Path) -> None:
    angles = cardiac_angles(20)
    radii = [200.0 + view for view in range(20)]
    views = spot_views(angles)

    raw = read(
        write_raw(tmp_path / "raw.dcm", views, angles, radius_mm=radii, axis_mm=(4.0, -7.0, 31.0))
    )

    projections = raw.projections
    assert np.array_equal(projections.counts[0, 0], views)
    assert projections.angles_deg == pytest.approx(angles, abs=0.01)
    assert projections.radial_position_mm == pytest.approx(radii)
    assert projections.axis_mm == pytest.approx((4, -7, 31), abs=0.01)
    assert projections.windows_kev == ((126.0, 154.0),)
    assert (raw.radius_is_known, raw.place_is_known, raw.notes) == (True, True, ())


@pytest.mark.parametrize(
    ("first", "second", "arc"),
    [(225, 135, -90), (225, 45, -180), (225, 149, -104), (45, 135, 90)],
    ids=["at 90", "at 180", "at 76", "counter-clockwise"],
)
def test_each_of_two_heads_has_its_own_angles(
    tmp_path: Path, first: float, second: float, arc: float
) -> None:
    angles = [*cardiac_angles(16, first, arc), *cardiac_angles(16, second, arc)]
    views = spot_views(angles)

    raw = read(write_raw(tmp_path / "raw.dcm", views, angles, heads=2))

    assert raw.projections.heads == 2
    assert raw.projections.angles_deg == pytest.approx(angles, abs=0.01)
    assert np.array_equal(raw.projections.counts[0, 0], views)


def gated_object(path: Path, change: Change | None = None) -> tuple[Path, np.ndarray]:
    views = spot_views(L_MODE, size=32, pixel_mm=9.0)
    counts = np.stack([np.round(views * (1 + slot / 8)) for slot in range(3)])
    both = np.stack([counts, np.round(counts / 4)]).astype(np.float32)
    windows = ((126.0, 154.0), (92.0, 125.0))
    write_raw(
        path, both, L_MODE, heads=2, pixel_mm=9.0, windows_kev=windows, is_gated=True, change=change
    )
    return path, both


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=10)
def test_frames_in_any_order_are_the_same_study(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    order = list(range(2 * 3 * 32))
    random.Random(seed).shuffle(order)

    path, counts = gated_object(
        tmp_path_factory.mktemp("shuffled") / "raw.dcm", lambda each: frames_taken(each, order)
    )

    raw = read(path)
    assert np.array_equal(raw.projections.counts, counts)
    assert raw.projections.angles_deg == pytest.approx(L_MODE, abs=0.01)
    assert raw.projections.is_gated


def test_r_r_intervals_are_summed(tmp_path: Path) -> None:
    def twice(dataset: Dataset) -> Dataset:
        n_frames = int(dataset.NumberOfFrames)
        doubled = frames_taken(dataset, [*range(n_frames), *range(n_frames)])
        doubled.RRIntervalVector = [1] * n_frames + [2] * n_frames
        doubled.NumberOfRRIntervals = 2
        return doubled

    path, counts = gated_object(tmp_path / "raw.dcm", twice)

    assert np.array_equal(read(path).projections.counts, 2 * counts)


def test_the_photopeak_comes_first_wherever_it_is_stored(tmp_path: Path) -> None:
    angles = cardiac_angles(20)
    scatter = np.round(spot_views(angles) / 3)
    both = np.stack([scatter, spot_views(angles)])[:, None].astype(np.float32)
    windows = ((92.0, 125.0), (126.0, 154.0))

    raw = read(write_raw(tmp_path / "raw.dcm", both, angles, windows_kev=windows))

    assert raw.projections.windows_kev == windows[::-1]
    assert np.array_equal(raw.projections.counts, both[::-1])
    (window,) = raw.header.dataset.EnergyWindowInformationSequence
    assert float(window.EnergyWindowRangeSequence[0].EnergyWindowLowerLimit) == 126


def test_another_window_can_be_stated(tmp_path: Path) -> None:
    angles = cardiac_angles(20)
    both = np.stack([spot_views(angles)] * 2)[:, None]
    windows = ((126.0, 154.0), (92.0, 125.0))
    path = write_raw(tmp_path / "raw.dcm", both, angles, windows_kev=windows)

    raw = read(path, stated(energy_window=2))

    assert raw.projections.windows_kev[0] == (92.0, 125.0)
    assert any("energy window 2" in reason for reason in doubts(raw.notes))


@pytest.mark.parametrize(
    ("cosines", "axes"),
    [([-1, 1, 1], (-1,)), ([1, 1, -1], (-2,)), ([-1, 1, -1], (-1, -2))],
    ids=["bins", "rows", "both"],
)
def test_a_head_that_stores_the_other_way_is_turned_over(
    tmp_path: Path, cosines: list[int], axes: tuple[int, ...]
) -> None:
    def turned(dataset: Dataset) -> Dataset:
        (head,) = dataset.DetectorInformationSequence
        along, down = cosines[0], cosines[2]
        row = [along * float(value) for value in head.ImageOrientationPatient[:3]]
        head.ImageOrientationPatient = [*row, 0, 0, -1.0 * down]
        corner = np.array(head.ImagePositionPatient, dtype=float)
        size_mm = 6.0 * 47
        if along < 0:
            corner -= np.array(row) * size_mm
        if down < 0:
            corner[2] -= size_mm
        head.ImagePositionPatient = [f"{value:.4f}" for value in corner]
        pixels = np.flip(dataset.pixel_array, axes)
        dataset.PixelData = np.ascontiguousarray(pixels).tobytes()
        return dataset

    raw = read(raw_object(tmp_path / "raw.dcm", turned))

    assert np.array_equal(raw.projections.counts[0, 0], spot_views(cardiac_angles(24)))
    assert raw.projections.axis_mm == pytest.approx((0, 0, 0), abs=0.01)


def test_the_corner_of_the_volume_to_come_is_a_place_too(tmp_path: Path) -> None:
    def as_ge(dataset: Dataset) -> None:
        (head,) = dataset.DetectorInformationSequence
        head.ImagePositionPatient = [-141 + 0.4, -141 - 7.6, 141 + 23]

    raw = read(raw_object(tmp_path / "raw.dcm", as_ge))

    assert raw.projections.axis_mm == pytest.approx((0.4, -7.6, 23))


def test_an_origin_far_from_the_axis_is_one(tmp_path: Path) -> None:
    angles = cardiac_angles(24)

    raw = read(
        write_raw(tmp_path / "raw.dcm", spot_views(angles), angles, axis_mm=(210.0, -330.0, 445.0))
    )

    assert raw.projections.axis_mm == pytest.approx((210, -330, 445), abs=0.01)


def test_one_corner_of_both_heads_is_that_of_the_volume(tmp_path: Path) -> None:
    def as_ge(dataset: Dataset) -> None:
        for head in dataset.DetectorInformationSequence:
            head.ImagePositionPatient = [300 - 141, -141, 141]

    raw = read(write_raw(tmp_path / "raw.dcm", spot_views(L_MODE), L_MODE, heads=2, change=as_ge))

    assert raw.projections.axis_mm == pytest.approx((300, 0, 0))


def test_heads_that_place_the_axis_apart_leave_it_unknown(tmp_path: Path) -> None:
    def elsewhere(dataset: Dataset) -> None:
        dataset.DetectorInformationSequence[1].ImagePositionPatient = [900, 900, 900]

    raw = read(
        write_raw(tmp_path / "raw.dcm", spot_views(L_MODE), L_MODE, heads=2, change=elsewhere)
    )

    assert not raw.place_is_known
    assert raw.projections.axis_mm == (0, 0, 0)
    assert doubts(raw.notes) == []


def test_one_orientation_of_heads_at_two_angles_is_none_of_theirs(tmp_path: Path) -> None:
    def shared(dataset: Dataset) -> None:
        for head in dataset.DetectorInformationSequence:
            head.ImageOrientationPatient = [1, 0, 0, 0, 0, -1]

    views = spot_views(L_MODE)
    raw = read(write_raw(tmp_path / "raw.dcm", views, L_MODE, heads=2, change=shared))

    assert np.array_equal(raw.projections.counts[0, 0], views)
    assert not raw.place_is_known
    assert any("the same for heads at different angles" in reason for reason in doubts(raw.notes))


def without_head_angles(dataset: Dataset) -> None:
    for head in dataset.DetectorInformationSequence:
        del head.StartAngle
        del head.RadialPosition
        del head.ImageOrientationPatient


def test_what_the_heads_do_not_say_the_rotation_does(tmp_path: Path) -> None:
    raw = read(raw_object(tmp_path / "raw.dcm", without_head_angles))

    assert raw.projections.angles_deg == pytest.approx(cardiac_angles(24), abs=0.01)
    assert raw.radius_is_known


def test_views_that_are_counted_on_from_head_to_head_are_counted_anew(tmp_path: Path) -> None:
    def counted_on(dataset: Dataset) -> None:
        dataset.AngularViewVector = list(range(1, 33))

    views = spot_views(L_MODE)
    raw = read(write_raw(tmp_path / "raw.dcm", views, L_MODE, heads=2, change=counted_on))

    assert raw.projections.angles_deg == pytest.approx(L_MODE, abs=0.01)
    assert "counts on from head to head" in raw.notes[0].text


def in_two(dataset: Dataset) -> None:
    """As a camera stores them that turns back, or counts each half as a rotation."""
    (rotation,) = dataset.RotationInformationSequence
    second = Dataset()
    second.update(rotation)
    rotation.NumberOfFramesInRotation = second.NumberOfFramesInRotation = 12
    rotation.ScanArc = second.ScanArc = 90
    second.StartAngle = 135
    dataset.RotationInformationSequence = [rotation, second]
    dataset.RotationVector = [1] * 12 + [2] * 12
    dataset.AngularViewVector = [*range(1, 13), *range(1, 13)]
    dataset.NumberOfRotations = 2


def test_two_rotations_are_two_parts_of_one_study(tmp_path: Path) -> None:
    raw = read(raw_object(tmp_path / "raw.dcm", in_two))

    assert raw.projections.angles_deg == pytest.approx(cardiac_angles(24), abs=0.01)
    assert np.array_equal(raw.projections.counts[0, 0], spot_views(cardiac_angles(24)))


@pytest.mark.parametrize(
    ("spoil", "options"),
    [
        (lambda d: d.RotationInformationSequence[0].__delattr__("RotationDirection"),
         {"rotation_direction": "cw"}),
        (lambda d: d.RotationInformationSequence[0].__delattr__("AngularStep"),
         {"scan_arc_deg": 180.0}),
        (lambda d: (without_head_angles(d),
                    d.RotationInformationSequence[0].__delattr__("StartAngle"))[0],
         {"start_angles_deg": (225.0,)}),
    ],
    ids=["direction", "step", "start"],
)  # fmt: skip
def test_what_is_missing_can_be_stated_and_flags(
    tmp_path: Path, spoil: Change, options: dict[str, object]
) -> None:
    raw = read(raw_object(tmp_path / "raw.dcm", spoil), stated(**options))

    assert raw.projections.angles_deg == pytest.approx(cardiac_angles(24), abs=0.01)
    assert any("as stated by the user" in reason for reason in doubts(raw.notes))


def test_a_missing_radius_is_told_and_can_be_stated(tmp_path: Path) -> None:
    def spoil(dataset: Dataset) -> None:
        del dataset.DetectorInformationSequence[0].RadialPosition
        del dataset.RotationInformationSequence[0].RadialPosition

    path = raw_object(tmp_path / "raw.dcm", spoil)

    assert not read(path).radius_is_known
    assert any("RadialPosition" in note.text for note in read(path).notes)
    known = read(path, stated(radius_mm=231.0))
    assert known.radius_is_known
    assert set(known.projections.radial_position_mm) == {231.0}


def test_missing_pixel_spacing_can_be_stated(tmp_path: Path) -> None:
    path = raw_object(tmp_path / "raw.dcm", lambda each: each.__delattr__("PixelSpacing"))
    options = ReadingOptions(stated=StatedGeometry(pixel_spacing_mm=(6.0, 6.0)))

    raw = read(path, options)

    assert raw.projections.pixel_mm == (6.0, 6.0)
    assert any("pixel spacing 6 x 6 mm" in reason for reason in doubts(raw.notes))


def test_views_stated_to_be_upside_down_are_turned(tmp_path: Path) -> None:
    path = raw_object(tmp_path / "raw.dcm")
    options = ReadingOptions(stated=StatedGeometry(flips=frozenset({"rows"})))

    turned = read(path, options).projections.counts[0, 0]

    assert np.array_equal(turned, spot_views(cardiac_angles(24))[:, ::-1])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: d.DetectorInformationSequence[0].__setattr__("CenterOfRotationOffset", 5.5),
         "CenterOfRotationOffset (0018,1145) is 5.5 mm"),
        (lambda d: d.DetectorInformationSequence[0].__setattr__("GantryDetectorTilt", 4),
         "GantryDetectorTilt (0018,1120) is 4 degrees"),
    ],
    ids=["centre of rotation", "tilt"],
)  # fmt: skip
def test_what_is_not_corrected_here_is_a_reason_to_look(
    tmp_path: Path, change: Change, words: str
) -> None:
    raw = read(raw_object(tmp_path / "raw.dcm", change))

    assert any(words in reason for reason in doubts(raw.notes))


@pytest.mark.parametrize(("keyword", "second"), [("TableHeight", 152.5), ("TableTraverse", 130.0)])
def test_a_table_that_stood_elsewhere_in_a_later_rotation_is_a_reason_to_look(
    tmp_path: Path, keyword: str, second: float
) -> None:
    def stood_at(place: float) -> Change:
        def change(dataset: Dataset) -> None:
            in_two(dataset)
            for item, value in zip(
                dataset.RotationInformationSequence, (140.0, place), strict=True
            ):
                setattr(item, keyword, value)

        return change

    still = read(raw_object(tmp_path / "still.dcm", stood_at(140.4)))
    moved = read(raw_object(tmp_path / "moved.dcm", stood_at(second)))

    words = f"differs by {abs(second - 140):g} mm between the rotations"
    assert not any(keyword in note.text for note in still.notes)
    assert any(keyword in reason and words in reason for reason in doubts(moved.notes))


def test_an_offset_that_was_corrected_is_none(tmp_path: Path) -> None:
    def corrected(dataset: Dataset) -> None:
        dataset.DetectorInformationSequence[0].CenterOfRotationOffset = 5.5
        dataset.CorrectedImage = ["UNIF", "COR"]

    assert read(raw_object(tmp_path / "raw.dcm", corrected)).notes == ()


def test_an_ungated_type_with_time_slots_is_gated(tmp_path: Path) -> None:
    def called_ungated(dataset: Dataset) -> None:
        dataset.ImageType = ["ORIGINAL", "PRIMARY", "TOMO", "EMISSION"]

    path, _ = gated_object(tmp_path / "raw.dcm", called_ungated)

    assert read(path).projections.is_gated
    assert scan_dicom(path).entries[0].kind == "NM GATED TOMO"


def test_a_scan_tells_what_the_reconstruction_will_be(tmp_path: Path) -> None:
    path, _ = gated_object(tmp_path / "raw.dcm")

    (entry,) = scan_dicom(path).entries

    assert (entry.kind, entry.holds_projections) == ("NM GATED TOMO", True)
    assert (entry.n_slices, entry.rows, entry.columns, entry.n_time_slots) == (32, 32, 32, 3)
    assert entry.spacing_mm == (9.0, 9.0, 9.0)


def test_a_rescaled_view_is_counts(tmp_path: Path) -> None:
    def rescaled(dataset: Dataset) -> None:
        dataset.RescaleSlope, dataset.RescaleIntercept = 2, 0

    raw = read(raw_object(tmp_path / "raw.dcm", rescaled))

    assert np.array_equal(raw.projections.counts[0, 0], 2 * spot_views(cardiac_angles(24)))


@pytest.mark.parametrize(("second", "heads"), [(3, 2), (2, 1)], ids=["another rim", "one rim"])
def test_two_heads_that_were_stored_as_one_are_told_by_their_rims(
    tmp_path: Path, second: int, heads: int
) -> None:
    def masked(dataset: Dataset) -> None:
        pixels = dataset.pixel_array.copy() + 1
        pixels[:12, :2] = 0
        pixels[12:, :second] = 0
        dataset.PixelData = pixels.tobytes()

    raw = read(raw_object(tmp_path / "raw.dcm", masked))

    assert raw.projections.heads == heads
    assert (MERGED_HEADS in raw.notes) == (heads == 2)
    assert raw.projections.angles_deg == pytest.approx(cardiac_angles(24), abs=0.01)


def test_a_real_acquisition_is_read(real_data_dir: Path) -> None:
    raw = read(real_data_dir / "projections" / "tomo_rimd_00001.dcm")

    assert raw.projections.counts.shape == (1, 1, 30, 64, 64)
    assert raw.projections.angles_deg[:2] == pytest.approx((225.44, 219.44))
    assert raw.projections.axis_mm == pytest.approx((0.4, -7.6, 23.0), abs=0.1)
    assert raw.collimator == "LEHR"
    assert raw.facts.nuclide == "Tc-99m"
    assert doubts(raw.notes) == []
    # The rim of its views changes in the middle: two heads at right angles were stored as one.
    assert raw.projections.heads == 2
