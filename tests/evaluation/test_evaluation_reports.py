"""Reports and figures of evaluations that are odd: nothing found, hostile words, many methods."""

from __future__ import annotations

import io
import re
from pathlib import Path

import matplotlib.image
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from doc_tables import table_below
from drawn_heart import draw_study, transaxial_grid
from evaluation_scenes import estimate_of, not_found, truth_of
from repository import DOCS
from shortaxis.evaluation.cohorts.benchmarks import CheckState, CohortCheck
from shortaxis.evaluation.document.blocks import Heading, Picture, Table
from shortaxis.evaluation.document.html_page import to_html
from shortaxis.evaluation.document.markdown import to_markdown
from shortaxis.evaluation.figures import drawn_axes, worst_sheets
from shortaxis.evaluation.figures.all_figures import count_figures, draw_figures
from shortaxis.evaluation.figures.style import to_png
from shortaxis.evaluation.figures.worst_sheets import draw_worst_sheets
from shortaxis.evaluation.report.content import build_document
from shortaxis.evaluation.report.error_rows import errors_as_csv
from shortaxis.evaluation.report.record import evaluation_to_record
from shortaxis.evaluation.scores.cohort_evaluation import CohortEvaluation
from shortaxis.evaluation.scores.exam_estimate import ExamEstimate
from shortaxis.evaluation.scores.method_evaluation import evaluate_method
from shortaxis.geometry.pose import RigidPose
from shortaxis.reorientation.estimate import PoseEstimate
from shortaxis.simulation.cohort_request import CohortRequest
from shortaxis.spect.volume import SpectVolume

TRUTHS = [truth_of(seed) for seed in range(3)]

HOSTILE = "<script>alert(1)</script> | `x` *y* [z](q) & \n# title"


def evaluation_of(**estimates: list[ExamEstimate]) -> CohortEvaluation:
    return CohortEvaluation(
        name="cohort",
        request=CohortRequest("paper", len(TRUTHS), 0, "compact"),
        cohort_version="0.1.0",
        check=CohortCheck(CheckState.NO_BENCHMARK, "0" * 64),
        methods=tuple(evaluate_method(name, TRUTHS, each) for name, each in estimates.items()),
    )


def volume_of(seed: int) -> SpectVolume:
    return draw_study(transaxial_grid(), TRUTHS[seed].pose)


@pytest.mark.parametrize("found", [0, 1])
def test_a_method_that_finds_little_has_a_report_too(found: int) -> None:
    estimates = [estimate_of(truth, axis_deg=3) for truth in TRUTHS[:found]]
    estimates += [not_found(truth) for truth in TRUTHS[found:]]
    evaluation = evaluation_of(poor=estimates)

    drawn = list(draw_figures(evaluation, volume_of))
    text = to_markdown(build_document(evaluation, [picture for picture, _ in drawn]))

    assert len(drawn) == count_figures(evaluation) == 4 + found
    assert f"Not found, {3 - found}:" in text
    assert len(errors_as_csv(evaluation.methods).splitlines()) == 4


def test_figures_of_a_method_whose_name_begins_like_another_stay_apart() -> None:
    estimates = [estimate_of(truth, axis_deg=3) for truth in TRUTHS]
    evaluation = evaluation_of(**{"net": estimates, "net-scatter": estimates})

    names = [("net", "net-scatter"), ("net-scatter", "net-scatter-scatter"), ("", "all")]
    drawn = [Picture(f"figures/{name}.png", name, method) for method, name in names]

    text = to_markdown(build_document(evaluation, drawn))

    shown = re.findall(r"\]\(figures/(.*)\.png\)", text)
    assert shown == ["all", "net-scatter", "net-scatter-scatter"]


def test_a_sheet_shows_another_cut_where_the_pose_is_another() -> None:
    estimates = [estimate_of(truth, axis_deg=60, center_mm=20) for truth in TRUTHS]
    evaluation = evaluation_of(off=estimates)

    (sheet,) = [png for picture, png in draw_figures(evaluation, volume_of)
                if "worst" in picture.path]  # fmt: skip

    pixels = matplotlib.image.imread(io.BytesIO(sheet))
    assert pixels.shape[1] == 1600
    first_row = pixels[104:282, :, :3]
    true, estimated = first_row[:, 474:650], first_row[:, 1026:1202]
    assert true.std() > 0.1
    assert np.abs(true - estimated).mean() > 0.03


