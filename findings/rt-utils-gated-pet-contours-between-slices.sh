#!/bin/sh
# Tool: rt-utils 1.2.7.
# Guess: a contour drawn on slice n of a series lies in the plane of slice n, since DICOM RT
#   contours belong to a plane of an image.
# Happens: on a gated PET series (several time slots at each place) slices are sorted by
#   position, slots of one place following each other, and the plane of a contour is not
#   that of its slice but counted on from the first in equal steps. Contours come to lie
#   between the slices.
# Matters: a wall drawn on one slice of a gated heart is saved up to one slice off, and a
#   planning station or viewer may drop it, or show it on the neighbour.
# ShortAxis: nothing needed; it writes no contours.
# Checked: 2026-11-29

set -eu
python=$(command -v python3) || { echo "cannot run: no python3" >&2; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$python" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    numpy==2.4.6 pydicom==3.0.2 rt-utils==1.2.7 \
    || { echo "cannot run: pip could not install these versions" >&2; exit 2; }
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import os

from rt_utils import RTStructBuilder
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


os.mkdir("exam")
for slot in range(3):
    for index in range(6):
        number = 6 * slot + index + 1
        pet_slice(f"exam/{number:02}.dcm", number, 6, 1000, 1, 30 + 5 * index,
                  SeriesType=["GATED", "IMAGE"], NumberOfTimeSlots=3, NumberOfRRIntervals=1,
                  TriggerTime=100 * slot, FrameTime=100, BeatRejectionFlag="N")
builder = RTStructBuilder.create_new("exam")
places_mm = [float(piece.ImagePositionPatient[2]) for piece in builder.series_data]
mask = np.zeros((4, 5, 18), bool)
mask[1:3, 1:4, 4] = True
builder.add_roi(mask, name="wall")
contour = builder.ds.ROIContourSequence[0].ContourSequence[0]
contour_mm = float(contour.ContourData[2])
print("planes of the slices, mm:", sorted(set(places_mm)))
print(f"drawn on slice 4, at {places_mm[4]} mm; saved at {contour_mm:.2f} mm")
if places_mm[4] != 35.0 or min(abs(contour_mm - place) for place in places_mm) < 0.5:
    raise SystemExit("changed")
PYTHON
