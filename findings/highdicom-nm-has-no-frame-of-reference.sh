#!/bin/sh
# Tool: highdicom 0.28.2.
# Guess: an NM reconstruction with a Frame of Reference UID, orientation, position and spacing
#   is a volume, and a segmentation of its slices can be made.
# Happens: the volume geometry is None, since only top-level attributes and functional groups
#   are looked at and NM keeps them in its Detector Information Sequence. A Segmentation
#   for more than one frame is refused, with a message that the source has no Frame of
#   Reference UID, though it has one.
# Matters: a left-ventricular mask cannot be stored as DICOM SEG beside the SPECT with this
#   library, and the message sends one looking for an attribute that is there.
# ShortAxis: reads NM geometry and writes segmentations itself; highdicom reads them rightly (a test).
# Checked: 2026-11-29

set -eu
python=$(command -v python3) || { echo "cannot run: no python3" >&2; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$python" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    highdicom==0.28.2 numpy==2.4.6 pydicom==3.0.2 \
    || { echo "cannot run: pip could not install these versions" >&2; exit 2; }
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import highdicom
import pydicom
from pydicom.sr.codedict import codes
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


tomogram("study.dcm", np.full((6, 4, 5), 100), 5)
study = pydicom.dcmread("study.dcm")
geometry = highdicom.imread("study.dcm").get_volume_geometry()
ventricle = highdicom.seg.SegmentDescription(
    1, "Left ventricle", codes.SCT.Organ, codes.SCT.Heart,
    highdicom.seg.SegmentAlgorithmTypeValues.MANUAL)
told = "made"
try:
    highdicom.seg.Segmentation(
        [study], np.ones((6, 4, 5), np.uint8), highdicom.seg.SegmentationTypeValues.BINARY,
        [ventricle], generate_uid(), 2, generate_uid(), 1, "maker", "model", "1", "1")
except ValueError as error:
    told = str(error)
print("Frame of Reference UID in the file:", "FrameOfReferenceUID" in study)
print("volume geometry:", geometry)
print("segmentation:", told)
if "FrameOfReferenceUID" not in study or geometry is not None:
    raise SystemExit("changed")
if "no Frame of Reference UID" not in told:
    raise SystemExit("changed")
PYTHON
