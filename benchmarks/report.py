"""How long a report takes: ``python benchmarks/report.py [--runs N]``.

On one core, the bundled patient under stress and at rest, from two DICOM files: the HTML page with
its pictures, and everything that ``shortaxis report`` writes. Times are medians over the runs after
one warm-up, in a process that has imported what it needs.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

os.environ.update(
    dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
)

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))
from record import REPOSITORY, store_result
from shortaxis.workflow.drawing.png import png_of
from shortaxis.workflow.quantify.quantifying import QuantifyOptions
from shortaxis.workflow.study_report.exams.finding import find_exams, load_exams
from shortaxis.workflow.study_report.exams.pairing import quantify_exams
from shortaxis.workflow.study_report.html import study_report_html
from shortaxis.workflow.study_report.requests import StudyReportRequest, make_study_report
from shortaxis.workflow.study_report.writing import draw_pages
from speed_tables import compared_with_aims
from timing import median_s

STRESS, REST = (REPOSITORY / "demo" / name for name in ("study.dcm", "rest.dcm"))

AIMS = {"html_s": 3.0}
"""What is aimed at, at most."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=9)
    arguments = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory() as folder:
        page, out = Path(folder) / "report.html", Path(folder) / "out"

        def html() -> None:
            pair = quantify_exams(load_exams(find_exams(STRESS, REST)), QuantifyOptions())
            pictures = {name: png_of(figure) for name, figure in draw_pages(pair).items()}
            page.write_text(study_report_html(pair, pictures), encoding="utf-8")

        def everything() -> None:
            make_study_report(StudyReportRequest(STRESS, REST, force=True), out)

        tasks = {"html_s": html, "everything_s": everything}
        medians = {name: median_s(task, arguments.runs) for name, task in tasks.items()}
    values = {"runs": arguments.runs, "aims": AIMS, "medians": medians}
    print(medians)
    for name, measured, aim, verdict in compared_with_aims(values):
        print(f"{name:34s} {measured} of {aim}: {verdict}")
    store_result("benchmark_report", values)


if __name__ == "__main__":
    main()
