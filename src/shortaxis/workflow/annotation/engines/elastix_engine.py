"""Rigid registration by elastix: the only file that imports itk, and only when it registers.

Klein et al., IEEE Trans Med Imaging 2010;29:196 (doi:10.1109/TMI.2009.2035616). The fixed image
is the short-axis volume, laid where the search has put it, so the transform that is sought is
small. The optimiser draws no samples: the same pair gives the same answer.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from shortaxis.geometry.arrays import CountsArray, FloatArray
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.annotation.engines.itk_layout import ItkLayout, itk_layout

__all__ = ["NAME", "register"]

NAME = "elastix"

PARAMETERS: dict[str, tuple[str, ...]] = {
    "Registration": ("MultiResolutionRegistration",),
    "FixedInternalImagePixelType": ("float",),
    "MovingInternalImagePixelType": ("float",),
    "UseDirectionCosines": ("true",),
    "Transform": ("EulerTransform",),
    "AutomaticScalesEstimation": ("true",),
    "AutomaticTransformInitialization": ("false",),
    "Metric": ("AdvancedNormalizedCorrelation",),
    "SubtractMean": ("true",),
    "ImageSampler": ("Full",),
    "ErodeMask": ("false",),
    "RequiredRatioOfValidSamples": ("0.05",),
    "Interpolator": ("LinearInterpolator",),
    "Optimizer": ("QuasiNewtonLBFGS",),
    "MaximumNumberOfIterations": ("100",),
    "GradientMagnitudeTolerance": ("1e-7",),
    "NumberOfResolutions": ("2",),
    "FixedImagePyramid": ("FixedSmoothingImagePyramid",),
    "MovingImagePyramid": ("MovingSmoothingImagePyramid",),
    "ImagePyramidSchedule": ("1", "1", "1", "0", "0", "0"),
    "ResampleInterpolator": ("FinalLinearInterpolator",),
    "Resampler": ("DefaultResampler",),
    "WriteResultImage": ("false",),
    "WriteFinalTransformParameters": ("false",),
}
"""Names and values of elastix. Blur by half a voxel first (PixelSize * factor / 2), then none."""


def register(
    counts: CountsArray, patient_from_index: FloatArray, usable: np.ndarray, transaxial: SpectVolume
) -> FloatArray:
    """Rigid 4x4 motion, LPS mm, from where the slices were laid to where they match best.

    Parameters
    ----------
    counts : (slice, row, column) float32 array
        Of the slices.
    patient_from_index : (4, 4) array
        Where they were laid, LPS mm; either handedness.
    usable : (slice, row, column) bool array
        Voxels that count.
    transaxial : SpectVolume
        The volume that they were cut from.
    """
    with _without_warnings():
        return _register(counts, patient_from_index, usable, transaxial)


@contextmanager
def _without_warnings() -> Iterator[None]:
    """Load and run itk where warnings are errors: one of its own would end the process."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _register(
    counts: CountsArray, patient_from_index: FloatArray, usable: np.ndarray, transaxial: SpectVolume
) -> FloatArray:
    import itk

    fixed = itk_layout(counts, patient_from_index)
    moving = itk_layout(transaxial.counts, transaxial.patient_from_index)
    parameters = itk.ParameterObject.New()
    parameters.AddParameterMap(PARAMETERS)
    found = itk.ElastixRegistrationMethod.New(_image(fixed), _image(moving))
    found.SetParameterObject(parameters)
    if not usable.all():
        mask = itk_layout(usable.astype(np.float32), patient_from_index)
        found.SetFixedMask(_image(mask, np.uint8))
    found.SetLogToConsole(False)
    found.SetNumberOfThreads(1)
    found.UpdateLargestPossibleRegion()
    return _motion(found.GetTransformParameterObject().GetParameterMap(0))


def _image(layout: ItkLayout, pixel: type = np.float32) -> Any:  # noqa: ANN401 - itk has no types
    import itk

    image = itk.image_from_array(layout.counts.astype(pixel))
    image.SetOrigin(layout.origin_mm.tolist())
    image.SetSpacing(layout.spacing_mm.tolist())
    image.SetDirection(layout.direction)
    return image


def _motion(found: Mapping[str, Sequence[str]]) -> FloatArray:
    """Matrix of elastix's Euler transform: ``R (p - c) + c + t`` with ``R = Rz Rx Ry``."""
    x, y, z, *shift = (float(value) for value in found["TransformParameters"])
    center = np.array([float(value) for value in found["CenterOfRotationPoint"]])
    about_x = np.array([(1, 0, 0), (0, np.cos(x), -np.sin(x)), (0, np.sin(x), np.cos(x))])
    about_y = np.array([(np.cos(y), 0, np.sin(y)), (0, 1, 0), (-np.sin(y), 0, np.cos(y))])
    about_z = np.array([(np.cos(z), -np.sin(z), 0), (np.sin(z), np.cos(z), 0), (0, 0, 1)])
    motion = np.eye(4)
    motion[:3, :3] = about_z @ about_x @ about_y
    motion[:3, 3] = center + shift - motion[:3, :3] @ center
    return motion
