#!/bin/sh
# Tool: pylinac 3.49.0, nuclear.CenterOfRotation.
# Guess: the "center of rotation deviation", documented as the deviation from the center of the
#   matrix, grows when the axis of rotation does not pass the middle of the detector.
# Happens: a sine with a free offset is fitted to the positions of the point source, and the
#   largest residual is reported. The offset itself goes into the fit and into no result: an axis
#   that is 20 mm off gives the same 0.00 mm as one that is right. Only what differs from view to
#   view counts.
# Matters: cameras are taken out of service for half a pixel. An offset that is constant, the
#   error of a wrong correction table, is the one that smears and splits a heart; this passes.
# ShortAxis: takes the axis as the middle of the bins and says so in
#   docs/explanation/reconstruction.md; it does not check a camera. The offset is `cor_x["a"]`
#   less half the width of the matrix.
# Checked: 2026-11-30

set -eu
python=$(command -v python3) || { echo "cannot run: no python3" >&2; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$python" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    pylinac==3.49.0 numpy==2.4.6 pydicom==2.4.5 scipy==1.17.1 scikit-image==0.26.0 \
    || { echo "cannot run: pip could not install these versions" >&2; exit 2; }
cd "$folder"
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid
from pylinac.nuclear import CenterOfRotation

VIEWS, BINS, PIXEL_MM = 60, 128, 4.0


def item(**attributes):
    made = Dataset()
    for keyword, value in attributes.items():
        setattr(made, keyword, value)
    return made


def turned_point_source(name, axis_mm, wobble_mm):
    """Write views of a point source 100 mm from an axis that misses the middle by axis_mm."""
    angles = np.radians(np.arange(VIEWS) * -360 / VIEWS)
    across = axis_mm + 100 * np.sin(angles) + wobble_mm * np.sin(3 * angles)
    bins_mm = (np.arange(BINS) - (BINS - 1) / 2) * PIXEL_MM
    blur = [np.exp(-((bins_mm - place) ** 2) / 72) for place in across]
    counts = np.rint([2000 * np.exp(-(bins_mm**2) / 72)[:, None] * row for row in blur])
    rotation = item(
        StartAngle=0, AngularStep=360 / VIEWS, RotationDirection="CW", ScanArc=360,
        ActualFrameDuration=1000, NumberOfFramesInRotation=VIEWS, RadialPosition=[200] * VIEWS)
    window = item(EnergyWindowLowerLimit=126, EnergyWindowUpperLimit=154)
    nm = item(
        SOPClassUID="1.2.840.10008.5.1.4.1.1.20", SOPInstanceUID=generate_uid(),
        StudyInstanceUID=generate_uid(), SeriesInstanceUID=generate_uid(),
        PatientName="Synthetic^", PatientID="1", PatientBirthDate="", PatientSex="",
        StudyDate="20200102", StudyTime="101010", StudyID="", AccessionNumber="",
        ReferringPhysicianName="", Manufacturer="Synthetic", Modality="NM", SeriesNumber=1,
        InstanceNumber=1, ImageType=["ORIGINAL", "PRIMARY", "TOMO", "EMISSION"],
        NumberOfFrames=VIEWS, NumberOfEnergyWindows=1, NumberOfDetectors=1, NumberOfRotations=1,
        FrameIncrementPointer=[0x00540010, 0x00540020, 0x00540050, 0x00540090],
        EnergyWindowVector=[1] * VIEWS, DetectorVector=[1] * VIEWS, RotationVector=[1] * VIEWS,
        AngularViewVector=list(range(1, VIEWS + 1)), RotationInformationSequence=[rotation],
        EnergyWindowInformationSequence=[item(EnergyWindowRangeSequence=[window])],
        DetectorInformationSequence=[item(CollimatorType="PARA")], CountsAccumulated=None,
        RadiopharmaceuticalInformationSequence=[], PatientGantryRelationshipCodeSequence=[],
        PatientOrientationCodeSequence=[], PixelSpacing=[PIXEL_MM, PIXEL_MM], Rows=BINS,
        Columns=BINS, SamplesPerPixel=1, PhotometricInterpretation="MONOCHROME2",
        BitsAllocated=16, BitsStored=16, HighBit=15, PixelRepresentation=0,
        PixelData=counts.astype("<u2").tobytes())
    nm.file_meta = FileMetaDataset()
    nm.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    nm.is_little_endian, nm.is_implicit_VR = True, False
    nm.save_as(name, write_like_original=False)


told_mm = {}
for case, axis_mm, wobble_mm in (("right", 0, 0), ("20 mm off", 20, 0), ("wobbling 4 mm", 0, 4)):
    turned_point_source("points.dcm", axis_mm, wobble_mm)
    test = CenterOfRotation("points.dcm")
    test.analyze()
    told_mm[case] = test.x_cor_deviation_mm
    fitted_mm = test.cor_x["a"] - BINS * PIXEL_MM / 2
    print(f"axis {case}: deviation {told_mm[case]:.2f} mm told, fitted offset {fitted_mm:.2f} mm")
if not (max(told_mm["right"], told_mm["20 mm off"]) < 0.1 and told_mm["wobbling 4 mm"] > 3):
    raise SystemExit(f"changed: {told_mm}")
PYTHON
