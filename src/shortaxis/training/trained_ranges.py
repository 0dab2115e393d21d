"""What a stage's exams were like, kept beside its checkpoint: the record of the weights says it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from shortaxis.errors import OptionError
from shortaxis.files.plain_json import OF_ANOTHER_SHAPE, to_json_line
from shortaxis.files.whole_files import write_whole
from shortaxis.spect.volume import SpectVolume
from shortaxis.training.config import TrainingConfig
from shortaxis.training.exams import is_learnt_from
from shortaxis.training.stage_facts import StageFacts, require_same

__all__ = ["TRAINED_RANGES_FILE", "read_trained_voxel_mm", "voxel_range_mm", "write_trained_ranges"]

TRAINED_RANGES_FILE = "trained_ranges.json"


def voxel_range_mm(volumes: Iterable[SpectVolume]) -> tuple[float, float]:
    """Smallest and largest voxel edge of some volumes, mm, to a thousandth."""
    edges = [float(edge) for volume in volumes for edge in volume.spacing_mm]
    return round(min(edges), 3), round(max(edges), 3)


def write_trained_ranges(folder: Path, volumes: Iterable[SpectVolume]) -> None:
    """Write the ranges of the exams into the folder of the stage that learns from them."""
    content = to_json_line({"voxel_mm": voxel_range_mm(volumes)}) + "\n"
    write_whole(folder / TRAINED_RANGES_FILE, content)


def read_trained_voxel_mm(
    config: TrainingConfig, folder: Path, stages: Sequence[StageFacts]
) -> tuple[float, float]:
    """Smallest and largest voxel edge that any stage of a run learnt from, mm.

    Where a stage does not say it, as one of an older version, its training exams are read.

    Raises
    ------
    OptionError
        If the file is damaged, or those exams are missing or others.
    """
    ranges = [_read(folder / one.stage.name / TRAINED_RANGES_FILE) for one in stages]
    known = [each for each in ranges if each is not None]
    if len(known) < len(ranges):
        own = folder / stages[ranges.index(None)].stage.name
        present = {"train": [one.facts for one in config.train]}
        require_same(own, present, {"train": stages[0].train})
        known.append(
            voxel_range_mm(
                exam.volume
                for one in config.train
                for exam in one.posed()
                if is_learnt_from(exam.strata)
            )
        )
    return min(each[0] for each in known), max(each[1] for each in known)


def _read(path: Path) -> tuple[float, float] | None:
    if not path.exists():
        return None
    try:
        smallest, largest = json.loads(path.read_text(encoding="utf-8"))["voxel_mm"]
        if not 0 < smallest <= largest:
            raise ValueError(f"{smallest} to {largest} mm")
    except (OSError, *OF_ANOTHER_SHAPE) as error:
        raise OptionError(
            "does not say what the stage learnt from",
            path=path,
            expected="the smallest and the largest voxel edge, mm",
            found=f"{type(error).__name__}: {error}",
            cause="a damaged file; without it, the training exams are read",
        ) from error
    return float(smallest), float(largest)
