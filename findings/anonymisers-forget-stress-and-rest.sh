#!/bin/sh
# Tools: dicom-anonymizer 2.1.0 and pymedphys 0.41.0, each as it comes; dicognito 0.19.0 for
#   comparison.
# Guess: removing who the patient is leaves what was examined. Whether a perfusion study is
#   stress or rest is standard coded content, Patient State (109054, DCM) in the Acquisition
#   Context Sequence.
# Happens: dicom-anonymizer keeps the item and blanks its codes, concept name and value;
#   pymedphys empties the sequence. Both follow the standard's basic confidentiality
#   profile, which treats the whole sequence as identifying. dicognito leaves it.
# Matters: nothing else in NM has to say stress or rest. In a de-identified study a pair of
#   exams can no longer be told apart, except by descriptions, which the profile cleans too.
# ShortAxis: reads Patient State first, then descriptions; where both are gone the condition
#   is `unknown`, and it is never guessed which of two exams is which.
# Checked: 2026-11-29

set -eu
python=$(command -v python3) || { echo "cannot run: no python3" >&2; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$python" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    dicognito==0.19.0 dicom-anonymizer==2.1.0 numpy==2.4.6 pydicom==3.0.2 pymedphys==0.41.0 \
    || { echo "cannot run: pip could not install these versions" >&2; exit 2; }
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import pydicom
from dicognito.anonymizer import Anonymizer
from dicomanonymizer import anonymize
from pymedphys.dicom import anonymise
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


def state(study):
    context = study.get("AcquisitionContextSequence") or []
    return [(piece.ConceptNameCodeSequence[0].CodeValue, piece.ConceptCodeSequence[0].CodeMeaning)
            for piece in context if piece]


stress = item(
    ValueType="CODE", ConceptNameCodeSequence=code("109054", "DCM", "Patient State"),
    ConceptCodeSequence=code("109091", "DCM", "Cardiac Stress State"))
tomogram("stress.dcm", np.full((6, 4, 5), 100), 5, AcquisitionContextSequence=[stress])
seen = {"before": state(pydicom.dcmread("stress.dcm"))}
anonymize("stress.dcm", "blank.dcm", {}, True)
seen["dicom-anonymizer"] = state(pydicom.dcmread("blank.dcm"))
seen["pymedphys"] = state(anonymise(pydicom.dcmread("stress.dcm")))
study = pydicom.dcmread("stress.dcm")
Anonymizer(seed="one").anonymize(study)
seen["dicognito"] = state(study)
for who, what in seen.items():
    print(f"{who}: {what}")
known = [("109054", "Cardiac Stress State")]
if list(seen.values()) != [known, [("", "")], [], known]:
    raise SystemExit("changed")
PYTHON
