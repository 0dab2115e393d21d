"""Network weights: which are installed, what they are, and that they are what they say.

Weights are a folder with one ONNX file a block and ``record.json``, which names the files, their
SHA-256, the grids, what they were trained on and how their uncertainties were calibrated. Hashes
are compared at every load: of the files with the record, and of the record of installed weights
with the table here. Nothing is ever fetched or replaced.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from shortaxis.errors import UnknownWeightsError
from shortaxis.reorientation.estimate import WeightsRecord
from shortaxis.reorientation.network_cascade import Block, Cascade
from shortaxis.reorientation.network_grid import NetworkGrid

__all__ = [
    "BLOCKS",
    "BOUNDED_ERRORS",
    "DEFAULT_WEIGHTS",
    "INSTALLED_WEIGHTS",
    "RECORD_FILE",
    "WEIGHTS_SCHEMA",
    "BoundLaw",
    "NetworkWeights",
    "find_weights",
    "load_cascade",
]

WEIGHTS_SCHEMA = "shortaxis/weights/2"
RECORD_FILE = "record.json"
BLOCKS = ("localiser", "refiner")
DEFAULT_WEIGHTS = "default"

INSTALLED_WEIGHTS: Mapping[str, str] = {
    "default": "b832ca05ea6c637f6511bad995b7c457164f748a3f4152157fda0c31cbabe691"
}
"""SHA-256 of ``record.json`` by the name of the weights."""

SHA256 = re.compile("[0-9a-f]{64}")

FOLDER = Path(__file__).with_name("installed_weights")


BOUNDED_ERRORS = ("long_axis_deg", "roll_deg", "center_mm")
"""Errors that a block expects, in the order in which it gives them."""


@dataclass(frozen=True)
class BoundLaw:
    """A bound that 90 % of the errors of calibration exams stay below, from the expected error."""

    factor: float
    power: float

    @property
    def is_sound(self) -> bool:
        """Whether bounds are finite and above zero, and do not fall with the expected error."""
        return 0 < self.factor < math.inf and 0 <= self.power < math.inf

    def bound(self, spread: float) -> float:
        """Bound (degrees or mm) for an expected error in the same unit."""
        return float(self.factor * spread**self.power)


@dataclass(frozen=True, eq=False)
class NetworkWeights:
    """Weights on disk whose record was read and checked.

    `values` is the content of ``record.json``; `record` what ``pose.json`` says of it.
    """

    folder: Path
    record: WeightsRecord
    values: Mapping[str, Any]

    def grid(self, block: str) -> NetworkGrid:
        """Grid that a block looks at."""
        return NetworkGrid(**self.values["blocks"][block]["grid"])

    def model(self, block: str) -> bytes:
        """Content of a block's ONNX file.

        Raises
        ------
        UnknownWeightsError
            If it is missing, or is not the file that the record names.
        """
        entry = self.values["blocks"][block]
        path = self.folder / entry["file"]
        return _checked(path, entry["sha256"], f"the {block}")

    @property
    def bound_laws(self) -> tuple[BoundLaw, ...]:
        """From expected errors to bounds, in the order of `BOUNDED_ERRORS`."""
        laws = (self.values["calibration"][name] for name in BOUNDED_ERRORS)
        return tuple(BoundLaw(float(law["factor"]), float(law["power"])) for law in laws)


def find_weights(name: str) -> NetworkWeights:
    """Installed weights by name, or those in a folder.

    Raises
    ------
    UnknownWeightsError
        If there are none, or they are not what they say.
    """
    if name in INSTALLED_WEIGHTS:
        return _read(FOLDER / name, INSTALLED_WEIGHTS[name])
    folder = Path(name)
    if (folder / RECORD_FILE).is_file():
        return _read(folder, None)
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
        expected=", ".join(INSTALLED_WEIGHTS) + f" or a folder with {RECORD_FILE}",
        found=name,
        cause="a spelling mistake or another version; the method 'ellipsoid' needs no weights",
    )


@lru_cache(maxsize=4)
def load_cascade(name: str) -> tuple[NetworkWeights, Cascade]:
    """Weights and their blocks, ready to look; kept for the next call.

    Raises
    ------
    UnknownWeightsError
        As `find_weights`.
    """
    from shortaxis.inference.onnx_session import ModelError, OnnxBlock

    weights = find_weights(name)
    blocks = []
    for block in BLOCKS:
        grid = weights.grid(block)
        try:
            blocks.append(Block(grid, OnnxBlock(weights.model(block), grid.size)))
        except ModelError as error:
            raise UnknownWeightsError(
                f"the {block} of the weights cannot be used",
                path=weights.folder / weights.values["blocks"][block]["file"],
                expected=f"a network that looks at {grid.size} voxels along each edge",
                found=str(error),
                cause="a file that is no block of this version",
            ) from error
    return weights, Cascade(*blocks)


def _read(folder: Path, sha256: str | None) -> NetworkWeights:
    path = folder / RECORD_FILE
    content = _checked(path, sha256, "the record")
    try:
        values = json.loads(content)
        _require_schema(values["schema"])
        digest = hashlib.sha256(content).hexdigest()
        record = WeightsRecord(str(values["name"]), str(values["version"]), digest)
        weights = NetworkWeights(folder, record, values)
        for block in BLOCKS:
            _require_block(values["blocks"][block])
        if not all(law.is_sound for law in weights.bound_laws):
            raise ValueError(f"calibration {weights.bound_laws}")
        _ = str(values["licence"]), [one["preset"] for one in values["training"]["train"]]
    except (ValueError, KeyError, TypeError) as error:
        raise UnknownWeightsError(
            "is no record of weights",
            path=path,
            expected=f"schema {WEIGHTS_SCHEMA}",
            found=f"{type(error).__name__}: {error}",
            cause="an edited file, or weights of another version",
        ) from error
    return weights


def _require_schema(schema: object) -> None:
    if schema != WEIGHTS_SCHEMA:
        raise ValueError(f"schema {schema}")


def _require_block(entry: Mapping[str, Any]) -> None:
    """File name, hash, number of parameters and grid, each as it must be."""
    if Path(entry["file"]).name != entry["file"]:
        raise ValueError(f"file {entry['file']}")
    if not SHA256.fullmatch(entry["sha256"]):
        raise ValueError(f"sha256 {entry['sha256']}")
    grid = NetworkGrid(**entry["grid"])
    if not (int(entry["parameters"]) > 0 and grid.size > 0 and grid.spacing_mm > 0):
        raise ValueError(f"parameters {entry['parameters']}, {grid}")


def _checked(path: Path, sha256: str | None, what: str) -> bytes:
    """Content of a file with this hash; None takes any."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UnknownWeightsError(
            f"{what} of the weights cannot be read",
            path=path,
            expected="a file",
            found=error.strerror or "the system refused it",
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
