#!/bin/sh
# Tool: imageio 2.38.1, imread of its version 3 interface, with its own DICOM plugin (used when
#   the extra package of the other plugin is not installed).
# Guess: imread of one named file gives the pixels of that file.
# Happens: for a single-frame file the whole folder is read, sorted into series, and the volume
#   of one series comes back. With stress and rest in one folder, naming a file of either
#   gives the same one, so of one exam one never sees anything. (The plugin is deprecated,
#   and still the one in use where no other is installed.)
# Matters: stress and rest PET of one patient differ little at sight; comparing an exam with
#   itself shows no ischaemia.
# ShortAxis: nothing needed; it groups by series UID and lists each series by itself.
# Checked: 2026-11-29

set -eu
python=$(command -v python3) || { echo "cannot run: no python3" >&2; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$python" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    imageio==2.38.1 numpy==2.4.6 pydicom==3.0.2 \
    || { echo "cannot run: pip could not install these versions" >&2; exit 2; }
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import os
import warnings

import imageio.v3
import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, PositronEmissionTomographyImageStorage, generate_uid

SHARED = {name: generate_uid() for name in (
    "StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID")}


def item(**attributes):
    made = Dataset()
    for keyword, value in attributes.items():
        setattr(made, keyword, value)
    return made


def code(value, scheme, meaning):
    return [item(CodeValue=value, CodingSchemeDesignator=scheme, CodeMeaning=meaning)]


def pet_slice(name, number, slices, counts, slope, z_mm, **more):
    """Write one PET slice of 4 x 5 pixels that all mean `counts`."""
    tracer = item(
        Radiopharmaceutical="Rubidium", RadionuclideTotalDose=1e9, RadionuclideHalfLife=76,
        RadiopharmaceuticalStartTime="100510", RadiopharmaceuticalStartDateTime="20200102100510",
        RadionuclideCodeSequence=code("79197006", "SCT", "^82^Rubidium"))
    pet = item(
        SOPClassUID=PositronEmissionTomographyImageStorage, SOPInstanceUID=generate_uid(), **SHARED,
        PositionReferenceIndicator="", PatientName="Synthetic^", PatientID="1", PatientBirthDate="",
        PatientSex="", PatientWeight=70, StudyDate="20200102", StudyTime="100000", StudyID="",
        SeriesDate="20200102", SeriesTime="100710", AcquisitionDate="20200102",
        AcquisitionTime="100710", AccessionNumber="", ReferringPhysicianName="", Laterality="",
        Manufacturer="Synthetic", Modality="PT", SeriesNumber=1, InstanceNumber=number,
        ImageIndex=number, NumberOfSlices=slices, Units="BQML", CountsSource="EMISSION",
        CorrectedImage=["DECY", "ATTN"], DecayCorrection="START", CollimatorType="NONE",
        FrameReferenceTime=1000, ActualFrameDuration=300000, DecayFactor=1,
        RadiopharmaceuticalInformationSequence=[tracer], ImageType=["ORIGINAL", "PRIMARY"],
        PatientOrientationCodeSequence=code("102538003", "SCT", "recumbent"),
        PatientGantryRelationshipCodeSequence=code("102540008", "SCT", "headfirst"),
        ImageOrientationPatient=[1, 0, 0, 0, 1, 0], ImagePositionPatient=[-10, -8, z_mm],
        PixelSpacing=[4, 4], SliceThickness=5, Rows=4, Columns=5, SamplesPerPixel=1,
        PhotometricInterpretation="MONOCHROME2", BitsAllocated=16, BitsStored=16, HighBit=15,
        PixelRepresentation=1, RescaleSlope=slope, RescaleIntercept=0,
        PixelData=np.full((4, 5), round(counts / slope), "<i2").tobytes(), **more)
    pet.file_meta = FileMetaDataset()
    pet.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    pet.save_as(name, enforce_file_format=True)


warnings.simplefilter("ignore")
os.mkdir("exam")
for name, base in (("rest", 500), ("stress", 900)):
    SHARED["SeriesInstanceUID"] = generate_uid()
    for index in range(4):
        pet_slice(f"exam/{name}{index}.dcm", index + 1, 4, base + index, 1, 30 + 5 * index,
                  SeriesType=["STATIC", "IMAGE"])
print("rest holds 500 to 503, stress 900 to 903")
seen = {}
for name in ("rest0", "stress2"):
    pixels = imageio.v3.imread(f"exam/{name}.dcm")
    seen[name] = pixels[..., 0, 0].tolist()
    print(f"imread of {name}.dcm:", pixels.shape, seen[name])
if seen["rest0"] != seen["stress2"] or np.ndim(seen["rest0"]) != 1:
    raise SystemExit(f"changed: {seen}")
PYTHON
