"""``shortaxis evaluate`` of an index of wall masks."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from shortaxis.cli.exit_codes import FAILED

if TYPE_CHECKING:
    from shortaxis.evaluation.walls.masks.evaluating import MaskedWall

__all__ = ["evaluate_masks"]


def evaluate_masks(
    index: Path, out: Path, methods: Sequence[str] | None, *, force: bool, as_json: bool
) -> None:
    """Compare drawn walls with the masks of an index, and show the outcome.

    Raises
    ------
    typer.Exit
        If a study could not be compared.
    """
    from shortaxis.cli.json_errors import errors_as_json
    from shortaxis.cli.progress import progress_bar
    from shortaxis.evaluation.report.files import refuse_results_among_inputs
    from shortaxis.evaluation.walls.masks import evaluating
    from shortaxis.evaluation.walls.masks.index import read_mask_index
    from shortaxis.reorientation.methods import DEFAULT_METHOD

    if methods and len(methods) > 1:
        raise typer.BadParameter("walls are drawn along one pose", param_hint="--method")
    with errors_as_json(as_json):
        refuse_results_among_inputs(out, [index])
        if not force:
            evaluating.refuse_earlier_walls(out)
        studies = read_mask_index(index)
        walls = []
        with progress_bar("Drawing walls", quiet=as_json) as update:
            for each in evaluating.evaluate_masks(studies, (methods or [DEFAULT_METHOD])[0]):
                walls.append(each)
                update(len(walls), len(studies))
        command = shlex.join(["shortaxis", *sys.argv[1:]])
        files = evaluating.write_mask_evaluation(walls, out, command)
    if as_json:
        typer.echo(files[0].read_text(encoding="utf-8"), nl=False)
    else:
        for number, each in enumerate(walls, start=1):
            _show(number, each)
        typer.echo("\n".join(map(str, files)))
    if any(each.error for each in walls):
        raise typer.Exit(FAILED)


def _show(number: int, each: MaskedWall) -> None:
    if each.error is not None:
        typer.echo(f"study {number}: {each.error}")
    for name, score in each.scores.items():
        typer.echo(
            f"study {number}, {name}: Dice {score.dice:.2f}, middles {score.middle_mm:.1f} mm "
            f"apart, apical end {score.mask_apical_end_mm - score.apical_end_mm:+.0f} mm and basal "
            f"end {score.basal_end_mm - score.mask_basal_end_mm:+.0f} mm beyond the mask"
        )
