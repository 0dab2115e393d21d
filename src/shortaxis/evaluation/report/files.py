"""Write an evaluation: JSON, Markdown, HTML, the single errors and the figures, all or none."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

from shortaxis.errors import OutputError
from shortaxis.evaluation.document.blocks import Picture
from shortaxis.evaluation.document.html_page import to_html
from shortaxis.evaluation.document.markdown import to_markdown
from shortaxis.evaluation.figures.all_figures import FIGURES_FOLDER
from shortaxis.evaluation.report.content import build_document
from shortaxis.evaluation.report.error_rows import errors_as_csv
from shortaxis.evaluation.report.record import evaluation_to_record
from shortaxis.evaluation.scores.cohort_evaluation import CohortEvaluation
from shortaxis.files.plain_json import OF_ANOTHER_SHAPE, to_json_text
from shortaxis.files.staged_folder import refuse_existing, staged_folder

__all__ = [
    "RECORD_FILE",
    "TEXT_FILES",
    "refuse_earlier_evaluation",
    "refuse_results_among_inputs",
    "write_evaluation",
]

RECORD_FILE = "evaluation.json"

TEXT_FILES = (RECORD_FILE, "evaluation.md", "evaluation.html", "errors.csv")
"""Files beside the folder of the figures."""

FIGURE = re.compile(rf"{FIGURES_FOLDER}/[\w.+-]+\.png")


def refuse_earlier_evaluation(folder: Path) -> None:
    """Refuse a folder with results, before any work is done.

    Raises
    ------
    ExistingOutputError
        Naming the first file that would be overwritten.
    """
    refuse_existing(folder, (*TEXT_FILES, FIGURES_FOLDER))


def refuse_results_among_inputs(folder: Path, inputs: Sequence[Path]) -> None:
    """Refuse a folder for results that is one of the `inputs`, or lies in one.

    Raises
    ------
    OutputError
        Naming the folder.
    """
    where = folder.resolve()
    for path in inputs:
        if where.is_relative_to(path.resolve()):
            raise OutputError(
                "is a folder of inputs",
                path=folder,
                expected="another folder for the results",
                found="the cohort or the poses that are evaluated, or a folder in them",
                cause="the folder of the inputs was given with --out, too",
            )


def write_evaluation(
    evaluation: CohortEvaluation, drawn: Sequence[tuple[Picture, bytes]], folder: Path
) -> list[Path]:
    """Write all files, all of them or none; those of an earlier evaluation are replaced.

    Raises
    ------
    OutputError
        If anything cannot be written.
    """
    pictures = {picture.path: png for picture, png in drawn}
    document = build_document(evaluation, [picture for picture, _ in drawn])
    names = [*TEXT_FILES, *pictures]
    texts = {
        RECORD_FILE: to_json_text(evaluation_to_record(evaluation, names)),
        "evaluation.md": to_markdown(document),
        "evaluation.html": to_html(document, pictures.__getitem__),
        "errors.csv": errors_as_csv(evaluation.methods),
    }
    with staged_folder(folder, _earlier_files(folder)) as staging:
        (staging / FIGURES_FOLDER).mkdir()
        for name, png in pictures.items():
            (staging / name).write_bytes(png)
        for name, text in texts.items():
            (staging / name).write_text(text, encoding="utf-8", newline="\n")
    return [folder / name for name in names]


def _earlier_files(folder: Path) -> frozenset[str]:
    """What an earlier evaluation says it wrote; files of other origin are not ours."""
    try:
        record = json.loads((folder / RECORD_FILE).read_text(encoding="utf-8"))
        listed = {str(name) for name in record["files"]}
    except (OSError, *OF_ANOTHER_SHAPE):
        return frozenset()
    return frozenset(name for name in listed if name in TEXT_FILES or FIGURE.fullmatch(name))
