"""Programs that read DICOM without this package, and what they say of a file."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pydicom
import pytest

__all__ = ["messages_of_dciodvfy", "needs", "read_patient_from_index"]


def needs(program: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(
        shutil.which(program) is None, reason=f"{program} is not installed (make system-packages)"
    )


def messages_of_dciodvfy(path: Path, kind: str) -> list[str]:
    run = subprocess.run(
        ["dciodvfy", str(path)], capture_output=True, text=True, check=False, timeout=60,
        errors="replace",
    )  # fmt: skip
    return [line for line in (run.stdout + run.stderr).splitlines() if line.startswith(kind)]


def read_patient_from_index(path: Path) -> np.ndarray:
    """Affine from the raw header, by PS3.3 C.7.6.2.1.1 and C.8.4.15, without the package."""
    header = pydicom.dcmread(path, stop_before_pixels=True)
    detector = header.DetectorInformationSequence[0]
    row, column = np.reshape(detector.ImageOrientationPatient, (2, 3)).astype(float)
    row_mm, column_mm = map(float, header.PixelSpacing)
    affine = np.eye(4)
    affine[:3, 0] = np.cross(row, column) * float(header.SpacingBetweenSlices)
    affine[:3, 1] = column * row_mm
    affine[:3, 2] = row * column_mm
    affine[:3, 3] = detector.ImagePositionPatient
    return affine
