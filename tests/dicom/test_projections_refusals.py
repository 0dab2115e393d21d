"""Projections that cannot be reconstructed: what is wrong, and how to go on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset

from nm_object import build_nm, save_object
from raw_views import cardiac_angles, frames_taken, raw_object, spot_views, write_raw
from shortaxis.dicom.reading.finding.scan import scan_dicom
from shortaxis.dicom.reading.finding.skipped import may_hold_an_exam
from shortaxis.dicom.reading.projections import read_projections
from shortaxis.dicom.reading.study import read_dicom_study
from shortaxis.errors import (
    CountsError,
    GeometryError,
    OptionError,
    ShortAxisError,
    UnsupportedObjectError,
)
from shortaxis.geometry.affines import affine_from_axes
from shortaxis.spect.reading_options import RawProjections, ReadingOptions
from shortaxis.spect.stated_acquisition import StatedAcquisition
from shortaxis.spect.stated_geometry import StatedGeometry
from shortaxis.spect.volume import SpectVolume

Change = Callable[[Dataset], Dataset | None]


def rotation(dataset: Dataset) -> Dataset:
    return dataset.RotationInformationSequence[0]


def head(dataset: Dataset, number: int = 0) -> Dataset:
    return dataset.DetectorInformationSequence[number]


def setting(place: Callable[[Dataset], Dataset], **values: object) -> Change:
    def change(dataset: Dataset) -> None:
        for keyword, value in values.items():
            if value is None:
                del place(dataset)[keyword]
            else:
                setattr(place(dataset), keyword, value)

    return change


def taking(frames: range | list[int]) -> Change:
    return lambda dataset: frames_taken(dataset, list(frames))


def refused(path: Path, options: ReadingOptions | None = None) -> ShortAxisError:
    """What a scan says, or reading where a scan finds no fault; it names the file."""
    with pytest.raises(ShortAxisError) as caught:
        for entry in scan_dicom(path, options=options or ReadingOptions()).entries:
            read_projections(entry, options or ReadingOptions())
    assert caught.value.path == str(path)
    return caught.value


def itself(dataset: Dataset) -> Dataset:
    return dataset


NO_START = setting(rotation, StartAngle=None)


@pytest.mark.parametrize(
    ("change", "summary", "way_on"),
    [
        (taking([*range(10), *range(11, 24)]), "views are missing", "export the acquisition again"),
        (taking(range(23)), "views are missing", "export the acquisition again"),
        (taking([*range(24), 7]), "views are there twice", "export the acquisition again"),
        (setting(itself, AngularViewVector=[1] * 24), "views are there twice", "export"),
        (setting(rotation, ScanArc=250), "contradict each other", "--scan-arc"),
        (setting(rotation, AngularStep=2, ScanArc=None), "too small an arc", "--scan-arc"),
        (setting(rotation, AngularStep=-7.5), "is not positive", "--scan-arc"),
        (setting(rotation, StartAngle=10), "StartAngle (0054,0200) contradicts", "--start-angle"),
        (setting(head, StartAngle=10), "StartAngle (0054,0200) contradicts", "--start-angle"),
        (setting(rotation, RotationDirection=None), "RotationDirection (0018,1140) is missing",
         "--rotation-direction CW"),
        (setting(rotation, RotationDirection="UP"), "RotationDirection (0018,1140) is unknown",
         "--rotation-direction CW"),
        (setting(itself, PixelSpacing=None), "PixelSpacing (0028,0030) is missing",
         "--pixel-spacing"),
        (setting(head, RadialPosition=[220.0] * 3), "RadialPosition (0018,1142) does not fit",
         "--radius"),
        (setting(head, CollimatorType="PINH"), "collimator that is not parallel", "station"),
        (setting(itself, AngularViewVector=[1, 2]), "does not fit the frames", "export"),
        (setting(itself, SliceVector=list(range(1, 25))), "SliceVector (0054,0080) has several",
         "export the tomographic acquisition"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_the_way_on(
    tmp_path: Path, change: Change, summary: str, way_on: str
) -> None:
    error = refused(raw_object(tmp_path / "raw.dcm", change))

    assert isinstance(error, GeometryError | UnsupportedObjectError)
    assert summary in error.summary
    assert None not in (error.expected, error.found, error.cause)
    assert way_on in (error.way_on or "")


def test_a_start_that_nobody_tells_is_asked_for(tmp_path: Path) -> None:
    def spoil(dataset: Dataset) -> None:
        NO_START(dataset)
        del head(dataset).StartAngle

    error = refused(raw_object(tmp_path / "raw.dcm", spoil))

    assert error.summary == "StartAngle (0054,0200) is missing"
    assert "--start-angle 225" in (error.way_on or "")


def two_heads(path: Path, change: Change) -> Path:
    angles = [*cardiac_angles(12, 225, -90), *cardiac_angles(12, 135, -90)]
    return write_raw(path, spot_views(angles), angles, heads=2, change=change)


def mirrored(dataset: Dataset) -> None:
    second = head(dataset, 1)
    second.ImageOrientationPatient = [-value for value in second.ImageOrientationPatient[:3]] + [
        0, 0, -1.0,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "summary"),
    [
        (lambda d: head(d, 1).__delattr__("StartAngle"), "StartAngle (0054,0200) is missing"),
        (mirrored, "the heads disagree on how they store their views"),
        (lambda d: head(d, 1).__delattr__("ImageOrientationPatient"),
         "the heads disagree on how they store their views"),
        (lambda d: setattr(head(d, 1), "StartAngle", 100),
         "ImageOrientationPatient (0020,0037) and StartAngle (0054,0200) contradict"),
        (taking([*range(12), *range(12, 22)]), "the heads have different numbers of views"),
    ],
    ids=["start", "mirrored", "orientation", "turned", "views"],
)  # fmt: skip
def test_heads_that_disagree_are_refused(tmp_path: Path, change: Change, summary: str) -> None:
    error = refused(two_heads(tmp_path / "raw.dcm", change))

    assert isinstance(error, GeometryError)
    assert error.summary.startswith(summary)
    assert error.way_on


def test_one_head_of_two_covers_too_little(tmp_path: Path) -> None:
    error = refused(two_heads(tmp_path / "raw.dcm", taking(range(12))))

    assert error.summary == "the views cover too small an arc for a heart"
    assert error.found == "12 views over 90 degrees"


def test_stated_angles_are_one_a_head(tmp_path: Path) -> None:
    path = two_heads(tmp_path / "raw.dcm", lambda dataset: None)
    options = ReadingOptions(acquisition=StatedAcquisition(start_angles_deg=(225.0,)))

    assert refused(path, options).summary == "start angles do not fit the heads"


def blanked(dataset: Dataset, value: int, where: tuple[slice, ...]) -> Dataset:
    pixels = dataset.pixel_array.copy()
    pixels[where] = value
    dataset.PixelData = pixels.tobytes()
    return dataset


@pytest.mark.parametrize(
    ("value", "where", "summary", "found"),
    [
        (0, (slice(5, 7),), "has empty views", "2 of 24: 6 at 188, 7 at 180 degrees"),
        (0, (slice(None),), "holds no counts", "all pixels are zero"),
        (65535, (slice(3, 4), slice(0, 2), slice(0, 3)), "has saturated views",
         "1 views, the first at 202 degrees with 6 such pixels"),
    ],
    ids=["empty", "all empty", "saturated"],
)  # fmt: skip
def test_views_without_counts_or_with_too_many_are_refused(
    tmp_path: Path, value: int, where: tuple[slice, ...], summary: str, found: str
) -> None:
    path = raw_object(tmp_path / "raw.dcm", lambda dataset: blanked(dataset, value, where))

    error = refused(path)

    assert isinstance(error, CountsError)
    assert (error.summary, error.found) == (summary, found)
    assert "export the acquisition" in (error.way_on or "")


def test_filtered_projections_are_refused(tmp_path: Path) -> None:
    def signed(dataset: Dataset) -> Dataset:
        dataset.PixelRepresentation = 1
        pixels = dataset.pixel_array.astype(np.int16)
        pixels[0, 0, 0] = -3
        dataset.PixelData = pixels.tobytes()
        return dataset

    error = refused(raw_object(tmp_path / "raw.dcm", signed))
    assert error.summary == "holds negative counts"
    assert "as the camera stored them" in (error.way_on or "")


def gated(path: Path, change: Change) -> Path:
    angles = cardiac_angles(20)
    slots = np.stack([spot_views(angles)] * 2)[None]
    return write_raw(path, slots, angles, is_gated=True, change=change)


@pytest.mark.parametrize(
    "change",
    [
        lambda d: frames_taken(d, range(20)),
        lambda d: (frames_taken(d, range(20)), d.__delattr__("TimeSlotVector"))[0],
    ],
    ids=["one slot of two", "no vector"],
)
def test_gated_projections_that_do_not_tell_their_slots_are_refused(
    tmp_path: Path, change: Change
) -> None:
    error = refused(gated(tmp_path / "raw.dcm", change))

    assert error.summary == "does not tell its time slots"
    assert error.way_on
    assert "TimeSlotVector (0054,0070)" in (error.expected or "")


def test_slots_of_unknown_length_are_told(tmp_path: Path) -> None:
    path = gated(tmp_path / "raw.dcm", lambda d: d.__delattr__("GatedInformationSequence"))

    (entry,) = scan_dicom(path).entries

    assert any("FrameTime (0018,1063) is missing" in note.text for note in entry.notes)


@pytest.mark.parametrize("kind", ["STATIC", "WHOLE BODY", "DYNAMIC", "GATED"])
def test_what_is_no_tomogram_is_refused(tmp_path: Path, kind: str) -> None:
    path = raw_object(
        tmp_path / "raw.dcm", setting(itself, ImageType=["ORIGINAL", "PRIMARY", kind, "EMISSION"])
    )

    error = refused(path)
    assert isinstance(error, UnsupportedObjectError)
    assert "export the tomographic acquisition" in (error.way_on or "")
    assert not may_hold_an_exam(error)


def test_two_windows_without_limits_do_not_tell_the_peak(tmp_path: Path) -> None:
    angles = cardiac_angles(20)
    both = np.stack([spot_views(angles)] * 2)[:, None]

    path = write_raw(
        tmp_path / "raw.dcm", both, angles, windows_kev=((300.0, 330.0), (250.0, 299.0))
    )

    error = refused(path)
    assert error.summary == "does not say which energy window is the photopeak"
    assert "--energy-window" in (error.way_on or "")


def test_a_window_that_is_not_there_cannot_be_meant(tmp_path: Path) -> None:
    options = ReadingOptions(acquisition=StatedAcquisition(energy_window=3))

    error = refused(raw_object(tmp_path / "raw.dcm"), options)

    assert error.summary == "has no energy window of the stated number"


@pytest.mark.parametrize(
    "geometry", [{"orientation": "LPI"}, {"slice_spacing_mm": 4.0}, {"flips": {"slices"}}]
)
def test_projections_have_no_slices_to_state(tmp_path: Path, geometry: dict[str, object]) -> None:
    options = ReadingOptions(stated=StatedGeometry(**geometry))

    assert isinstance(refused(raw_object(tmp_path / "raw.dcm"), options), OptionError)


def test_projections_can_be_refused(tmp_path: Path) -> None:
    options = ReadingOptions(raw=RawProjections.NONE)

    error = refused(raw_object(tmp_path / "raw.dcm"), options)

    assert isinstance(error, UnsupportedObjectError)
    assert "shortaxis reconstruct" in (error.way_on or "")


def test_slices_are_not_read_from_projections_nor_projections_from_slices(tmp_path: Path) -> None:
    (raw,) = scan_dicom(raw_object(tmp_path / "raw.dcm")).entries
    volume = SpectVolume(
        np.random.default_rng(1).integers(0, 300, (12, 12, 12)),
        affine_from_axes(np.eye(3)[::-1], (6.0, 6.0, 6.0), (0, 0, 0)),
    )
    (made,) = scan_dicom(save_object(build_nm(volume), tmp_path / "made.dcm")).entries

    with pytest.raises(UnsupportedObjectError, match="holds projections and no slices"):
        read_dicom_study(raw)
    with pytest.raises(UnsupportedObjectError, match="holds no projections"):
        read_projections(made)


@pytest.mark.parametrize(
    "values",
    [
        {"start_angles_deg": (400.0,)},
        {"rotation_direction": "up"},
        {"scan_arc_deg": 0.0},
        {"radius_mm": 5.0},
        {"energy_window": 0},
    ],
)
def test_what_no_acquisition_has_cannot_be_stated(values: dict[str, object]) -> None:
    with pytest.raises(OptionError, match="is impossible"):
        StatedAcquisition(**values)
