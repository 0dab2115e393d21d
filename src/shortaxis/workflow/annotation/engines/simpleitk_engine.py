"""Rigid registration by SimpleITK, where elastix is not installed: only this file imports it."""

from __future__ import annotations

import numpy as np
import SimpleITK as sitk

from shortaxis.geometry.arrays import CountsArray, FloatArray
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.annotation.engines.itk_layout import ItkLayout, itk_layout
from shortaxis.workflow.annotation.matching import in_units_of

__all__ = ["NAME", "register"]

NAME = "SimpleITK"

SCALES = (60.0, 60.0, 60.0, 1.0, 1.0, 1.0)
"""A turn of 1/60 rad moves the wall of the heart by about as much as a shift of 1 mm."""

MASKED_PASSES = 2


def register(
    counts: CountsArray, patient_from_index: FloatArray, usable: np.ndarray, transaxial: SpectVolume
) -> FloatArray:
    """Rigid 4x4 motion as `shortaxis.workflow.annotation.elastix_engine.register` gives it.

    ITK's correlation takes its means over masked voxels, too. So where there is a mask, counts are
    brought to the same units, and the squares of their differences are compared, twice.
    """
    if usable.all():
        return _register(counts, patient_from_index, None, transaxial)
    motion = np.eye(4)
    for _ in range(MASKED_PASSES):
        laid = motion @ patient_from_index
        scaled = in_units_of(transaxial, counts, laid, usable)
        motion = _register(scaled, laid, usable, transaxial) @ motion
    return motion


def _register(
    counts: CountsArray,
    patient_from_index: FloatArray,
    usable: np.ndarray | None,
    transaxial: SpectVolume,
) -> FloatArray:
    fixed = _image(itk_layout(counts, patient_from_index))
    moving = _image(itk_layout(transaxial.counts, transaxial.patient_from_index))
    start = sitk.Euler3DTransform()
    start.SetCenter(
        fixed.TransformContinuousIndexToPhysicalPoint([(size - 1) / 2 for size in fixed.GetSize()])
    )
    method = sitk.ImageRegistrationMethod()
    method.SetNumberOfThreads(1)
    method.SetMetricSamplingStrategy(method.NONE)
    if usable is None:
        method.SetMetricAsCorrelation()
    else:
        method.SetMetricAsMeanSquares()
        mask = _image(itk_layout(usable.astype(np.float32), patient_from_index))
        method.SetMetricFixedMask(sitk.Cast(mask, sitk.sitkUInt8))
    method.SetInterpolator(sitk.sitkLinear)
    # Without gradients: ITK's, of the counts and not of their interpolation, end in shallow places.
    method.SetOptimizerAsPowell(
        numberOfIterations=30,
        maximumLineIterations=50,
        stepLength=1,
        stepTolerance=1e-3,
        valueTolerance=1e-8,
    )
    method.SetOptimizerScales(SCALES)
    method.SetInitialTransform(start, inPlace=True)
    method.Execute(fixed, moving)
    motion = np.eye(4)
    motion[:3, :3] = np.array(start.GetMatrix()).reshape(3, 3)
    about = np.array(start.GetCenter())
    motion[:3, 3] = about + start.GetTranslation() - motion[:3, :3] @ about
    return motion


def _image(layout: ItkLayout) -> sitk.Image:
    image = sitk.GetImageFromArray(layout.counts)
    image.SetOrigin(layout.origin_mm.tolist())
    image.SetSpacing(layout.spacing_mm.tolist())
    image.SetDirection(layout.direction.ravel().tolist())
    return image
