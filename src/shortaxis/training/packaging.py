"""From checkpoints to weights that can be installed: export, calibration, record."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

from shortaxis.errors import OptionError
from shortaxis.files.plain_json import write_json
from shortaxis.files.staged_folder import refuse_existing, staged_folder
from shortaxis.inference.onnx_session import OnnxBlock
from shortaxis.inference.weights_record import (
    RECORD_FILE,
    WEIGHTS_SCHEMA,
    find_stored_weights,
)
from shortaxis.network.block import PoseBlock
from shortaxis.network.export import onnx_bytes
from shortaxis.reorientation.handedness_weights import HANDEDNESS_SECTION, handedness_of
from shortaxis.reorientation.judgement import record_from_judgement
from shortaxis.reorientation.network_cascade import Block, Cascade
from shortaxis.reorientation.weights import BLOCKS, DEFAULT_WEIGHTS, NetworkWeights
from shortaxis.training.calibration import calibrated
from shortaxis.training.config import WEIGHTS_FOLDER, Stage, TrainingConfig
from shortaxis.training.exams import PosedExam
from shortaxis.training.handedness.packaging import package_handedness
from shortaxis.training.loop import LAST_CHECKPOINT, read_block
from shortaxis.training.measured_exams import MEASURED_FILE, MeasuredFile
from shortaxis.training.module import block_of, grid_of
from shortaxis.training.parity import compared, parity_crops, parity_exams
from shortaxis.training.stage_facts import read_stage_facts
from shortaxis.training.trained_ranges import read_trained_voxel_mm
from shortaxis.training.weights_folder import HANDEDNESS_FILE, WEIGHTS_FILES, training_facts

__all__ = ["package_weights", "recalibrate", "refuse_unpackable"]


def package_weights(
    config: TrainingConfig,
    folder: Path,
    *,
    name: str,
    version: str,
    force: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Path:
    """Write the last stage of each block, calibrated, as ``weights`` into a run's folder.

    The record says what the run has stored of its stages, whatever the configuration says now, and
    how far each block is from its export. Bounds and limits are set on the calibration exams; those
    that were measured before a stop are not measured again. The installed handedness network goes
    with the blocks. Of a run that trains that network, the installed blocks go with it. The files
    appear together when all are complete; earlier ones are replaced only with `force`.

    Returns
    -------
    Path
        The folder with one ONNX file a block and ``record.json``.

    Raises
    ------
    OptionError
        If no stage trains one of the blocks, one has not been trained, or they were trained on
        different exams.
    ExportError
        If an exported block does not compute what the trained one does.
    ExistingOutputError
        If there are weights already.
    """
    refuse_unpackable(config, folder, force=force)
    if config.trains_handedness:
        return package_handedness(
            config, folder, name=name, version=version, progress=progress or _silent
        )
    facts = [read_stage_facts(folder / stage.name) for stage in config.stages]
    last = _last_stages([one.stage for one in facts])
    training = training_facts(folder, facts)
    exams = parity_exams(config.calibration)
    exported = {block: _exported(last[block], folder, exams) for block in BLOCKS}
    localiser, refiner = (exported[block].block for block in BLOCKS)
    cascade = Cascade(localiser, refiner)
    kept = MeasuredFile(folder / MEASURED_FILE, [one.facts["sha256"] for one in exported.values()])
    voxel_mm = read_trained_voxel_mm(config, folder, facts)
    found = calibrated(cascade, config, voxel_mm, progress or _silent, kept)
    record = {
        "schema": WEIGHTS_SCHEMA,
        "name": name,
        "version": version,
        "licence": "Apache-2.0",
        "training": training,
        "blocks": {block: one.facts for block, one in exported.items()},
        "calibration": found.record,
        "judgement": record_from_judgement(found.judgement),
    }
    installed = handedness_of(find_stored_weights(DEFAULT_WEIGHTS))
    target = folder / WEIGHTS_FOLDER
    with staged_folder(target, WEIGHTS_FILES) as staging:
        for one in exported.values():
            (staging / one.facts["file"]).write_bytes(one.model)
        if installed is not None:
            record[HANDEDNESS_SECTION] = installed.values
            (staging / HANDEDNESS_FILE).write_bytes(installed.model())
        _write_record(staging, record)
    return target


def refuse_unpackable(config: TrainingConfig, folder: Path, *, force: bool) -> None:
    """Raise, before anything is trained, if a run could not become weights.

    Raises
    ------
    OptionError
        If no stage trains one of the blocks, or selection or calibration exams are missing.
    ExistingOutputError
        If there are weights already, unless with `force`.
    """
    if not config.trains_handedness:
        _last_stages(config.stages)
    if not config.calibration:
        raise OptionError(
            "weights need calibration exams",
            expected="at least one range",
            found="none",
            cause="a configuration that is only trained",
        )
    config.require_exams(
        ("calibration",) if config.trains_handedness else ("selection", "calibration")
    )
    if not force:
        refuse_existing(folder / WEIGHTS_FOLDER, WEIGHTS_FILES)


def _last_stages(stages: Sequence[Stage]) -> dict[str, Stage]:
    """The last stage of each block.

    Raises
    ------
    OptionError
        If no stage trains one of the blocks.
    """
    last = {stage.block: stage for stage in stages}
    missing = [block for block in BLOCKS if block not in last]
    if missing:
        raise OptionError(
            "weights need every block",
            expected=" and ".join(BLOCKS),
            found=f"no stage that trains the {missing[0]}",
            cause="a configuration of one block; without calibration exams it is only trained",
        )
    return last


def recalibrate(
    weights: NetworkWeights,
    cascade: Cascade,
    config: TrainingConfig,
    *,
    version: str,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Write the record of weights again, with bounds and limits from a configuration's exams.

    Weights with other bounds or limits are another version, whose number must be given.
    """
    voxel_mm = weights.judgement.trained_voxel_mm
    found = calibrated(cascade, config, voxel_mm, progress or _silent)
    changed = {
        "schema": WEIGHTS_SCHEMA,
        "version": version,
        "calibration": found.record,
        "judgement": record_from_judgement(found.judgement),
    }
    _write_record(weights.folder, {**weights.values, **changed})


class _Exported(NamedTuple):
    """A block in evaluation mode, its ONNX file, and what the record says of it."""

    block: Block
    model: bytes
    facts: dict[str, Any]


def _exported(stage: Stage, folder: Path, exams: Sequence[PosedExam]) -> _Exported:
    """Export what a stage trained, and compare both on these exams."""
    trained, grid = _trained(stage, folder), grid_of(stage)
    model = onnx_bytes(trained)
    session = OnnxBlock(model, grid.size)
    crops = parity_crops(grid, exams)
    facts = {
        "file": f"{stage.block}.onnx",
        "sha256": hashlib.sha256(model).hexdigest(),
        "parameters": sum(each.numel() for each in trained.parameters()),
        "grid": asdict(grid),
        "parity": compared(stage.block, trained, session.outputs, crops),
    }
    return _Exported(Block(grid, session), model, facts)


def _write_record(folder: Path, record: dict[str, Any]) -> None:
    write_json(folder / RECORD_FILE, record)


def _silent(done: int, total: int) -> None:
    """Show no progress."""


def _trained(stage: Stage, folder: Path) -> PoseBlock:
    block = block_of(stage)
    block.load_state_dict(read_block(folder / stage.name / LAST_CHECKPOINT))
    return block.eval()
