#!/bin/sh
# Tool: SimpleITK 2.5.7 (ITK 5.4, GDCM).
# Guess: an NM volume without Spacing Between Slices (type 2, so it may be empty) is read
#   with its Slice Thickness, as CT slices would suggest, or is refused.
# Happens: slices come out 1 mm apart, whatever Slice Thickness says. Where position and
#   orientation in the Detector Information Sequence are empty (type 2 as well), the volume
#   is laid at 0, 0, 0 along the axes. Nothing is raised.
# Matters: the heart is pressed flat to a fifth along z, and volumes and the angles of the
#   long axis follow.
# ShortAxis: refuses both, names the attribute, and never takes thickness for spacing.
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


def read(name):
    image = SimpleITK.ReadImage(name)
    print(f"{name}: spacing {image.GetSpacing()}, origin {image.GetOrigin()}")
    return image.GetSpacing()[2], image.GetOrigin()


tomogram("whole.dcm", np.full((6, 4, 5), 100), 5)
bare = pydicom.dcmread("whole.dcm")
bare.SpacingBetweenSlices = None
bare.save_as("no-spacing.dcm")
bare = pydicom.dcmread("whole.dcm")
bare.DetectorInformationSequence[0].ImagePositionPatient = None
bare.DetectorInformationSequence[0].ImageOrientationPatient = None
bare.save_as("no-position.dcm")
print("Slice Thickness of all:", bare.SliceThickness)
if (
    read("whole.dcm") != (5.0, (-10.0, -8.0, 30.0))
    or read("no-spacing.dcm") != (1.0, (-10.0, -8.0, 30.0))
    or read("no-position.dcm") != (5.0, (0.0, 0.0, 0.0))
):
    raise SystemExit("changed")
PYTHON
