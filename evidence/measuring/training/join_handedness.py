"""Put the handedness network of some weights into others, without training or calibrating anything.

``python -m evidence run join_handedness -- FROM INTO --version VERSION`` copies the ONNX file and
the section of the record from one folder of weights into another, whose blocks and limits stay as
they are, and gives these another version. Of installed weights the new hash of the record, which is
printed, belongs into ``INSTALLED_WEIGHTS`` of ``shortaxis.inference.weights_record``.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path

from shortaxis.files.plain_json import write_json
from shortaxis.inference.weights_record import RECORD_FILE, find_stored_weights
from shortaxis.reorientation.handedness_weights import HANDEDNESS_SECTION, handedness_of


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", metavar="FROM")
    parser.add_argument("target", metavar="INTO", type=Path)
    parser.add_argument("--version", required=True)
    arguments = parser.parse_args()
    digest = joined(arguments.source, arguments.target, arguments.version)
    print(f"SHA-256 {digest}")


def joined(source: str, target: Path, version: str) -> str:
    """Write the network into a folder of weights; returns the hash of its new record.

    Raises
    ------
    ValueError
        If the source has no such network.
    """
    network = handedness_of(find_stored_weights(source))
    if network is None:
        raise ValueError(f"{source}: weights without a handedness network")
    record = json.loads((target / RECORD_FILE).read_text(encoding="utf-8"))
    record |= {"version": version, HANDEDNESS_SECTION: network.values}
    (target / network.values["file"]).write_bytes(network.model())
    write_json(target / RECORD_FILE, record)
    return hashlib.sha256((target / RECORD_FILE).read_bytes()).hexdigest()


if __name__ == "__main__":
    main()
