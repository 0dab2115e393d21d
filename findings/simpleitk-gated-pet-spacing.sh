#!/bin/sh
# Tool: SimpleITK 2.5.7 (ImageSeriesReader with GDCM's file order).
# Guess: a gated PET series, one file for each slice of each time slot, is read as one volume
#   for each slot, in four dimensions, or is refused.
# Happens: all files become one stack, slot after slot, and the slice spacing is the distance
#   from first to last file divided by the steps between all files. 3 slots of 6 slices 5 mm
#   apart become 18 slices of 1.47 mm: three hearts on top of each other, each flat. ITK
#   prints a warning of uneven sampling, and goes on.
# Matters: the stack has a credible size and spacing, and every later measure along z is
#   wrong. With one slot all is right.
# ShortAxis: reads PET of series type GATED as time slots and their sum.
# Checked: 2026-11-29

set -eu
python=$(command -v python3) || { echo "cannot run: no python3" >&2; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$python" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    numpy==2.4.6 pydicom==3.0.2 SimpleITK==2.5.7 \
    || { echo "cannot run: pip could not install these versions" >&2; exit 2; }
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import SimpleITK
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


for slot in range(3):
    for index in range(6):
        number = 6 * slot + index + 1
        pet_slice(f"{number:02}.dcm", number, 6, 1000 * (slot + 1) + index, 1, 30 + 5 * index,
                  SeriesType=["GATED", "IMAGE"], NumberOfTimeSlots=3, NumberOfRRIntervals=1,
                  TriggerTime=100 * slot, FrameTime=100, BeatRejectionFlag="N")
found = SimpleITK.ImageSeriesReader.GetGDCMSeriesIDs(".")
volume = SimpleITK.ReadImage(SimpleITK.ImageSeriesReader.GetGDCMSeriesFileNames("."))
spacing_mm = volume.GetSpacing()[2]
counts = SimpleITK.GetArrayFromImage(volume)[:, 0, 0].tolist()
print("series found:", len(found), "- size", volume.GetSize())
print(f"slice spacing {spacing_mm:.3f} mm, true 5 mm")
print("counts along the stack:", counts)
if len(found) != 1 or volume.GetSize() != (5, 4, 18) or abs(spacing_mm - 25 / 17) > 1e-6:
    raise SystemExit("changed")
if counts != sorted(counts):
    raise SystemExit("changed: another order of files")
PYTHON
