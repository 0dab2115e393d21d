#!/bin/sh
# Tool: deid 0.4.13, replace_identifiers with its own recipe.
# Guess: a de-identified object is still a DICOM object: UIDs are replaced, and what says which
#   kind of object it is stays, being no identifier.
# Happens: SOP Class UID, SOP Instance UID, Study and Series Instance UID and Frame of
#   Reference UID are all deleted, so is Frame Reference Time, which is 1,000 ms and no date.
#   Position, orientation and pixels stay.
# Matters: DICOM storage names each object by the first two of these UIDs. Slices of stress
#   and rest can no longer be told apart by series, and volumes of one frame of reference
#   no longer say that they lie in one.
# ShortAxis: reads such NM files by their file meta information and modality, and gives what
#   it writes UIDs of its own.
# Checked: 2026-11-29

set -eu
python=$(command -v python3) || { echo "cannot run: no python3" >&2; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$python" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    deid==0.4.13 numpy==2.4.6 pydicom==3.0.2 \
    || { echo "cannot run: pip could not install these versions" >&2; exit 2; }
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import logging

import pydicom
from deid.config import DeidRecipe
from deid.dicom import replace_identifiers
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


logging.disable(logging.CRITICAL)
pet_slice("scan.dcm", 1, 1, 1000, 1, 30, SeriesType=["STATIC", "IMAGE"])
before = pydicom.dcmread("scan.dcm")
after = replace_identifiers(
    dicom_files=["scan.dcm"], deid=DeidRecipe(), save=False, remove_private=True)[0]
gone = {element.keyword for element in before} - {element.keyword for element in after}
print("deleted:", ", ".join(sorted(gone)))
print("kept:", ", ".join(sorted({"ImagePositionPatient", "PixelData", "Modality"} - gone)))
if not gone >= {"SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID",
                "FrameOfReferenceUID", "FrameReferenceTime"}:
    raise SystemExit("changed")
if gone & {"ImagePositionPatient", "PixelData"}:
    raise SystemExit("changed")
PYTHON
