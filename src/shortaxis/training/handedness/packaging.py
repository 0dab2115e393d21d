"""The handedness network as a part of weights: export, calibration, its section of the record."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch

from shortaxis.errors import ExportError, OptionError
from shortaxis.files.plain_json import write_json
from shortaxis.files.staged_folder import staged_folder
from shortaxis.geometry.arrays import CountsArray
from shortaxis.geometry.cube_symmetries import FLIPS, ORDERS
from shortaxis.inference.onnx_session import OnnxEnergies
from shortaxis.inference.weights_record import RECORD_FILE, find_stored_weights
from shortaxis.network.export import onnx_bytes_of_handedness
from shortaxis.network.handedness import HandednessNetwork
from shortaxis.reorientation.handedness import HandednessRule
from shortaxis.reorientation.handedness_check import HandednessCheck, handedness_crops
from shortaxis.reorientation.handedness_weights import HANDEDNESS_SECTION, load_handedness
from shortaxis.reorientation.network_grid import SmoothedVolume
from shortaxis.reorientation.weights import BLOCKS, DEFAULT_WEIGHTS, load_cascade
from shortaxis.training.config import WEIGHTS_FOLDER, TrainingConfig
from shortaxis.training.handedness.calibration import calibrated_rule, seen_exams
from shortaxis.training.handedness.samples import HANDEDNESS_GRIDS
from shortaxis.training.loop import LAST_CHECKPOINT, epochs_behind, read_block
from shortaxis.training.parity import parity_exams
from shortaxis.training.stage_facts import read_stage_facts
from shortaxis.training.weights_folder import HANDEDNESS_FILE, WEIGHTS_FILES, training_facts

__all__ = ["PARITY_TOLERANCE", "package_handedness", "recalibrate_handedness"]

PARITY_TOLERANCE = 1e-3
"""Largest difference of an energy: a tenth of a percent of odds."""

UNCALIBRATED = HandednessRule(1.0, 1.0, 0.0, 0.0, 0.0)


def package_handedness(
    config: TrainingConfig,
    folder: Path,
    *,
    name: str,
    version: str,
    progress: Callable[[int, int], None],
) -> Path:
    """Write the installed weights with the handedness network of a run into its folder.

    The networks of the pose stay as they are; they find the hearts of the calibration exams.

    Returns
    -------
    Path
        The folder with one ONNX file a network and ``record.json``.

    Raises
    ------
    OptionError
        If the stage has not been trained.
    ExportError
        If the exported network does not compute what the trained one does.
    """
    facts = [read_stage_facts(folder / stage.name) for stage in config.stages]
    trained = HandednessNetwork()
    trained.load_state_dict(read_block(folder / facts[-1].stage.name / LAST_CHECKPOINT))
    model = onnx_bytes_of_handedness(trained.eval())
    exported = OnnxEnergies(
        model, len(HANDEDNESS_GRIDS), trained.size.voxels, (len(ORDERS), len(FLIPS))
    )
    installed, _ = load_cascade(DEFAULT_WEIGHTS)
    parity = _parity(trained, exported, _parity_crops(config))
    check = HandednessCheck(HANDEDNESS_GRIDS, exported, UNCALIBRATED)
    section = {
        "file": HANDEDNESS_FILE,
        "sha256": hashlib.sha256(model).hexdigest(),
        "parameters": sum(each.numel() for each in trained.parameters()),
        "grids": [asdict(grid) for grid in HANDEDNESS_GRIDS],
        "parity": parity,
        "training": {
            **training_facts(folder, facts),
            "epochs": {
                one.stage.name: epochs_behind(folder / one.stage.name / LAST_CHECKPOINT)
                for one in facts
            },
        },
        **_calibrated(check, config, progress),
    }
    record = {**installed.values, "name": name, "version": version, HANDEDNESS_SECTION: section}
    return _written(folder, installed.folder, model, record)


def recalibrate_handedness(
    weights: str,
    config: TrainingConfig,
    *,
    version: str,
    progress: Callable[[int, int], None],
) -> Path:
    """Write the record of weights again, with the rule of their network set anew.

    Returns
    -------
    Path
        The folder of the weights.

    Raises
    ------
    OptionError
        If the weights have no such network, or an exam is missing.
    """
    stored, check = find_stored_weights(weights), load_handedness(weights)
    if check is None:
        raise OptionError(
            "the weights have no handedness network",
            path=stored.folder,
            expected=f"a section {HANDEDNESS_SECTION} in {RECORD_FILE}",
            found="none",
            cause="weights of the pose alone; join a network to them first",
        )
    section = {**stored.values[HANDEDNESS_SECTION], **_calibrated(check, config, progress)}
    changed = {"version": version, HANDEDNESS_SECTION: section}
    write_json(stored.folder / RECORD_FILE, {**stored.values, **changed})
    return stored.folder


def _calibrated(
    check: HandednessCheck, config: TrainingConfig, progress: Callable[[int, int], None]
) -> dict[str, Any]:
    """The rule, and what the record says of the exams that it was set on."""
    installed, cascade = load_cascade(DEFAULT_WEIGHTS)
    exams = seen_exams(check, cascade, config, progress)
    usual = config.limits.usual_of([one.preset for one in config.calibration])
    rule, calibration = calibrated_rule(exams, usual)
    blocks = installed.values["blocks"]
    return {
        "calibration": {
            "exams": [one.facts for one in config.calibration],
            "hearts_found_by": {block: blocks[block]["sha256"] for block in BLOCKS},
            **calibration,
        },
        "rule": asdict(rule),
    }


def _written(folder: Path, installed: Path, model: bytes, record: dict[str, Any]) -> Path:
    target = folder / WEIGHTS_FOLDER
    with staged_folder(target, WEIGHTS_FILES) as staging:
        for block in BLOCKS:
            shutil.copyfile(installed / f"{block}.onnx", staging / f"{block}.onnx")
        (staging / HANDEDNESS_FILE).write_bytes(model)
        write_json(staging / RECORD_FILE, record)
    return target


def _parity_crops(config: TrainingConfig) -> CountsArray:
    """Of the first calibration exams, around their true hearts."""
    exams = parity_exams(config.calibration)
    return np.stack(
        [
            handedness_crops(HANDEDNESS_GRIDS, SmoothedVolume(each.volume), each.pose.center_mm)
            for each in exams
        ]
    )


def _parity(
    trained: HandednessNetwork, exported: OnnxEnergies, crops: CountsArray
) -> dict[str, float]:
    """Largest difference of an energy between a network and its export.

    Raises
    ------
    ExportError
        If it is more than `PARITY_TOLERANCE`, or is not a number.
    """
    with torch.no_grad():
        expected = trained(torch.from_numpy(crops)).numpy()
    largest = float(np.abs(exported(crops) - expected).max())
    if not largest <= PARITY_TOLERANCE:
        raise ExportError(
            "the exported handedness network does not compute what was trained",
            expected=f"a difference of at most {PARITY_TOLERANCE:g}",
            found=f"{largest:.3g}",
            cause="versions of torch, onnx and onnxruntime that do not fit together",
        )
    return {"energies": largest}
