#!/bin/sh
# Tool: SimpleITK 2.5.7 (ITK 5.4, GDCM).
# Guess: a float image written as NM is refused, or stored with a Rescale Slope.
# Happens: values are rounded to whole numbers, without warning, error or Rescale Slope. A
#   volume normalised to its maximum becomes zeros and ones.
# Matters: normalising to the hottest voxel is the first step of nearly every display and
#   polar map. Written as NM all degrees of perfusion between none and full are gone.
# ShortAxis: writes NM itself, with one Rescale Slope for all views where counts need it,
#   and tests hold counts to half a slope.
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
import pydicom
import SimpleITK
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


stored = np.linspace(1000, 6000, 6)[:, None, None] + np.zeros((6, 4, 5))
tomogram("camera.dcm", stored, 5)
read = SimpleITK.ReadImage("camera.dcm")
normalised = SimpleITK.Cast(read, SimpleITK.sitkFloat32) / 6000.0
for key in read.GetMetaDataKeys():
    normalised.SetMetaData(key, read.GetMetaData(key))
SimpleITK.WriteImage(normalised, "normalised.dcm")
given = SimpleITK.GetArrayFromImage(normalised)[:, 0, 0]
written = pydicom.dcmread("normalised.dcm")
kept = SimpleITK.GetArrayFromImage(SimpleITK.ReadImage("normalised.dcm"))[:, 0, 0]
print("written as:", written.SOPClassUID.name, "with Rescale Slope", written.get("RescaleSlope"))
print("given:", given.round(3).tolist())
print("kept: ", kept.tolist())
if "RescaleSlope" in written or kept.tolist() != [0, 0, 1, 1, 1, 1]:
    raise SystemExit("changed")
PYTHON
