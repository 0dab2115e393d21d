"""Read a perfusion study from a NIfTI file."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Sequence
from pathlib import Path

import nibabel as nib
import numpy as np
from nibabel.filebasedimages import ImageFileError
from nibabel.imageglobals import ErrorLevel, LoggingOutputSuppressor
from nibabel.spatialimages import HeaderDataError

from shortaxis.errors import (
    AlreadyReorientedError,
    CountsError,
    GeometryError,
    ShortAxisError,
    UnreadableFileError,
    UnsupportedObjectError,
)
from shortaxis.files.inputs.input_size import (
    largest_input_bytes,
    require_counts_fit,
    require_unpacked_fits,
    too_large,
)
from shortaxis.files.inputs.special_files import require_no_special_file
from shortaxis.geometry.affines import affine_from_axes, apply_affine
from shortaxis.geometry.arrays import CountsArray, FloatArray
from shortaxis.nifti.description import LABELS_CONTENT, content_of
from shortaxis.nifti.file_names import (
    COUNTS_SUFFIX,
    HEADER_SUFFIX,
    MASK,
    PACKED_SUFFIX,
)
from shortaxis.nifti.orientation import patient_from_index_from_affine
from shortaxis.nifti.provenance import TRANSAXIAL_CONTENT, handedness_note
from shortaxis.spect.checks import check_counts_can_hold_a_heart
from shortaxis.spect.damaged_slices import damaged_slice_notes
from shortaxis.spect.finite_counts import require_finite_counts, without_rim
from shortaxis.spect.reading_notes import ReadingNote
from shortaxis.spect.reading_options import AS_STORED, ReadingOptions
from shortaxis.spect.stated_geometry import StatedGeometry
from shortaxis.spect.study import AcquisitionFacts, PerfusionStudy
from shortaxis.spect.time_slots import summed_slots
from shortaxis.spect.volume import SpectVolume

__all__ = [
    "error_of_file",
    "load_image",
    "mm_per_unit",
    "ras_from_ijk_of",
    "read_nifti_study",
    "read_nifti_volume",
    "time_slots_of",
]

MM_PER_UNIT = {0: 1.0, 1: 1000.0, 2: 1.0, 3: 0.001}
"""Unknown, metre, millimetre, micron: low bits of ``xyzt_units`` (nifti1.h). Files without a
unit are in mm by habit."""

SPATIAL_UNIT_BITS = 0x07

REFUSED_HEADER_LEVEL = 35
"""nibabel repairs a header below this level, and raises from here on: negative voxel sizes."""

DAMAGE = (
    ImageFileError,
    HeaderDataError,
    OSError,
    EOFError,
    ValueError,
    KeyError,
    TypeError,
    OverflowError,
    zlib.error,
)
"""What nibabel and what it reads with raise on damaged files."""

MIN_LEVELS = 16
"""Counts take hundreds of values; a mask or a label map takes a few."""

FORMS_AGREE_MM = 1.0
"""Two transforms that differ by more at a corner place the heart in two places."""


def read_nifti_study(path: Path, options: ReadingOptions = AS_STORED) -> PerfusionStudy:
    """Read ``.nii``, ``.nii.gz`` or ``.hdr`` with ``.img``.

    A fourth dimension holds the time slots of a gated study. NaN outside a round field of view
    are no counts and become zero. Unless file or sidecar prove that its axes are not mirrored,
    a note says what to check.

    Returns
    -------
    PerfusionStudy
        The sum over the time slots, and the slots if there are several.

    Raises
    ------
    UnreadableFileError
        If the file is no NIfTI, is truncated, or is not three- or four-dimensional.
    GeometryError
        If neither qform nor sform is set, or both are and contradict each other, and the user
        states no orientation.
    CountsError
        If no heart can be in the counts.
    AlreadyReorientedError
        If the header says that ShortAxis made these slices.
    """
    try:
        with LoggingOutputSuppressor(), ErrorLevel(REFUSED_HEADER_LEVEL):
            image = load_image(path)
            if not options.force_input:
                _refuse_reoriented(image)
            patient_from_index = _patient_from_index(image, options.stated)
            counts = np.asanyarray(image.dataobj)
            note = handedness_note(path, bytes(image.header["descrip"].item()))
    except DAMAGE as error:
        raise error_of_file(path, error) from error
    # Who states the directions has looked.
    said = options.stated.notes or ((note,) if note else ())
    return _study(path, counts, patient_from_index, said)


def read_nifti_volume(path: Path) -> SpectVolume:
    """Read the values of one three-dimensional image, whatever they are.

    Raises
    ------
    UnreadableFileError
        If the file is no NIfTI, is truncated, or holds several volumes or colours.
    GeometryError
        If neither qform nor sform is set, or both are and contradict each other.
    """
    try:
        with LoggingOutputSuppressor(), ErrorLevel(REFUSED_HEADER_LEVEL):
            image = load_image(path)
            patient_from_index = patient_from_index_from_affine(ras_from_ijk_of(image))
            values = time_slots_of(np.asanyarray(image.dataobj))
    except DAMAGE as error:
        raise error_of_file(path, error) from error
    if len(values) != 1 or values.dtype.kind not in "iuf":
        raise UnreadableFileError(
            "is no single volume", path=path, expected="one volume of plain numbers",
            found=f"{len(values)} volumes of {values.dtype}",
        )  # fmt: skip
    return SpectVolume(values[0], patient_from_index)


def _patient_from_index(image: nib.Nifti1Image, stated: StatedGeometry) -> FloatArray:
    """LPS affine of (slice, row, column) by the header, then by what was stated."""
    shape = image.shape[2::-1]
    if stated.orientation is None or _forms(image):
        affine = patient_from_index_from_affine(ras_from_ijk_of(image))
        return affine if stated.is_empty else stated.applied(affine, shape)
    scale = mm_per_unit(image)
    spacing = np.array(image.header.get_zooms()[:3], dtype=np.float64)[::-1] * scale
    affine = affine_from_axes(stated.axes, spacing, (0, 0, 0))
    affine[:3, 3] = -affine[:3, :3] @ ((np.array(shape) - 1) / 2)
    return stated.applied(affine, shape)


def error_of_file(path: Path, error: Exception) -> ShortAxisError:
    """What goes wrong in nibabel, as an error that names the file; our own errors as they are."""
    if isinstance(error, ShortAxisError):
        return error.at_path(path)
    return UnreadableFileError(
        "cannot be read as NIfTI",
        path=path,
        expected="a complete .nii or .nii.gz file",
        found=str(error).splitlines()[0] if str(error) else type(error).__name__,
        cause="the file is truncated, or is another format under this name",
        way_on="copy the file again, or convert it again from the DICOM files",
    )


def _study(
    path: Path,
    counts: np.ndarray,
    patient_from_index: FloatArray,
    said: tuple[ReadingNote, ...],
) -> PerfusionStudy:
    if counts.dtype.kind not in "iuf":
        raise UnreadableFileError(
            "the voxels are not plain numbers",
            path=path,
            expected="integers or floats",
            found=str(counts.dtype),
            cause="a colour or complex image",
            way_on="save the counts as one image of plain numbers",
        )
    gates, outside = without_rim(time_slots_of(counts))
    try:
        # One slot is no gate: its voxels are named without it.
        require_finite_counts(gates if len(gates) > 1 else gates[0])
        _refuse_mask(gates)
        volume, slot_notes = summed_slots(gates, patient_from_index)
        check_counts_can_hold_a_heart(volume)
    except (GeometryError, CountsError) as error:
        raise error.at_path(path) from error
    notes = (*said, *outside, *slot_notes, *damaged_slice_notes(gates))
    return PerfusionStudy(volume, gates if len(gates) > 1 else None, AcquisitionFacts(), notes)


def _refuse_mask(counts: CountsArray) -> None:
    levels = len(np.unique(counts))
    if 1 < levels < MIN_LEVELS:
        raise CountsError(
            MASK,
            expected=f"at least {MIN_LEVELS} different values",
            found=f"{levels}",
            cause="a segmentation or label map was given instead of the image",
        )


def time_slots_of(counts: np.ndarray) -> CountsArray:
    """(i, j, k) or (i, j, k, t) to (time_slot, slice, row, column)."""
    slots: CountsArray = np.atleast_1d(counts.T).astype(np.float32)
    return slots if slots.ndim == 4 else slots[np.newaxis]


def load_image(path: Path) -> nib.Nifti1Image:
    """A file in nibabel's hands, once it is known that memory holds it.

    Raises
    ------
    UnreadableFileError
        If it is no volume, or takes more memory than an input may.
    InputNotFoundError
        If it is a pipe, a socket or a device.
    """
    for each in _files_of(path):
        require_no_special_file(each)
        if each.stat().st_size > largest_input_bytes():
            raise too_large(each.stat().st_size)
    if path.name.lower().endswith(PACKED_SUFFIX):
        with gzip.open(path) as unpacking:
            require_unpacked_fits(unpacking)
    # Without a memory map: a file that shrinks while it is read would kill the process.
    image = nib.load(path, mmap=False)
    _refuse_impossible_shape(image)
    return image


def _files_of(path: Path) -> list[Path]:
    """The file, and the counts of a pair."""
    if path.suffix.lower() != HEADER_SUFFIX:
        return [path]
    beside = [path.with_suffix(suffix) for suffix in (COUNTS_SUFFIX, COUNTS_SUFFIX.upper())]
    return [path, *(each for each in beside if each.exists())]


def _refuse_impossible_shape(image: nib.Nifti1Image) -> None:
    """Refuse what is no volume, or larger than any nuclear study."""
    shape = image.shape
    sizes = [size for size in shape if size > 0]
    if len(shape) not in (3, 4) or len(sizes) != len(shape):
        raise UnreadableFileError(
            "is not a volume",
            expected="three dimensions, or four for a gated study",
            found=f"shape {shape}",
            cause="a 2D image, a vector image, time slots in the fifth dimension, or a damaged "
            "header",
            way_on="save it with three dimensions; time slots are the fourth",
        )
    require_counts_fit(shape)


def _refuse_reoriented(image: nib.Nifti1Image) -> None:
    content = content_of(bytes(image.header["descrip"].item()))
    if content == LABELS_CONTENT:
        raise UnsupportedObjectError(
            "is a label map: there are no counts in it",
            expected="a reconstruction",
            found=f"{LABELS_CONTENT}, says the header",
            cause="a result of shortaxis wall that was taken for a study",
            way_on="name the study that the wall was drawn in",
        )
    if content and content != TRANSAXIAL_CONTENT:
        raise AlreadyReorientedError(
            "is reoriented already",
            expected="a transaxial reconstruction",
            found=f"{content.replace('_', ' ')} slices by ShortAxis, says the header",
            cause="the results of an earlier run; use --force-input to take them all the same",
        )


def ras_from_ijk_of(image: nib.Nifti1Image) -> FloatArray:
    """RAS affine in mm of the one orientation that the header has, or of two that agree."""
    forms = _forms(image)
    if not forms:
        raise GeometryError(
            "has no orientation",
            expected="qform_code or sform_code above 0",
            found="both 0",
            cause="a converter that dropped the patient's position; left and right cannot be told",
            way_on="state where rows, columns and slices run, for example --orientation LPS; "
            "for NIfTI these are its first, second and third axis",
        )
    affines = [np.asarray(affine, dtype=np.float64) for affine in forms]
    _refuse_impossible_forms(affines)
    corners = np.array(np.meshgrid(*[(0, size - 1) for size in image.shape[:3]])).reshape(3, -1).T
    apart = np.abs(apply_affine(affines[0], corners) - apply_affine(affines[-1], corners)).max()
    scale = mm_per_unit(image)
    if not apart * scale <= FORMS_AGREE_MM:
        raise GeometryError(
            "has two orientations that contradict each other",
            expected="sform equal to qform",
            found=f"corners up to {apart * scale:.1f} mm apart",
            cause="the image was registered or edited; clear the form that is not the patient's",
        )
    return np.diag([scale, scale, scale, 1.0]) @ affines[0]


def _refuse_impossible_forms(affines: Sequence[FloatArray]) -> None:
    """Refuse what is no place of voxels, before anything is compared with it."""
    for affine in affines:
        sizes = np.linalg.norm(affine[:3, :3], axis=0)
        if not np.isfinite(affine).all() or not abs(np.linalg.det(affine[:3, :3])) > 0:
            raise GeometryError(
                "has an orientation that is none",
                expected="qform and sform of finite numbers, with three independent axes",
                found=f"voxel sizes {', '.join(f'{size:.4g}' for size in sizes)} mm"
                if np.isfinite(affine).all()
                else "numbers that are not finite",
                cause="a converter that did not know where the slices lie, or a damaged header",
                way_on="convert it again from the DICOM files, or set both forms to unknown and "
                "state --orientation",
            )


def mm_per_unit(image: nib.Nifti1Image) -> float:
    """Of the header; Analyze files have no unit, and are in mm.

    Raises
    ------
    GeometryError
        If the header has a unit that NIfTI does not know.
    """
    if not isinstance(image.header, nib.Nifti1Header):
        return 1.0
    code = int(image.header["xyzt_units"]) & SPATIAL_UNIT_BITS
    if code not in MM_PER_UNIT:
        raise GeometryError(
            "has an unknown unit of length",
            expected="xyzt_units of 1 (metre), 2 (mm), 3 (micron), or 0, which is taken for mm",
            found=f"{code}",
            cause="a damaged or wrongly edited header",
            way_on="set the unit of the header, or convert it again from the DICOM files",
        )
    return MM_PER_UNIT[code]


def _forms(image: nib.Nifti1Image) -> list[FloatArray]:
    """Affines of the forms that are set, sform first; none in Analyze files."""
    if not isinstance(image.header, nib.Nifti1Header):
        return []
    forms = (image.get_sform(coded=True), image.get_qform(coded=True))
    return [affine for affine, code in forms if code]
