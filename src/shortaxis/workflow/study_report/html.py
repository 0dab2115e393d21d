"""The report as one HTML file: pictures inside, nothing fetched, readable without scripts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from shortaxis._version import __version__
from shortaxis.anatomy.segments import SEGMENTS
from shortaxis.files.html_page import data_address, html_page, own_script, script_hash
from shortaxis.quantification.painted_surface import painted_surface
from shortaxis.quantification.severity import segment_uptakes
from shortaxis.workflow.beat_view.record import beat_record
from shortaxis.workflow.beat_view.script import inline_beat_script
from shortaxis.workflow.drawing.surface_picture import SIDES, colour_table, surface_picture
from shortaxis.workflow.drawing.surface_script import inline_surface_script
from shortaxis.workflow.quantify.function_record import NOT_ON_PATIENTS
from shortaxis.workflow.quantify.function_rows import FUNCTION_ROWS, change_rows, function_rows
from shortaxis.workflow.quantify.record import NOT_INTERCHANGEABLE
from shortaxis.workflow.quantify.wording import (
    SCAR_DEFINITION,
    SCAR_NAMES,
    exam_words,
    lung_words,
    score_scale,
    study_mark,
    summed_name,
)
from shortaxis.workflow.reorient.record import NOTICE
from shortaxis.workflow.study_report.earlier.section import compared_section
from shortaxis.workflow.study_report.exams.pairing import QuantifiedExam, QuantifiedPair
from shortaxis.workflow.study_report.impression import COMPUTED, impression_of
from shortaxis.workflow.study_report.pages.difference_rows import difference_rows
from shortaxis.workflow.study_report.pages.exam_rows import exam_rows
from shortaxis.workflow.study_report.pages.sheets import (
    NOT_OF_PERFUSION,
    pose_rule_words,
)
from shortaxis.workflow.study_report.wording import (
    STRESS_MINUS_REST,
    SUMMED_DIFFERENCE,
    signed,
)

__all__ = ["study_report_html"]

STRESS_AGAINST_REST = "Stress against rest"

ALTERNATIVES = {
    "slices": "Short-axis, vertical and horizontal long-axis slices at matched places",
    "polar_maps": "Polar maps with segment scores, and the wall they are read from",
    "gated": "End-diastole and end-systole, and mid-wall volume over the beat",
    "function": "Function, volume over the beat, motion, thickening and phases",
    "function_rest": "Function at rest, volume over the beat, motion, thickening and phases",
    "compared": "Compared with the earlier exam, polar maps of both, and what changed",
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
    beats = _beats(pair)
    script = inline_surface_script() + (inline_beat_script() if beats else "")
    return html_page(
        "shortaxis.workflow.study_report",
        "report.html",
        flag=pair.quality.flag.value,
        flag_words=pair.quality.flag.words,
        not_of_perfusion=NOT_OF_PERFUSION,
        introductions=[_introduction(each) for each in pair.exams],
        reasons=pair.quality.reasons,
        notes=(*pair.notes, *_pose_notes(pair)),
        scores=_scores_table(pair),
        function=_function_table(pair),
        function_notes=_function_notes(pair),
        not_on_patients=NOT_ON_PATIENTS,
        impression=impression_of(pair),
        computed=COMPUTED,
        conclusion=pair.conclusion,
        compared=compared_section(pair),
        pictures=[_picture(name, content) for name, content in pictures.items()],
        surfaces=[_surface(each) for each in pair.exams],
        beats=beats,
        surface_colours=colour_table().tolist(),
        surface_script=own_script(script),
        surface_script_hash=script_hash(script),
        segments=_segments_table(pair),
        notice=NOTICE,
        not_interchangeable=NOT_INTERCHANGEABLE,
        version=__version__,
        mark=study_mark(pair.exams[0].quantified.study),
    )


@dataclass(frozen=True)
class _Row:
    cells: Sequence[str]
    is_abnormal: bool = False


@dataclass(frozen=True)
class _Table:
    head: Sequence[str]
    rows: Sequence[_Row]


@dataclass(frozen=True)
class _Picture:
    title: str
    words: str
    address: str


@dataclass(frozen=True)
class _Surface:
    title: str
    address: str
    record: Mapping[str, object]
    sides: Mapping[str, float]


def _surface(each: QuantifiedExam) -> _Surface:
    surface = painted_surface(each.quantified.wall)
    address = data_address(surface_picture(surface))
    return _Surface(each.title, address, surface.to_record(), SIDES)


@dataclass(frozen=True)
class _Beat:
    title: str
    record: Mapping[str, object]


def _beats(pair: QuantifiedPair) -> list[_Beat]:
    """What moves, of every exam whose function is measured."""
    measured = [
        (each, function.measured)
        for each in pair.exams
        if (function := each.quantified.function) is not None
    ]
    return [
        _Beat(each.title, beat_record(each.quantified.study, found))
        for each, found in measured
        if found is not None
    ]


def _introduction(each: QuantifiedExam) -> str:
    exam = each.quantified
    pose = "axes of the slices" if exam.is_short_axis else f"pose by {exam.estimate.method}"
    return f"{each.title}: {exam_words(exam.study)}; {pose}"


def _pose_notes(pair: QuantifiedPair) -> list[str]:
    if pair.moved is None:
        return []
    moved = pair.moved
    return [
        f"{pose_rule_words(pair)}; at rest the heart lies {moved.center_mm:.0f} mm and "
        f"{moved.long_axis_deg:.0f} degrees from where it lies under stress."
    ]


def _picture(name: str, content: bytes) -> _Picture:
    words = ALTERNATIVES[name]
    title = words.split(",")[0] if name != "slices" else "Slices"
    return _Picture(title, words, data_address(content))


def _scores_table(pair: QuantifiedPair) -> _Table:
    """One row for every number that `exam_rows` names, then the ventricle's size."""
    named = [dict(exam_rows(each)) for each in pair.exams]
    names = list(dict.fromkeys(name for rows in named for name in rows))
    # SSS and SRS are one row.
    summed = [summed_name(each.exam.condition) for each in pair.exams]
    scars = [name for name in names if name in SCAR_NAMES]
    rows = [
        [_row_name(summed, pair), *(rows[name] for rows, name in zip(named, summed, strict=True))],
        *(
            [name, *(rows.get(name, "-") for rows in named)]
            for name in names
            if name not in (*summed, *scars)
        ),
        *_scar_rows(named, scars),
        *_scale_rows(pair),
        [
            "LV length, apex to valve plane (mm)",
            *_of_each(pair, lambda e: f"{e.quantified.traced.length_mm:.0f}"),
        ],
        [
            "Volume inside the mid-wall (ml)",
            *_of_each(pair, lambda e: f"{e.quantified.traced.volume_ml:.0f}"),
        ],
        [
            "Lung / heart (no limits known in slices)",
            *_of_each(pair, lambda e: lung_words(e.quantified)),
        ],
    ]
    head = ["", *(each.title for each in pair.exams)]
    if pair.difference is not None:
        head.append(STRESS_MINUS_REST)
        last = dict(difference_rows(pair.difference))
        rows = [[*row, last.pop(row[0].split(",")[-1].strip(), "")] for row in rows]
        empty = [""] * len(pair.exams)
        rows += [[name, *empty, value] for name, value in last.items()]
    return _Table(head, [_Row(cells) for cells in rows])


