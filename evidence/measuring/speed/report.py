"""How long a report takes: ``python -m evidence run benchmark_report -- [--runs N]``.

On one core, the bundled patient under stress and at rest, from two DICOM files: the HTML page with
its pictures, and everything that ``shortaxis report`` writes. Times are medians over the runs after
one warm-up, in a process that has imported what it needs.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from evidence.recording.aims import print_aims
from evidence.recording.record import store_result
from evidence.recording.timing import median_s, stay_on_one_core
from evidence.registry.places import DEMO
from shortaxis.workflow.drawing.png import png_of
from shortaxis.workflow.quantify.quantifying import QuantifyOptions
from shortaxis.workflow.study_report.exams.finding import find_exams, load_exams
from shortaxis.workflow.study_report.exams.pairing import quantify_exams
from shortaxis.workflow.study_report.html import study_report_html
from shortaxis.workflow.study_report.requests import StudyReportRequest, make_study_report
from shortaxis.workflow.study_report.writing import draw_pages

STRESS, REST = (DEMO / name for name in ("study.dcm", "rest.dcm"))

AIMS = {"html_s": 3.0}
"""What is aimed at, at most."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=9)
    arguments = parser.parse_args()
    stay_on_one_core()
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
    print_aims(values)
    store_result("benchmark_report", values)


if __name__ == "__main__":
    main()
