"""The formats that studies come in and results are written in."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["StudyFormat"]


class StudyFormat(StrEnum):
    """How a study is stored."""

    DICOM = "dicom"
    NIFTI = "nifti"
