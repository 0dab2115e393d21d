"""Frames of a segmentation: which slice, which segment, where in the patient (PS3.3 C.7.6.16).

One frame holds one slice of one segment, from the first to the last slice with a voxel of any
segment, so that the frames of each are a volume without gaps.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from pydicom import Dataset
from pydicom.valuerep import format_number_as_ds

from shortaxis.dicom.carried.source_header import SourceHeader
from shortaxis.dicom.documents.segmentation.masks import Segmentation
from shortaxis.dicom.documents.segmentation.source_frames import derivations_at
from shortaxis.dicom.elements.decimal_strings import decimals
from shortaxis.geometry.affines import apply_affine
from shortaxis.geometry.arrays import FloatArray

__all__ = ["add_frames"]

SEGMENT_POINTER = (0x0062000B, 0x0062000A)
POSITION_POINTER = (0x00200032, 0x00209113)
"""Dimension Index Pointer and Functional Group Pointer: Referenced Segment Number, and Image
Position (Patient)."""


def add_frames(
    dataset: Dataset,
    segmentation: Segmentation,
    header: SourceHeader,
    slices: Mapping[str, FloatArray] | None,
    organization: str,
) -> None:
    """Add functional groups, dimensions and bits.

    Parameters
    ----------
    dataset : Dataset
        Changed.
    segmentation : Segmentation
        What the frames show.
    header : SourceHeader
        Of the source, whose frames at the same places are named.
    slices : mapping of str to (3,) array, or None
        Where its objects lie, by SOP Instance UID, if each holds one slice; see `slice_places`.
        None names no frame.
    organization : str
        A new UID, of the dimensions.
    """
    _add_dimensions(dataset, organization)
    dataset.SharedFunctionalGroupsSequence = [_shared_groups(segmentation)]
    dataset.PerFrameFunctionalGroupsSequence = list(_frame_groups(segmentation, header, slices))
    shown_slices = segmentation.slices
    dataset.NumberOfFrames = len(shown_slices) * len(segmentation.masks)
    dataset.Rows, dataset.Columns = segmentation.grid.shape[1:]
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 1, 1, 0
    dataset.PixelRepresentation = 0
    shown = np.stack(
        [mask.voxels[shown_slices.start : shown_slices.stop] for mask in segmentation.masks]
    )
    # The first pixel is the lowest bit, and frames follow each other without padding (PS3.5 8.1.1).
    bits = np.packbits(shown.ravel(), bitorder="little").tobytes()
    dataset.PixelData = bits + b"\0" * (len(bits) % 2)
    dataset["PixelData"].VR = "OB"


def _add_dimensions(dataset: Dataset, organization: str) -> None:
    named = Dataset()
    named.DimensionOrganizationUID = organization
    dataset.DimensionOrganizationSequence = [named]
    dataset.DimensionIndexSequence = []
    for (pointer, group), label in (
        (SEGMENT_POINTER, "Segment"),
        (POSITION_POINTER, "Slice"),
    ):
        item = Dataset()
        item.DimensionIndexPointer, item.FunctionalGroupPointer = pointer, group
        item.DimensionOrganizationUID, item.DimensionDescriptionLabel = organization, label
        dataset.DimensionIndexSequence.append(item)


def _shared_groups(segmentation: Segmentation) -> Dataset:
    spacing_mm, axes = segmentation.grid.spacing_mm, segmentation.axes
    measures, orientation, shared = Dataset(), Dataset(), Dataset()
    measures.PixelSpacing = decimals(spacing_mm[1:])
    measures.SliceThickness = format_number_as_ds(float(spacing_mm[0]))
    measures.SpacingBetweenSlices = measures.SliceThickness
    orientation.ImageOrientationPatient = decimals([*axes[:, 2], *axes[:, 1]])
    shared.PixelMeasuresSequence = [measures]
    shared.PlaneOrientationSequence = [orientation]
    return shared


def _frame_groups(
    segmentation: Segmentation, header: SourceHeader, slices: Mapping[str, FloatArray] | None
) -> Iterator[Dataset]:
    first_voxels = [(number, 0, 0) for number in segmentation.slices]
    positions_mm = apply_affine(segmentation.grid.patient_from_index, first_voxels)
    for segment in range(1, len(segmentation.masks) + 1):
        derivations = derivations_at(header, positions_mm, slices)
        for place, (position_mm, derivation) in enumerate(
            zip(positions_mm, derivations, strict=True), start=1
        ):
            content, position, which, groups = Dataset(), Dataset(), Dataset(), Dataset()
            content.DimensionIndexValues = [segment, place]
            position.ImagePositionPatient = decimals(position_mm)
            which.ReferencedSegmentNumber = segment
            if derivation:
                groups.DerivationImageSequence = derivation
            groups.FrameContentSequence = [content]
            groups.PlanePositionSequence = [position]
            groups.SegmentIdentificationSequence = [which]
            yield groups
