"""The review sheet shows every wall, end and side where a reader expects it."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pydicom import dcmread

import shortaxis
from drawn_heart import DrawnHeart, draw_study
from nm_object import build_nm, save_object
from shortaxis.anatomy.cardiac_views import CardiacView, view_grid
from shortaxis.geometry.euler import rotation_from_angles
from shortaxis.geometry.grids import Grid
from shortaxis.geometry.pose import RigidPose
from shortaxis.inference.weights_record import WeightsRecord
from shortaxis.reorientation.estimate import (
    LeftVentricleExtent,
    PoseEstimate,
    PoseUncertainty,
    Quality,
)
from shortaxis.reorientation.methods import estimate_pose
from shortaxis.reorientation.quality import LIMITS
from shortaxis.spect.study import AcquisitionFacts
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.drawing.display_scale import myocardial_level
from shortaxis.workflow.drawing.painted_sheet import PaintedSheet
from shortaxis.workflow.drawing.painting import painted_png
from shortaxis.workflow.drawing.tile_style import SLICE_COLOURS
from shortaxis.workflow.reorient import outputs
from shortaxis.workflow.review_sheet.content import Outline, ReviewSheetContent
from shortaxis.workflow.review_sheet.facts import fact_rows
from shortaxis.workflow.review_sheet.frames import apex_to_base, inside_the_wall, shown_frames
from shortaxis.workflow.review_sheet.panels import PLANES
from shortaxis.workflow.review_sheet.sheet import draw_review_sheet, write_review_sheet
from shortaxis.workflow.studies.finding import find_studies

DEFECT = DrawnHeart(defect_uptake=0.2)
EXTENT = LeftVentricleExtent(length_mm=DEFECT.length_mm, radius_mm=25.5)
COLUMNS = {
    CardiacView.SHORT_AXIS: 8,
    CardiacView.VERTICAL_LONG_AXIS: 6,
    CardiacView.HORIZONTAL_LONG_AXIS: 6,
}
TILE_PX = 165
TILE_MM = 140.0


def sheet_content(
    volume: SpectVolume, pose: RigidPose, extent: LeftVentricleExtent | None = EXTENT
) -> ReviewSheetContent:
    return ReviewSheetContent(
        volume=volume,
        views={
            view: volume.resampled(view_grid(view, pose, (24, 32, 32), 6.4)) for view in CardiacView
        },
        estimate=PoseEstimate(pose, "given", extent=extent),
        pose=pose,
        roll="conventional",
        title="ShortAxis reorientation (stress, a camera)",
    )


@pytest.fixture(scope="module")
def content(drawn_grid: Grid, drawn_pose: RigidPose) -> ReviewSheetContent:
    return sheet_content(draw_study(drawn_grid, drawn_pose, DEFECT, seed=None), drawn_pose)


@pytest.fixture(scope="module")
def sheet(content: ReviewSheetContent) -> PaintedSheet:
    return draw_review_sheet(content)


def shown(sheet: PaintedSheet, label: str, row: int = 0) -> np.ndarray:
    """The picture in parts of the myocardial level, row 0 at the top of the screen, NaN outside."""
    return sheet.panel_of(label).pictures[row].values


def tile(sheet: PaintedSheet, view: CardiacView, place: int) -> np.ndarray:
    row, column = divmod(place, COLUMNS[view])
    picture = shown(sheet, view.value, row)
    return np.nan_to_num(picture[:, column * TILE_PX : (column + 1) * TILE_PX])


def frame_numbers(sheet: PaintedSheet, view: CardiacView) -> list[int]:
    """The number written in each tile, in the order of the tiles."""
    numbers = {}
    panel = sheet.panel_of(view.value)
    for words in panel.words():
        if words.name == "frame number":
            x, y = panel.on_panel(words.place)
            numbers[int(y // TILE_PX) * COLUMNS[view] + int(x // TILE_PX)] = int(words.text)
    assert list(numbers) == list(range(len(numbers)))
    return list(numbers.values())


def peaks_of_sides(picture: np.ndarray, half_width_mm: float, distance_mm: float) -> dict:
    """Highest count near the four points `distance_mm` from the middle."""
    size = len(picture)
    pixel_mm = 2 * half_width_mm / size
    step, near, middle = distance_mm / pixel_mm, round(6 / pixel_mm), (size - 1) / 2
    places = {"right": (0, 1), "left": (0, -1), "bottom": (1, 0), "top": (-1, 0)}
    return {
        side: picture[
            round(middle + down * step) - near : round(middle + down * step) + near,
            round(middle + right * step) - near : round(middle + right * step) + near,
        ].max()
        for side, (down, right) in places.items()
    }


def painted(sheet: PaintedSheet) -> np.ndarray:
    picture = Image.open(io.BytesIO(painted_png(sheet)))
    assert picture.mode == "P"
    return np.asarray(picture.convert("RGB")).astype(int)


def test_an_inferolateral_defect_is_at_the_lower_right_of_short_axis_slices(
    sheet: PaintedSheet,
) -> None:
    for number in (6, 8, 10):
        picture = tile(sheet, CardiacView.SHORT_AXIS, number)
        middle = len(picture) // 2
        upper, lower = picture[:middle], picture[middle:]
        others = (upper[:, :middle], upper[:, middle:], lower[:, :middle])
        # Counts spill over the borders of the quadrant, so its far corner decides.
        corner = lower[10:, middle + 10 :]
        assert corner.max() < 0.7 * min(part.max() for part in others)


def test_short_axis_slices_begin_at_the_apex(sheet: PaintedSheet) -> None:
    sums = [(tile(sheet, CardiacView.SHORT_AXIS, number) > 0.5).sum() for number in (0, 2, 4, 7)]

    assert sums == sorted(sums)
    assert sums[0] < 0.2 * sums[-1]


@pytest.mark.parametrize(
    ("view", "apex", "base"),
    [
        (CardiacView.VERTICAL_LONG_AXIS, "right", "left"),
        (CardiacView.HORIZONTAL_LONG_AXIS, "top", "bottom"),
    ],
)
def test_the_closed_end_of_the_long_axes_is_where_the_apex_belongs(
    sheet: PaintedSheet, view: CardiacView, apex: str, base: str
) -> None:
    for number in (2, 3):
        peaks = peaks_of_sides(tile(sheet, view, number), TILE_MM / 2, 38)
        assert peaks[apex] > 2 * peaks[base]


def test_walls_are_named_at_their_sides_of_the_first_slice(sheet: PaintedSheet) -> None:
    size = TILE_PX
    panel = sheet.panel_of(CardiacView.SHORT_AXIS.value)
    places = {
        words.text: panel.on_panel(words.place) - size / 2
        for words in panel.words()
        if panel.on_panel(words.place)[1] < size
    }

    assert places["Anterior"][1] < -size / 3
    assert places["Inferior"][1] > size / 3
    assert places["Septal"][0] < -size / 3
    assert places["Lateral"][0] > size / 3


def test_every_tile_shows_the_counts_of_the_frame_whose_number_it_carries(
    content: ReviewSheetContent,
) -> None:
    # Voxels of five pixels around a voxel at the centre: every fifth pixel is a voxel.
    spacing_mm = 5 * TILE_MM / TILE_PX
    random = np.random.default_rng(2)
    views = {}
    for view in CardiacView:
        grid = view_grid(view, content.pose, (36, 45, 45), spacing_mm)
        views[view] = SpectVolume(random.uniform(0, 400, grid.shape), grid.patient_from_index)

    figure = draw_review_sheet(replace(content, views=views))

    level = myocardial_level(content.volume, content.pose, EXTENT)
    for view, volume in views.items():
        numbers = frame_numbers(figure, view)
        assert len(numbers) > 4
        for place, number in enumerate(numbers):
            voxels = tile(figure, view, place)[2:-5:5, 2:-5:5] * level
            frame = volume.counts[number - 1]
            assert np.allclose(voxels, frame[6:38, 6:38], atol=0.1)


def hand_counted(view: CardiacView, spacing_mm: float, extent: LeftVentricleExtent) -> tuple:
    """Numbers and caption for a stack of 150 mm, as it is written by default."""
    pose = RigidPose(rotation_from_angles(20, 5, 45), (50.0, -40.0, 480.0))
    slices = int(np.ceil(150 / spacing_mm))
    grid = view_grid(view, pose, (slices, 4, 4), spacing_mm)
    volume = SpectVolume(np.zeros(grid.shape), grid.patient_from_index)
    frames = shown_frames(view, volume, pose, extent)
    return list(frames.numbers), frames.caption


@pytest.mark.parametrize(
    ("spacing_mm", "length_mm", "numbers", "caption"),
    [
        # 38 frames, the centre at number 19.5; 11.4 frames to either end.
        (4.0, 91.0, range(8, 33, 2), "every 2nd slice, 8.0 mm"),
        # 24 frames, the centre at number 12.5; 6.9, 7.8 and 8.75 frames to either end.
        (6.4, 88.0, range(5, 21), "every slice, 6.4 mm"),
        (6.4, 100.0, range(5, 21), "every slice, 6.4 mm"),
        (6.4, 112.0, range(3, 24, 2), "every 2nd slice, 12.8 mm"),
        # 75 frames, the centre at number 38; 25 frames to either end.
        (2.0, 100.0, range(13, 66, 4), "every 4th slice, 8.0 mm"),
        # 3 frames, a shorter stack than the ventricle.
        (50.0, 200.0, range(1, 4), "every slice, 50.0 mm"),
    ],
)
def test_short_axis_tiles_reach_from_the_apex_to_the_base(
    spacing_mm: float, length_mm: float, numbers: Sequence[int], caption: str
) -> None:
    found = hand_counted(CardiacView.SHORT_AXIS, spacing_mm, LeftVentricleExtent(length_mm, 26.0))

    assert found == (list(numbers), caption)


@pytest.mark.parametrize(
    ("spacing_mm", "radius_mm", "numbers", "caption"),
    [
        # The centre is at number 19.5; 4.6 frames to 0.7 of the radius, so 15 to 24 lie within.
        (4.0, 26.0, range(15, 24, 2), "every 2nd slice, 8.0 mm"),
        # The centre is at number 12.5; 2.8 and 4.2 frames.
        (6.4, 26.0, range(10, 16), "every slice, 6.4 mm"),
        (6.4, 38.0, range(10, 16), "every slice, 6.4 mm"),
        # The centre is at number 38; 8.8 frames.
        (2.0, 25.0, range(30, 46, 3), "every 3rd slice, 6.0 mm"),
        # The centre is at number 2, and no other frame is near.
        (50.0, 26.0, [2], "every slice, 50.0 mm"),
    ],
)
def test_long_axis_tiles_keep_clear_of_the_wall_that_they_would_touch(
    spacing_mm: float, radius_mm: float, numbers: Sequence[int], caption: str
) -> None:
    extent = LeftVentricleExtent(88.0, radius_mm)

    for view in (CardiacView.VERTICAL_LONG_AXIS, CardiacView.HORIZONTAL_LONG_AXIS):
        assert hand_counted(view, spacing_mm, extent) == (list(numbers), caption)


@given(center=st.floats(0, 200), half=st.floats(0.1, 80), most=st.integers(2, 16))
def test_shown_frames_are_evenly_spaced_and_lie_where_they_should(
    center: float, half: float, most: int
) -> None:
    along = apex_to_base(center, half, most)
    across = inside_the_wall(center, half, most)

    assert 1 <= len(along) <= most
    assert len(across) <= most
    assert all(abs(index - center) <= half for index in across)
    # Nothing longer than the distance of two tiles is left out at an end.
    rounding = 1e-9
    assert along[0] <= center - half + along.step + rounding
    assert along[-1] >= center + half - along.step - rounding


def test_a_small_and_a_large_heart_are_shown_at_the_same_scale(
    content: ReviewSheetContent,
) -> None:
    extents = (LeftVentricleExtent(60.0, 18.0), LeftVentricleExtent(115.0, 42.0), None)
    shown_at = {view: {} for view in CardiacView}

    for extent in extents:
        estimate = replace(content.estimate, extent=extent)
        figure = draw_review_sheet(replace(content, estimate=estimate))
        level = myocardial_level(content.volume, content.pose, extent)
        for view in CardiacView:
            (bar,) = figure.panel_of(view.value).named("scale bar")
            assert np.ptp(bar.points[:, 0]) * TILE_MM / TILE_PX == pytest.approx(50)
            for place, number in enumerate(frame_numbers(figure, view)):
                picture = tile(figure, view, place) * level
                same = shown_at[view].setdefault(number, picture)
                assert np.allclose(picture, same, atol=0.1)


def test_nothing_is_shown_where_the_frame_ends(content: ReviewSheetContent) -> None:
    grids = {view: view_grid(view, content.pose, (24, 15, 15), 6.4) for view in CardiacView}
    views = {view: content.volume.resampled(grid) for view, grid in grids.items()}

    figure = draw_review_sheet(replace(content, views=views))

    # Voxel centres reach 44.8 mm, which is 52.8 pixels, to either side of the centre.
    hidden = np.isnan(shown(figure, CardiacView.SHORT_AXIS.value))[:, :TILE_PX]
    assert hidden[82, :].nonzero()[0].tolist() == [*range(30), *range(135, TILE_PX)]
    assert not hidden[30:135, 30:135].any()


@pytest.mark.parametrize("spacing_mm", [1.2, 6.4])
def test_words_in_the_tiles_do_not_overlap(content: ReviewSheetContent, spacing_mm: float) -> None:
    slices = int(150 / spacing_mm)
    views = {
        view: content.volume.resampled(view_grid(view, content.pose, (slices, 40, 40), spacing_mm))
        for view in CardiacView
    }

    figure = draw_review_sheet(replace(content, views=views))

    for view in CardiacView:
        boxes = [(words.text, words.box) for words in figure.panel_of(view.value).words()]
        assert len(boxes) > 8
        for (words, box), (others, other) in combinations(boxes, 2):
            assert not box.overlaps(other), (words, others)
    if spacing_mm < 2:
        assert max(frame_numbers(figure, CardiacView.SHORT_AXIS)) > 99


def test_the_transaxial_cut_has_the_front_of_the_chest_above(sheet: PaintedSheet) -> None:
    picture = shown(sheet, "transaxial")

    # The drawn chest ends 87 mm in front of the heart; behind it there is more than 110 mm.
    assert picture[:8, len(picture) // 2].max() < 0.03
    assert picture[-8:, len(picture) // 2].min() > 0.03


def test_the_coronal_cut_has_the_liver_at_the_lower_left(sheet: PaintedSheet) -> None:
    picture = shown(sheet, "coronal")
    third = len(picture) // 3
    corners = {
        "lower left": picture[-third:, :third],
        "lower right": picture[-third:, -third:],
        "upper left": picture[:third, :third],
        "upper right": picture[:third, -third:],
    }

    assert max(corners, key=lambda name: np.nanmean(corners[name])) == "lower left"
    assert np.nanmax(corners["lower left"]) > 0.5


def test_the_sagittal_cut_has_the_front_of_the_chest_on_the_left(sheet: PaintedSheet) -> None:
    picture = shown(sheet, "sagittal")

    assert picture[len(picture) // 2, :8].max() < 0.03
    assert picture[len(picture) // 2, -8:].min() > 0.03


@pytest.mark.parametrize(
    ("cut", "letters"),
    [
        ("transaxial", {"left": "R", "right": "L", "top": "A", "bottom": "P"}),
        ("coronal", {"left": "R", "right": "L", "top": "S", "bottom": "I"}),
        ("sagittal", {"left": "A", "right": "P", "top": "S", "bottom": "I"}),
    ],
)
def test_orientation_letters_follow_the_radiological_convention(
    sheet: PaintedSheet, cut: str, letters: dict[str, str]
) -> None:
    found = {}
    panel = sheet.panel_of(cut)
    for words in panel.words():
        x, y = panel.on_panel(words.place)
        if len(words.text) == 1:
            found["right" if x > 50 else "left" if x < -50 else "top" if y < 0 else "bottom"] = (
                words.text
            )

    assert found == letters


@pytest.mark.parametrize(
    ("cut", "apex"),
    # Apex direction (0.66, -0.66, -0.34) for theta 45 and alpha 20; on screen right and down.
    [("transaxial", (0.66, -0.66)), ("coronal", (0.66, 0.34)), ("sagittal", (-0.66, 0.34))],
)
def test_the_arrow_ends_at_the_apex(
    content: ReviewSheetContent, cut: str, apex: tuple[float, float]
) -> None:
    pose = RigidPose(rotation_from_angles(20, 0, 45), content.pose.center_mm)
    figure = draw_review_sheet(replace(content, pose=pose))

    panel = figure.panel_of(cut)
    (line,) = panel.named("long axis")
    (head,) = panel.named("arrow head")
    base, tip = panel.on_panel(line.points)
    assert np.allclose(tip, np.array(apex) * EXTENT.length_mm / 2, atol=0.5)
    assert np.allclose(base, -tip)
    assert np.allclose(panel.on_panel(head.points[0]), tip)


@pytest.mark.parametrize("extent", [EXTENT, None])
def test_a_liver_five_times_hotter_leaves_the_level_of_the_myocardium(
    drawn_grid: Grid, drawn_pose: RigidPose, extent: LeftVentricleExtent | None
) -> None:
    usual, hot = (
        draw_study(drawn_grid, drawn_pose, DrawnHeart(liver_uptake=uptake)) for uptake in (0.6, 3.0)
    )

    level = myocardial_level(usual, drawn_pose, extent)

    assert myocardial_level(hot, drawn_pose, extent) == pytest.approx(level, rel=0.03)
    # Blur takes less than half of an 11 mm wall drawn at 400; noise adds a little.
    assert 200 < level < 440


def test_a_defect_leaves_the_level_of_the_myocardium(
    drawn_grid: Grid, drawn_pose: RigidPose
) -> None:
    whole, with_defect = (
        draw_study(drawn_grid, drawn_pose, DrawnHeart(defect_uptake=uptake), seed=None)
        for uptake in (1.0, 0.2)
    )

    levels = [myocardial_level(volume, drawn_pose, EXTENT) for volume in (whole, with_defect)]

    assert levels[1] == pytest.approx(levels[0], rel=0.05)


def test_the_order_of_the_source_slices_does_not_show(
    content: ReviewSheetContent, sheet: PaintedSheet
) -> None:
    volume = content.volume
    reversal = np.diag([-1.0, 1.0, 1.0, 1.0])
    reversal[0, 3] = volume.shape[0] - 1
    stored = SpectVolume(volume.counts[::-1], volume.patient_from_index @ reversal)

    other = draw_review_sheet(sheet_content(stored, content.pose))

    apart = np.abs(painted(sheet) - painted(other)).max(axis=-1)
    # Rounding of counts moves a pixel by one step of its scale at most.
    assert apart.max() <= 8
    assert (apart > 0).mean() < 1e-4


def assert_words_fit(sheet: PaintedSheet) -> None:
    boxes = [(words.text, words.box) for words in sheet.words if words.text]
    for words, box in boxes:
        inside = box.left >= 0 and box.right <= 1600 and box.top >= 0 and box.bottom <= 1200
        assert inside, words
        assert not any(box.overlaps(panel.box) for panel in sheet.panels), words
    for (words, box), (others, other) in combinations(boxes, 2):
        assert not box.overlaps(other), (words, others)


@pytest.mark.parametrize(
    "reasons",
    [
        (),
        [limit.reason for limit in LIMITS],
        [limit.reason for limit in LIMITS][:3],
        [f"reason {number} of many words that goes on " * 4 for number in range(9)],
        ["reason" * 60],
        [
            f"the network doubts thing {n} of the pose (90 % bound of its {n} axis 7.0, limit 6.5)"
            for n in range(10)
        ],
    ],
)
def test_no_words_overlap_or_leave_the_sheet(
    content: ReviewSheetContent, reasons: Sequence[str]
) -> None:
    estimate = replace(
        content.estimate,
        method="ellipsoid",
        knows_roll=False,
        quality=Quality().with_reasons(*reasons),
        uncertainty=PoseUncertainty(12.34, 10.4, 22.2),
        weights=WeightsRecord("a-name-as-long-as-names-of-weights-can-be", "2026.11.23"),
    )

    figure = draw_review_sheet(
        replace(
            content,
            estimate=estimate,
            title="A long title " * 20,
            facts=AcquisitionFacts(
                series_instance_uid="1.2" * 20,
                tracer="a tracer of many words" * 4,
                attenuation_corrected=False,
            ),
            time_slots=16,
        )
    )

    assert_words_fit(figure)
    words = words_of(figure)
    flag = estimate.quality.flag.words
    assert words.count(flag) == 1, flag
    # Reasons that find no room are counted, never silently left out.
    bullets = words.count("\N{BULLET}")
    left_out = [line for line in words if line.endswith("in report.json")]
    hidden = sum(int(re.search(r"\d+", line)[0]) for line in left_out)
    assert bullets + hidden == len(set(reasons))
    assert bullets >= min(2, len(set(reasons)))


def words_of(figure: PaintedSheet) -> list[str]:
    return [words.text for words in figure.words]


def test_a_sheet_without_reasons_asks_to_look_all_the_same(content: ReviewSheetContent) -> None:
    asked = "Look at the slices all the same."
    reason = replace(content.estimate, quality=Quality(("a reason",)))
    by_hand = replace(content.estimate, method="manual")

    assert asked in words_of(draw_review_sheet(content))
    assert asked not in words_of(draw_review_sheet(replace(content, estimate=reason)))
    assert asked not in words_of(draw_review_sheet(replace(content, estimate=by_hand)))


@pytest.mark.parametrize(
    ("method", "label"),
    [("network", "90 % bounds"), ("ellipsoid", "Fit spread"), ("another", "Uncertainty")],
)
def test_bounds_and_the_spread_of_a_fit_are_not_called_the_same(
    content: ReviewSheetContent, method: str, label: str
) -> None:
    estimate = replace(content.estimate, method=method, uncertainty=PoseUncertainty(1.9, 3.0))

    facts = dict(fact_rows(replace(content, estimate=estimate)))

    assert facts[label] == "axis 1.9\N{DEGREE SIGN}, centre 3.0 mm"
    assert len({"90 % bounds", "Fit spread", "Uncertainty"} & set(facts)) == 1


def test_the_length_of_the_ventricle_is_called_as_in_reports(content: ReviewSheetContent) -> None:
    estimate = replace(content.estimate, extent=LeftVentricleExtent(88.6, 27.6))

    facts = dict(fact_rows(replace(content, estimate=estimate)))

    assert facts["LV length"] == "89 mm by the pose, radius 28 mm"


@pytest.mark.parametrize(
    ("knows_roll", "roll", "words"),
    [
        (False, "conventional", "conventional, septum not located"),
        (True, "conventional", "conventional, anatomical 0.0\N{DEGREE SIGN}"),
        (True, "anatomical", "anatomical"),
    ],
)
def test_the_sheet_says_how_the_septum_lies_or_that_it_was_not_seen(
    content: ReviewSheetContent, knows_roll: bool, roll: str, words: str
) -> None:
    estimate = replace(content.estimate, knows_roll=knows_roll)

    facts = dict(fact_rows(replace(content, estimate=estimate, roll=roll)))

    assert facts["Roll"] == f"0.0\N{DEGREE SIGN} {words}"


def test_the_sheet_of_a_dicom_study_names_the_end_of_its_series(
    drawn_study_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = []
    monkeypatch.setattr(outputs, "write_review_sheet", lambda _path, content: drawn.append(content))

    shortaxis.write(shortaxis.reorient(drawn_study_path), tmp_path / "out")

    uid = dcmread(drawn_study_path, stop_before_pixels=True).SeriesInstanceUID
    assert dict(fact_rows(drawn[0]))["Series"] == f"\N{HORIZONTAL ELLIPSIS}{uid[-12:]}"
    assert f"\N{HORIZONTAL ELLIPSIS}{uid[-12:]}" in words_of(draw_review_sheet(drawn[0]))


def test_a_source_without_a_series_leaves_the_row_out(content: ReviewSheetContent) -> None:
    assert "Series" not in dict(fact_rows(content))


def test_the_scale_and_the_arrows_say_what_they_are(sheet: PaintedSheet) -> None:
    words = words_of(sheet)

    assert "% of myocardial level (100 % = 90th percentile of wall peaks)" in words
    assert words.count("axis projected") == 3


def test_a_header_cannot_smuggle_markup_or_unknown_letters_into_the_title(
    content: ReviewSheetContent,
) -> None:
    figure = draw_review_sheet(replace(content, title="$x^$\n\x07 \u5fc3\u81df_{camera} \\frac"))

    assert_words_fit(figure)
    assert figure.words[0].text == "$x^$ ? ??_{camera} \\frac"


@pytest.mark.parametrize("counts", [0.0, -1.0])
def test_a_pose_seen_end_on_in_an_empty_volume_is_drawn(drawn_grid: Grid, counts: float) -> None:
    volume = SpectVolume(np.full(drawn_grid.shape, counts), drawn_grid.patient_from_index)
    pose = RigidPose(rotation_from_angles(0, 0, 0), drawn_grid.center_mm)

    figure = draw_review_sheet(sheet_content(volume, pose, None))

    panel = figure.panel_of("coronal")
    names = {
        words.text: panel.on_panel(words.place)
        for words in panel.words()
        if words.text in {"apex", "base"}
    }
    assert names["apex"][1] < 0 < names["base"][1]
    assert_words_fit(figure)


def test_the_sheet_is_a_picture_of_1600_by_1200_pixels(
    content: ReviewSheetContent, tmp_path: Path
) -> None:
    path = tmp_path / "review.png"

    write_review_sheet(path, content)

    header = path.read_bytes()[:24]
    assert header[:8] == b"\x89PNG\r\n\x1a\n"
    assert [int.from_bytes(header[at : at + 4], "big") for at in (16, 20)] == [1600, 1200]


def test_the_sheet_is_painted_in_the_colours_of_its_scales(
    sheet: PaintedSheet, content: ReviewSheetContent
) -> None:
    picture = painted(sheet)
    panel = sheet.panel_of(CardiacView.SHORT_AXIS.value)
    values, scale = panel.pictures[1].values, panel.pictures[1].scale
    stops, colours = zip(*SLICE_COLOURS, strict=True)
    channels = np.array([list(bytes.fromhex(colour[1:])) for colour in colours]).T

    top, left = round(panel.pictures[1].box.top), round(panel.box.left)
    # The middle of the fourth tile, where no words stand.
    rows, columns = slice(40, 120), slice(3 * TILE_PX + 40, 3 * TILE_PX + 120)
    drawn = picture[top:, left:][rows, columns]
    wanted = [np.interp(values[rows, columns], stops, channel) for channel in channels]

    step = np.abs(np.diff(channels, axis=1) / np.diff(stops)).max() / scale.steps
    assert np.abs(drawn - np.stack(wanted, axis=-1)).max() < step
    assert (picture[0, 0] == 255).all()
    assert (picture[28, 1120] == (0x1A, 0x7F, 0x37)).all()


def test_turned_words_are_read_upwards(drawn_pose: RigidPose) -> None:
    sheet = PaintedSheet(60, 60)
    sheet.text((30, 30), "l,,,,", 20, anchor=(0.5, 0.5), turn=90)

    dark = painted(sheet).sum(axis=-1) < 300

    # The tall letter comes first, which is below, and its top is on the left.
    rows, columns = dark.nonzero()
    assert columns[rows > 36].min() < columns[rows < 30].min() - 6
    assert np.ptp(rows) > np.ptp(columns)


def test_outlines_lie_on_the_tiles_of_their_frames(content: ReviewSheetContent) -> None:
    square = np.array([(-20, -10), (20, -10), (20, 10), (-20, 10), (-20, -10)])
    asked = []

    def outlines(view: CardiacView, index: int) -> list[Outline]:
        asked.append((view, index))
        return [Outline(square, "#00ff00", name="wall"), Outline(square * 9, "#00ff00")]

    sheet = draw_review_sheet(replace(content, outlines=outlines))

    shown_ones = [
        (view, number - 1) for view in CardiacView for number in frame_numbers(sheet, view)
    ]
    assert asked == shown_ones
    panel = sheet.panel_of(CardiacView.SHORT_AXIS.value)
    ninth = panel.on_panel(panel.named("wall")[8].points)
    middle = np.array([TILE_PX / 2, 1.5 * TILE_PX])
    assert np.allclose(ninth, middle + square * TILE_PX / TILE_MM)
    green = (painted(sheet) - (0, 255, 0) == 0).all(axis=-1)
    # Nothing of the larger square is seen: it lies on other tiles.
    boxes = [
        each.box for each in sheet.panels if each.label in [view.value for view in CardiacView]
    ]
    rows, columns = green.nonzero()
    assert len(rows) > 2000
    assert all(
        any(box.left <= x < box.right and box.top <= y < box.bottom for box in boxes)
        for y, x in zip(rows, columns, strict=True)
    )
    one = green[490 + 3 : 490 + 160, 178 + 3 : 178 + 160]
    assert one.sum(axis=0).nonzero()[0].max() < 110


def test_a_cut_along_the_axes_of_the_volume_is_the_one_of_every_point(
    drawn_volume: SpectVolume, drawn_pose: RigidPose
) -> None:
    turned = np.diag([-1.0, 1, 1, 1])[[2, 0, 1, 3]]
    oblique = np.eye(4)
    oblique[:3, :3] = rotation_from_angles(3, 4, 5)
    for moved in (np.eye(4), turned, oblique):
        volume = SpectVolume(drawn_volume.counts, moved @ drawn_volume.patient_from_index)
        center = (moved @ np.append(drawn_pose.center_mm, 1))[:3]
        for plane in PLANES:
            cut = plane.sample(volume, center, 60)
            grid = plane.grid(center, 60)
            whole = volume.resampled(grid, "cubic").counts[0]
            assert np.isfinite(cut).mean() > 0.5
            assert np.nanmax(np.abs(cut - whole)) < 1e-3 * whole.max()


def test_a_sheet_is_written_without_matplotlib(content: ReviewSheetContent) -> None:
    statement = (
        "import sys, shortaxis.workflow.review_sheet.sheet, shortaxis.workflow.drawing.painting; "
        "sys.exit('matplotlib' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", statement], check=False).returncode == 0


def test_real_studies_fill_the_scale_with_the_heart(real_dicom_paths: list[Path]) -> None:
    volume = find_studies(real_dicom_paths[0]).studies[0].load().study.volume
    estimate = estimate_pose(volume, "ellipsoid")

    figure = draw_review_sheet(replace(sheet_content(volume, estimate.pose), estimate=estimate))

    middle = tile(figure, CardiacView.SHORT_AXIS, 7)[41:124, 41:124]
    assert 0.8 < np.percentile(middle, 98) < 1.3
    assert_words_fit(figure)


def with_field_that_ends(volume: SpectVolume, slices: int) -> SpectVolume:
    """The volume without its lowest slices."""
    shift = np.eye(4)
    shift[0, 3] = slices
    return SpectVolume(volume.counts[slices:], volume.patient_from_index @ shift)


@pytest.fixture(scope="module")
def upright(drawn_grid: Grid, drawn_pose: RigidPose) -> ReviewSheetContent:
    """A heart whose inferior wall faces straight down, so that slices end at its rows."""
    pose = RigidPose(rotation_from_angles(0, 0, 0), drawn_pose.center_mm)
    return sheet_content(draw_study(drawn_grid, pose, DEFECT, seed=None), pose)


def below_the_field(content: ReviewSheetContent, slices: int) -> ReviewSheetContent:
    volume = with_field_that_ends(content.volume, slices)
    views = {view: volume.resampled(part.grid) for view, part in content.views.items()}
    return replace(content, volume=volume, views=views)


def test_outside_the_field_no_counts_are_shown(upright: ReviewSheetContent) -> None:
    figure = draw_review_sheet(below_the_field(upright, 13))

    lowest_mm = upright.volume.patient_from_index[2, 3] + 13 * 6.4
    depth_mm = upright.pose.center_mm[2] - lowest_mm
    assert 0 < depth_mm < 60
    for label, pixel_mm in (
        (CardiacView.SHORT_AXIS.value, TILE_MM / TILE_PX),
        (CardiacView.VERTICAL_LONG_AXIS.value, TILE_MM / TILE_PX),
        ("right ventricle", TILE_MM / 308),
        ("coronal", 220 / 340),
        ("sagittal", 220 / 340),
    ):
        picture = shown(figure, label)
        middle = len(picture) // 2
        hidden = np.isnan(picture)[middle:, 20]
        assert hidden.argmax() == pytest.approx(depth_mm / pixel_mm, abs=1.1)
        assert hidden[hidden.argmax() :].all()


def test_the_end_of_the_field_does_not_darken_what_lies_inside(upright: ReviewSheetContent) -> None:
    whole, cut = (draw_review_sheet(content) for content in (upright, below_the_field(upright, 13)))

    level = myocardial_level(below_the_field(upright, 13).volume, upright.pose, EXTENT)
    factor = level / myocardial_level(upright.volume, upright.pose, EXTENT)
    numbers = frame_numbers(cut, CardiacView.SHORT_AXIS)
    for place in range(4, len(numbers) - 4):
        before, after = (
            shown(figure, CardiacView.SHORT_AXIS.value, place // 8)[:, place % 8 * 165 :][:, :163]
            for figure in (whole, cut)
        )
        assert np.nanmin(after * factor - before) > -0.25


def test_the_sheet_says_how_much_of_the_wall_was_not_measured(upright: ReviewSheetContent) -> None:
    # Of 36 azimuths 17 point below the plane through the axis, where the field ends here.
    center_index = (upright.pose.center_mm[2] - upright.volume.patient_from_index[2, 3]) / 6.4
    shift_mm = 6.4 * (np.ceil(center_index) - center_index)
    center_mm = upright.pose.center_mm + np.array([0, 0, shift_mm])
    pose = RigidPose(upright.pose.patient_from_cardiac, center_mm)
    halved = replace(
        upright, pose=pose, volume=with_field_that_ends(upright.volume, int(np.ceil(center_index)))
    )

    rows = dict(fact_rows(halved))

    assert rows["Field"] == "47 % of the wall reaches outside"
    assert "Field" not in dict(fact_rows(upright))


def mark(figure: PaintedSheet, gid: str, axes: str = "right ventricle") -> np.ndarray | None:
    """Points ``(point, 2)`` of the line with a name, right and down."""
    panel = figure.panel_of(axes)
    lines = panel.named(gid)
    return panel.on_panel(lines[0].points) if lines else None


@pytest.mark.parametrize("roll", ["conventional", "anatomical"])
@pytest.mark.parametrize(("theta", "alpha"), [(0, 0), (45, 20)])
def test_the_tick_lies_on_the_anatomical_septum_whatever_roll_the_slices_have(
    drawn_volume: SpectVolume, drawn_pose: RigidPose, roll: str, theta: float, alpha: float
) -> None:
    center = drawn_pose.center_mm
    anatomical = RigidPose(rotation_from_angles(alpha, 25, theta), center)
    conventional = RigidPose(rotation_from_angles(alpha, 0, theta), center)
    pose = anatomical if roll == "anatomical" else conventional
    content = sheet_content(drawn_volume, pose)
    estimate = replace(
        content.estimate, pose=anatomical, uncertainty=PoseUncertainty(roll_deg=20.0)
    )

    figure = draw_review_sheet(replace(content, estimate=estimate, roll=roll))

    # Roll turns about y: x goes to (cos 25, 0, -sin 25), and the septum, at -x, upwards.
    where = (-1, 0) if roll == "anatomical" else (-0.906, -0.423)
    middle = mark(figure, "mid-septum").mean(axis=0)
    assert np.allclose(middle, np.array(where) * EXTENT.radius_mm, atol=0.1)
    arc = mark(figure, "bound of the roll")
    assert np.allclose(np.hypot(*arc.T), EXTENT.radius_mm)
    ends = arc[[0, -1]] @ np.array(where) / EXTENT.radius_mm
    assert np.allclose(ends, np.cos(np.radians(20)), atol=0.01)
    assert "red: mid-septum \N{PLUS-MINUS SIGN} 20\N{DEGREE SIGN}" in words_of(figure)


def test_a_septum_that_was_not_seen_is_not_marked(content: ReviewSheetContent) -> None:
    blind = replace(content.estimate, knows_roll=False, uncertainty=PoseUncertainty(roll_deg=5))

    figure = draw_review_sheet(replace(content, estimate=blind))

    assert mark(figure, "mid-septum") is None
    assert mark(figure, "bound of the roll") is None
    assert "septum not located" in words_of(figure)


def test_a_roll_without_a_bound_has_a_tick_and_no_arc(sheet: PaintedSheet) -> None:
    assert mark(sheet, "mid-septum") is not None
    assert mark(sheet, "bound of the roll") is None
    assert "red: mid-septum" in words_of(sheet)


def test_the_right_ventricle_is_the_middle_frame_up_to_40_percent(
    content: ReviewSheetContent, sheet: PaintedSheet
) -> None:
    panel = sheet.panel_of("right ventricle")
    picture = shown(sheet, "right ventricle")

    assert panel.pictures[0].highest == 0.4
    assert "RV: 0-40 %" in words_of(sheet)
    # 24 frames around the centre, which lies between numbers 12 and 13.
    (number,) = [int(words.text) for words in panel.words()]
    assert number in (12, 13)
    place = frame_numbers(sheet, CardiacView.SHORT_AXIS).index(number)
    small = tile(sheet, CardiacView.SHORT_AXIS, place)
    # Both are 140 mm wide around the same point.
    for row, column in [(40, 40), (82, 60), (82, 120), (120, 90)]:
        at = tuple(int((pixel + 0.5) * 308 / TILE_PX) for pixel in (row, column))
        assert picture[at] == pytest.approx(small[row, column], abs=0.03)


@pytest.mark.parametrize(
    ("view", "to_apex"),
    [(CardiacView.VERTICAL_LONG_AXIS, (1, 0)), (CardiacView.HORIZONTAL_LONG_AXIS, (0, -1))],
)
def test_the_middle_long_axis_tile_has_ticks_at_apex_and_base(
    content: ReviewSheetContent, sheet: PaintedSheet, view: CardiacView, to_apex: tuple[int, int]
) -> None:
    numbers = frame_numbers(sheet, view)
    place = int(mark(sheet, "apex", view.value).mean(axis=0)[0] // TILE_PX)
    assert numbers[place] in (12, 13)
    middle = np.array([(place + 0.5) * TILE_PX, TILE_PX / 2])
    half = np.array(to_apex) * EXTENT.length_mm / 2 * TILE_PX / TILE_MM

    for name, sign in (("apex", 1), ("base", -1)):
        tick = mark(sheet, name, view.value)
        assert np.allclose(tick.mean(axis=0), middle + sign * half, atol=0.1)
        assert np.isclose((tick[1] - tick[0]) @ np.array(to_apex), 0)
    assert mark(sheet, "apex", CardiacView.SHORT_AXIS.value) is None
    unknown = replace(content.estimate, extent=None)
    without = draw_review_sheet(replace(content, estimate=unknown))
    assert mark(without, "apex", view.value) is None
    assert mark(without, "long axis", view.value) is not None


@pytest.mark.parametrize(
    ("tracer", "time_slots", "corrected", "words"),
    [
        ("Tc-99m", 8, True, "Tc-99m, gated 8 (sum), AC"),
        ("Tc-99m", 1, False, "Tc-99m, no AC"),
        ("", 16, None, "gated 16 (sum)"),
        ("Tl-201", 1, None, "Tl-201"),
        ("Tc99m_EM", 1, None, "Tc-99m"),
        ("Technetium (99m-Tc) sestamibi", 1, None, "Tc-99m sestamibi"),
        ("", 1, None, "not known"),
    ],
)
def test_tracer_gating_and_attenuation_correction_stand_in_one_row(
    content: ReviewSheetContent, tracer: str, time_slots: int, corrected: bool | None, words: str
) -> None:
    facts = AcquisitionFacts(tracer=tracer, attenuation_corrected=corrected)

    rows = dict(fact_rows(replace(content, facts=facts, time_slots=time_slots)))

    assert rows["Study"] == words


def test_a_tracer_that_nobody_tells_leaves_room_for_gating(content: ReviewSheetContent) -> None:
    facts = AcquisitionFacts(tracer="C-163AB", attenuation_corrected=True)

    figure = draw_review_sheet(replace(content, facts=facts, time_slots=16))

    (row,) = [words for words in words_of(figure) if words.startswith("tracer not")]
    assert row.endswith(", gated 16 (sum), AC")


def test_the_sheet_of_a_gated_study_says_how_many_time_slots_were_summed(
    drawn_volume: SpectVolume, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = []
    monkeypatch.setattr(outputs, "write_review_sheet", lambda _path, content: drawn.append(content))
    gates = np.stack([drawn_volume.counts / 3] * 3)
    path = save_object(build_nm(drawn_volume, gates=gates), tmp_path / "gated.dcm")

    shortaxis.write(shortaxis.reorient(path, interpolation="cubic"), tmp_path / "out")

    rows = dict(fact_rows(drawn[0]))
    assert "gated 3 (sum)" in rows["Study"]
    assert rows["Voxels"].endswith("cubic")


@pytest.mark.parametrize("spacing_mm", [(12.345, 12.345, 14.987), (0.9765, 0.9765, 5.505)])
def test_voxel_sizes_are_never_cut(
    content: ReviewSheetContent, spacing_mm: tuple[float, float, float]
) -> None:
    affine = np.diag([*spacing_mm[::-1], 1.0])
    affine[:3, 3] = content.pose.center_mm - 8 * np.array(spacing_mm[::-1])
    volume = SpectVolume(np.ones((16, 16, 16)), affine)

    figure = draw_review_sheet(replace(content, volume=volume))

    row = dict(fact_rows(replace(content, volume=volume)))["Voxels"]
    assert len(re.findall(r"[\d.]+", row)) == 4
    assert row in words_of(figure)
    assert_words_fit(figure)


def test_the_top_of_the_colour_bar_stands_for_more_than_100_percent(sheet: PaintedSheet) -> None:
    words = words_of(sheet)

    assert "\N{GREATER-THAN OR EQUAL TO} 100" in words
    assert "100" not in words
