"""Write a comparison: JSON, CSV, Markdown, HTML and pictures, all or none."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from shortaxis._version import __version__
from shortaxis.agreement.comparisons.comparing import Comparison
from shortaxis.agreement.comparisons.gradings import SEED
from shortaxis.agreement.report.document import build_document
from shortaxis.agreement.report.figures import draw_comparison
from shortaxis.agreement.report.rows import comparison_rows, rows_as_csv
from shortaxis.agreement.report.wording import count_words
from shortaxis.evaluation.document.html_page import to_html
from shortaxis.evaluation.document.markdown import to_markdown
from shortaxis.files.inputs.side_files import read_side_file
from shortaxis.files.plain_json import OF_ANOTHER_SHAPE, to_json_text
from shortaxis.files.staged_folder import refuse_existing, staged_folder
from shortaxis.workflow.studies.record import NOTICE

__all__ = ["RECORD_FILE", "refuse_earlier_comparison", "write_comparison"]

SCHEMA = "shortaxis/agreement/1"

RECORD_FILE = "agreement.json"

TEXT_FILES = (RECORD_FILE, "agreement.csv", "agreement.md", "agreement.html")

PICTURE = re.compile(r"(bland-altman|roc)-[\w-]+\.png", re.ASCII)


def refuse_earlier_comparison(folder: Path) -> None:
    """Refuse a folder with results, before any work is done.

    Raises
    ------
    ExistingOutputError
        Naming the first file that would be overwritten.
    """
    refuse_existing(folder, TEXT_FILES)


def write_comparison(found: Comparison, folder: Path, command: str) -> list[Path]:
    """Write all files; those of an earlier comparison are replaced.

    Raises
    ------
    OutputError
        If anything cannot be written.
    """
    drawn = dict(draw_comparison(found))
    pictures = {picture.path: png for picture, png in drawn.items()}
    document = build_document(found, list(drawn))
    rows = comparison_rows(found)
    names = [*TEXT_FILES, *pictures]
    texts = {
        RECORD_FILE: to_json_text(_record(found, rows, names, command)),
        "agreement.csv": rows_as_csv(rows),
        "agreement.md": to_markdown(document),
        "agreement.html": to_html(document, pictures.__getitem__),
    }
    with staged_folder(folder, _earlier_files(folder)) as staging:
        for name, png in pictures.items():
            (staging / name).write_bytes(png)
        for name, text in texts.items():
            (staging / name).write_text(text, encoding="utf-8", newline="\n")
    return [folder / name for name in names]


def _record(
    found: Comparison, rows: list[dict[str, Any]], names: list[str], command: str
) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "notice": NOTICE,
        "software": {"name": "shortaxis", "version": __version__},
        "command": command,
        "summary": count_words(found),
        "exams": len(found.exams),
        "sources": list(found.sources),
        "failed_rows": list(found.failures),
        "unused_results": found.unused,
        "cuts": dict(found.cuts),
        "seed": SEED,
        "outside_limits": [
            {
                "about": each.quantity,
                "condition": each.pairing.condition,
                "first": each.pairing.first,
                "second": each.pairing.second,
                "rows": list(each.outside),
            }
            for each in found.pairs
            if each.outside and each.pairing.group == "all"
        ],
        "statistics": rows,
        "files": names,
    }


def _earlier_files(folder: Path) -> frozenset[str]:
    """What an earlier comparison says it wrote; files of other origin are not ours."""
    try:
        listed = {str(name) for name in json.loads(read_side_file(folder / RECORD_FILE))["files"]}
    except (OSError, *OF_ANOTHER_SHAPE):
        return frozenset()
    return frozenset(name for name in listed if name in TEXT_FILES or PICTURE.fullmatch(name))
