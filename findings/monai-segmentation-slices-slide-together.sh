#!/bin/sh
# Tools: highdicom 0.28.2 writes, MONAI 1.6.1 reads with its PydicomReader, which is its reader
#   for DICOM segmentations.
# Guess: a DICOM Segmentation tells the place of every frame, and the reader puts it there, since
#   it says that it needs the functional groups of each frame.
# Happens: the frames of each segment are stacked as they lie, and their places are not looked at.
#   highdicom leaves out frames without a voxel unless told otherwise, as the standard allows. So
#   slices of a wall and of a scar from different heights come out as the same slice, and the
#   volume has as many slices as each segment has frames: where segments differ in that, it cannot
#   be read at all. The affine is that of the first and last frame of the file, whichever segments
#   they are of; here its slices have no thickness. With all frames written, all is right.
# Matters: overlap of scar and wall, volumes and distances are those of other slices, without a
#   warning.
# ShortAxis: writes every segment on the same slices, from the first to the last with a voxel of
#   any, tested.
# Needs: torch, some minutes of pip.
# Checked: 2026-12-01

set -eu
python=$(command -v python3) || { echo "cannot run: no python3" >&2; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$python" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    highdicom==0.28.2 monai==1.6.1 numpy==2.4.6 pydicom==3.0.2 torch==2.13.0 \
    || { echo "cannot run: pip could not install these versions" >&2; exit 2; }
cd "$folder"
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import highdicom
import numpy as np
from highdicom.seg import Segmentation, SegmentDescription
from monai.transforms import LoadImage
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sr.codedict import codes
from pydicom.uid import ExplicitVRLittleEndian, PositronEmissionTomographyImageStorage, generate_uid

SHARED = {name: generate_uid() for name in (
    "StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID")}


def pet_slice(number):
    made = Dataset()
    for keyword, value in dict(
        SOPClassUID=PositronEmissionTomographyImageStorage, SOPInstanceUID=generate_uid(), **SHARED,
        PositionReferenceIndicator="", PatientName="Synthetic^", PatientID="1", PatientBirthDate="",
        PatientSex="", StudyDate="20200102", StudyTime="100000", StudyID="", AccessionNumber="",
        ReferringPhysicianName="", Manufacturer="Synthetic", Modality="PT", SeriesNumber=1,
        InstanceNumber=number, ImageOrientationPatient=[1, 0, 0, 0, 1, 0],
        ImagePositionPatient=[-10, -8, 30 + 5 * number], PixelSpacing=[4, 4], SliceThickness=5,
        Rows=6, Columns=7, SamplesPerPixel=1, PhotometricInterpretation="MONOCHROME2",
        BitsAllocated=16, BitsStored=16, HighBit=15, PixelRepresentation=1, RescaleSlope=1,
        RescaleIntercept=0, PixelData=bytes(84),
    ).items():
        setattr(made, keyword, value)
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    return made


def segment(number, label):
    return SegmentDescription(number, label, codes.SCT.Organ, codes.SCT.Heart, "MANUAL")


masks = np.zeros((8, 6, 7, 2), np.uint8)
masks[1:5, 2, 2:5, 0] = 1  # wall, slices 1 to 4
masks[2, 2, 2:5, 0] = 0  # a gap in it
masks[4:7, 2, 3, 1] = 1  # scar, slices 4 to 6
source = [pet_slice(number) for number in range(8)]
both = int(masks.all(axis=-1).sum())
print(f"true: wall and scar share {both} voxel; a slice is 5 mm")
seen = {}
for name, omit in (("all frames", False), ("frames with voxels", True)):
    Segmentation(
        source, masks, "BINARY", [segment(1, "wall"), segment(2, "scar")], generate_uid(), 2,
        generate_uid(), 1, "Synthetic", "1", "1", "1", omit_empty_frames=omit,
    ).save_as("heart.dcm")
    read = LoadImage(reader="PydicomReader", image_only=True)("heart.dcm")
    shared = int(read.numpy().all(axis=-1).sum())
    slice_mm = float(np.linalg.norm(read.affine[:3, 2]))
    seen[name] = (read.shape[2], shared, round(slice_mm, 3))
    print(f"{name}: {read.shape[2]} slices {slice_mm:.2f} mm apart, wall and scar share {shared}")
if seen != {"all frames": (8, 1, 5), "frames with voxels": (3, 3, 0)}:
    raise SystemExit(f"changed: {seen}")
PYTHON
