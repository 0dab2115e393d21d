"""Read a series into a perfusion study."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from pydicom import Dataset

from shortaxis.dicom.carried.pixel_history import gather_pixel_history
from shortaxis.dicom.carried.source_header import DicomStudy, SourceHeader
from shortaxis.dicom.elements.attributes import text_of
from shortaxis.dicom.elements.part10 import quiet_pydicom, read_dataset
from shortaxis.dicom.reading.facts import facts_of
from shortaxis.dicom.reading.kinds import ObjectKind, classify_object
from shortaxis.dicom.reading.pixels.counts import frame_counts
from shortaxis.dicom.reading.series import SeriesEntry, series_layout
from shortaxis.errors import GeometryError, ShortAxisError
from shortaxis.geometry.arrays import CountsArray
from shortaxis.spect.checks import check_counts_can_hold_a_heart
from shortaxis.spect.study import Modality, PerfusionStudy
from shortaxis.spect.volume import SpectVolume

__all__ = ["read_dicom_study"]

PIXEL_ATTRIBUTES = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")


def read_dicom_study(entry: SeriesEntry, *, force_input: bool = False) -> DicomStudy:
    """Read counts, geometry and facts of a series that a scan found.

    Parameters
    ----------
    entry : SeriesEntry
        From `shortaxis.dicom.reading.scan.scan_dicom`.
    force_input : bool
        Read a series that says it is reoriented already.

    Returns
    -------
    DicomStudy
        The study, its ungated volume summed over R-R intervals and time slots, and the header
        without pixels.

    Raises
    ------
    UnreadableFileError
        If a file is damaged, truncated or compressed in a way that cannot be decoded.
    UnsupportedObjectError
        If the object holds no transaxial reconstruction.
    GeometryError
        If geometry is missing or contradicts itself; the attribute is named.
    CountsError
        If no heart can be in the counts.
    """
    with quiet_pydicom():
        try:
            return _read(entry, force_input=force_input)
        except ShortAxisError as error:
            error.at_path(entry.paths[0])
            raise


def _read(entry: SeriesEntry, *, force_input: bool) -> DicomStudy:
    datasets = [read_dataset(path, with_pixels=True) for path in entry.paths]
    kind = classify_object(datasets[0], force_input=force_input)
    layout = series_layout(datasets, kind)
    frames = _frames(datasets, kind, layout.grid.shape[1:], layout.frame_at.size)
    gates = frames[layout.frame_at].sum(axis=0, dtype=np.float32)
    volume = SpectVolume(gates.sum(axis=0), layout.grid.patient_from_index)
    check_counts_can_hold_a_heart(volume)
    facts = facts_of(datasets, kind.modality)
    study = PerfusionStudy(volume, gates if kind.is_gated else None, facts)
    return DicomStudy(study, _header(datasets, entry))


def _frames(
    datasets: Sequence[Dataset], kind: ObjectKind, plane: tuple[int, int], n_frames: int
) -> CountsArray:
    if len(datasets) != (n_frames if kind.modality is Modality.PET else 1):
        raise GeometryError(
            "the files changed since they were found", expected=f"{n_frames} slices",
            found=f"{len(datasets)} files", cause="files were added or replaced meanwhile",
        )  # fmt: skip
    if kind.modality is Modality.NM:
        return frame_counts(datasets[0], n_frames, plane)
    return np.concatenate([frame_counts(dataset, 1, plane) for dataset in datasets])


def _header(datasets: Sequence[Dataset], entry: SeriesEntry) -> SourceHeader:
    instances = tuple(
        (text_of(dataset, "SOPClassUID"), text_of(dataset, "SOPInstanceUID"))
        for dataset in datasets
    )
    gather_pixel_history(datasets)
    for keyword in PIXEL_ATTRIBUTES:
        if keyword in datasets[0]:
            del datasets[0][keyword]
    return SourceHeader(datasets[0], instances, entry.number_in_series, entry.has_siblings)
