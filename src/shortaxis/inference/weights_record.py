"""Weights on disk: which are installed, what they are, and that they are what they say.

Weights are a folder with one ONNX file a block and ``record.json``, which names the files and
their SHA-256, what they were trained on, how they were calibrated, and by which limits their
results are judged. Hashes are compared at every load: of the files with the record, and of the
record of installed weights with the table here. Nothing is ever fetched or replaced.

What is the same for every network is read here; the room of a network reads the rest.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shortaxis.errors import UnknownWeightsError, UnreadableFileError
from shortaxis.files.inputs.side_files import read_side_bytes
from shortaxis.files.plain_json import OF_ANOTHER_SHAPE

__all__ = [
    "INSTALLED_WALL_WEIGHTS",
    "INSTALLED_WEIGHTS",
    "POSE_WEIGHTS",
    "READ_SCHEMAS",
    "RECORD_FILE",
    "WALL_SCHEMA",
    "WALL_WEIGHTS",
    "WEIGHTS_SCHEMA",
    "StoredWeights",
    "WeightsKind",
    "WeightsRecord",
    "damaged_record",
    "find_stored_weights",
]

WEIGHTS_SCHEMA = "shortaxis/weights/4"
SCHEMA_3, SCHEMA_2 = "shortaxis/weights/3", "shortaxis/weights/2"
READ_SCHEMAS = (WEIGHTS_SCHEMA, SCHEMA_3, SCHEMA_2)
"""The one that is written, and those of before. Schema 3 had no rule for patients who moved,
schema 2 no limits of its own."""

RECORD_FILE = "record.json"

INSTALLED_WEIGHTS: Mapping[str, str] = {
    "default": "442014c9a9ebcf9b38bae7ed7f76e0c703928d700aacafcdcb20d38371ef2cbc"
}
"""SHA-256 of ``record.json`` by the name of the weights."""

WALL_SCHEMA = "shortaxis/wall-weights/1"

INSTALLED_WALL_WEIGHTS: Mapping[str, str] = {
    "ventricle": "b7fe76b4b90f7be1f79054ed19e15867acbca781b75682303c1bfbee16c687b0"
}
"""The same, of the network that draws the wall."""


@dataclass(frozen=True)
class WeightsKind:
    """Weights for one task: schemas that are read, newest first, and the installed ones by name."""

    schemas: tuple[str, ...]
    installed: Mapping[str, str]


POSE_WEIGHTS = WeightsKind(READ_SCHEMAS, INSTALLED_WEIGHTS)
WALL_WEIGHTS = WeightsKind((WALL_SCHEMA,), INSTALLED_WALL_WEIGHTS)

OTHER_NETWORKS = ("handedness",)
"""Sections of a record beside the blocks of the pose, each a network with a file of its own; a
record may lack any."""

LARGEST_BYTES = 1 << 28
"""Of a block; the installed ones have 2 MB."""

SHA256 = re.compile("[0-9a-f]{64}")

FOLDER = Path(__file__).with_name("installed_weights")


@dataclass(frozen=True)
class WeightsRecord:
    """Which network weights made a result; empty for methods without weights.

    `name` and `version` as the weights' record has them, `sha256` the hash of that record.
    """

    name: str = ""
    version: str = ""
    sha256: str = ""


@dataclass(frozen=True, eq=False)
class StoredWeights:
    """Weights on disk whose record was read and checked.

    `values` is the content of ``record.json``; `record` what results say of it.
    """

    folder: Path
    record: WeightsRecord
    values: Mapping[str, Any]

    @property
    def carries_judgement(self) -> bool:
        """Whether the record holds the limits that results are judged by."""
        return bool(self.values["schema"] != SCHEMA_2)

    def model(self, block: str) -> bytes:
        """Content of a block's ONNX file.

        Raises
        ------
        UnknownWeightsError
            If it is missing, or is not the file that the record names.
        """
        return self.file_of(self.values["blocks"][block], f"the {block}")

    def file_of(self, entry: Mapping[str, Any], what: str) -> bytes:
        """Content of the file that an entry of the record names; `what` it is, for the error.

        Raises
        ------
        UnknownWeightsError
            If it is missing, or is not the file that the record names.
        """
        return _checked(self.folder / entry["file"], entry["sha256"], what)


def find_stored_weights(name: str, kind: WeightsKind = POSE_WEIGHTS) -> StoredWeights:
    """Installed weights of a kind by name, or those in a folder.

    Raises
    ------
    UnknownWeightsError
        If there are none, or they are not what they say.
    """
    if name in kind.installed:
        return _read(FOLDER / name, kind.installed[name], kind)
    folder = Path(name)
    if (folder / RECORD_FILE).is_file():
        return _read(folder, None, kind)
    if folder.exists():
        inside = folder / "weights" / RECORD_FILE
        raise UnknownWeightsError(
            "holds no network weights",
            path=folder,
            expected=f"a folder with {RECORD_FILE}",
            found="a file" if folder.is_file() else f"a folder without {RECORD_FILE}",
            cause="the folder of a training run; its weights are in its subfolder 'weights'"
            if inside.is_file()
            else "another folder, or a training run that is not finished",
        )
    raise UnknownWeightsError(
        "network weights are not installed",
        expected=" or ".join([*kind.installed, f"a folder with {RECORD_FILE}"]),
        found=name,
        cause="a spelling mistake or another version; the method 'ellipsoid' needs no weights",
    )


def damaged_record(
    folder: Path, error: Exception, kind: WeightsKind = POSE_WEIGHTS
) -> UnknownWeightsError:
    """The one error for whatever is missing from a record, or wrong in it."""
    words = f"no {error.args[0]}" if isinstance(error, KeyError) else str(error)
    return UnknownWeightsError(
        "is no record of weights",
        path=folder / RECORD_FILE,
        expected=f"schema {kind.schemas[0]}, every value of its kind and in its range",
        found=words or type(error).__name__,
        cause="an edited file, or weights of another version",
    )


def _read(folder: Path, sha256: str | None, kind: WeightsKind) -> StoredWeights:
    content = _checked(folder / RECORD_FILE, sha256, "the record")
    try:
        values = json.loads(content)
        _require_shared(values, kind)
    except OF_ANOTHER_SHAPE as error:
        raise damaged_record(folder, error, kind) from error
    digest = hashlib.sha256(content).hexdigest()
    return StoredWeights(folder, WeightsRecord(values["name"], values["version"], digest), values)


def _require_shared(values: Mapping[str, Any], kind: WeightsKind) -> None:
    """What every record has: schema, names, licence, exams and files."""
    if values["schema"] not in kind.schemas:
        raise ValueError(f"schema {values['schema']}")
    for name in ("name", "version", "licence"):
        if not isinstance(values[name], str):
            raise TypeError(f"{name} is no text: {values[name]!r}")
    for one in values["training"]["train"]:
        _ = one["preset"], int(one["first"]), int(one["count"])
    others = {name: values[name] for name in OTHER_NETWORKS if name in values}
    for block, entry in {**values["blocks"], **others}.items():
        _require_file(block, entry)


def _require_file(block: str, entry: Mapping[str, Any]) -> None:
    """Name, hash and number of parameters of a block's file."""
    name, sha256, parameters = entry["file"], entry["sha256"], entry["parameters"]
    if Path(name).name != name:
        raise ValueError(f"file of the {block}: {name}")
    if not SHA256.fullmatch(sha256):
        raise ValueError(f"sha256 of the {block}: {sha256}")
    if not isinstance(parameters, int) or parameters <= 0:
        raise ValueError(f"parameters of the {block}: {parameters!r}")


def _checked(path: Path, sha256: str | None, what: str) -> bytes:
    """Content of a file with this hash; None takes any."""
    try:
        content = read_side_bytes(path, LARGEST_BYTES)
    except UnreadableFileError:
        raise
    except OSError as error:
        raise UnknownWeightsError(
            f"{what} of the weights cannot be read",
            path=path,
            expected="a file",
            found=getattr(error, "strerror", None) or "no file",
            cause="an incomplete installation",
        ) from error
    found = hashlib.sha256(content).hexdigest()
    if sha256 is not None and found != sha256:
        raise UnknownWeightsError(
            f"{what} of the weights is not the one that it should be",
            path=path,
            expected=f"SHA-256 {sha256}",
            found=f"SHA-256 {found}",
            cause="a damaged or changed file; install the package, or copy the weights, again",
        )
    return content
