"""Pages in as many colours as a byte tells apart."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from shortaxis.workflow.drawing.colour_steps import (
    CIRCLE_STEPS,
    DIFFERENCE_STEPS,
    GREY_STEPS,
    MAP_STEPS,
    SEVERITY_STEPS,
    UPTAKE_STEPS,
)
from shortaxis.workflow.drawing.few_colours import MOST_COLOURS, MOST_OF_SCALES, in_few_colours
from shortaxis.workflow.drawing.png import png_of
from shortaxis.workflow.drawing.slice_tiles import TILE_PX, draw_row, slice_colours

PAPER, INK = (255, 255, 255), (17, 34, 51)


def test_a_picture_of_few_colours_stays_the_same() -> None:
    numbers = np.random.default_rng(1).integers(0, 256, (32, 20), dtype=np.uint8)
    picture = np.stack([numbers, numbers // 2, 255 - numbers], axis=-1)

    few = in_few_colours(Image.fromarray(picture))

    np.testing.assert_array_equal(np.asarray(few.convert("RGB")), picture)


def test_of_many_colours_paper_and_inks_stay_and_scales_move_little() -> None:
    scale = np.indices((96, 96)).transpose(1, 2, 0) * 2
    picture = np.full((200, 200, 3), PAPER, dtype=np.uint8)
    picture[:96, :96, :2], picture[:96, :96, 2] = scale, 40
    picture[150:160] = INK

    few = in_few_colours(Image.fromarray(picture))

    seen = np.asarray(few.convert("RGB")).astype(int)
    assert len(np.unique(np.asarray(few))) <= MOST_COLOURS < 96 * 96
    assert (seen[100:150] == PAPER).all()
    assert (seen[150:160] == INK).all()
    # 256 squares over 190 x 190 steps are 12 steps wide.
    assert np.abs(seen - picture)[:96, :96].max() <= 24
    known = {tuple(colour) for colour in picture.reshape(-1, 3).tolist()}
    assert {tuple(colour) for colour in seen.reshape(-1, 3).tolist()} <= known


def page_with_a_scale(steps: int) -> tuple[Image.Image, np.ndarray]:
    """Rare steps of a scale beside many mixtures, and the scale (step, 3)."""
    rng = np.random.default_rng(2)
    scale = np.stack([np.arange(steps), 255 - np.arange(steps), np.full(steps, 7)], axis=-1)
    picture = rng.integers(0, 256, (300, 300, 3), dtype=np.uint8)
    picture[0, :steps] = scale
    return Image.fromarray(picture), scale.astype(np.uint8)


def test_every_step_of_a_scale_stays_exactly_what_it_is() -> None:
    page, scale = page_with_a_scale(MOST_OF_SCALES)

    few = in_few_colours(page, scale)

    assert few.mode == "P"
    np.testing.assert_array_equal(np.asarray(few.convert("RGB"))[0, : len(scale)], scale)


def test_a_page_with_too_many_steps_keeps_all_its_colours() -> None:
    page, scale = page_with_a_scale(MOST_OF_SCALES + 1)

    np.testing.assert_array_equal(np.asarray(in_few_colours(page, scale)), np.asarray(page))


def test_the_slices_of_a_page_keep_the_steps_of_their_scale() -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4, 4), dpi=100)
    axes = figure.add_axes((0, 0, 1, 0.5))
    draw_row(
        axes, np.clip(np.linspace(-0.1, 1.1, TILE_PX**2), 0, 1).reshape(1, TILE_PX, TILE_PX), 0
    )
    figure.text(0.2, 0.8, "words")

    with Image.open(io.BytesIO(png_of(figure))) as page:
        seen = {tuple(colour) for colour in np.asarray(page.convert("RGB")).reshape(-1, 3).tolist()}

    scale = slice_colours()(np.arange(slice_colours().N), bytes=True)[:, :3]
    assert {tuple(step) for step in scale.tolist()} <= seen


def test_a_polar_map_keeps_the_steps_of_its_scale() -> None:
    """Images are drawn in bytes that are cut off, meshes in ones that are rounded."""
    from matplotlib.figure import Figure

    from shortaxis.workflow.drawing.colour_steps import colour_circle

    figure, colours = Figure(figsize=(4, 4), dpi=100), colour_circle()
    axes = figure.add_axes((0, 0, 1, 1))
    steps = np.arange(CIRCLE_STEPS)
    axes.pcolormesh(steps[None], cmap=colours, vmin=0, vmax=CIRCLE_STEPS - 1)
    axes.imshow(np.random.default_rng(4).random((200, 200, 3)), extent=(0, 30, 0, 0.5))
    axes.set(xlim=(0, CIRCLE_STEPS), ylim=(0, 1), aspect="auto")

    with Image.open(io.BytesIO(png_of(figure))) as page:
        assert page.mode == "P"
        seen = {tuple(colour) for colour in np.asarray(page.convert("RGB"))[50].tolist()}

    scale = colours(steps, bytes=True)[:, :3]
    assert {tuple(step) for step in scale.tolist()} <= seen


def test_the_scales_of_a_page_of_polar_maps_leave_room_for_paper_and_inks() -> None:
    scales = (UPTAKE_STEPS, DIFFERENCE_STEPS, SEVERITY_STEPS, GREY_STEPS)

    assert sum(scales) + 10 <= MOST_OF_SCALES
    assert MAP_STEPS + CIRCLE_STEPS + GREY_STEPS + 10 <= MOST_OF_SCALES


def test_a_rare_ink_stays_what_it_is_beside_more_of_one_like_it() -> None:
    from matplotlib.collections import LineCollection
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4, 4), dpi=100)
    axes = figure.add_axes((0, 0, 1, 1))
    noise = np.random.default_rng(3).integers(0, 256, (400, 400, 3), dtype=np.uint8)
    noise[:100] = (0x30, 0x83, 0xDB)
    axes.imshow(noise, interpolation="none")
    line = np.array([[300.5, 250.0], [300.5, 350.0]])
    axes.add_collection(LineCollection([line], colors="#2a7de1", linewidths=1.44, snap=True))
    axes.set(xlim=(-0.5, 399.5), ylim=(399.5, -0.5))

    with Image.open(io.BytesIO(png_of(figure))) as page:
        seen = np.asarray(page.convert("RGB"))

    assert page.mode == "P"
    assert (seen == (0x2A, 0x7D, 0xE1)).all(axis=2).sum() >= 80
