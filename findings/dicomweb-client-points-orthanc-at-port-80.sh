#!/bin/sh
# Tool: dicomweb-client 0.61.2, a query for studies on a server that listens on another port than 80.
# Guess: the header Host of its requests names the host and the port, as RFC 9110 7.2 has it, so that a
#   server that answers with links gives links that lead back to it.
# Happens: the client sets the header itself, to the host alone. Servers that build Retrieve URL and
#   Bulk Data URI from it give links to port 80 of that machine: seen with Orthanc 1.10.1 and its DICOMweb
#   plugin 1.7 of Debian 12, and here with a few lines that do the same. The metadata of a study then
#   come, and retrieve_bulkdata for its pixels asks another server, or nobody.
# Matters: reading the header of a large gated or PET study and then only its pixels is what metadata
#   and bulk data are for; with the commonest small archive it fails on its usual port.
# ShortAxis: takes the header out again, and follows no links.
# Checked: 2026-11-29

set -eu
python=$(command -v python3) || { echo "cannot run: no python3" >&2; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$python" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    dicomweb-client==0.61.2 pydicom==3.0.2 requests==2.34.2 \
    || { echo "cannot run: pip could not install these versions" >&2; exit 2; }
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import requests
from dicomweb_client import DICOMwebClient


class Server(BaseHTTPRequestHandler):
    """Answers with a link to itself, as servers do that are known by several names."""

    def do_GET(self):
        link = f"http://{self.headers['Host']}/studies/1.2.3"
        study = {
            "0020000D": {"vr": "UI", "Value": ["1.2.3"]},
            "00081190": {"vr": "UR", "Value": [link]},
        }
        body = json.dumps([study]).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/dicom+json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words):
        pass


server = HTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
root = f"http://127.0.0.1:{server.server_address[1]}"
plain = requests.get(f"{root}/studies", timeout=10).json()[0]["00081190"]["Value"][0]
(study,) = DICOMwebClient(root).search_for_studies()
by_client = study["00081190"]["Value"][0]
print("the server is at", root)
print("its link, asked by requests:       ", plain)
print("its link, asked by dicomweb-client:", by_client)
if plain != f"{root}/studies/1.2.3" or by_client != "http://127.0.0.1/studies/1.2.3":
    raise SystemExit("changed")
PYTHON
