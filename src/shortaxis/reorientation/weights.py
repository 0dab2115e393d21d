"""The weights of the cascade: what their record says beside files and hashes, and its blocks."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from shortaxis.errors import UnknownWeightsError
from shortaxis.files.plain_json import OF_ANOTHER_SHAPE
from shortaxis.inference.runtimes import Runtime, sessions_of
from shortaxis.inference.weights_record import StoredWeights, damaged_record, find_stored_weights
from shortaxis.reorientation.judgement import (
    Judgement,
    default_judgement,
    judgement_from_record,
)
from shortaxis.reorientation.network_cascade import Block, Cascade
from shortaxis.reorientation.network_grid import NetworkGrid, grid_of_record

__all__ = [
    "BLOCKS",
    "BOUNDED_ERRORS",
    "DEFAULT_WEIGHTS",
    "BoundLaw",
    "NetworkWeights",
    "find_weights",
    "forget_cascades",
    "load_cascade",
]

BLOCKS = ("localiser", "refiner")
DEFAULT_WEIGHTS = "default"

BOUNDED_ERRORS = ("long_axis_deg", "roll_deg", "center_mm")
"""Errors that a block expects, in the order in which it gives them."""


@dataclass(frozen=True)
class BoundLaw:
    """A bound that 90 % of the errors of calibration exams stay below, from the expected error.

    Raises
    ------
    ValueError
        If bounds would not be finite and above zero, or would fall with the expected error.
    """

    factor: float
    power: float

    def __post_init__(self) -> None:
        if not (0 < self.factor < math.inf and 0 <= self.power < math.inf):
            raise ValueError(f"a bound of factor {self.factor!r} and power {self.power!r}")

    def bound(self, spread: float) -> float:
        """Bound (degrees or mm) for an expected error in the same unit."""
        return float(self.factor * spread**self.power)


@dataclass(frozen=True, eq=False)
class NetworkWeights(StoredWeights):
    """Weights of the cascade, checked in every field.

    Parameters
    ----------
    grids : mapping of str to NetworkGrid
        What each block is shown.
    bound_laws : tuple of BoundLaw
        From expected errors to bounds, in the order of `BOUNDED_ERRORS`.
    judgement : Judgement
        By what a pose is accepted, flagged or refused.
    """

    grids: Mapping[str, NetworkGrid]
    bound_laws: tuple[BoundLaw, ...]
    judgement: Judgement

    def grid(self, block: str) -> NetworkGrid:
        """Grid that a block is shown."""
        return self.grids[block]


def find_weights(name: str) -> NetworkWeights:
    """Installed weights by name, or those in a folder.

    Raises
    ------
    UnknownWeightsError
        If there are none, or they are not what they say.
    """
    stored = find_stored_weights(name)
    values = stored.values
    try:
        return NetworkWeights(
            stored.folder,
            stored.record,
            values,
            grids={block: grid_of_record(values["blocks"][block]["grid"]) for block in BLOCKS},
            bound_laws=tuple(_law(values["calibration"][name]) for name in BOUNDED_ERRORS),
            judgement=judgement_from_record(values["judgement"])
            if stored.carries_judgement
            else default_judgement(),
        )
    except OF_ANOTHER_SHAPE as error:
        raise damaged_record(stored.folder, error) from error


def load_cascade(
    name: str, runtime: Runtime = Runtime.ONNX_RUNTIME
) -> tuple[NetworkWeights, Cascade]:
    """Weights and their blocks, ready to run; kept for the next call with the same record.

    Raises
    ------
    UnknownWeightsError
        As `find_weights`.
    MissingExtraError, OptionError
        As `sessions_of`.
    """
    return _loaded_cascade(name, find_stored_weights(name).record.sha256, runtime)


def forget_cascades() -> None:
    """Let go of what is kept for the next call."""
    _loaded_cascade.cache_clear()


@lru_cache(maxsize=4)
def _loaded_cascade(name: str, sha256: str, runtime: Runtime) -> tuple[NetworkWeights, Cascade]:
    """By the hash of the record, too: a folder may hold others by the next call."""
    from shortaxis.inference.onnx_session import ModelError, OnnxBlock

    weights = find_weights(name)
    if weights.record.sha256 != sha256:
        raise UnknownWeightsError(
            "was replaced while the weights were read",
            path=weights.folder,
            expected=f"a record of SHA-256 {sha256}",
            found=f"SHA-256 {weights.record.sha256}",
            cause="weights that are being copied into the folder",
            way_on="start again once they are copied",
        )
    blocks, open_session = [], sessions_of(runtime)
    for block in BLOCKS:
        grid = weights.grid(block)
        try:
            blocks.append(Block(grid, OnnxBlock(weights.model(block), grid.size, open_session)))
        except ModelError as error:
            raise UnknownWeightsError(
                f"the {block} of the weights cannot be used",
                path=weights.folder / weights.values["blocks"][block]["file"],
                expected=f"a network that looks at {grid.size} voxels along each edge",
                found=str(error),
                cause="a file that is no block of this version",
            ) from error
    localiser, refiner = blocks
    presence = weights.judgement.presence
    return weights, Cascade(localiser, refiner, presence.searched_on_below)


def _law(entry: Mapping[str, Any]) -> BoundLaw:
    return BoundLaw(float(entry["factor"]), float(entry["power"]))
