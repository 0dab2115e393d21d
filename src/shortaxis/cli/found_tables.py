"""What was found, as a table for people and as JSON for programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from shortaxis.cli.narrow_tables import print_table
from shortaxis.cli.reason_lines import FileReason, reason_lines
from shortaxis.dicom.elements.uids import told_uid
from shortaxis.dicom.reading.finding.skipped import SkippedItem, stacks_of
from shortaxis.files.plain_json import to_json_text
from shortaxis.workflow.drawing.header_words import note_words, tracer_words
from shortaxis.workflow.studies.finding import FoundStudies, FoundStudy

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["found_as_json", "origin_of", "print_found", "print_skipped", "skipped_values"]

COLUMNS = ("Study", "Kind", "Slices", "Voxel (mm)", "Time slots", "Condition")


def print_found(found: FoundStudies) -> None:
    """Table of the studies, then where each lies, then what was skipped and why."""
    from rich.console import Console

    console = Console()
    rows = [(str(number), *_cells(study)) for number, study in found.numbered]
    print_table(console, COLUMNS, rows)
    for number, study in found.numbered:
        origin = origin_of(study)
        console.print(f"{number}: {origin}", soft_wrap=True, markup=False, highlight=False)
    print_skipped(console, found.skipped)


def print_skipped(console: Console, skipped: Sequence[SkippedItem]) -> None:
    """What was skipped, why, and how to go on; slices of one stack are one line.

    Where there are many of one kind of reason, they are one line, too.
    """
    rows = [
        FileReason("skipped", stack.name, stack.first.reason, stack.first.way_on)
        for stack in stacks_of(skipped)
    ]
    for line in reason_lines(rows, "--json lists all"):
        console.print(line, style="dim", soft_wrap=True, markup=False, highlight=False)


def found_as_json(found: FoundStudies) -> str:
    """Text of a JSON object with `studies` and `skipped`."""
    studies = [
        {
            "number": number,
            "files": [str(path) for path in study.paths],
            "kind": study.kind,
            "shape": list(study.shape),
            "spacing_mm": list(study.spacing_mm),
            "time_slots": study.n_time_slots,
            "condition": study.facts.condition.value,
            "condition_evidence": study.facts.condition_evidence,
            "tracer": study.facts.tracer,
            "camera": study.facts.camera,
            "patient_position": study.facts.patient_position,
            "units": study.facts.units,
            "attenuation_corrected": study.facts.attenuation_corrected,
            "energy_window": study.facts.energy_window,
            "notes": [note.text for note in study.notes],
            "doubts": [note.text for note in study.notes if note.is_doubtful],
            "series_instance_uid": told_uid(study.facts.series_instance_uid),
            "study_instance_uid": told_uid(study.facts.study_instance_uid),
        }
        for number, study in found.numbered
    ]
    return to_json_text({"studies": studies, "skipped": skipped_values(found)})


def skipped_values(found: FoundStudies) -> list[dict[str, Any]]:
    """Plain values of what was skipped: every file; slices of one stack name its first."""
    return [
        {
            "path": str(item.path),
            "reason": item.reason,
            "way_on": item.way_on,
            "stack": None if item.stack is None else str(item.stack),
        }
        for item in found.skipped
    ]


def _cells(study: FoundStudy) -> tuple[str, ...]:
    return (
        study.kind,
        " x ".join(map(str, study.shape)),
        " x ".join(f"{spacing:.4g}" for spacing in study.spacing_mm),
        str(study.n_time_slots),
        study.facts.condition.value,
    )


def origin_of(study: FoundStudy) -> str:
    """Where a study lies and what its header says it is, one fact a line."""
    facts = study.facts
    more = f" and {len(study.paths) - 1} more" if len(study.paths) > 1 else ""
    series = facts.series_instance_uid and f"series {told_uid(facts.series_instance_uid)}"
    corrected = {True: "attenuation corrected", False: "not attenuation corrected", None: ""}
    is_said = bool(facts.tracer or facts.nuclide)
    words = [
        facts.condition_evidence,
        tracer_words(facts, study.notes) if is_said else "", facts.camera,
        corrected[facts.attenuation_corrected], series,
        *(f"{'REVIEW: ' * note.is_doubtful}{note_words(note.text)}" for note in study.notes),
    ]  # fmt: skip
    return "\n   ".join([f"{study.paths[0]}{more}", *filter(None, words)])
