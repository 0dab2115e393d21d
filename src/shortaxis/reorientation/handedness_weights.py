"""The handedness network of weights: its own section of their record, and its own file.

Weights may hold none; then nothing is said of the way round. It can be replaced without the
networks of the pose, and they without it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from shortaxis.errors import UnknownWeightsError
from shortaxis.files.plain_json import OF_ANOTHER_SHAPE
from shortaxis.geometry.cube_symmetries import FLIPS, ORDERS
from shortaxis.inference.runtimes import Runtime, sessions_of
from shortaxis.inference.weights_record import StoredWeights, damaged_record, find_stored_weights
from shortaxis.reorientation.handedness import HandednessRule
from shortaxis.reorientation.handedness_check import HandednessCheck
from shortaxis.reorientation.network_grid import NetworkGrid, grid_of_record

__all__ = [
    "HANDEDNESS_SECTION",
    "HandednessWeights",
    "forget_handedness",
    "handedness_of",
    "load_handedness",
]

HANDEDNESS_SECTION = "handedness"
"""Of a record of weights."""


@dataclass(frozen=True, eq=False)
class HandednessWeights:
    """What a record says of the handedness network.

    Parameters
    ----------
    stored : StoredWeights
        Whose it is.
    grids : tuple of NetworkGrid
        What it is shown.
    rule : HandednessRule
        By which its energies are judged.
    """

    stored: StoredWeights
    grids: tuple[NetworkGrid, ...]
    rule: HandednessRule

    @property
    def values(self) -> Mapping[str, Any]:
        """Its section of the record."""
        section: Mapping[str, Any] = self.stored.values[HANDEDNESS_SECTION]
        return section

    def model(self) -> bytes:
        """Content of its ONNX file.

        Raises
        ------
        UnknownWeightsError
            If it is missing, or is not the file that the record names.
        """
        return self.stored.file_of(self.values, "the handedness network")


def handedness_of(stored: StoredWeights) -> HandednessWeights | None:
    """The handedness network of weights; None if they have none.

    Raises
    ------
    UnknownWeightsError
        If the section lacks something, or has a value out of its range.
    """
    if HANDEDNESS_SECTION not in stored.values:
        return None
    try:
        section = stored.values[HANDEDNESS_SECTION]
        grids = tuple(grid_of_record(each) for each in section["grids"])
        if not grids or len({grid.size for grid in grids}) > 1:
            raise ValueError(f"grids of {[grid.size for grid in grids]} voxels")
        return HandednessWeights(stored, grids, HandednessRule(**section["rule"]))
    except OF_ANOTHER_SHAPE as error:
        raise damaged_record(stored.folder, error) from error


def load_handedness(name: str, runtime: Runtime = Runtime.ONNX_RUNTIME) -> HandednessCheck | None:
    """The network of weights, ready to run; None if they have none. Kept for the next call.

    Raises
    ------
    UnknownWeightsError
        If the weights are not installed, or are not what they say.
    MissingExtraError, OptionError
        As `sessions_of`.
    """
    return _loaded(name, find_stored_weights(name).record.sha256, runtime)


def forget_handedness() -> None:
    """Let go of what is kept for the next call."""
    _loaded.cache_clear()


@lru_cache(maxsize=4)
def _loaded(name: str, sha256: str, runtime: Runtime) -> HandednessCheck | None:
    from shortaxis.inference.onnx_session import ModelError, OnnxEnergies

    weights = handedness_of(find_stored_weights(name))
    if weights is None:
        return None
    expected, shown = (len(ORDERS), len(FLIPS)), (len(weights.grids), weights.grids[0].size)
    open_session = sessions_of(runtime)
    try:
        network = OnnxEnergies(weights.model(), *shown, expected, open_session)
    except ModelError as error:
        raise UnknownWeightsError(
            "the handedness network of the weights cannot be used",
            path=weights.stored.folder / weights.values["file"],
            expected=f"energies of {expected[0]} orders and {expected[1]} flips",
            found=str(error),
            cause="a file that is no such network of this version",
        ) from error
    return HandednessCheck(weights.grids, network, weights.rule)
