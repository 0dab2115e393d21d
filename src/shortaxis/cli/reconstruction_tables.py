"""What ``shortaxis reconstruct`` shows: one row a study."""

from __future__ import annotations

from collections.abc import Mapping

from shortaxis.cli.study_outcomes import OutcomeTable, Table
from shortaxis.spect.reading_notes import doubts
from shortaxis.workflow.reconstruct.record import build_reconstruction
from shortaxis.workflow.studies.reconstructing import MadeStudy

__all__ = ["RECONSTRUCTIONS"]

COLUMNS = ("Study", "Flag", "Views", "Time slots", "Slices", "Voxel (mm)", "Reconstruction")


def _table(results: Mapping[int, MadeStudy]) -> Table:
    return COLUMNS, [_row(number, made) for number, made in results.items()]


def _row(number: int, made: MadeStudy) -> list[str]:
    volume, projections = made.study.volume, made.raw.projections
    return [
        str(number),
        "review" if doubts(made.study.notes) else "accept",
        str(len(projections.angles_deg)),
        str(projections.counts.shape[1]),
        str(volume.shape[0]),
        f"{volume.spacing_mm[2]:.3g}",
        made.reconstructed.settings.words,
    ]


def _warnings(made: MadeStudy) -> list[str]:
    return [f"{'review' if note.is_doubtful else 'note'}: {note.text}" for note in made.study.notes]


RECONSTRUCTIONS = OutcomeTable(_table, build_reconstruction, _warnings)
