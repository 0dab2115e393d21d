#!/bin/sh
# Tool: dicognito 0.19.0.
# Guess: an anonymiser that shifts dates and times of a patient all by the same amount keeps
#   the time from injection to scan.
# Happens: Acquisition Time and Radiopharmaceutical Start DateTime move together, but
#   Radiopharmaceutical Start Time, a time without a date beside it, stays. A scan two
#   minutes after injection appears hours away from it, by how much depends on the seed.
# Matters: the DateTime is optional, so decay is often reckoned from the Start Time. For Rb-82
#   (half-life 76 s) a standardised uptake value becomes a number without sense.
# ShortAxis: nothing needed; it uses no absolute uptake. Counts are relative in every result.
# Checked: 2026-11-29

set -eu
python=$(command -v python3) || { echo "cannot run: no python3" >&2; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$python" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    dicognito==0.19.0 numpy==2.4.6 pydicom==3.0.2 \
    || { echo "cannot run: pip could not install these versions" >&2; exit 2; }
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import pydicom
from dicognito.anonymizer import Anonymizer
import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, PositronEmissionTomographyImageStorage, generate_uid

SHARED = {name: generate_uid() for name in (
    "StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID")}


def item(**attributes):
    made = Dataset()
    for keyword, value in attributes.items():
        setattr(made, keyword, value)
    return made


def code(value, scheme, meaning):
    return [item(CodeValue=value, CodingSchemeDesignator=scheme, CodeMeaning=meaning)]


def pet_slice(name, number, slices, counts, slope, z_mm, **more):
    """Write one PET slice of 4 x 5 pixels that all mean `counts`."""
    tracer = item(
        Radiopharmaceutical="Rubidium", RadionuclideTotalDose=1e9, RadionuclideHalfLife=76,
        RadiopharmaceuticalStartTime="100510", RadiopharmaceuticalStartDateTime="20200102100510",
        RadionuclideCodeSequence=code("79197006", "SCT", "^82^Rubidium"))
    pet = item(
        SOPClassUID=PositronEmissionTomographyImageStorage, SOPInstanceUID=generate_uid(), **SHARED,
        PositionReferenceIndicator="", PatientName="Synthetic^", PatientID="1", PatientBirthDate="",
        PatientSex="", PatientWeight=70, StudyDate="20200102", StudyTime="100000", StudyID="",
        SeriesDate="20200102", SeriesTime="100710", AcquisitionDate="20200102",
        AcquisitionTime="100710", AccessionNumber="", ReferringPhysicianName="", Laterality="",
        Manufacturer="Synthetic", Modality="PT", SeriesNumber=1, InstanceNumber=number,
        ImageIndex=number, NumberOfSlices=slices, Units="BQML", CountsSource="EMISSION",
        CorrectedImage=["DECY", "ATTN"], DecayCorrection="START", CollimatorType="NONE",
        FrameReferenceTime=1000, ActualFrameDuration=300000, DecayFactor=1,
        RadiopharmaceuticalInformationSequence=[tracer], ImageType=["ORIGINAL", "PRIMARY"],
        PatientOrientationCodeSequence=code("102538003", "SCT", "recumbent"),
        PatientGantryRelationshipCodeSequence=code("102540008", "SCT", "headfirst"),
        ImageOrientationPatient=[1, 0, 0, 0, 1, 0], ImagePositionPatient=[-10, -8, z_mm],
        PixelSpacing=[4, 4], SliceThickness=5, Rows=4, Columns=5, SamplesPerPixel=1,
        PhotometricInterpretation="MONOCHROME2", BitsAllocated=16, BitsStored=16, HighBit=15,
        PixelRepresentation=1, RescaleSlope=slope, RescaleIntercept=0,
        PixelData=np.full((4, 5), round(counts / slope), "<i2").tobytes(), **more)
    pet.file_meta = FileMetaDataset()
    pet.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    pet.save_as(name, enforce_file_format=True)


def minutes(clock):
    return int(clock[:2]) * 60 + int(clock[2:4])


pet_slice("scan.dcm", 1, 1, 1000, 1, 30, SeriesType=["STATIC", "IMAGE"])
waits = []
for seed in (None, "one", "two", "three"):
    scan = pydicom.dcmread("scan.dcm")
    if seed:
        Anonymizer(seed=seed).anonymize(scan)
    tracer = scan.RadiopharmaceuticalInformationSequence[0]
    acquired, start = scan.AcquisitionTime, tracer.RadiopharmaceuticalStartTime
    start_datetime = tracer.RadiopharmaceuticalStartDateTime
    wait = [(minutes(acquired) - minutes(since)) % 1440 for since in (start_datetime[8:], start)]
    waits.append(wait)
    print(f"seed {seed}: scan {acquired}, Start DateTime {start_datetime}, Start Time {start}:",
          f"{wait[0]} min by the first, {wait[1]} min by the second")
if waits[0] != [2, 2] or any(wait[0] != 2 or wait[1] == 2 for wait in waits[1:]):
    raise SystemExit("changed")
PYTHON
