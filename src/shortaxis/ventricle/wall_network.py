"""The wall drawn by a network: from a volume and a pose to surfaces with their trust."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from shortaxis.anatomy.hybrid_grid import RAY_ANGLES, RAY_ROWS
from shortaxis.errors import HeartNotFoundError, UnknownWeightsError
from shortaxis.files.plain_json import OF_ANOTHER_SHAPE
from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.pose import RigidPose
from shortaxis.inference.onnx_session import ModelError, OnnxMaps
from shortaxis.inference.weights_record import (
    WALL_WEIGHTS,
    StoredWeights,
    WeightsRecord,
    damaged_record,
    find_stored_weights,
)
from shortaxis.spect.volume import SpectVolume
from shortaxis.ventricle.integration import cavity_ml
from shortaxis.ventricle.ray_counts import CONTEXT, DEPTHS_MM, RayCounts, ray_counts
from shortaxis.ventricle.surfaces import VentricleSurfaces, WallBounds
from shortaxis.ventricle.trust import (
    BOUNDED_WALL_ERRORS,
    WallMeasures,
    WallTrust,
    axis_reasons,
    neighbour_part,
    trust_from_record,
)
from shortaxis.ventricle.valve_plane import ValvePlane

__all__ = [
    "DEFAULT_WALL_WEIGHTS",
    "NETWORK_WALL",
    "WALL_BLOCK",
    "WALL_INPUTS",
    "WALL_OUTPUTS",
    "WallDrawer",
    "WallDrawing",
    "WallPrediction",
    "draw_wall",
    "load_wall_drawer",
    "open_wall_network",
    "predict_wall",
]

DEFAULT_WALL_WEIGHTS = "ventricle"
"""Of the installed ones."""
WALL_BLOCK = "wall"
NETWORK_WALL = "network"

GRID = (RAY_ROWS, RAY_ANGLES)

WALL_INPUTS = {"counts": (DEPTHS_MM.size, *GRID), "context": (CONTEXT,)}
WALL_OUTPUTS = {
    "middle_mm": GRID,
    "thickness_mm": GRID,
    "log_scale": (2, *GRID),
    "is_wall": GRID,
    "is_seen": GRID,
    "valve": (5,),
    "log_spread": (len(BOUNDED_WALL_ERRORS),),
}
"""Shapes by name, without the batch; what they mean says `shortaxis.network.wall.WallOutput`."""

MIN_RADIUS_MM = 0.5
"""A cavity is never inside out, however small."""


@dataclass(frozen=True, eq=False)
class WallPrediction:
    """What the network says of one volume, decoded, before it is judged.

    ``spread`` are expected errors by the names of `BOUNDED_WALL_ERRORS`.
    """

    endocardium_mm: FloatArray
    epicardium_mm: FloatArray
    spread_mm: FloatArray
    is_wall: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
    is_seen: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
    valve: ValvePlane
    spread: Mapping[str, float]

    def surfaces(
        self, pose: RigidPose, bounds: WallBounds | None = None, reasons: tuple[str, ...] = ()
    ) -> VentricleSurfaces:
        """The surfaces in the frame of the pose along whose rays the network looked."""
        return VentricleSurfaces(
            pose,
            self.endocardium_mm,
            self.epicardium_mm,
            self.spread_mm,
            self.is_wall,
            self.is_seen,
            self.valve,
            NETWORK_WALL,
            bounds,
            reasons,
        )

    def measures(self, rays: RayCounts) -> WallMeasures:
        """What the wall is judged by."""
        middle = (self.endocardium_mm + self.epicardium_mm) / 2
        part = neighbour_part(rays.counts, middle, self.spread_mm, self.is_wall)
        return WallMeasures(self.spread["wall_mm"], self.spread["valve_mm"], part)


@dataclass(frozen=True, eq=False)
class WallDrawing:
    """Surfaces, and what they were judged by."""

    surfaces: VentricleSurfaces
    prediction: WallPrediction
    measures: WallMeasures


@dataclass(frozen=True, eq=False)
class WallDrawer:
    """The network with its trust, ready to run.

    Parameters
    ----------
    network : OnnxMaps
        As exported.
    trust : WallTrust
        Bounds and limits of its weights.
    record : WeightsRecord
        Which weights they are.
    """

    network: OnnxMaps
    trust: WallTrust
    record: WeightsRecord = field(default_factory=WeightsRecord)

    def draw(
        self, volume: SpectVolume, pose: RigidPose, axis_bound_deg: float | None = None
    ) -> WallDrawing:
        """Draw the wall along the axes of a pose, whose bound is known or not.

        Raises
        ------
        HeartNotFoundError
            If there are no counts around the pose.
        """
        rays, prediction = predict_wall(self.network, volume, pose)
        measures = prediction.measures(rays)
        cavity = cavity_ml(prediction.endocardium_mm, prediction.valve)
        bounds = self.trust.bounds(prediction.spread, cavity)
        reasons = self.trust.limits.reasons(measures) + axis_reasons(axis_bound_deg)
        surfaces = prediction.surfaces(pose, bounds, reasons)
        return WallDrawing(surfaces, prediction, measures)


def draw_wall(
    volume: SpectVolume,
    pose: RigidPose,
    weights: str = DEFAULT_WALL_WEIGHTS,
    *,
    axis_bound_deg: float | None = None,
) -> VentricleSurfaces:
    """Draw the wall of the left ventricle by the network.

    Parameters
    ----------
    volume : SpectVolume
        Counts in any grid, transaxial or short-axis: they are sampled once, along the rays.
    pose : RigidPose
        Axes and centre of the left ventricle, anatomical roll.
    weights : str
        Installed weights by name, or a folder.
    axis_bound_deg : float, optional
        Bound of the pose's long axis; a wall along one that is not sure is flagged.

    Raises
    ------
    UnknownWeightsError
        If the weights are not installed, or not what they say.
    HeartNotFoundError
        If there are no counts around the pose.
    """
    return load_wall_drawer(weights).draw(volume, pose, axis_bound_deg).surfaces


def predict_wall(
    network: OnnxMaps, volume: SpectVolume, pose: RigidPose
) -> tuple[RayCounts, WallPrediction]:
    """What the network is shown, and what it says.

    Raises
    ------
    HeartNotFoundError
        If there are no counts around the pose.
    """
    rays = ray_counts(volume, pose)
    if not rays.level > 0:
        raise HeartNotFoundError(
            "there is nothing to draw a wall in",
            expected="counts around the pose",
            found="none within 7 cm of the long axis",
            cause="a pose beside the field of view, or an empty volume",
            way_on="estimate the pose of this volume",
        )
    found = network(counts=rays.counts[None], context=rays.context[None])
    return rays, decoded({name: value[0].astype(np.float64) for name, value in found.items()})


def decoded(found: Mapping[str, FloatArray]) -> WallPrediction:
    """Surfaces, plane and expected errors from the outputs of one case."""
    half = found["thickness_mm"] / 2
    inner = np.maximum(found["middle_mm"] - half, MIN_RADIUS_MM)
    height, slope_x, slope_y, x, y = (float(value) for value in found["valve"])
    return WallPrediction(
        inner,
        np.maximum(found["middle_mm"] + half, inner),
        np.exp(found["log_scale"]),
        found["is_wall"] > 0,
        (found["is_wall"] > 0) & (found["is_seen"] > 0),
        ValvePlane.from_heights(height, slope_x, slope_y, (x, y)),
        dict(zip(BOUNDED_WALL_ERRORS, np.exp(found["log_spread"]).tolist(), strict=True)),
    )


def open_wall_network(model: bytes) -> OnnxMaps:
    """A network from the content of its ONNX file.

    Raises
    ------
    ModelError
        If it is none, or one of other rays.
    """
    return OnnxMaps(model, WALL_INPUTS, WALL_OUTPUTS)


def load_wall_drawer(name: str = DEFAULT_WALL_WEIGHTS) -> WallDrawer:
    """Weights with their network, ready to run; kept for the next call with the same record.

    Raises
    ------
    UnknownWeightsError
        If they are not installed, or not what they say.
    """
    return _loaded(name, find_stored_weights(name, WALL_WEIGHTS).record.sha256)


@lru_cache(maxsize=2)
def _loaded(name: str, sha256: str) -> WallDrawer:
    """By the hash of the record, too: a folder may hold others by the next call."""
    stored = find_stored_weights(name, WALL_WEIGHTS)
    try:
        network = open_wall_network(stored.model(WALL_BLOCK))
        return WallDrawer(network, trust_from_record(stored.values["calibration"]), stored.record)
    except ModelError as error:
        raise _unusable(stored, error) from error
    except OF_ANOTHER_SHAPE as error:
        raise damaged_record(stored.folder, error, WALL_WEIGHTS) from error


def _unusable(stored: StoredWeights, error: ModelError) -> UnknownWeightsError:
    return UnknownWeightsError(
        "the wall network of the weights cannot be used",
        path=stored.folder / stored.values["blocks"][WALL_BLOCK]["file"],
        expected="a network that looks along the rays of this version",
        found=str(error),
        cause="a file that is no wall network, or one of another version",
    )
