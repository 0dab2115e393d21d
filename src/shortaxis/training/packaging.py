"""From checkpoints to weights that can be installed: export, calibration, record."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from shortaxis._version import __version__
from shortaxis.errors import OptionError
from shortaxis.network.block import PoseBlock
from shortaxis.network.export import onnx_bytes
from shortaxis.reorientation.network_cascade import Block, Cascade
from shortaxis.reorientation.onnx_session import OnnxBlock
from shortaxis.reorientation.weights import BLOCKS, RECORD_FILE, WEIGHTS_SCHEMA, NetworkWeights
from shortaxis.simulation.whole_files import write_whole
from shortaxis.training.calibration import calibrated
from shortaxis.training.config import Stage, TrainingConfig
from shortaxis.training.loop import LAST_CHECKPOINT, read_block
from shortaxis.training.module import block_of, grid_of

__all__ = ["package_weights", "recalibrate"]


def package_weights(
    config: TrainingConfig,
    folder: Path,
    *,
    name: str,
    version: str,
    progress: Callable[[int, int], None] | None = None,
) -> Path:
    """Write the last stage of each block, calibrated, as ``weights`` into a run's folder.

    Returns
    -------
    Path
        The folder with one ONNX file a block and ``record.json``.

    Raises
    ------
    OptionError
        If no stage trains one of the blocks, or one has not been trained.
    """
    last = {stage.block: stage for stage in config.stages}
    missing = [block for block in BLOCKS if block not in last]
    if missing:
        raise OptionError(
            "weights need every block",
            expected=" and ".join(BLOCKS),
            found=f"no stage that trains the {missing[0]}",
            cause="a configuration of one block; without calibration exams it is only trained",
        )
    models = {block: onnx_bytes(_trained(last[block], folder)) for block in BLOCKS}
    grids = {block: grid_of(last[block]) for block in BLOCKS}
    cascade = Cascade(
        *(Block(grids[block], OnnxBlock(models[block], grids[block].size)) for block in BLOCKS)
    )
    record = {
        "schema": WEIGHTS_SCHEMA,
        "name": name,
        "version": version,
        "licence": "Apache-2.0",
        "training": _training(config),
        "blocks": {
            block: {
                "file": f"{block}.onnx",
                "sha256": hashlib.sha256(models[block]).hexdigest(),
                "parameters": sum(each.numel() for each in block_of(last[block]).parameters()),
                "grid": asdict(grids[block]),
            }
            for block in BLOCKS
        },
        "calibration": calibrated(
            cascade, config.selection, config.calibration, progress or _silent
        ),
    }
    target = folder / "weights"
    target.mkdir(exist_ok=True)
    for block in BLOCKS:
        write_whole(target / f"{block}.onnx", models[block])
    # Last: a folder without a record holds no weights.
    _write_record(target, record)
    return target


def recalibrate(
    weights: NetworkWeights,
    cascade: Cascade,
    config: TrainingConfig,
    *,
    version: str,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Write the record of weights again, with bounds from the exams of a configuration.

    Weights with other bounds are another version, whose number must be given.
    """
    calibration = calibrated(cascade, config.selection, config.calibration, progress or _silent)
    changed = {"schema": WEIGHTS_SCHEMA, "version": version, "calibration": calibration}
    _write_record(weights.folder, {**weights.values, **changed})


def _write_record(folder: Path, record: dict[str, Any]) -> None:
    text = json.dumps(record, indent=2) + "\n"
    write_whole(folder / RECORD_FILE, text.encode())


def _silent(done: int, total: int) -> None:
    """Show no progress."""


def _trained(stage: Stage, folder: Path) -> PoseBlock:
    block = block_of(stage)
    block.load_state_dict(read_block(folder / stage.name / LAST_CHECKPOINT))
    return block.eval()


def _training(config: TrainingConfig) -> dict[str, Any]:
    """What the weights were trained on, and its digest: exams, stages and package version."""
    facts = {
        "package": __version__,
        "train": [one.facts for one in config.train],
        "selection": [one.facts for one in config.selection],
        "stages": [asdict(stage) for stage in config.stages],
    }
    canonical = json.dumps(facts, sort_keys=True).encode()
    return {**facts, "digest": hashlib.sha256(canonical).hexdigest()}
