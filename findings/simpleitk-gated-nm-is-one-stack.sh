#!/bin/sh
# Tool: SimpleITK 2.5.7 (ReadImage of one file; ITK 5.4 below it).
# Guess: an NM object RECON GATED TOMO of 3 time slots and 6 slices, whose Frame Increment Pointer
#   names R-R interval, time slot and slice, is read in four dimensions, or is refused.
# Happens: it is one volume of 18 slices 5 mm apart. The second heart begins where the first ends,
#   and so on along the patient. There is no warning.
# Matters: place and spacing of the first slot are right, so that the volume passes every check of
#   geometry; a sum, a resampling or a network sees three hearts in a row. dcm2niix reads the same
#   object in four dimensions.
# ShortAxis: writes ungated slices beside gated ones; `docs/explanation/converters.md` says which
#   clients take which.
# Checked: 2026-11-30

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

SLOTS, SLICES = 3, 6


def item(**attributes):
    made = Dataset()
    for keyword, value in attributes.items():
        setattr(made, keyword, value)
    return made


counts = np.array([[100 * (slot + 1) + index for index in range(SLICES)] for slot in range(SLOTS)])
frames = np.broadcast_to(counts.reshape(-1, 1, 1), (SLOTS * SLICES, 4, 5)).astype("<u2")
beat = item(NumberOfTimeSlots=SLOTS, TimeSlotInformationSequence=[
    item(TimeSlotTime=300) for _ in range(SLOTS)])
nm = item(
    SOPClassUID=NuclearMedicineImageStorage, SOPInstanceUID=generate_uid(),
    StudyInstanceUID=generate_uid(), SeriesInstanceUID=generate_uid(),
    FrameOfReferenceUID=generate_uid(), PositionReferenceIndicator="", PatientName="Synthetic^",
    PatientID="1", PatientBirthDate="", PatientSex="", StudyDate="20200102", StudyTime="100000",
    StudyID="", AccessionNumber="", ReferringPhysicianName="", Manufacturer="Synthetic",
    Modality="NM", SeriesNumber=1, InstanceNumber=1,
    ImageType=["ORIGINAL", "PRIMARY", "RECON GATED TOMO", "EMISSION"],
    FrameIncrementPointer=[0x00540060, 0x00540070, 0x00540080],
    RRIntervalVector=[1] * SLOTS * SLICES, NumberOfRRIntervals=1,
    TimeSlotVector=[slot + 1 for slot in range(SLOTS) for _ in range(SLICES)],
    NumberOfTimeSlots=SLOTS, SliceVector=[*range(1, SLICES + 1)] * SLOTS, NumberOfSlices=SLICES,
    GatedInformationSequence=[item(DataInformationSequence=[beat])],
    DetectorInformationSequence=[item(
        ImagePositionPatient=[-10, -8, 30], ImageOrientationPatient=[1, 0, 0, 0, 1, 0])],
    NumberOfFrames=SLOTS * SLICES, PixelSpacing=[4, 4], SliceThickness=5, SpacingBetweenSlices=5,
    Rows=4, Columns=5, SamplesPerPixel=1, PhotometricInterpretation="MONOCHROME2",
    BitsAllocated=16, BitsStored=16, HighBit=15, PixelRepresentation=0, PixelData=frames.tobytes())
nm.file_meta = FileMetaDataset()
nm.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
nm.save_as("gated.dcm", enforce_file_format=True)

volume = SimpleITK.ReadImage("gated.dcm")
along = SimpleITK.GetArrayFromImage(volume)[:, 0, 0].tolist()
last = volume.TransformIndexToPhysicalPoint((0, 0, volume.GetSize()[2] - 1))[2]
print("size", volume.GetSize(), "spacing", volume.GetSpacing())
print("counts along the stack:", along)
print(f"the last slice lies at {last:.0f} mm; the object ends at {30 + 5 * (SLICES - 1)} mm")
if volume.GetSize() != (5, 4, SLOTS * SLICES) or along != counts.ravel().tolist():
    raise SystemExit("changed")
PYTHON
