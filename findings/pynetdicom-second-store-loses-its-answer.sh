#!/bin/sh
# Tool: pynetdicom 3.0.4, two C-STOREs in immediate succession over one association.
# Guess: send_c_store returns the answer of the object that it sent, however soon the next follows.
# Happens: the thread that reads messages between requests marks itself as paused a moment longer than
#   it is. A request that is sent in that moment takes the mark for the pause, and its answer is taken by
#   the thread, which throws it away: "Received unexpected C-STORE service message". The archive has
#   stored the object; the sender waits for its DIMSE timeout, gets an empty status, and aborts.
#   The moment is as long as the system lets two threads wait. Here a trace function makes them wait for
#   the answer, each on one line; pynetdicom itself is not changed. Without it, and with six busy threads
#   in the process instead, 1 of 273 answers was lost.
# Matters: a series of slices is many stores in succession, and a busy node sends them. What was stored
#   is reported as failed, after half a minute for each.
# ShortAxis: waits before each request until the thread stands still; what has no answer is sent again,
#   under the same UIDs.
# Checked: 2026-11-29

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
import inspect
import logging
import sys
import threading
import time

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, NuclearMedicineImageStorage, generate_uid
from pynetdicom import AE, evt
from pynetdicom.association import Association

remarks, stored = [], []


class Remarks(logging.Handler):
    def emit(self, record):
        remarks.append(record.getMessage())


logging.getLogger("pynetdicom").addHandler(Remarks())
logging.getLogger("pynetdicom").propagate = False


def new_object():
    made = Dataset()
    made.SOPClassUID, made.SOPInstanceUID = NuclearMedicineImageStorage, generate_uid()
    made.PatientName = "Synthetic^"
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    return made


def store(event):
    stored.append(event.request.AffectedSOPInstanceUID)
    return 0x0000


def send_two(port, pause_s):
    """Statuses of two stores, None where no answer came."""
    sender = AE("CAMERA")
    sender.dimse_timeout = 3
    sender.add_requested_context(NuclearMedicineImageStorage, ExplicitVRLittleEndian)
    association = sender.associate("127.0.0.1", port, ae_title="ARCHIVE")
    statuses = []
    for _ in range(2):
        statuses.append(association.send_c_store(new_object()).get("Status"))
        time.sleep(pause_s)
    if association.is_established:
        association.release()
    return statuses


def line_with(function, words, after=0):
    lines, first = inspect.getsourcelines(function)
    return first + next(n for n, line in enumerate(lines) if words in line) + after


# The reader, between the end of its pause and the end of its mark; the sender, between its request
# and its waiting for the answer.
READER = Association._run_reactor.__code__
READER_LINE = line_with(Association._run_reactor, "_reactor_checkpoint.wait()", after=1)
SENDER = Association.send_c_store.__code__
SENDER_LINE = line_with(Association.send_c_store, "self.dimse.get_msg(block=True)")
sent, held = [], []


def wait_for_the_answer(association, seconds):
    end = time.monotonic() + seconds
    while not association.dimse.msg_queue.qsize() and time.monotonic() < end:
        time.sleep(0.005)


def trace(frame, event, argument):
    if frame.f_code not in (READER, SENDER) or not frame.f_locals["self"].is_requestor:
        return None

    def on_line(frame, event, argument):
        place = (event, frame.f_code, frame.f_lineno)
        if place == ("line", SENDER, SENDER_LINE):
            sent.append("once more")
            if len(sent) == 2:
                wait_for_the_answer(frame.f_locals["self"], 5)
                time.sleep(0.5)
        elif place == ("line", READER, READER_LINE) and len(sent) == 1 and not held:
            held.append("once")
            wait_for_the_answer(frame.f_locals["self"], 1)
        return on_line

    return on_line


archive = AE("ARCHIVE")
archive.add_supported_context(NuclearMedicineImageStorage)
server = archive.start_server(
    ("127.0.0.1", 0), block=False, evt_handlers=[(evt.EVT_C_STORE, store)])
port = server.server_address[1]
threading.settrace(trace)
sys.settrace(trace)
with_a_breath = send_two(port, 2)
print("with 2 s between the two:", with_a_breath)
stored.clear()
sent.clear()
held.clear()
at_once = send_two(port, 0)
sys.settrace(None)
threading.settrace(None)
server.shutdown()
print("at once:", at_once, "and the archive has stored", len(stored), "of 2")
print("remarks:", sorted(set(remarks)))
if with_a_breath != [0, 0] or at_once != [0, None] or len(stored) != 2:
    raise SystemExit("changed")
if not any("unexpected C-STORE" in each for each in remarks):
    raise SystemExit("changed")
PYTHON
