#!/bin/sh
# Tool: dcm2niix 1.0.20260724 (PyPI), read back with nibabel 5.4.2.
# Guess: a NIfTI converter that knows NM objects stacks their slices the way DICOM says:
#   a negative Spacing Between Slices runs against rows x columns (PS3.3 C.8.4.15).
# Happens: the sign has no effect. Two objects with the same slices, one stacked towards
#   the head and one towards the feet, give the same affine, both towards the head. A
#   warning about the slice direction is printed for both, also for the one that is right.
# Matters: most cameras store transaxial SPECT from head to feet. The heart comes out upside
#   down and mirrored: inferior and anterior walls change places, and nothing looks wrong.
# ShortAxis: reads the sign from DICOM, writes slices with positive spacing only, and warns
#   in docs/how-to/nifti.md.
# Checked: 2026-11-29

set -eu
python=$(command -v python3) || { echo "cannot run: no python3" >&2; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$python" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    dcm2niix==1.0.20260724 nibabel==5.4.2 numpy==2.4.6 pydicom==3.0.2 \
    || { echo "cannot run: pip could not install these versions" >&2; exit 2; }
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import subprocess
import sys
from pathlib import Path

import nibabel
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


stored = np.arange(100, 106)[:, None, None] + np.zeros((6, 4, 5))
steps_mm = {}
for spacing_mm in (5, -5):
    name = f"spacing{spacing_mm}"
    tomogram(f"{name}.dcm", stored, spacing_mm)
    converter = Path(sys.executable).with_name("dcm2niix")
    told = subprocess.run([converter, "-s", "y", "-f", name, "-o", ".", f"{name}.dcm"],
                          capture_output=True, text=True, check=True)
    image = nibabel.load(f"{name}.nii")
    steps_mm[spacing_mm] = float(image.affine[2, 2])
    print(f"spacing {spacing_mm:+}: next slice {steps_mm[spacing_mm]:+} mm towards the head,",
          "counts", image.get_fdata()[0, 0].tolist())
    print("   warned:", "determine slice direction" in told.stdout)
if steps_mm != {5: 5.0, -5: 5.0}:
    raise SystemExit(f"changed: {steps_mm}")
PYTHON
