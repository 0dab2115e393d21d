#!/bin/sh
# Tool: pynetdicom 3.0.4 with pydicom 3.0.2, a query (C-FIND) for a Patient ID with letters outside ASCII.
# Guess: without Specific Character Set in the query, sending fails, or the letters go out in some encoding.
# Happens: each such letter is sent as a question mark, with a warning of the encoder that names the
#   encoding alone. In a query a question mark is no letter but stands for any one (PS3.4 C.2.2.2.4):
#   asked for one patient, the archive answers with all whose IDs have that length and the same ASCII rest.
#   The archive here is the one that pynetdicom itself brings, with its data base. With ISO_IR 192 in the
#   query the same ID finds the one patient.
# Matters: who retrieves what a query for a patient lists, retrieves exams of others. Checking the ID that
#   was asked for against wild cards before the query does not help: it has none.
# ShortAxis: sends ISO_IR 192 with such IDs, and compares the ID of each answer itself.
# Checked: 2026-11-30

set -eu
python=$(command -v python3) || { echo "cannot run: no python3" >&2; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$python" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    pynetdicom==3.0.4 pydicom==3.0.2 SQLAlchemy==2.1.9 \
    || { echo "cannot run: pip could not install these versions" >&2; exit 2; }
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import sys
import warnings

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ImplicitVRLittleEndian, NuclearMedicineImageStorage, generate_uid
from pynetdicom import AE, evt
from pynetdicom.apps.qrscp import db
from pynetdicom.sop_class import PatientRootQueryRetrieveInformationModelFind as FIND
from sqlalchemy import create_engine
from sqlalchemy.orm import sessionmaker

ASKED = "\u0411\u0412-1"
PATIENTS = (ASKED, "\u0413\u0414-1", "AB-1", "AB-2")

engine = db.create("sqlite:///archive.sqlite")
session = sessionmaker(bind=create_engine("sqlite:///archive.sqlite"))()
for number, patient_id in enumerate(PATIENTS):
    image = Dataset()
    image.SpecificCharacterSet = "ISO_IR 192"
    image.PatientID, image.PatientName = patient_id, "Synthetic^"
    image.StudyDate, image.StudyTime, image.AccessionNumber = "20260101", "120000", f"{number}"
    image.StudyID, image.Modality = f"{number}", "NM"
    image.SeriesNumber = image.InstanceNumber = number
    image.StudyInstanceUID, image.SeriesInstanceUID = generate_uid(), generate_uid()
    image.SOPClassUID, image.SOPInstanceUID = NuclearMedicineImageStorage, generate_uid()
    image.file_meta = FileMetaDataset()
    image.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    db.add_instance(image, session, f"{number}.dcm")
session.close()

arrived = []


def find(event):
    asked = event.identifier
    arrived.append(str(asked.PatientID))
    own = sessionmaker(bind=create_engine("sqlite:///archive.sqlite"))()
    for each in db.search(event.request.AffectedSOPClassUID, asked, own):
        answer = Dataset()
        answer.SpecificCharacterSet = "ISO_IR 192"
        answer.QueryRetrieveLevel, answer.PatientID = "PATIENT", each.patient_id
        yield 0xFF00, answer
    own.close()


archive = AE()
archive.add_supported_context(FIND)
server = archive.start_server(("127.0.0.1", 0), block=False, evt_handlers=[(evt.EVT_C_FIND, find)])
peer = AE()
peer.add_requested_context(FIND)
association = peer.associate(*server.server_address)


def answers(character_set):
    query = Dataset()
    if character_set:
        query.SpecificCharacterSet = character_set
    query.QueryRetrieveLevel, query.PatientID = "PATIENT", ASKED
    return [str(each.PatientID) for status, each in association.send_c_find(query, FIND) if each]


with warnings.catch_warnings(record=True) as remarks:
    warnings.simplefilter("always")
    without = answers("")
    told = {str(each.message) for each in remarks}
with_set = answers("ISO_IR 192")
association.release()
server.shutdown()

print("asked for:", ascii(ASKED))
print("arrived without a character set:", ascii(arrived[0]), "and the archive lists", ascii(without))
print("remarks:", ascii(sorted(told)))
print("arrived with ISO_IR 192:", ascii(arrived[1]), "and the archive lists", ascii(with_set))
is_as_found = arrived[0] == "??-1" and set(without) > {ASKED} and with_set == [ASKED]
print("as found before" if is_as_found else "CHANGED")
sys.exit(not is_as_found)
PYTHON