def _function_table(pair: QuantifiedPair) -> _Table | None:
    """Volumes, ejection fraction and phase; None where no exam is gated."""
    functions = [each.quantified.function for each in pair.exams]
    if not any(functions):
        return None
    head = ["", *(each.title for each in pair.exams)]
    columns = [function_rows(each) for each in functions]
    if pair.function_change is not None:
        head.append(STRESS_AGAINST_REST)
        columns.append(change_rows(pair.function_change))
    rows = [[name, *values] for name, *values in zip(FUNCTION_ROWS, *columns, strict=True)]
    return _Table(head, [_Row(cells) for cells in rows])


def _function_notes(pair: QuantifiedPair) -> list[str]:
    """What the numbers of the function must not be taken for, with the exam where there are two."""
    functions = [(each.title, each.quantified.function) for each in pair.exams]
    return [
        f"{title.lower()}: {note}" if len(functions) > 1 else note
        for title, function in functions
        for note in (function.notes if function else ())
    ]


def _row_name(summed: Sequence[str], pair: QuantifiedPair) -> str:
    names = [*summed, SUMMED_DIFFERENCE] if pair.difference is not None else summed
    return ", ".join(dict.fromkeys(names))


def _scar_rows(named: Sequence[Mapping[str, str]], scars: Sequence[str]) -> list[list[str]]:
    """One row, although it is called a scar at rest alone."""
    if not scars:
        return []
    words = [next((rows[name] for name in scars if name in rows), "-") for rows in named]
    return [[f"Scar burden: {SCAR_DEFINITION}", *words]]


def _scale_rows(pair: QuantifiedPair) -> list[list[str]]:
    """What the scores of a segment or a place mean; nothing where none has any."""
    severities = [each.quantified.severity for each in pair.exams]
    if not any(severities):
        return []
    return [["Scale of the scores", *("-" if s is None else score_scale(s) for s in severities)]]


def _of_each(pair: QuantifiedPair, value: Callable[[QuantifiedExam], str]) -> list[str]:
    return [value(each) for each in pair.exams]


def _segments_table(pair: QuantifiedPair) -> _Table:
    head = ["Segment", "Territory"]
    columns = [
        [f"{each.number} {each.name}" for each in SEGMENTS],
        [each.territory.label for each in SEGMENTS],
    ]
    abnormal = [False] * len(SEGMENTS)
    for each in pair.exams:
        uptakes = segment_uptakes(each.quantified.traced.polar_map).values()
        severity = each.quantified.severity
        scores = [0] * len(SEGMENTS) if severity is None else [*severity.segment_scores.values()]
        head += [f"{each.title}, uptake (%)", "score"]
        told = ["-" if severity is None else str(score) for score in scores]
        columns += [[f"{value:.0f}" for value in uptakes], told]
        abnormal = [seen or score > 0 for seen, score in zip(abnormal, scores, strict=True)]
    if pair.difference is not None and pair.difference.scored is not None:
        head.append(f"{STRESS_MINUS_REST}, score")
        columns.append([signed(value) for value in pair.difference.scored.values()])
    rows = zip(zip(*columns, strict=True), abnormal, strict=True)
    return _Table(head, [_Row(cells, mark) for cells, mark in rows])
