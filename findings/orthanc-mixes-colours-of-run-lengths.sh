#!/bin/sh
# Tool: Orthanc 1.10.1 (Debian 12), the picture that it shows of a colour secondary capture.
# Guess: of a capture in RLE the planes of red, green and blue are apart in the file whatever Planar
#   Configuration says (PS3.5 Annex G), so 0 and 1 look alike; and a palette may have as few entries as
#   it needs.
# Happens: with Planar Configuration 1, which describes the file best, colours of neighbouring pixels are
#   mixed; with 0 the picture is exact. dcmtk and pydicom read both alike. Of a palette with 64 entries of
#   16 bits nothing is shown (415 Unsupported Media Type); the same filled up to 256 is exact.
# Matters: reports are filed as captures. They validate, and other programs show them right, while the
#   page of the commonest small archive shows grey where there is red, or nothing.
# ShortAxis: writes 0, and palettes of 256 entries; tested with Orthanc.
# Checked: 2026-11-30

set -eu
python=$(command -v python3) || { echo "cannot run: no python3" >&2; exit 2; }
server=$(PATH="$PATH:/usr/sbin" command -v Orthanc) \
    || { echo "cannot run: no Orthanc; Debian has it in orthanc" >&2; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$python" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    numpy==2.4.6 pydicom==3.0.2 pillow==12.3.0 \
    || { echo "cannot run: pip could not install these versions" >&2; exit 2; }
cd "$folder"
"$folder/venv/bin/python" - "$server" <<'PYTHON'
import io
import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import numpy as np
from PIL import Image
from pydicom import dcmread
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import (
    ExplicitVRLittleEndian, RLELossless, SecondaryCaptureImageStorage, generate_uid,
)


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def capture(name, pixels, photometric, planar=None, palette=None):
    """A secondary capture in RLE Lossless; the palette is (entry, 3)."""
    made = Dataset()
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.SOPClassUID = made.file_meta.MediaStorageSOPClassUID = SecondaryCaptureImageStorage
    made.SOPInstanceUID = made.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    made.StudyInstanceUID, made.SeriesInstanceUID = generate_uid(), generate_uid()
    made.PatientName, made.PatientID, made.Modality, made.ConversionType = "A^B", "1", "OT", "WSD"
    made.Rows, made.Columns = pixels.shape[:2]
    made.BitsAllocated, made.BitsStored, made.HighBit, made.PixelRepresentation = 8, 8, 7, 0
    made.SamplesPerPixel, made.PhotometricInterpretation = (3 if palette is None else 1), photometric
    if palette is None:
        made.PlanarConfiguration = 0
    else:
        for channel, colour in enumerate(("Red", "Green", "Blue")):
            table = (palette[:, channel].astype("<u2") * 257).astype("<u2")
            made.add_new(f"{colour}PaletteColorLookupTableDescriptor", "US", [len(palette), 0, 16])
            made.add_new(f"{colour}PaletteColorLookupTableData", "OW", table.tobytes())
    made.PixelData = pixels.tobytes()
    made["PixelData"].VR = "OB"
    made.compress(RLELossless, generate_instance_uid=False)
    if planar is not None:
        made.PlanarConfiguration = planar
    made.save_as(name, enforce_file_format=True)
    return name


def asked(path, body=None):
    request = urllib.request.Request(f"http://127.0.0.1:{http}{path}", data=body)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.read()


def shown(name, picture):
    """What Orthanc shows of a file, in words."""
    with open(name, "rb") as file:
        stored = json.loads(asked("/instances", file.read()))["ID"]
    try:
        with Image.open(io.BytesIO(asked(f"/instances/{stored}/preview"))) as image:
            seen = np.asarray(image.convert("RGB"))
    except urllib.error.HTTPError as error:
        return f"nothing, {error.code}"
    return "exact" if np.array_equal(seen, picture) else "other colours"


rng = np.random.default_rng(1)
picture = rng.integers(0, 256, (32, 40, 3), dtype=np.uint8)
colours = rng.integers(0, 256, (64, 3), dtype=np.uint8)
numbers = rng.integers(0, 64, (32, 40), dtype=np.uint8)
filled = np.concatenate([colours, np.full((192, 3), 255, np.uint8)])
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
    found = {
        "RGB, Planar Configuration 0": shown(capture("0.dcm", picture, "RGB", 0), picture),
        "RGB, Planar Configuration 1": shown(capture("1.dcm", picture, "RGB", 1), picture),
        "palette of 64": shown(
            capture("64.dcm", numbers, "PALETTE COLOR", palette=colours), colours[numbers]),
        "palette of 256": shown(
            capture("256.dcm", numbers, "PALETTE COLOR", palette=filled), colours[numbers]),
    }
finally:
    process.terminate()
    process.wait(timeout=20)
by_pydicom = [np.array_equal(dcmread(f"{n}.dcm").pixel_array, picture) for n in (0, 1)]
print("Orthanc", version)
for what, seen in found.items():
    print(f"{what}: {seen}")
print("pydicom reads both RGB files exactly:", by_pydicom)
if list(found.values()) != ["exact", "other colours", "nothing, 415", "exact"] or by_pydicom != [True, True]:
    raise SystemExit("changed")
PYTHON
