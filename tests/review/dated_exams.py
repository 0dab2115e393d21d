"""Exams of one patient that were made on several days, written from the demo studies."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from pydicom.uid import generate_uid

from repository import DEMO

NOW, BEFORE, LONG_BEFORE = "20260110", "20250301", "20231105"

PATIENT = {"PatientID": "KX-9917364", "PatientBirthDate": "19310729", "PatientSex": "M"}


def write_exam(path: Path, source: str, condition: str, day: str, **said: Any) -> Path:
    """An exam of one patient with the counts of a demo study, a word and a day."""
    header = pydicom.dcmread(DEMO / source)
    header.StudyDate = header.SeriesDate = header.AcquisitionDate = day
    header.StudyInstanceUID, header.SeriesInstanceUID = generate_uid(), generate_uid()
    header.SOPInstanceUID = header.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    header.SeriesDescription = f"{condition} TRANSAXIAL"
    del header.AcquisitionContextSequence  # names the condition, too
    shifted = np.roll(header.pixel_array, int(day[3:4]), axis=2)
    header.PixelData = shifted.astype(header.pixel_array.dtype).tobytes()
    for keyword, value in {**PATIENT, **said}.items():
        setattr(header, keyword, value)
    path.parent.mkdir(parents=True, exist_ok=True)
    header.save_as(path)
    return path
