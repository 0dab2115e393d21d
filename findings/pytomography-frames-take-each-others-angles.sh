#!/bin/sh
# Tool: PyTomography 3.4.0, pytomography.io.SPECT.dicom.
# Guess: Detector Vector and Angular View Vector say which head and which view every frame of raw
#   projections is; a reader of NM takes the angle of a frame from them, in whatever order the
#   frames lie.
# Happens: angles are listed head after head and handed to the frames as they lie; the vectors are
#   not looked at for that. Frames that lie view after view, both heads of a view together, get
#   angles of others, without a word. The two files hold the same frames.
# Matters: most views are back projected from the direction of another, and whoever sees the
#   reconstruction has no hint that the order of the frames is to blame.
# ShortAxis: reads the vectors, in any order.
# Needs: torch, some minutes of pip.
# Checked: 2026-11-30

set -eu
python=$(command -v python3) || { echo "cannot run: no python3" >&2; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$python" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    pytomography==3.4.0 numpy==2.4.6 pydicom==3.0.2 torch==2.13.0 \
    || { echo "cannot run: pip could not install these versions" >&2; exit 2; }
cd "$folder"
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import numpy as np
import pytomography
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

pytomography.device = "cpu"
from pytomography.io.SPECT.dicom import get_metadata, get_projections

VIEWS, STEP = 6, 15
STARTS = {1: 0, 2: 90}


def item(**attributes):
    made = Dataset()
    for keyword, value in attributes.items():
        setattr(made, keyword, value)
    return made


def raw_projections(name, frames):
    """Write raw projections of (head, view) frames; every count is the angle of its frame."""
    angles = np.array([STARTS[head] + view * STEP for head, view in frames])
    counts = angles[:, None, None] + np.zeros((len(frames), 4, 4))
    rotation = item(
        StartAngle=0, AngularStep=STEP, RotationDirection="CC", ScanArc=90,
        ActualFrameDuration=1000, NumberOfFramesInRotation=VIEWS, RadialPosition=[200] * VIEWS)
    heads = [item(CollimatorType="PARA", StartAngle=start, RadialPosition=[200.0] * VIEWS,
                  ImagePositionPatient=[-8, -200, 8], ImageOrientationPatient=[1, 0, 0, 0, 0, -1])
             for start in STARTS.values()]
    window = item(EnergyWindowLowerLimit=126, EnergyWindowUpperLimit=154)
    nm = item(
        SOPClassUID="1.2.840.10008.5.1.4.1.1.20", SOPInstanceUID=generate_uid(),
        StudyInstanceUID=generate_uid(), SeriesInstanceUID=generate_uid(),
        PatientName="Synthetic^", PatientID="1", PatientBirthDate="", PatientSex="",
        StudyDate="20200102", StudyTime="101010", StudyID="", AccessionNumber="",
        ReferringPhysicianName="", Manufacturer="Synthetic", Modality="NM", SeriesNumber=1,
        InstanceNumber=1, ImageType=["ORIGINAL", "PRIMARY", "TOMO", "EMISSION"],
        NumberOfFrames=len(frames), NumberOfEnergyWindows=1, NumberOfDetectors=2,
        NumberOfRotations=1, FrameIncrementPointer=[0x00540010, 0x00540020, 0x00540050, 0x00540090],
        EnergyWindowVector=[1] * len(frames), DetectorVector=[head for head, _ in frames],
        RotationVector=[1] * len(frames), AngularViewVector=[view + 1 for _, view in frames],
        RotationInformationSequence=[rotation], DetectorInformationSequence=heads,
        EnergyWindowInformationSequence=[item(EnergyWindowRangeSequence=[window])],
        RadiopharmaceuticalInformationSequence=[], PatientGantryRelationshipCodeSequence=[],
        PatientOrientationCodeSequence=[], CountsAccumulated=None, PixelSpacing=[4, 4], Rows=4,
        Columns=4, SamplesPerPixel=1, PhotometricInterpretation="MONOCHROME2", BitsAllocated=16,
        BitsStored=16, HighBit=15, PixelRepresentation=0, PixelData=counts.astype("<u2").tobytes())
    nm.file_meta = FileMetaDataset()
    nm.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    nm.save_as(name, enforce_file_format=True)


orders = {
    "head after head": [(head, view) for head in STARTS for view in range(VIEWS)],
    "view after view": [(head, view) for view in range(VIEWS) for head in STARTS],
}
wrong = {}
for order, frames in orders.items():
    raw_projections("raw.dcm", frames)
    told = (np.asarray(get_metadata("raw.dcm")[1].angles) - 180) % 360
    stored = get_projections("raw.dcm")[:, 0, 0].numpy()
    wrong[order] = int((np.abs(told - stored) > 1).sum())
    print(f"{order}: angles told {told.astype(int).tolist()}")
    print(f"   angles of these frames {stored.astype(int).tolist()}: {wrong[order]} wrong")
if wrong != {"head after head": 0, "view after view": 10}:
    raise SystemExit(f"changed: {wrong}")
PYTHON
