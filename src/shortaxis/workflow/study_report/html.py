"""The report as one HTML file: pictures inside, nothing fetched, readable without scripts."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape

from shortaxis._version import __version__
from shortaxis.anatomy.segments import SEGMENTS, territory_sums
from shortaxis.quantification.severity import SCAR_PERCENT, scar_burden, segment_uptakes
from shortaxis.workflow.quantify.record import NOT_INTERCHANGEABLE
from shortaxis.workflow.reorient.record import NOTICE
from shortaxis.workflow.study_report.exams.pairing import QuantifiedExam, QuantifiedPair
from shortaxis.workflow.study_report.pages.sheets import (
    NOT_OF_PERFUSION,
    exam_words,
    pose_rule_words,
    study_mark,
)
from shortaxis.workflow.study_report.wording import (
    STRESS_MINUS_REST,
    SUMMED_DIFFERENCE,
    signed,
    summed_name,
)

__all__ = ["study_report_html"]

STYLE = """
:root { color-scheme: light; }
body { font: 16px/1.45 system-ui, sans-serif; color: #14181f; background: #fff;
  max-width: 1200px; margin: 1.5rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
header { display: flex; justify-content: space-between; gap: 1rem; align-items: center; }
.flag { color: #fff; font-weight: bold; padding: .3rem 1rem; border-radius: .3rem; }
.accept { background: #1a7f37; } .review { background: #b3261e; }
.muted, footer { color: #5b6472; } .reasons li { color: #b3261e; }
img { max-width: 100%; height: auto; border: 1px solid #d8dde3; }
table { border-collapse: collapse; margin: .5rem 0; }
th, td { padding: .2rem .7rem; text-align: right; border-bottom: 1px solid #d8dde3; }
th:first-child, td:first-child, .words { text-align: left; }
tr.abnormal td { background: #fff3e0; }
@media print { body { max-width: none; margin: 0; } h2 { break-after: avoid; }
  img, table { break-inside: avoid; } }
""".strip()

ALTERNATIVES = {
    "slices": "Short-axis, vertical and horizontal long-axis slices at matched places",
    "polar_maps": "Polar maps with segment scores, and the traced wall",
    "gated": "End-diastole and end-systole, and mid-wall volume over the beat",
}


def study_report_html(pair: QuantifiedPair, pictures: Mapping[str, bytes]) -> str:
    """The whole page.

    Parameters
    ----------
    pair : QuantifiedPair
        What is reported.
    pictures : mapping of str to bytes
        PNG files by the name of their page.
    """
    flag = pair.quality.flag.value
    parts = [
        f"<header><h1>ShortAxis report</h1><span class='flag {flag}'>POSE AND WALL: "
        f"{flag.upper()}</span></header>",
        "" if pair.quality.reasons else f"<p class='muted'>{NOT_OF_PERFUSION}</p>",
        *(f"<p class='muted'>{escape(_intro(each))}</p>" for each in pair.exams),
        _list("reasons", pair.quality.reasons),
        _list("notes", (*pair.notes, *_pose_notes(pair))),
        "<h2>Scores</h2>",
        _scores_table(pair),
        *(_picture(name, content) for name, content in pictures.items()),
        "<h2>Segments</h2>",
        _segments_table(pair),
        f"<footer><p>{escape(NOTICE)} {escape(NOT_INTERCHANGEABLE)} Made by ShortAxis "
        f"{escape(__version__)}; {escape(study_mark(pair))}.</p></footer>",
    ]
    body = "\n".join(filter(None, parts))
    return (
        "<!DOCTYPE html>\n<html lang='en'>\n<head>\n<meta charset='utf-8'>\n"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>\n"
        # Nothing is fetched, whatever a header holds.
        "<meta http-equiv='Content-Security-Policy' content=\"default-src 'none'; "
        "img-src data:; style-src 'unsafe-inline'\">\n"
        f"<title>ShortAxis report</title>\n<style>\n{STYLE}\n</style>\n</head>\n"
        f"<body>\n{body}\n</body>\n</html>\n"
    )


def _intro(each: QuantifiedExam) -> str:
    exam = each.quantified
    pose = "axes of the slices" if exam.is_short_axis else f"pose by {exam.estimate.method}"
    return f"{each.title}: {exam_words(exam)}; {pose}"


def _pose_notes(pair: QuantifiedPair) -> list[str]:
    if pair.moved is None:
        return []
    moved = pair.moved
    return [
        f"{pose_rule_words(pair)}; at rest the heart lies {moved.center_mm:.0f} mm and "
        f"{moved.long_axis_deg:.0f} degrees from where it lies under stress."
    ]


def _list(kind: str, items: Sequence[str]) -> str:
    if not items:
        return ""
    rows = "".join(f"<li>{escape(item)}</li>" for item in items)
    return f"<ul class='{kind}'>{rows}</ul>"


def _picture(name: str, content: bytes) -> str:
    data = b64encode(content).decode("ascii")
    words = ALTERNATIVES[name]
    return (
        f"<h2>{escape(words.split(',')[0] if name != 'slices' else 'Slices')}</h2>\n"
        f"<img alt='{escape(words)}' src='data:image/png;base64,{data}'>"
    )


def _scores_table(pair: QuantifiedPair) -> str:
    difference = pair.difference
    head = ["", *(each.title for each in pair.exams)]
    sums = [territory_sums(pair.severity(each).segment_scores) for each in pair.exams]
    rows = [
        [
            f"{_summed_words(pair)} (of 68)",
            *_of_each(pair, lambda e: str(pair.severity(e).summed_score)),
        ],
        *([f"{label} score", *(str(each[label]) for each in sums)] for label in sums[0]),
        ["TPD, total perfusion deficit (%)", *_of_each(pair, lambda e: _percent(pair.deficit(e)))],
        ["Extent (%)", *_of_each(pair, lambda e: f"{100 * pair.severity(e).extent:.0f}")],
        [
            f"Wall below {SCAR_PERCENT:g} % (% of its area; at rest the scar burden)",
            *_of_each(pair, lambda e: _percent(scar_burden(e.quantified.traced.polar_map))),
        ],
        [
            "Length, apex to valve plane (mm)",
            *_of_each(pair, lambda e: f"{e.quantified.traced.length_mm:.0f}"),
        ],
        [
            "Volume inside the mid-wall (ml)",
            *_of_each(pair, lambda e: f"{e.quantified.traced.volume_ml:.0f}"),
        ],
        ["Scored by", *_of_each(pair, lambda e: _rule(pair, e))],
    ]
    if difference is not None:
        head.append(STRESS_MINUS_REST)
        deficit = difference.total_perfusion_deficit
        last = [
            signed(difference.summed_score),
            *map(signed, territory_sums(difference.segment_scores).values()),
            "-" if deficit is None else signed(100 * deficit, 1),
            "", "", "", f"ratio {difference.volume_ratio:.2f}", "",
        ]  # fmt: skip
        rows = [[*row, value] for row, value in zip(rows, last, strict=True)]
    return _table(head, rows)


def _summed_words(pair: QuantifiedPair) -> str:
    names = [summed_name(each.exam.condition) for each in pair.exams]
    return ", ".join([*names, SUMMED_DIFFERENCE] if len(names) > 1 else names)


def _of_each(pair: QuantifiedPair, value: Callable[[QuantifiedExam], str]) -> list[str]:
    return [value(each) for each in pair.exams]


def _percent(part: float | None) -> str:
    return "-" if part is None else f"{100 * part:.1f}"


def _rule(pair: QuantifiedPair, each: QuantifiedExam) -> str:
    limits = each.quantified.limits
    if limits is None or not pair.is_by_limits:
        return "fixed bands"
    return f"{limits.name}: {limits.group.words}, {limits.exams} exams"


def _segments_table(pair: QuantifiedPair) -> str:
    head = ["Segment", "Territory"]
    columns = [
        [f"{each.number} {each.name}" for each in SEGMENTS],
        [each.territory.label for each in SEGMENTS],
    ]
    abnormal = [False] * len(SEGMENTS)
    for each in pair.exams:
        uptakes = segment_uptakes(each.quantified.traced.polar_map).values()
        scores = list(pair.severity(each).segment_scores.values())
        head += [f"{each.title}, uptake (%)", "score"]
        columns += [[f"{value:.0f}" for value in uptakes], [str(score) for score in scores]]
        abnormal = [seen or score > 0 for seen, score in zip(abnormal, scores, strict=True)]
    if pair.difference is not None:
        head.append(f"{STRESS_MINUS_REST}, score")
        columns.append([signed(value) for value in pair.difference.segment_scores.values()])
    marks = ["abnormal" if each else "" for each in abnormal]
    return _table(head, [list(row) for row in zip(*columns, strict=True)], marks)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], marks: Iterable[str] = ()) -> str:
    kinds = list(marks) or [""] * len(rows)
    top = "".join(f"<th scope='col'>{escape(word)}</th>" for word in head)
    lines = [
        f"<tr class='{kind}'>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>"
        for kind, row in zip(kinds, rows, strict=True)
    ]
    return (
        f"<table>\n<thead><tr>{top}</tr></thead>\n<tbody>\n"
        + "\n".join(lines)
        + "\n</tbody></table>"
    )