def sheets_of(estimates: list[ExamEstimate]) -> list[Figure]:
    return draw_worst_sheets(evaluate_method("off", TRUTHS, estimates), volume_of)


def words_on(sheet: Figure) -> list[str]:
    texts = [*sheet.texts, *(text for axes in sheet.axes for text in axes.texts)]
    return [text.get_text() for text in texts]


def test_a_sheet_is_as_high_as_its_cases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worst_sheets, "CASES_PER_SHEET", 2)

    full, rest = sheets_of([estimate_of(truth, axis_deg=3) for truth in TRUTHS])

    full_px, rest_px = (sheet.get_size_inches()[1] * 100 for sheet in (full, rest))
    assert full_px - rest_px == pytest.approx(218)
    last = min(axes.get_position().y0 for axes in rest.axes) * rest_px
    assert last < 80
    assert "off: largest errors, 1 to 2" in words_on(full)
    assert "off: largest errors, 3" in words_on(rest)


def test_both_axes_are_seen_where_they_lie_on_each_other() -> None:
    (sheet,) = sheets_of([estimate_of(truth) for truth in TRUTHS])

    pixels = np.asarray(matplotlib.image.imread(io.BytesIO(to_png(sheet))))[..., :3]
    tile = pixels[104:282, 284:462]
    for name, look in drawn_axes.LINE_STYLES.items():
        colour = np.array(to_rgb(look.colour))
        near = np.abs(tile - colour).max(axis=-1) < 0.1
        assert near.sum() > 40, name


def test_a_sheet_has_a_key_of_its_two_axes() -> None:
    (sheet,) = sheets_of([estimate_of(truth) for truth in TRUTHS])

    assert {"true axis", "estimated axis"} <= set(words_on(sheet))


@pytest.mark.parametrize(
    ("below_mm", "words"),
    [(-9.0, None), (-14.0, "14 mm below"), (23.4, "23 mm above"), (9.0, None)],
)
def test_a_centre_outside_the_slice_is_told(below_mm: float, words: str | None) -> None:
    pose = TRUTHS[0].pose
    moved = RigidPose(pose.patient_from_cardiac, pose.center_mm + np.array([3.0, 0, below_mm]))
    estimates = [ExamEstimate(0, PoseEstimate(moved, "test")), *map(estimate_of, TRUTHS[1:])]

    (sheet,) = sheets_of(estimates)

    told = [each for each in words_on(sheet) if each.endswith((" mm above", " mm below"))]
    assert told == ([] if words is None else [words])


def test_words_of_others_are_no_markup() -> None:
    estimates = [estimate_of(truth, axis_deg=30, reasons=(HOSTILE,)) for truth in TRUTHS]
    document = build_document(evaluation_of(theirs=estimates), [])

    html = to_html(document, lambda path: b"")
    markdown = to_markdown(document)

    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert "<script" not in markdown.replace("\\<", "")
    rows = [line for line in markdown.splitlines() if "alert" in line]
    assert rows
    for row in rows:
        assert len(re.findall(r"(?<!\\)\|", row)) in (3, 9)  # the columns of its table, plus one


def test_tables_and_headings_are_written_as_they_should_be() -> None:
    blocks = [Heading("A & B", 1), Table(("name", "n", "why"), (("x", "1", "words"),), ("why",))]

    assert to_markdown(blocks).splitlines() == [
        "# A & B",
        "",
        "| name | n | why |",
        "| --- | ---: | --- |",
        "| x | 1 | words |",
    ]
    assert "<title>A &amp; B</title>" in to_html(blocks, lambda path: b"")
    assert '<td class="words">x</td><td>1</td><td class="words">words</td>' in to_html(
        blocks, lambda path: b""
    )


def test_the_tables_of_the_record_name_its_fields() -> None:
    page: Path = DOCS / "reference" / "evaluation-files.md"
    record = evaluation_to_record(
        evaluation_of(good=[estimate_of(truth, axis_deg=3) for truth in TRUTHS])
    )
    text = page.read_text(encoding="utf-8")

    rows = table_below(page, "evaluation.json")
    assert [name for row in rows for name in re.findall(r"`(\w+)`", row[0])] == list(record)
    method = record["methods"]["good"]
    for names in (method, method["groups"]["all"], record["cohort"]["checksum"]):
        for name in names:
            assert f"`{name}`" in text
    row = method["groups"]["all"]
    for values in (row["failures"], row["errors"]["center_mm"], row["agreement"]["x_m"]):
        assert all(f"`{name}`" in text for name in values)
