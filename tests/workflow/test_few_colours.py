"""Pages in as many colours as a byte tells apart."""

from __future__ import annotations

import numpy as np
from PIL import Image

from shortaxis.workflow.drawing.few_colours import MOST_COLOURS, in_few_colours

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
