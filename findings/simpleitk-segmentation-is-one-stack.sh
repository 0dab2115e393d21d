#!/bin/sh
# Tool: SimpleITK 2.5.7 (GDCM inside), on a Segmentation that highdicom 0.28.2 wrote.
# Guess: a DICOM Segmentation with Pixel Measures, Plane Orientation and Plane Position is a volume for a
#   library that reads enhanced CT, MR and PET.
# Happens: the frames of all segments are one stack, one segment behind the other. Its voxels have edges of
#   1 mm whatever Pixel Measures says, and slices go along +z whatever the positions say, without a warning.
# Matters: a mask read so has another size, and may be upside down; laid over the image it is elsewhere.
# ShortAxis: writes labels as NIfTI too; docs/explanation/dicom.md names the readers that are right.
# Checked: 2026-11-30

set -eu
python=$(command -v python3) || { echo "cannot run: no python3" >&2; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$python" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    highdicom==0.28.2 numpy==2.4.6 pydicom==3.0.2 SimpleITK==2.5.7 \
    || { echo "cannot run: pip could not install these versions" >&2; exit 2; }
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import highdicom
import numpy as np
import SimpleITK as sitk
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sr.codedict import codes
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

series, study, frame = generate_uid(), generate_uid(), generate_uid()


def ct_slice(number):
    """Slices of 4 mm pixels, 5 mm apart, downwards in the patient."""
    made = Dataset()
    made.SOPClassUID, made.SOPInstanceUID = CTImageStorage, generate_uid()
    made.StudyInstanceUID, made.SeriesInstanceUID, made.FrameOfReferenceUID = study, series, frame
    made.PatientName, made.PatientID, made.PatientBirthDate, made.PatientSex = "A^B", "1", "", ""
    made.StudyDate, made.StudyTime, made.StudyID, made.AccessionNumber = "20200102", "101010", "", ""
    made.ReferringPhysicianName, made.Modality, made.Manufacturer = "", "CT", "Synthetic"
    made.SeriesNumber, made.InstanceNumber, made.PositionReferenceIndicator = 1, number + 1, ""
    made.ImagePositionPatient = [-10, -20, 100 - 5 * number]
    made.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    made.PixelSpacing, made.SliceThickness = [4, 4], 5
    made.Rows, made.Columns, made.SamplesPerPixel = 8, 8, 1
    made.PhotometricInterpretation, made.PixelRepresentation = "MONOCHROME2", 0
    made.BitsAllocated, made.BitsStored, made.HighBit = 16, 16, 15
    made.PixelData = np.zeros((8, 8), "<u2").tobytes()
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    return made


masks = np.zeros((6, 8, 8, 2), np.uint8)
masks[1:4, 2, 2:5, 0] = 1
masks[2:6, 5, 5, 1] = 1
described = [
    highdicom.seg.SegmentDescription(
        number, name, codes.SCT.Organ, codes.SCT.Heart,
        highdicom.seg.SegmentAlgorithmTypeValues.MANUAL)
    for number, name in ((1, "one"), (2, "other"))
]
written = highdicom.seg.Segmentation(
    [ct_slice(number) for number in range(6)], masks,
    highdicom.seg.SegmentationTypeValues.BINARY, described, generate_uid(), 2, generate_uid(), 1,
    "maker", "model", "1", "1", omit_empty_frames=False)
written.save_as("seg.dcm")

right = highdicom.seg.segread("seg.dcm").get_volume_geometry()
read = sitk.ReadImage("seg.dcm")
print("highdicom: slices", right.spatial_shape[0], "spacing", right.spacing)
print("SimpleITK: slices", read.GetSize()[2], "spacing", read.GetSpacing(), "axis of slices",
      read.GetDirection()[2::3], "origin", read.GetOrigin())
if read.GetSize()[2] != 12 or read.GetSpacing() != (1.0, 1.0, 1.0):
    raise SystemExit("changed")
PYTHON
