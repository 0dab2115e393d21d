"""Read an attenuation map, or the CT that one is made of, that belongs to projections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydicom import Dataset
from pydicom.uid import CTImageStorage

from shortaxis.dicom.carried.same_patient import differing_identity
from shortaxis.dicom.carried.source_header import SourceHeader
from shortaxis.dicom.elements.attributes import label, required_integer, text_of
from shortaxis.dicom.elements.part10 import is_dicom_file, quiet_pydicom
from shortaxis.dicom.elements.vocabulary import NM_STORAGE
from shortaxis.dicom.reading.headers.read_headers import read_header
from shortaxis.dicom.reading.headers.way_on import lead_on
from shortaxis.dicom.reading.layouts.nm_layout import nm_layout
from shortaxis.dicom.reading.layouts.stack_layout import stack_layout
from shortaxis.dicom.reading.pixels.counts import frame_counts
from shortaxis.errors import (
    GeometryError,
    InputNotFoundError,
    ShortAxisError,
    UnsupportedObjectError,
)
from shortaxis.spect.volume import SpectVolume

__all__ = ["StoredMap", "read_dicom_map", "refuse_another_map"]

OF_ANOTHER = "the attenuation map is of another patient"

TAKE_ALL_THE_SAME = "if it fits all the same, say so: --force-map"


@dataclass(frozen=True, eq=False)
class StoredMap:
    """Values as they are stored and where they lie; `is_ct` says that they are CT numbers."""

    volume: SpectVolume
    is_ct: bool
    header: SourceHeader


def read_dicom_map(path: Path) -> StoredMap:
    """Read a CT series in a folder, or a map in one NM multi-frame file.

    Raises
    ------
    InputNotFoundError
        If there is no DICOM file.
    UnsupportedObjectError
        If the files are neither CT slices of one series nor an NM reconstruction.
    GeometryError
        If geometry is missing or contradicts itself.
    """
    files = sorted(each for each in path.rglob("*") if each.is_file()) if path.is_dir() else [path]
    files = [each for each in files if is_dicom_file(each)]
    if not files:
        raise InputNotFoundError(
            "holds no attenuation map", path=path, expected="DICOM files of a CT or of a map",
            found="none", way_on="name the folder of the CT series, or the file of the map",
        )  # fmt: skip
    with quiet_pydicom():
        try:
            return _read([read_header(each, with_pixels=True).dataset for each in files])
        except ShortAxisError as error:
            raise lead_on(error.at_path(path)) from error


def _read(datasets: Sequence[Dataset]) -> StoredMap:
    classes = {text_of(each, "SOPClassUID") for each in datasets}
    series = {text_of(each, "SeriesInstanceUID") for each in datasets}
    is_ct = classes == {str(CTImageStorage)}
    if len(series) > 1 or not (is_ct or (classes == {NM_STORAGE} and len(datasets) == 1)):
        raise UnsupportedObjectError(
            "is no attenuation map",
            expected="the slices of one CT series, or one NM multi-frame object",
            found=f"{len(datasets)} objects of {len(classes)} kinds in {len(series)} series",
            cause="a folder of several series, or a file of another kind",
            way_on="put the slices of the series that is meant into a folder of their own",
        )
    first = datasets[0]
    if is_ct:
        layout = stack_layout(datasets, is_gated=False)
        frames = [frame_counts(each, 1, layout.grid.shape[1:]) for each in datasets]
        values = np.concatenate(frames)[layout.frame_at[0, 0]]
    else:
        layout = nm_layout(first, is_gated=False)
        n_frames = required_integer(first, "NumberOfFrames")
        values = frame_counts(first, n_frames, layout.grid.shape[1:])[layout.frame_at[0, 0]]
    instances = tuple(
        (text_of(each, "SOPClassUID"), text_of(each, "SOPInstanceUID")) for each in datasets
    )
    for each in datasets:
        del each["PixelData"]
    volume = SpectVolume(values, layout.grid.patient_from_index)
    return StoredMap(volume, is_ct, SourceHeader(first, instances))


def refuse_another_map(stored: StoredMap, projections: SourceHeader, path: Path) -> None:
    """Refuse a map of another patient, or in another frame of reference.

    Raises
    ------
    UnsupportedObjectError
        For another patient; the attribute is named, its values are not.
    GeometryError
        For another frame of reference, or none.
    """
    differing = differing_identity(projections, stored.header)
    if differing:
        raise UnsupportedObjectError(
            OF_ANOTHER, path=path, expected=f"the {differing} of the projections",
            found="another one", cause="the map of another exam, or files that were de-identified "
            "one by one", way_on=TAKE_ALL_THE_SAME,
        )  # fmt: skip
    keyword = "FrameOfReferenceUID"
    with quiet_pydicom():
        ours, theirs = (text_of(each.dataset, keyword) for each in (projections, stored.header))
    if not ours or ours != theirs:
        raise GeometryError(
            "the attenuation map lies in another frame of reference",
            path=path,
            expected=f"the {label(keyword)} of the projections",
            found="another one" if ours and theirs else "no value in one of them",
            cause="a CT of another visit or scanner, which lies elsewhere",
            way_on=f"register the map to the projections first; {TAKE_ALL_THE_SAME}",
        )
