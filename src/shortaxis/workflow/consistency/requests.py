"""What ``shortaxis consistency`` is asked for, and how it is done with one study."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from shortaxis.files.plain_json import write_json
from shortaxis.files.staged_folder import refuse_existing, staged_folder
from shortaxis.workflow.consistency.measuring import (
    Consistency,
    Progress,
    measure_study_consistency,
)
from shortaxis.workflow.consistency.options import ConsistencyOptions
from shortaxis.workflow.consistency.record import build_consistency_record
from shortaxis.workflow.consistency.sheet import write_consistency_sheet
from shortaxis.workflow.studies.finding import FoundStudy

__all__ = ["CONSISTENCY_NAMES", "ConsistencyRequest", "write_consistency"]

CONSISTENCY_NAMES = ("consistency.json", "consistency.png")
"""Files of one study, always both."""


@dataclass(frozen=True)
class ConsistencyRequest:
    """What the user asked for, for every study alike.

    `progress` is called with the estimates done and their total, which starts again for every
    study.
    """

    options: ConsistencyOptions
    force: bool = False
    progress: Progress | None = None

    names: ClassVar[Collection[str]] = CONSISTENCY_NAMES

    def make(self, found: FoundStudy, folder: Path) -> tuple[Consistency, Sequence[Path]]:
        """Measure one study and write it.

        Raises
        ------
        ShortAxisError
            One of its children.
        """
        study = found.load().study
        consistency = measure_study_consistency(study, self.options, self.progress)
        return consistency, write_consistency(consistency, folder, force=self.force)


def write_consistency(consistency: Consistency, folder: Path, *, force: bool = False) -> list[Path]:
    """Write ``consistency.json`` and ``consistency.png`` into `folder`, both or none.

    Raises
    ------
    ExistingOutputError
        If results are there already and `force` is off.
    OutputError
        If anything cannot be written.
    """
    if not force:
        refuse_existing(folder, CONSISTENCY_NAMES)
    record = build_consistency_record(consistency, CONSISTENCY_NAMES)
    with staged_folder(folder) as staging:
        write_json(staging / "consistency.json", record)
        write_consistency_sheet(staging / "consistency.png", consistency)
    return [folder / name for name in CONSISTENCY_NAMES]
