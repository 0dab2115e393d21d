#!/bin/sh
# Tool: SimpleITK 2.5.7 (ITK 5.4, GDCM).
# Guess: raw projections (NM TOMO) are refused, or come as what they are: views at angles.
# Happens: they are a volume. The views of both heads are its slices, 1 mm apart, stacked
#   along the direction in which the first head looks, with its position. No warning; the
#   image type, which alone tells the two kinds apart, has to be asked for.
# Matters: a pipeline that takes "the NM object" of an exam smooths, crops or measures views
#   as if they were slices. Archives hold projections and slices side by side.
# ShortAxis: tells them apart by Image Type, and reconstructs projections.
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
import numpy as np
import SimpleITK
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, NuclearMedicineImageStorage, generate_uid


def item(**attributes):
    made = Dataset()
    for keyword, value in attributes.items():
        setattr(made, keyword, value)
    return made


def code(value, scheme, meaning):
    return [item(CodeValue=value, CodingSchemeDesignator=scheme, CodeMeaning=meaning)]


def head(start_deg, corner, row):
    return item(
        CollimatorType="PARA", StartAngle=start_deg, RadialPosition=200,
        ImagePositionPatient=corner, ImageOrientationPatient=[*row, 0, 0, 0, -1])


def projections(name, stored):
    """Write an NM TOMO object of two heads, in front and at the left, eight views each."""
    window = item(EnergyWindowLowerLimit=126, EnergyWindowUpperLimit=154)
    views = len(stored) // 2
    nm = item(
        SOPClassUID=NuclearMedicineImageStorage, SOPInstanceUID=generate_uid(),
        StudyInstanceUID=generate_uid(), SeriesInstanceUID=generate_uid(),
        FrameOfReferenceUID=generate_uid(), PositionReferenceIndicator="",
        PatientName="Synthetic^", PatientID="1", PatientBirthDate="", PatientSex="",
        StudyDate="20200102", StudyTime="101010", StudyID="", AccessionNumber="",
        ReferringPhysicianName="", Manufacturer="Synthetic", Modality="NM", SeriesNumber=1,
        InstanceNumber=1, Laterality="", ImageType=["ORIGINAL", "PRIMARY", "TOMO", "EMISSION"],
        NumberOfFrames=len(stored),
        FrameIncrementPointer=[0x00540010, 0x00540020, 0x00540050, 0x00540090],
        EnergyWindowVector=[1] * len(stored), DetectorVector=[1] * views + [2] * views,
        RotationVector=[1] * len(stored), AngularViewVector=[*range(1, views + 1)] * 2,
        NumberOfRotations=1, CountsAccumulated=None, RadiopharmaceuticalInformationSequence=[],
        RotationInformationSequence=[item(
            StartAngle=180, AngularStep=11.25, RotationDirection="CW", ScanArc=90,
            ActualFrameDuration=20000, NumberOfFramesInRotation=views)],
        NumberOfEnergyWindows=1, NumberOfDetectors=2, PatientGantryRelationshipCodeSequence=[],
        EnergyWindowInformationSequence=[item(EnergyWindowRangeSequence=[window])],
        DetectorInformationSequence=[
            head(180, [-10, -200, 8], [1, 0]), head(90, [200, -10, 8], [0, 1])],
        PatientOrientationCodeSequence=code("102538003", "SCT", "recumbent"),
        PixelSpacing=[4, 4], Rows=stored.shape[1], Columns=stored.shape[2], SamplesPerPixel=1,
        PhotometricInterpretation="MONOCHROME2", BitsAllocated=16, BitsStored=16, HighBit=15,
        PixelRepresentation=0, PixelData=stored.astype("<u2").tobytes())
    nm.file_meta = FileMetaDataset()
    nm.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    nm.save_as(name, enforce_file_format=True)


projections("raw.dcm", np.arange(16)[:, None, None] * np.ones((16, 5, 6)))
image = SimpleITK.ReadImage("raw.dcm")
stacked = tuple(round(each) for each in image.GetDirection()[2::3])
counts = SimpleITK.GetArrayFromImage(image)
print("size:", image.GetSize(), "- spacing:", image.GetSpacing())
print("views stacked along", stacked, "from", image.GetOrigin())
print("slices of the volume are views:", counts[:, 0, 0].tolist())
if (
    image.GetSize() != (6, 5, 16)
    or image.GetSpacing() != (4.0, 4.0, 1.0)
    or stacked != (0, 1, 0)
    or image.GetOrigin() != (-10.0, -200.0, 8.0)
    or counts[:, 0, 0].tolist() != list(range(16))
):
    raise SystemExit("changed")
PYTHON
