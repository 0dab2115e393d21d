#!/bin/sh
# Tool: SimpleITK 2.5.7 (ImageSeriesReader, ITK 5.4, GDCM).
# Guess: a PET series whose slices each have their own Rescale Slope, as the standard has it
#   and scanners write it, is read as float activity.
# Happens: the first file decides the voxel type for all. Where it is an empty slice with
#   slope 1, all become 16 bit integers: fractions are cut off, and counts above 32,767 wrap
#   round to negative ones. The same files in the other order come out right.
# Matters: an outermost slice may well be empty, and activity in Bq/ml above 32,767 is
#   ordinary. The hottest part of the wall turns cold or negative.
# ShortAxis: rescales each slice by its own slope into float;
#   test_every_slice_has_its_own_slope.
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


activity = [0, 20000, 40000, 60000, 80000, 1000.5]
slopes = [1, 20, 40, 40, 40, 0.5]
for index in range(6):
    pet_slice(f"{index}.dcm", index + 1, 6, activity[index], slopes[index], 30 + 5 * index,
              SeriesType=["STATIC", "IMAGE"])
names = SimpleITK.ImageSeriesReader.GetGDCMSeriesFileNames(".")
seen = {}
for order in (names, names[::-1]):
    volume = SimpleITK.ReadImage(order)
    seen[order[0][-5]] = SimpleITK.GetArrayFromImage(volume)[:, 0, 0].tolist()
    print(f"{order[0][-5:]} first: {volume.GetPixelIDTypeAsString()}, {seen[order[0][-5]]} Bq/ml")
print("true:", activity, "Bq/ml")
if seen["0"] != [0, 20000, -25536, -5536, 14464, 1000] or seen["5"] != activity[::-1]:
    raise SystemExit("changed")
PYTHON
