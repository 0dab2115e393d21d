r"""Derived series: short-axis, long-axis and transaxial slices as NM multi-frame objects.

One object holds one view: ``DERIVED\PRIMARY\RECON TOMO\EMISSION``, or ``RECON GATED TOMO``
with every time slot. Position and orientation stand in Detector Information Sequence with the View
Code (PS3.3 C.8.4.11), Spacing Between Slices is positive: slices are stacked along row x column
(C.8.4.15). Study, patient and frame of reference are those of the source. Slices of a PET
source become NM objects too, since PET Image Storage has no multi-frame form.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from pydicom import Dataset
from pydicom.valuerep import format_number_as_ds

from shortaxis.anatomy.cardiac_views import CardiacView
from shortaxis.dicom.carried.modules.patient import (
    detached,
    keep_identity_bytes,
    state_deidentification_method,
    tidy_series_description,
)
from shortaxis.dicom.carried.modules.validity import drop_invalid
from shortaxis.dicom.carried.real_world_values import add_real_world_values
from shortaxis.dicom.carried.source_header import SourceHeader
from shortaxis.dicom.elements.attributes import text_of
from shortaxis.dicom.elements.decimal_strings import decimals
from shortaxis.dicom.elements.part10 import file_meta_of, quiet_pydicom, write_dataset
from shortaxis.dicom.elements.stored_counts import StoredCounts, shared_slope, store_counts
from shortaxis.dicom.elements.vocabulary import VIEW_CODES
from shortaxis.dicom.writing.derivation import Derivation, SeriesDerivation, Stamp
from shortaxis.dicom.writing.derived_header import derived_header
from shortaxis.dicom.writing.gating import gated_information
from shortaxis.errors import CountsError, GeometryError
from shortaxis.geometry.affines import apply_affine
from shortaxis.geometry.arrays import CountsArray
from shortaxis.spect.volume import SpectVolume

__all__ = [
    "Derivation",
    "DerivedSeries",
    "Stamp",
    "derived_dataset",
    "write_derived_series",
]

SLICES_ONLY = [0x00540080]
GATES_AND_SLICES = [0x00540060, 0x00540070, 0x00540080]
"""Frame Increment Pointers: R-R interval, time slot, slice; the last varies fastest (C.8.4.8)."""

DISPLAY_RADIUS_MM = 55.0
DISPLAY_PERCENTILE = 99.5
"""The window shows what lies this near to the heart's centre, but for its hottest voxels."""


@dataclass(frozen=True, eq=False)
class DerivedSeries:
    """Slices of one view on one grid; of transaxial ones the view is None.

    `volume` is the ungated volume ``(slice, row, column)`` on a grid of `view_grid`; `gates`
    are time slots ``(time_slot, slice, row, column)``, written instead of the volume if given.
    `slope` is the Rescale Slope; None takes one that fits the counts. `level` are the counts that
    the window shows at full brightness, best those of the healthy wall; None takes nearly the
    highest ones around the middle, which are an organ's where one lies there.
    """

    view: CardiacView | None
    volume: SpectVolume
    gates: CountsArray | None = None
    slope: str | None = None
    level: float | None = None

    def __post_init__(self) -> None:
        if self.gates is None:
            return
        if self.gates.ndim != 4 or self.gates.shape[1:] != self.volume.shape:
            raise GeometryError(
                "time slots do not fit the slices",
                expected=f"shape (time_slot, {', '.join(map(str, self.volume.shape))})",
                found=f"shape {self.gates.shape}",
            )
        if not np.isfinite(self.gates).all():
            raise CountsError(
                "counts of time slots are not finite",
                expected="finite numbers",
                found="NaN or infinite",
            )

    @property
    def counts(self) -> CountsArray:
        """What is written: the time slots if there are any, else the volume."""
        return self.volume.counts if self.gates is None else self.gates


def write_derived_series(
    path: Path,
    series: DerivedSeries,
    header: SourceHeader,
    derivation: SeriesDerivation,
    stamp: Stamp,
) -> None:
    """Write one view as a Part 10 file in Explicit VR Little Endian; see `derived_dataset`."""
    dataset = derived_dataset(series, header, derivation, stamp)
    # Counts of a gated study are twice as large as what is written of them.
    del series
    write_dataset(path, dataset)


def derived_dataset(
    series: DerivedSeries, header: SourceHeader, derivation: SeriesDerivation, stamp: Stamp
) -> Dataset:
    """Build the object of one view.

    Parameters
    ----------
    series : DerivedSeries
        The slices.
    header : SourceHeader
        Header of the source; an empty one (NIfTI) gives a new study of nobody.
    derivation : SeriesDerivation
        How the slices came about.
    stamp : Stamp
        Number among the derived series of the source, new UIDs, date and time.

    Raises
    ------
    GeometryError
        If slices are not stacked along row x column, or the grid is oblique to itself.
    """
    source = replace(header, dataset=detached(header.dataset))
    with quiet_pydicom():
        dataset = _carried_dataset(series, source, derivation, stamp)
        keep_identity_bytes(header.dataset, dataset)
    stored = _add_counts(dataset, series)
    with quiet_pydicom():
        add_real_world_values(dataset, source.dataset, stored, is_gated=series.gates is not None)
    dataset.file_meta = file_meta_of(dataset)
    return dataset


