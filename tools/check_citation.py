"""Whether CITATION.cff is valid: ``python tools/check_citation.py FILE FOLDER``.

Compares the file with the schema of the Citation File Format that cffconvert, unpacked in FOLDER,
ships for the version that the file states. Prints what is wrong, a line each, and ends with 1.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from jsonschema.validators import validator_for

__all__ = ["faults"]


def faults(citation: dict[str, Any], schema: dict[str, Any]) -> Iterator[str]:
    """What the schema has against it, as place and words."""
    validator = validator_for(schema)(schema)
    for each in validator.iter_errors(citation):
        yield f"{'/'.join(map(str, each.absolute_path)) or 'the file'}: {each.message}"


def main() -> None:
    """Check what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    # Dates as they are written: the schema asks for text.
    citation = yaml.load(arguments.file.read_text(encoding="utf-8"), yaml.BaseLoader)  # noqa: S506
    schemas = arguments.folder / "cffconvert" / "schemas"
    schema = schemas / citation["cff-version"] / "schema.json"
    found = list(faults(citation, json.loads(schema.read_text(encoding="utf-8"))))
    print("\n".join(found) or f"{arguments.file.name} is valid, by its schema")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
