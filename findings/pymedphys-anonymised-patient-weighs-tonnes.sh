#!/bin/sh
# Tool: pymedphys 0.41.0, dicom.anonymise.
# Guess: replacing identifying values leaves a valid PET object whose measures are either right
#   or gone.
# Happens: Patient Weight becomes 12,345,678.9 kg and the acquisition moves to nine minutes
#   after midnight of a day in 2019, while injected dose, half-life and injection time stay.
#   No value looks missing.
# Matters: a standardised uptake value is activity times weight over dose: here it is 176,000
#   times too high before the decay over years is reckoned. Relative polar maps survive,
#   flow, uptake and any normal range do not.
# ShortAxis: nothing needed; it uses neither weight nor dose.
# Checked: 2026-11-29

set -eu
python=$(command -v python3) || { echo "cannot run: no python3" >&2; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$python" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    numpy==2.4.6 pydicom==3.0.2 pymedphys==0.41.0 \
    || { echo "cannot run: pip could not install these versions" >&2; exit 2; }
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import pydicom
from pymedphys.dicom import anonymise
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


pet_slice("scan.dcm", 1, 1, 1000, 1, 30, SeriesType=["STATIC", "IMAGE"])
before = pydicom.dcmread("scan.dcm")
after = anonymise(pydicom.dcmread("scan.dcm"))
for keyword in ("PatientWeight", "AcquisitionDate", "AcquisitionTime"):
    print(f"{keyword}: {before[keyword].value} -> {after[keyword].value}")
tracers = [scan.RadiopharmaceuticalInformationSequence[0] for scan in (before, after)]
for keyword in ("RadionuclideTotalDose", "RadiopharmaceuticalStartDateTime"):
    print(f"{keyword}: {tracers[0][keyword].value} -> {tracers[1][keyword].value}")
uptake = [1000 * float(scan.PatientWeight) * 1000 / float(tracer.RadionuclideTotalDose)
          for scan, tracer in zip((before, after), tracers)]
print(f"uptake value without decay of 1,000 Bq/ml: {uptake[0]:.4g} -> {uptake[1]:.4g}")
if after.PatientWeight != 12345678.9 or tracers[0] != tracers[1]:
    raise SystemExit("changed")
if after.AcquisitionTime == before.AcquisitionTime:
    raise SystemExit("changed")
PYTHON
