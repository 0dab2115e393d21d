"""From a checkpoint of the wall network to weights that can be installed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from shortaxis.errors import OptionError
from shortaxis.files.plain_json import to_json_line, write_json
from shortaxis.files.staged_folder import refuse_existing, staged_folder
from shortaxis.inference.weights_record import RECORD_FILE, WALL_SCHEMA
from shortaxis.network.wall_export import wall_onnx_bytes
from shortaxis.reorientation.weights import DEFAULT_WEIGHTS, load_cascade
from shortaxis.training.calibration import BOUND
from shortaxis.training.config import WEIGHTS_FOLDER
from shortaxis.training.wall.calibration import calibrated_trust
from shortaxis.training.wall.config import WallTraining
from shortaxis.training.wall.loop import read_wall_facts, read_wall_network
from shortaxis.training.wall.measured import MeasuredWall, measured_walls
from shortaxis.training.wall.parity import compared_walls, parity_rays
from shortaxis.ventricle.trust import trust_to_record
from shortaxis.ventricle.wall_network import WALL_BLOCK, open_wall_network

__all__ = ["WALL_FILES", "package_wall", "refuse_unpackable_wall"]

MODEL_FILE = f"{WALL_BLOCK}.onnx"
WALL_FILES = (MODEL_FILE, RECORD_FILE)


def package_wall(  # noqa: PLR0913 - what the verb is told
    config: WallTraining,
    folder: Path,
    *,
    name: str,
    version: str,
    pose_weights: str = DEFAULT_WEIGHTS,
    force: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Path:
    """Write the network of a run, calibrated, as ``weights`` into the run's folder.

    Bounds and limits hold for walls along the axes that `pose_weights` find, and say so.

    Returns
    -------
    Path
        The folder with ``wall.onnx`` and ``record.json``.

    Raises
    ------
    OptionError
        If the network was not trained to its end, or exams are missing.
    ExportError
        If the exported network does not compute what the trained one does.
    ExistingOutputError
        If there are weights already, unless with `force`.
    """
    refuse_unpackable_wall(config, folder, force=force)
    network = read_wall_network(folder)
    model = wall_onnx_bytes(network)
    exported = open_wall_network(model)
    parity = compared_walls(network, exported, parity_rays(config.calibration))
    poses, cascade = load_cascade(pose_weights)
    total = sum(one.count for one in (*config.selection, *config.calibration))
    counted = _Counted(total, progress)
    measured: list[list[MeasuredWall]] = [
        list(measured_walls(exported, cascade, ranges, counted.one_more))
        for ranges in (config.selection, config.calibration)
    ]
    record = {
        "schema": WALL_SCHEMA,
        "name": name,
        "version": version,
        "licence": "Apache-2.0",
        "training": _training(folder),
        "blocks": {
            WALL_BLOCK: {
                "file": MODEL_FILE,
                "sha256": hashlib.sha256(model).hexdigest(),
                "parameters": sum(each.numel() for each in network.parameters()),
                "parity": parity,
            }
        },
        "calibration": {
            "bound": BOUND,
            "powers_from": [one.facts for one in config.selection],
            "exams": [one.facts for one in config.calibration],
            "poses_by": {"name": poses.record.name, "sha256": poses.record.sha256},
            **trust_to_record(calibrated_trust(*measured)),
        },
    }
    target = folder / WEIGHTS_FOLDER
    with staged_folder(target, WALL_FILES) as staging:
        (staging / MODEL_FILE).write_bytes(model)
        write_json(staging / RECORD_FILE, record)
    return target


def refuse_unpackable_wall(config: WallTraining, folder: Path, *, force: bool) -> None:
    """Raise, before anything is trained, if a run could not become weights.

    Raises
    ------
    OptionError
        If selection or calibration exams are missing.
    ExistingOutputError
        If there are weights already, unless with `force`.
    """
    for purpose in ("selection", "calibration"):
        if not getattr(config, purpose):
            raise OptionError(
                f"weights need {purpose} exams", expected="at least one range", found="none"
            )
    config.require_exams(("selection", "calibration"))
    if not force:
        refuse_existing(folder / WEIGHTS_FOLDER, WALL_FILES)


class _Counted:
    """How many exams are done."""

    def __init__(self, total: int, progress: Callable[[int, int], None] | None) -> None:
        self.total = total
        self.progress = progress
        self.done = 0

    def one_more(self) -> None:
        """Tell that one more is done."""
        self.done += 1
        if self.progress is not None:
            self.progress(self.done, self.total)


def _training(folder: Path) -> dict[str, Any]:
    """What the run has stored of its beginning, and its digest."""
    facts = read_wall_facts(folder)
    canonical = to_json_line(facts, sorted_keys=True).encode()
    return {**facts, "digest": hashlib.sha256(canonical).hexdigest()}
