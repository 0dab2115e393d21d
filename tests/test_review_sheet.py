"""The review sheet shows every wall, end and side where a reader expects it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from drawn_heart import DrawnHeart, draw_study
from shortaxis.anatomy.cardiac_views import CardiacView, view_grid
from shortaxis.geometry.euler import rotation_from_angles
from shortaxis.geometry.grids import Grid
from shortaxis.geometry.pose import RigidPose
from shortaxis.reorientation.estimate import (
    LeftVentricleExtent,
    PoseEstimate,
    PoseUncertainty,
    Quality,
    WeightsRecord,
)
from shortaxis.reorientation.quality import LIMITS
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.display_scale import myocardial_level
from shortaxis.workflow.estimators import estimate_pose
from shortaxis.workflow.review_sheet import (
    ReviewSheetContent,
    draw_review_sheet,
    write_review_sheet,
)
from shortaxis.workflow.studies import find_studies

DEFECT = DrawnHeart(defect_uptake=0.2)
EXTENT = LeftVentricleExtent(length_mm=DEFECT.length_mm, radius_mm=25.5)
COLUMNS = 8


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
def sheet(content: ReviewSheetContent) -> Figure:
    return draw_review_sheet(content)


def axes_named(figure: Figure, label: str) -> Axes:
    (found,) = [axes for axes in figure.axes if axes.get_label() == label]
    return found


def shown(figure: Figure, label: str) -> np.ndarray:
    """The picture in parts of the myocardial level, row 0 at the top of the screen."""
    axes = axes_named(figure, label)
    assert axes.get_ylim()[0] > axes.get_ylim()[1]
    assert axes.get_xlim()[0] < axes.get_xlim()[1]
    return np.ma.filled(axes.images[0].get_array(), 0.0)


def tile(figure: Figure, view: CardiacView, number: int) -> np.ndarray:
    picture = shown(figure, view.value)
    size = picture.shape[1] // COLUMNS
    row, column = divmod(number, COLUMNS)
    return picture[row * size : (row + 1) * size, column * size : (column + 1) * size]


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


def rendered(figure: Figure) -> np.ndarray:
    figure.canvas.draw()
    return np.asarray(figure.canvas.buffer_rgba()).astype(int)


def test_an_inferolateral_defect_is_at_the_lower_right_of_short_axis_slices(sheet: Figure) -> None:
    for number in (6, 8, 10):
        picture = tile(sheet, CardiacView.SHORT_AXIS, number)
        middle = len(picture) // 2
        upper, lower = picture[:middle], picture[middle:]
        others = (upper[:, :middle], upper[:, middle:], lower[:, :middle])
        # Counts spill over the borders of the quadrant, so its far corner decides.
        corner = lower[10:, middle + 10 :]
        assert corner.max() < 0.7 * min(part.max() for part in others)


def test_short_axis_slices_begin_at_the_apex(sheet: Figure) -> None:
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
    sheet: Figure, view: CardiacView, apex: str, base: str
) -> None:
    half_width_mm = DEFECT.length_mm / 2 + 12

    for number in (3, 4):
        peaks = peaks_of_sides(tile(sheet, view, number), half_width_mm, 38)
        assert peaks[apex] > 2 * peaks[base]


def test_walls_are_named_at_their_sides_of_the_first_slice(sheet: Figure) -> None:
    axes = axes_named(sheet, CardiacView.SHORT_AXIS.value)
    size = axes.get_xlim()[1] / COLUMNS
    places = {
        text.get_text(): np.array(text.get_position()) - size / 2
        for text in axes.texts
        if text.get_position()[1] < size
    }

    assert places["Anterior"][1] < -size / 3
    assert places["Inferior"][1] > size / 3
    assert places["Septal"][0] < -size / 3
    assert places["Lateral"][0] > size / 3


def test_the_transaxial_cut_has_the_front_of_the_chest_above(sheet: Figure) -> None:
    picture = shown(sheet, "transaxial")

    # The drawn chest ends 87 mm in front of the heart; behind it there is more than 110 mm.
    assert picture[:8, len(picture) // 2].max() < 0.03
    assert picture[-8:, len(picture) // 2].min() > 0.03


def test_the_coronal_cut_has_the_liver_at_the_lower_left(sheet: Figure) -> None:
    picture = shown(sheet, "coronal")
    third = len(picture) // 3
    corners = {
        "lower left": picture[-third:, :third],
        "lower right": picture[-third:, -third:],
        "upper left": picture[:third, :third],
        "upper right": picture[:third, -third:],
    }

    assert max(corners, key=lambda name: corners[name].mean()) == "lower left"
    assert corners["lower left"].max() > 0.5


def test_the_sagittal_cut_has_the_front_of_the_chest_on_the_left(sheet: Figure) -> None:
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
    sheet: Figure, cut: str, letters: dict[str, str]
) -> None:
    found = {}
    for text in axes_named(sheet, cut).texts:
        x, y = text.get_position()
        if len(text.get_text()) == 1:
            found["right" if x > 50 else "left" if x < -50 else "top" if y < 0 else "bottom"] = (
                text.get_text()
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

    (arrow,) = [text for text in axes_named(figure, cut).texts if text.get_gid() == "long axis"]

    assert np.allclose(arrow.xy, np.array(apex) * EXTENT.length_mm / 2, atol=0.5)
    assert np.allclose(arrow.get_position(), -np.array(arrow.xy))


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
    content: ReviewSheetContent, sheet: Figure
) -> None:
    volume = content.volume
    reversal = np.diag([-1.0, 1.0, 1.0, 1.0])
    reversal[0, 3] = volume.shape[0] - 1
    stored = SpectVolume(volume.counts[::-1], volume.patient_from_index @ reversal)

    other = draw_review_sheet(sheet_content(stored, content.pose))

    assert np.abs(rendered(sheet) - rendered(other)).max() <= 2


def assert_words_fit(figure: Figure) -> None:
    figure.canvas.draw()
    boxes = [(text.get_text(), text.get_window_extent()) for text in figure.texts]
    boxes = [(words, box) for words, box in boxes if words]
    cuts = axes_named(figure, "sagittal").get_window_extent()
    for words, box in boxes:
        inside = box.x0 >= 0 and box.x1 <= 1600 and box.y0 >= 0 and box.y1 <= 1200
        assert inside, words
        assert not box.overlaps(cuts), words
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
    ],
)
def test_no_words_overlap_or_leave_the_sheet(
    content: ReviewSheetContent, reasons: Sequence[str]
) -> None:
    estimate = replace(
        content.estimate,
        method="ellipsoid",
        quality=Quality().with_reasons(*reasons),
        uncertainty=PoseUncertainty(12.34, 10.4, 22.2),
        weights=WeightsRecord("a-name-as-long-as-names-of-weights-can-be", "2026.11.23"),
    )

    figure = draw_review_sheet(replace(content, estimate=estimate, title="A long title " * 20))

    assert_words_fit(figure)
    words = [text.get_text() for text in figure.texts]
    flag = "REVIEW" if reasons else "ACCEPT"
    assert words.count(flag) == 1
    # Reasons that find no room are counted, never silently left out.
    bullets = words.count("\N{BULLET}")
    left_out = [line for line in words if line.endswith("in report.json")]
    hidden = sum(int(line.split()[0]) for line in left_out)
    assert bullets - len(left_out) + hidden == len(set(reasons))


def test_a_header_cannot_smuggle_markup_or_unknown_letters_into_the_title(
    content: ReviewSheetContent,
) -> None:
    figure = draw_review_sheet(replace(content, title="$x^$\n\x07 \u5fc3\u81df_{camera} \\frac"))

    assert_words_fit(figure)
    assert figure.texts[0].get_text() == "$x^$ ? ??_{camera} \\frac"


@pytest.mark.parametrize("counts", [0.0, -1.0])
def test_a_pose_seen_end_on_in_an_empty_volume_is_drawn(drawn_grid: Grid, counts: float) -> None:
    volume = SpectVolume(np.full(drawn_grid.shape, counts), drawn_grid.patient_from_index)
    pose = RigidPose(rotation_from_angles(0, 0, 0), drawn_grid.center_mm)

    figure = draw_review_sheet(sheet_content(volume, pose, None))

    names = {
        text.get_text(): text.get_position()
        for text in axes_named(figure, "coronal").texts
        if text.get_text() in {"apex", "base"}
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


def test_importing_the_sheet_leaves_matplotlib_unloaded() -> None:
    statement = "import sys, shortaxis.workflow.review_sheet; sys.exit('matplotlib' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", statement], check=False).returncode == 0


def test_what_draws_the_sheet_leaves_pyplot_unloaded() -> None:
    statement = (
        "import sys; from shortaxis.workflow import review_facts, review_panels, review_tiles; "
        "sys.exit('matplotlib.pyplot' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", statement], check=False).returncode == 0


def test_real_studies_fill_the_scale_with_the_heart(real_dicom_paths: list[Path]) -> None:
    volume = find_studies(real_dicom_paths[0]).studies[0].load().study.volume
    estimate = estimate_pose(volume, "ellipsoid")

    figure = draw_review_sheet(replace(sheet_content(volume, estimate.pose), estimate=estimate))

    middle = tile(figure, CardiacView.SHORT_AXIS, 7)
    assert 0.8 < np.percentile(middle, 98) < 1.3
    assert_words_fit(figure)
