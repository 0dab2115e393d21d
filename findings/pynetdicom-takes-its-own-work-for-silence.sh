#!/bin/sh
# Tool: pynetdicom 3.0.4, a receiver (SCP) whose C-STORE handler takes longer than `network_timeout`.
# Guess: `network_timeout` bounds how long the peer may be silent; while the receiver itself works on an
#   object, the peer has nothing to say, so the answer is sent when the work is done.
# Happens: the time of the handler counts as the peer's silence. With a timeout of 1 s and work of 3 s the object
#   is stored and here the answer of success still goes out, but half a second later the receiver has aborted
#   the association. With a timeout of 10 s it stays open. A second object over it is lost.
# Matters: a study is many objects over one association. A node that takes long over one of them breaks off, and
#   the camera tells the technologist that the rest failed.
# ShortAxis: `network_timeout_s` is 30 s by default, and the header of an object is read in 5 s at most; an object that
#   waits longer than that behind others is sent again by its sender.
# Checked: 2026-11-30

set -eu
python=$(command -v python3) || { echo "cannot run: no python3" >&2; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$python" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    pynetdicom==3.0.4 pydicom==3.0.2 \
    || { echo "cannot run: pip could not install these versions" >&2; exit 2; }
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import sys
import time

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, NuclearMedicineImageStorage, generate_uid
from pynetdicom import AE, evt

WORK_S = 3.0


def answered(network_timeout_s):
    """What a sender hears, whether it was then aborted, and how many objects were stored."""
    stored = []

    def store(event):
        time.sleep(WORK_S)
        stored.append(event.request.AffectedSOPInstanceUID)
        return 0x0000

    receiver = AE("RECEIVER")
    receiver.network_timeout = network_timeout_s
    receiver.add_supported_context(NuclearMedicineImageStorage, ExplicitVRLittleEndian)
    server = receiver.start_server(("127.0.0.1", 0), block=False, evt_handlers=[(evt.EVT_C_STORE, store)])
    sender = AE("SENDER")
    sender.dimse_timeout = sender.network_timeout = 30
    sender.add_requested_context(NuclearMedicineImageStorage, ExplicitVRLittleEndian)
    association = sender.associate("127.0.0.1", server.server_address[1])
    made = Dataset()
    made.SOPClassUID, made.SOPInstanceUID = NuclearMedicineImageStorage, generate_uid()
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    answer = association.send_c_store(made)
    time.sleep(0.5)
    status, is_aborted = answer.get("Status"), association.is_aborted
    if association.is_established:
        association.release()
    server.shutdown()
    return status, is_aborted, len(stored)


short, long = answered(1), answered(10)
for seconds, (status, is_aborted, stored) in ((1, short), (10, long)):
    print(f"network_timeout {seconds} s, work {WORK_S:g} s: status {status}, aborted {is_aborted}, stored {stored}")
# Whether the answer goes out before the abort is left to the threads.
sys.exit(0 if short[1:] == (True, 1) and long == (0, False, 1) else 1)
PYTHON
