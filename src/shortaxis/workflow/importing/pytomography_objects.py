"""Objects that PyTomography reconstructed, as volumes that know where they lie.

PyTomography holds an object as a tensor ``(x, y, z)``, voxels in cm. Where it lies, if it comes
from DICOM projections, stands beside it: ``metadata.affine_matrix``, from ``(x, y, z)`` to LPS mm.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from shortaxis.errors import GeometryError
from shortaxis.geometry.arrays import FloatArray
from shortaxis.spect.volume import SpectVolume

__all__ = ["from_pytomography"]

MM_PER_CM = 10.0

SPACING_TOLERANCE_MM = 1e-3


def from_pytomography(
    tensor: Any,  # noqa: ANN401 - a torch tensor, and torch is not needed here
    metadata: Any,  # noqa: ANN401 - of a library that is not needed here
    affine: npt.ArrayLike | None = None,
) -> SpectVolume:
    """Take an object that PyTomography reconstructed.

    Parameters
    ----------
    tensor : torch.Tensor or array-like
        Counts, shape ``(x, y, z)``, as a reconstruction of PyTomography returns them. A gated study
        is one tensor for each time slot: give their sum.
    metadata : pytomography.metadata.SPECT.SPECTObjectMeta
        Of the object: ``dr`` in cm, ``shape``, and ``affine_matrix`` where the projections came
        from DICOM (``pytomography.io.SPECT.dicom.get_metadata``).
    affine : (4, 4) array-like, optional
        From ``(x, y, z)`` to LPS mm, where `metadata` has none.

    Returns
    -------
    SpectVolume
        Counts ``(slice, row, column)``, which are the tensor's z, y and x.

    Raises
    ------
    CountsError
        If counts are not finite.
    GeometryError
        If the place is not stated, or contradicts the tensor's shape or the size of the voxels.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> meta = SimpleNamespace(dr=(0.48, 0.48, 0.48), shape=(64, 64, 32))
    >>> volume = from_pytomography(np.ones((64, 64, 32)), meta, affine=np.diag([4.8, 4.8, 4.8, 1]))
    >>> volume.shape, [float(mm) for mm in volume.spacing_mm]
    ((32, 64, 64), [4.8, 4.8, 4.8])
    """
    counts = _counts_of(tensor)
    if counts.shape != tuple(metadata.shape):
        raise GeometryError(
            "the tensor is not the object that its metadata describe",
            expected=f"shape {tuple(metadata.shape)}, (x, y, z)",
            found=f"shape {counts.shape}",
            cause="projections instead of an object, several time slots, or other metadata",
            way_on="give one object with the metadata it was reconstructed with",
        )
    patient_from_xyz = _affine_of(metadata, affine)
    return SpectVolume(counts.transpose(2, 1, 0), patient_from_xyz[:, [2, 1, 0, 3]])


def _counts_of(tensor: Any) -> npt.NDArray[Any]:  # noqa: ANN401 - as above
    """Counts in the memory of this process, without gradients, axes and a batch of one."""
    if hasattr(tensor, "detach"):
        tensor = tensor.detach().cpu()
    counts = np.asarray(tensor)
    return counts[0] if counts.ndim == 4 and len(counts) == 1 else counts


def _affine_of(metadata: Any, affine: npt.ArrayLike | None) -> FloatArray:  # noqa: ANN401
    stated = getattr(metadata, "affine_matrix", None) if affine is None else affine
    if stated is None:
        raise GeometryError(
            "the object does not say where it lies",
            expected="metadata.affine_matrix, from (x, y, z) to LPS mm",
            found="none",
            cause="metadata that were made by hand, not from projections in DICOM",
            way_on="give the argument affine",
        )
    matrix = np.asarray(stated, dtype=float)
    voxel_mm = MM_PER_CM * np.asarray(metadata.dr, dtype=float)
    if matrix.shape != (4, 4) or not np.allclose(
        np.linalg.norm(matrix[:3, :3], axis=0), voxel_mm, atol=SPACING_TOLERANCE_MM
    ):
        raise GeometryError(
            "affine and voxels contradict each other",
            expected=f"columns as long as the voxels, {voxel_mm.round(3).tolist()} mm",
            found=f"{matrix[:3, :3].round(3).tolist()}" if matrix.ndim == 2 else "no matrix",
            cause="voxels in mm instead of cm, or an affine of another object",
            way_on="take both from one file, by get_metadata",
        )
    return matrix
