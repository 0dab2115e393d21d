"""Rigid registration by SimpleITK, where elastix is not installed: only this file imports it."""

from __future__ import annotations

import numpy as np
import SimpleITK as sitk

from shortaxis.geometry.arrays import CountsArray, FloatArray
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.annotation.itk_layout import ItkLayout, itk_layout

__all__ = ["NAME", "register"]

NAME = "SimpleITK"

SCALES = (60.0, 60.0, 60.0, 1.0, 1.0, 1.0)
"""A turn of 1/60 rad moves the wall of the heart by about as much as a shift of 1 mm."""


def register(
    counts: CountsArray, patient_from_index: FloatArray, usable: np.ndarray, transaxial: SpectVolume
) -> FloatArray:
    """Rigid 4x4 motion as `shortaxis.workflow.annotation.elastix_engine.register` gives it."""
    fixed = _image(itk_layout(counts, patient_from_index))
    moving = _image(itk_layout(transaxial.counts, transaxial.patient_from_index))
    middle = fixed.TransformContinuousIndexToPhysicalPoint(
        [(size - 1) / 2 for size in fixed.GetSize()]
    )
    start = sitk.Euler3DTransform()
    start.SetCenter(middle)
    method = sitk.ImageRegistrationMethod()
    method.SetNumberOfThreads(1)
    method.SetMetricAsCorrelation()
    method.SetMetricSamplingStrategy(method.NONE)
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