def _carried_dataset(
    series: DerivedSeries, source: SourceHeader, derivation: SeriesDerivation, stamp: Stamp
) -> Dataset:
    """Everything but the counts, with what breaks a rule of the standard left out."""
    is_gated = series.gates is not None
    dataset = derived_header(source, derivation.said_of(series.view), stamp, is_gated=is_gated)
    _add_annihilation_window(dataset, source.dataset)
    _add_geometry(dataset, series)
    _add_frames(dataset, source.dataset, series)
    drop_invalid(dataset)
    state_deidentification_method(dataset)
    tidy_series_description(dataset)
    return dataset


def _add_annihilation_window(dataset: Dataset, source: Dataset) -> None:
    """Name the window of a PET source that states no limits: any positron emitter's."""
    if text_of(source, "Modality") == "PT" and not dataset.EnergyWindowInformationSequence:
        window = Dataset()
        window.EnergyWindowName = "511 keV"
        dataset.EnergyWindowInformationSequence = [window]


def _add_geometry(dataset: Dataset, series: DerivedSeries) -> None:
    affine, spacing_mm = series.volume.patient_from_index, series.volume.spacing_mm
    stacking, column_direction, row_direction = (affine[:3, :3] / spacing_mm).T
    if not np.allclose(np.cross(row_direction, column_direction), stacking, atol=1e-6):
        raise GeometryError(
            "the slices cannot be stored",
            expected="orthogonal axes, slices stacked along row x column",
            found=f"axes {np.round(affine[:3, :3] / spacing_mm, 4).tolist()}",
        )
    (detector,) = dataset.DetectorInformationSequence
    detector.ImagePositionPatient = decimals(apply_affine(affine, (0, 0, 0)))
    detector.ImageOrientationPatient = decimals([*row_direction, *column_direction])
    if series.view is not None:
        detector.ViewCodeSequence = [_view_code(series.view)]
    dataset.SpacingBetweenSlices = format_number_as_ds(float(spacing_mm[0]))
    dataset.SliceThickness = dataset.SpacingBetweenSlices
    dataset.PixelSpacing = decimals(spacing_mm[1:])
    if series.view is CardiacView.SHORT_AXIS:
        dataset.SliceProgressionDirection = "APEX_TO_BASE"


def _view_code(view: CardiacView) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodeMeaning = VIEW_CODES[view]
    item.CodingSchemeDesignator = "SCT"
    item.ViewModifierCodeSequence = []
    return item


def _add_frames(dataset: Dataset, source: Dataset, series: DerivedSeries) -> None:
    slots = 1 if series.gates is None else len(series.gates)
    slices = series.volume.shape[0]
    dataset.NumberOfFrames = slots * slices
    dataset.NumberOfSlices = slices
    dataset.SliceVector = list(range(1, slices + 1)) * slots
    dataset.NumberOfRotations = 1
    dataset.FrameIncrementPointer = SLICES_ONLY
    if series.gates is None:
        return
    dataset.FrameIncrementPointer = GATES_AND_SLICES
    dataset.NumberOfRRIntervals, dataset.NumberOfTimeSlots = 1, slots
    dataset.RRIntervalVector = [1] * (slots * slices)
    dataset.TimeSlotVector = np.repeat(np.arange(1, slots + 1), slices).tolist()
    dataset.GatedInformationSequence = gated_information(source, slots)


def _add_counts(dataset: Dataset, series: DerivedSeries) -> StoredCounts:
    counts = series.counts
    stored = store_counts(counts, series.slope or shared_slope([counts]))
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.Rows, dataset.Columns = counts.shape[-2:]
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, 16, 15
    dataset.PixelRepresentation = int(stored.is_signed)
    if stored.slope != "1":
        dataset.RescaleSlope, dataset.RescaleIntercept = stored.slope, "0"
    level = series.level or _display_level(series, counts)
    dataset.WindowCenter = format_number_as_ds(level / 2)
    dataset.WindowWidth = format_number_as_ds(level)
    if level < 1:
        # PS3.3 C.11.2.1.2: only these functions allow a window narrower than 1.
        dataset.VOILUTFunction = "LINEAR_EXACT"
    little_endian = stored.stored.dtype.newbyteorder("<")
    pixels = stored.stored.astype(little_endian, copy=False).tobytes()
    dataset.PixelData = pixels
    dataset["PixelData"].VR = "OW"
    # One copy of them is enough: of a gated study they are large.
    return replace(stored, stored=np.frombuffer(pixels, little_endian).reshape(counts.shape))


def _display_level(series: DerivedSeries, counts: CountsArray) -> float:
    """Upper level of the window, counts, where nobody knows the level of the wall."""
    reach = np.ceil(DISPLAY_RADIUS_MM / series.volume.spacing_mm).astype(int)
    middle = np.array(series.volume.shape) // 2
    in_slices, in_rows, in_columns = (
        slice(max(center - steps, 0), center + steps + 1)
        for center, steps in zip(middle, reach, strict=True)
    )
    near = counts[..., in_slices, in_rows, in_columns]
    level = float(np.percentile(near, DISPLAY_PERCENTILE))
    return level if level > 0 else 1.0
