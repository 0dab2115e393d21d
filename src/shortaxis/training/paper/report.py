"""Tables and figures of an experiment, from what its methods have predicted so far."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from shortaxis._version import __version__
from shortaxis.errors import InputNotFoundError, UnreadableFileError
from shortaxis.evaluation.document.blocks import Table
from shortaxis.evaluation.document.markdown import to_markdown
from shortaxis.evaluation.figures.style import house_style
from shortaxis.files.plain_json import write_json
from shortaxis.files.staged_folder import earlier_results, refuse_existing, staged_folder
from shortaxis.training.paper.comparisons import (
    Comparison,
    compare,
    comparison_table,
    comparisons_csv,
)
from shortaxis.training.paper.curves_figure import draw_curves
from shortaxis.training.paper.experiment import PREDICTIONS_FILE, PaperExperiment
from shortaxis.training.paper.figures import read_test_exams, write_figures
from shortaxis.training.paper.latex import to_latex
from shortaxis.training.paper.pictures import write_pictures
from shortaxis.training.paper.predictions import PURPOSES, Predictions, read_all_predictions
from shortaxis.training.paper.regression_figure import draw_regressions
from shortaxis.training.paper.resampled import BOOTSTRAPS
from shortaxis.training.paper.table import MethodColumn, column_of, method_table, table_csv
from shortaxis.training.paper.timing import TIMING_FILE

__all__ = ["REPORT_FOLDER", "write_experiment_report"]

REPORT_FOLDER = "report"

RECORD_FILE = "report.json"

INTERVALS = (
    f"In brackets, intervals of 95 % from {BOOTSTRAPS:,} draws of patients, whose stress and rest "
    "stay together."
)

Progress = Callable[[int, int], None]


def write_experiment_report(
    experiment: PaperExperiment,
    folder: Path,
    *,
    force: bool = False,
    progress: Progress = lambda done, total: None,
) -> list[Path]:
    """Write all tables and figures into ``report`` in the folder of an experiment.

    Parameters
    ----------
    experiment : PaperExperiment
        Its test exams are read for the figures that show them.
    folder : Path
        With ``METHOD/fold-N/predictions.csv``.
    force : bool
        Whether an earlier report is replaced.
    progress : callable, optional
        Told how many parts of how many are done.

    Returns
    -------
    list of Path
        The files, in order.

    Raises
    ------
    InputNotFoundError
        If nothing has been predicted.
    ExistingOutputError
        If there is a report, unless with `force`.
    """
    target = folder / REPORT_FOLDER
    if not force:
        refuse_existing(target, [RECORD_FILE])
    found = {purpose: read_all_predictions(experiment, folder, purpose) for purpose in PURPOSES}
    if not any(found.values()):
        raise InputNotFoundError(
            "holds no predictions",
            path=folder,
            expected=f"METHOD/fold-N/{PREDICTIONS_FILE}",
            found="none",
            cause="another folder, or an experiment that has not come so far",
        )
    costs = _costs(folder)
    earlier = earlier_results(target, RECORD_FILE, _listed(target))
    parts: list[Callable[[Path], object]] = [
        lambda staging: _write_tables(found, costs, staging),
        lambda staging: _write_comparisons(compare(found["test"]), staging),
        lambda staging: _write_regressions(found["test"], staging),
        lambda staging: _write_curves(experiment, folder, staging),
        lambda staging: write_figures(read_test_exams(experiment), found["test"], staging),
    ]
    with staged_folder(target, {*earlier, RECORD_FILE}) as staging:
        for done, part in enumerate(parts, start=1):
            part(staging)
            progress(done, len(parts))
        names = sorted(path.name for path in staging.iterdir())
        _write_record(found, names, staging)
    return [target / name for name in names]


def _costs(folder: Path) -> dict[str, Any]:
    """Facts of methods in ``timing.json``; none if there is no such file."""
    path = folder / TIMING_FILE
    if not path.exists():
        return {}
    try:
        methods: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["methods"]
    except (ValueError, KeyError, TypeError) as error:
        raise UnreadableFileError(
            "is no record of costs",
            path=path,
            expected="methods with what they cost, as shortaxis experiment time writes it",
            found=f"{type(error).__name__}: {error}",
        ) from error
    return methods


def _listed(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()] if folder.is_dir() else []


def _write_tables(
    found: Mapping[str, Sequence[Predictions]], costs: Mapping[str, Any], staging: Path
) -> None:
    columns: dict[str, list[MethodColumn]] = {
        purpose: [column_of(each, costs.get(each.method, {})) for each in some]
        for purpose, some in found.items()
    }
    (staging / "table1.csv").write_text(table_csv(columns), encoding="utf-8")
    for purpose, name in (("test", "table1"), ("validation", "table1-validation")):
        if columns[purpose]:
            caption = f"Methods on the {purpose} exams. {INTERVALS}"
            _write_table(method_table(columns[purpose]), caption, staging, name)


def _write_comparisons(comparisons: Sequence[Comparison], staging: Path) -> None:
    if not comparisons:
        return
    (staging / "comparisons.csv").write_text(comparisons_csv(comparisons), encoding="utf-8")
    caption = (
        "Pairs of methods on the same test exams: median difference of the errors over patients, "
        "with p of Wilcoxon's signed-rank test after Holm's correction over the table "
        f"(* below 0.05), and the difference of mean r. {INTERVALS}"
    )
    _write_table(comparison_table(comparisons), caption, staging, "comparisons")


def _write_table(table: Table, caption: str, staging: Path, name: str) -> None:
    (staging / f"{name}.md").write_text(to_markdown([table]), encoding="utf-8")
    text = to_latex(table, caption, f"tab:{name}")
    (staging / f"{name}.tex").write_text(text, encoding="utf-8")


def _write_regressions(found: Sequence[Predictions], staging: Path) -> None:
    for each in found:
        if each.is_found.any():
            with house_style():
                write_pictures(draw_regressions(each), staging, f"figure3-{each.method}")


def _write_curves(experiment: PaperExperiment, folder: Path, staging: Path) -> None:
    with house_style():
        figure = draw_curves(experiment, folder)
        if figure is not None:
            write_pictures(figure, staging, "curves")


def _write_record(
    found: Mapping[str, Sequence[Predictions]], names: Sequence[str], staging: Path
) -> None:
    record = {
        "software_version": __version__,
        "folds": {each.method: each.folds for some in found.values() for each in some},
        "files": [*names, RECORD_FILE],
    }
    write_json(staging / RECORD_FILE, record)
