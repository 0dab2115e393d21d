"""Pages in as many colours as a byte tells apart."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

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
