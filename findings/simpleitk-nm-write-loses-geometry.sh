#!/bin/sh
# Tool: SimpleITK 2.5.7 (ITK 5.4, GDCM).
# Guess: an NM object that SimpleITK reads right and writes again lies where it lay.
# Happens: the written object has no Detector Information Sequence, so neither position nor
#   orientation; Spacing Between Slices turns from -5 to 5; Frame Increment Pointer names
#   no attribute. SOP Class and Image Type stay. No warning. Read back by SimpleITK itself
#   the volume starts at 0, 0, 0 and runs the other way.
# Matters: a filter in between ("read, smooth, write") moves the heart and turns it upside
#   down; reorientation and fusion with CT then work on another place of the body.
# ShortAxis: refuses NM without position and orientation and names the likely cause.
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


def lies(image):
    return image.GetOrigin(), image.GetDirection()[8]


tomogram("camera.dcm", np.full((6, 4, 5), 100), -5)
read = SimpleITK.ReadImage("camera.dcm")
SimpleITK.WriteImage(read, "written.dcm")
again = SimpleITK.ReadImage("written.dcm")
before, after = pydicom.dcmread("camera.dcm"), pydicom.dcmread("written.dcm")
print("same SOP class:", before.SOPClassUID == after.SOPClassUID, "- Image Type", after.ImageType)
print("Detector Information Sequence:", "DetectorInformationSequence" in before, "->",
      "DetectorInformationSequence" in after)
print("position at the top level:", "ImagePositionPatient" in after)
print("Spacing Between Slices:", before.SpacingBetweenSlices, "->", after.SpacingBetweenSlices)
print("Frame Increment Pointer:", before.FrameIncrementPointer, "->", after.FrameIncrementPointer)
print("SimpleITK reads origin and slice direction:", lies(read), "->", lies(again))
if (
    lies(read) != ((-10.0, -8.0, 30.0), -1.0)
    or lies(again) != ((0.0, 0.0, 0.0), 1.0)
    or "DetectorInformationSequence" in after
    or (before.SpacingBetweenSlices, after.SpacingBetweenSlices) != (-5, 5)
    or after.FrameIncrementPointer == before.FrameIncrementPointer
):
    raise SystemExit("changed")
PYTHON
