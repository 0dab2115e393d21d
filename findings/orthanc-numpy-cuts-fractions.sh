#!/bin/sh
# Tool: Orthanc 1.10.1 (Debian 12), /instances/ID/numpy, its array for Python programs.
# Guess: the array is of 32-bit floats and takes Rescale Slope and Intercept by default, so it holds the
#   values of the file.
# Happens: every value is cut to a whole number before it becomes a float. Slices with a slope of 0.0094
#   lose up to a count; a PET slice in SUV or a volume scaled to 1 is all zeros and ones. There is no
#   warning, and the type of the array says otherwise. With ?rescale=false the stored values are exact.
# Matters: slopes are what PET and derived NM objects have; a network or a measurement fed this way sees
#   steps, or nothing.
# ShortAxis: takes files, not arrays; `docs/explanation/converters.md` says so.
# Checked: 2026-11-30

set -eu
python=$(command -v python3) || { echo "cannot run: no python3" >&2; exit 2; }
server=$(PATH="$PATH:/usr/sbin" command -v Orthanc) \
    || { echo "cannot run: no Orthanc; Debian has it in orthanc" >&2; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$python" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 pydicom==3.0.2 \
    || { echo "cannot run: pip could not install these versions" >&2; exit 2; }
cd "$folder"
"$folder/venv/bin/python" - "$server" <<'PYTHON'
import io
import json
import socket
import subprocess
import sys
import time
import urllib.request

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import (
    ExplicitVRLittleEndian, PositronEmissionTomographyImageStorage, generate_uid,
)

SLOPE = 0.0001


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def pet_slice(stored):
    """A PET slice of uptakes between 0 and 3.2."""
    made = Dataset()
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.SOPClassUID = made.file_meta.MediaStorageSOPClassUID = PositronEmissionTomographyImageStorage
    made.SOPInstanceUID = made.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    made.StudyInstanceUID, made.SeriesInstanceUID = generate_uid(), generate_uid()
    made.PatientName, made.PatientID, made.Modality = "A^B", "1", "PT"
    made.Units, made.RescaleSlope, made.RescaleIntercept, made.RescaleType = "GML", SLOPE, 0, "US"
    made.ImagePositionPatient, made.ImageOrientationPatient = [0, 0, 0], [1, 0, 0, 0, 1, 0]
    made.PixelSpacing, made.SliceThickness = [4, 4], 4
    made.Rows, made.Columns = stored.shape
    made.BitsAllocated, made.BitsStored, made.HighBit, made.PixelRepresentation = 16, 16, 15, 0
    made.SamplesPerPixel, made.PhotometricInterpretation = 1, "MONOCHROME2"
    made.PixelData = stored.astype("<u2").tobytes()
    buffer = io.BytesIO()
    made.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def asked(path, body=None):
    request = urllib.request.Request(f"http://127.0.0.1:{http}{path}", data=body)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.read()


stored = np.random.default_rng(1).integers(0, 32_000, (32, 40))
http, dicom = free_port(), free_port()
with open("orthanc.json", "w") as file:
    json.dump({"StorageDirectory": "storage", "IndexDirectory": "storage", "HttpPort": http,
               "DicomPort": dicom, "RemoteAccessAllowed": False, "AuthenticationEnabled": False,
               "Plugins": []}, file)
with open("log", "wb") as log:
    process = subprocess.Popen([sys.argv[1], "orthanc.json"], stdout=log, stderr=log)
try:
    for _ in range(150):
        try:
            version = json.loads(asked("/system"))["Version"]
            break
        except OSError:
            time.sleep(0.2)
    else:
        print("cannot run: Orthanc does not answer", file=sys.stderr)
        raise SystemExit(2)
    number = json.loads(asked("/instances", pet_slice(stored)))["ID"]
    rescaled, plain = (np.load(io.BytesIO(asked(f"/instances/{number}/numpy{query}"))).squeeze()
                       for query in ("", "?rescale=false"))
finally:
    process.terminate()
    process.wait(timeout=20)
print("Orthanc", version)
print("stored values by ?rescale=false are exact:", np.array_equal(plain, stored))
print("type:", rescaled.dtype, "values:", sorted(set(rescaled.ravel().tolist())))
print("the file has", len(set(stored.ravel().tolist())), "values, up to", round(SLOPE * stored.max(), 3))
is_cut = np.array_equal(rescaled, np.floor(SLOPE * stored + 1e-6))
print("each is the file's, cut to a whole number:", is_cut)
if not (is_cut and rescaled.dtype == np.float32 and np.array_equal(plain, stored)):
    raise SystemExit("changed")
PYTHON
