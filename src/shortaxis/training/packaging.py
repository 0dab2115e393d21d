"""From checkpoints to weights that can be installed: export, calibration, record."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from shortaxis._version import __version__
from shortaxis.errors import OptionError
from shortaxis.geometry.arrays import FloatArray
from shortaxis.geometry.pose_errors import pose_errors
from shortaxis.network.block import PoseBlock
from shortaxis.network.export import onnx_bytes
from shortaxis.reorientation.network_cascade import Block, Cascade
from shortaxis.reorientation.onnx_session import OnnxBlock
from shortaxis.reorientation.weights import BLOCKS, RECORD_FILE, WEIGHTS_SCHEMA
from shortaxis.simulation.exam_files import StoredExam, read_compact_exam
from shortaxis.simulation.whole_files import write_whole
from shortaxis.training.config import Stage, TrainingConfig
from shortaxis.training.exams import SeedRange
from shortaxis.training.loop import LAST_CHECKPOINT, read_block
from shortaxis.training.module import block_of, grid_of

__all__ = ["BOUND", "bound_factor", "calibrated", "package_weights"]

BOUND = 0.9
"""Part of the errors that a bound shall hold."""


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
    cascade = Cascade(*(Block(grids[block], OnnxBlock(models[block])) for block in BLOCKS))
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
        "calibration": calibrated(cascade, config, progress or (lambda done, total: None)),
    }
    target = folder / "weights"
    target.mkdir(exist_ok=True)
    for block in BLOCKS:
        write_whole(target / f"{block}.onnx", models[block])
    # Last: a folder without a record holds no weights.
    text = json.dumps(record, indent=2) + "\n"
    write_whole(target / RECORD_FILE, text.encode())
    return target


def calibrated(
    cascade: Cascade, config: TrainingConfig, progress: Callable[[int, int], None]
) -> dict[str, Any]:
    """Factors from expected errors to bounds that hold for 90 % of the calibration exams."""
    paths = [path for one in config.calibration for path in one.paths]
    ratios = []
    for done, path in enumerate(paths, start=1):
        ratios.append(_error_to_spread(cascade, read_compact_exam(path)))
        progress(done, len(paths))
    factors = [bound_factor(column) for column in np.array(ratios).T]
    names = ("long_axis_deg", "roll_deg", "center_mm")
    return {
        "bound": BOUND,
        "exams": [_range(one) for one in config.calibration],
        **dict(zip(names, factors, strict=True)),
    }


def bound_factor(ratios: Iterable[float]) -> float:
    """The conformal quantile: the smallest factor that holds for 90 % of exams not yet seen.

    Of ``n`` exchangeable ratios the next one lies below the ``ceil(0.9 (n + 1))``-th smallest with
    a probability of at least 90 % (Vovk et al. 2005).

    Examples
    --------
    >>> bound_factor(range(1, 100))
    90.0
    """
    ordered = np.sort(np.fromiter(ratios, dtype=np.float64))
    rank = min(int(np.ceil(BOUND * (len(ordered) + 1))), len(ordered))
    return float(ordered[rank - 1])


def _error_to_spread(cascade: Cascade, exam: StoredExam) -> FloatArray:
    found = cascade.find(exam.volume)
    errors = pose_errors(found.pose, exam.pose)
    return np.array([errors.long_axis_deg, errors.roll_deg, errors.center_mm]) / found.spread


def _trained(stage: Stage, folder: Path) -> PoseBlock:
    block = block_of(stage)
    block.load_state_dict(read_block(folder / stage.name / LAST_CHECKPOINT))
    return block.eval()


def _training(config: TrainingConfig) -> dict[str, Any]:
    """What the weights were trained on, and its digest: exams, stages and package version."""
    facts = {
        "package": __version__,
        "train": [_range(one) for one in config.train],
        "selection": [_range(one) for one in config.selection],
        "stages": [asdict(stage) for stage in config.stages],
    }
    canonical = json.dumps(facts, sort_keys=True).encode()
    return {**facts, "digest": hashlib.sha256(canonical).hexdigest()}


def _range(one: SeedRange) -> dict[str, Any]:
    return {"preset": one.preset, "first": one.first, "count": one.count}
