#!/bin/sh
# Tool: dciodvfy of Debian's dicom3tools 1.00~20220618093127-2.
# Guess: a validator asks for an attribute under the condition of the standard. Time Slot
#   Information Sequence is type 2C in the NM Multi-gated Acquisition module (PS3.3 C.8.4.13):
#   required where Time Slot Vector is among the frame increments.
# Happens: in a RECON GATED TOMO object with Time Slot Vector among the frame increments it is the
#   other way round. With the sequence the validator reports an error, that it may not be
#   present; without it there is no error.
# Matters: gated studies of cameras that follow the standard fail a check at delivery, and the
#   way to pass it is to drop the durations of the time slots.
# ShortAxis: keeps the sequence of the source; docs/explanation/dicom.md explains the message.
# Checked: 2026-11-29

set -eu
python=$(command -v python3) || { echo "cannot run: no python3" >&2; exit 2; }
command -v dciodvfy >/dev/null || { echo "cannot run: no dciodvfy; Debian has it in dicom3tools" >&2; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$python" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    numpy==2.4.6 pydicom==3.0.2 \
    || { echo "cannot run: pip could not install these versions" >&2; exit 2; }
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import subprocess

import pydicom
import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, NuclearMedicineImageStorage, generate_uid


def item(**attributes):
    made = Dataset()
    for keyword, value in attributes.items():
        setattr(made, keyword, value)
    return made


def code(value, scheme, meaning):
    return [item(CodeValue=value, CodingSchemeDesignator=scheme, CodeMeaning=meaning)]


def tomogram(name, stored, spacing_mm, **more):
    """Write an NM RECON TOMO object of stored values (slice, row, column)."""
    window = item(EnergyWindowLowerLimit=126, EnergyWindowUpperLimit=154)
    nm = item(
        SOPClassUID=NuclearMedicineImageStorage, SOPInstanceUID=generate_uid(),
        StudyInstanceUID=generate_uid(), SeriesInstanceUID=generate_uid(),
        FrameOfReferenceUID=generate_uid(), PositionReferenceIndicator="",
        PatientName="Synthetic^", PatientID="1", PatientBirthDate="", PatientSex="",
        StudyDate="20200102", StudyTime="101010", StudyID="", AccessionNumber="",
        ReferringPhysicianName="", Manufacturer="Synthetic", Modality="NM", SeriesNumber=1,
        InstanceNumber=1, Laterality="",
        ImageType=["ORIGINAL", "PRIMARY", "RECON TOMO", "EMISSION"],
        NumberOfFrames=len(stored), NumberOfSlices=len(stored), FrameIncrementPointer=0x00540080,
        SliceVector=list(range(1, len(stored) + 1)), NumberOfRotations=1, CountsAccumulated=None,
        RotationInformationSequence=[], RadiopharmaceuticalInformationSequence=[],
        NumberOfEnergyWindows=1, NumberOfDetectors=1, PatientGantryRelationshipCodeSequence=[],
        EnergyWindowInformationSequence=[item(EnergyWindowRangeSequence=[window])],
        DetectorInformationSequence=[item(
            CollimatorType="PARA", ImagePositionPatient=[-10, -8, 30],
            ImageOrientationPatient=[1, 0, 0, 0, 1, 0])],
        PatientOrientationCodeSequence=code("102538003", "SCT", "recumbent"),
        SpacingBetweenSlices=spacing_mm, SliceThickness=5, PixelSpacing=[4, 4],
        Rows=stored.shape[1], Columns=stored.shape[2], SamplesPerPixel=1,
        PhotometricInterpretation="MONOCHROME2", BitsAllocated=16, BitsStored=16, HighBit=15,
        PixelRepresentation=0, PixelData=stored.astype("<u2").tobytes(), **more)
    nm.file_meta = FileMetaDataset()
    nm.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    nm.save_as(name, enforce_file_format=True)


tomogram("gated.dcm", np.full((12, 4, 5), 100), 5)
study = pydicom.dcmread("gated.dcm")
study.ImageType = ["ORIGINAL", "PRIMARY", "RECON GATED TOMO", "EMISSION"]
study.FrameIncrementPointer = [0x00540060, 0x00540070, 0x00540080]
study.NumberOfSlices, study.NumberOfTimeSlots, study.NumberOfRRIntervals = 6, 2, 1
study.SliceVector, study.RRIntervalVector = 2 * list(range(1, 7)), 12 * [1]
study.TimeSlotVector = 6 * [1] + 6 * [2]
interval = item(
    FrameTime=400, NominalInterval=800, LowRRValue=700, HighRRValue=900, IntervalsAcquired=100,
    IntervalsRejected=1)
study.GatedInformationSequence = [item(DataInformationSequence=[interval])]
errors = {}
for has_sequence in (False, True):
    if has_sequence:
        interval.TimeSlotInformationSequence = [item(TimeSlotTime=400), item(TimeSlotTime=400)]
    study.save_as("gated.dcm")
    told = subprocess.run(["dciodvfy", "gated.dcm"], capture_output=True, text=True).stderr
    errors[has_sequence] = [line for line in told.splitlines() if line.startswith("Error")]
    print(f"sequence present {has_sequence}: {len(errors[has_sequence])} errors")
    print(*errors[has_sequence], sep="\n")
if errors[False] or len(errors[True]) != 1 or "TimeSlotInformationSequence" not in errors[True][0]:
    raise SystemExit("changed")
PYTHON
