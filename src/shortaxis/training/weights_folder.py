"""The folder of weights that a run writes: its files, and what the record says of the training."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from shortaxis.files.plain_json import to_json_line
from shortaxis.inference.weights_record import RECORD_FILE
from shortaxis.network.handedness import HANDEDNESS
from shortaxis.reorientation.weights import BLOCKS
from shortaxis.training.stage_facts import StageFacts, require_same

__all__ = ["HANDEDNESS_FILE", "WEIGHTS_FILES", "training_facts"]

HANDEDNESS_FILE = f"{HANDEDNESS}.onnx"

WEIGHTS_FILES = (*(f"{block}.onnx" for block in BLOCKS), HANDEDNESS_FILE, RECORD_FILE)


def training_facts(folder: Path, stages: Sequence[StageFacts]) -> dict[str, Any]:
    """What networks were trained on, as the run in `folder` has stored it, and its digest.

    Raises
    ------
    OptionError
        If the stages were trained on different exams.
    """
    shared = stages[0].shared
    for one in stages:
        require_same(folder / one.stage.name, shared, one.shared)
    facts = {**shared, "stages": [asdict(one.stage) for one in stages]}
    canonical = to_json_line(facts, sorted_keys=True).encode()
    return {**facts, "digest": hashlib.sha256(canonical).hexdigest()}
