#!/bin/sh
# Tool: dicomweb-client 0.61.2 with pydicom 3.0.2, retrieval of an object by WADO-RS.
# Guess: an answer that ends before its closing boundary is an error, as a zip or a JSON cut short is.
# Happens: what came is taken for the last part. Cut in the pixels, it becomes a data set with fewer
#   pixel bytes than rows, columns and frames say; cut between two objects of a series, the series has
#   fewer objects. There is no error and no warning. HTTP notices it only where the server told a
#   length or sends chunks; a proxy that was cut itself, or a server that ends answers by closing the
#   connection, does neither.
# Matters: a short stack of slices is a heart without its apex or base, and a gated study without
#   its last time slots. Both look like hearts.
# ShortAxis: lists the objects first and asks for each; pixels are counted against the header, and the
#   list is asked for again at the end. What is short is an error, and nothing of it is kept.
# Checked: 2026-11-29

set -eu
python=$(command -v python3) || { echo "cannot run: no python3" >&2; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$python" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    dicomweb-client==0.61.2 pydicom==3.0.2 \
    || { echo "cannot run: pip could not install these versions" >&2; exit 2; }
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import threading
import warnings
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import BytesIO

from dicomweb_client import DICOMwebClient
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, NuclearMedicineImageStorage, generate_uid

STUDY, SERIES = generate_uid(), generate_uid()


def time_slot():
    """An NM object of 8 frames of 16 x 16 pixels."""
    made = Dataset()
    made.SOPClassUID, made.SOPInstanceUID = NuclearMedicineImageStorage, generate_uid()
    made.StudyInstanceUID, made.SeriesInstanceUID = STUDY, SERIES
    made.PatientName, made.PatientID, made.Modality = "Synthetic^", "1", "NM"
    made.NumberOfFrames, made.Rows, made.Columns = 8, 16, 16
    made.SamplesPerPixel, made.PhotometricInterpretation = 1, "MONOCHROME2"
    made.BitsAllocated, made.BitsStored, made.HighBit, made.PixelRepresentation = 16, 16, 15, 0
    made.PixelData = bytes(8 * 16 * 16 * 2)
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    written = BytesIO()
    made.save_as(written, enforce_file_format=True)
    return b"--b\r\nContent-Type: application/dicom\r\n\r\n" + written.getvalue() + b"\r\n"


SLOTS = [time_slot() for _ in range(4)]
ANSWERS = {
    "whole": b"".join(SLOTS) + b"--b--\r\n",
    "cut in the pixels": b"".join(SLOTS)[:-1000],
    "cut between objects": b"".join(SLOTS[:2]),
}


class Server(BaseHTTPRequestHandler):
    body = b""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", 'multipart/related; type="application/dicom"; boundary=b')
        self.end_headers()
        self.wfile.write(type(self).body)

    def log_message(self, *words):
        pass


server = HTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
client = DICOMwebClient(f"http://127.0.0.1:{server.server_address[1]}")
seen = {}
with warnings.catch_warnings():
    warnings.simplefilter("error")
    for name, Server.body in ANSWERS.items():
        objects = client.retrieve_series(STUDY, SERIES)
        seen[name] = [len(each.PixelData) for each in objects]
        print(f"{name}: {len(objects)} objects with {seen[name]} bytes of pixels")
if seen != {
    "whole": [4096] * 4,
    "cut in the pixels": [4096] * 3 + [4096 - 998],
    "cut between objects": [4096] * 2,
}:
    raise SystemExit(f"changed: {seen}")
PYTHON
