"""Pictures as PNG: the same pixels to every reader, and fewer bytes where rows are alike."""

from __future__ import annotations

import io

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from shortaxis.workflow.drawing.png_rows import png_of_pixels


def shaded(rows: int = 120, columns: int = 150) -> NDArray[np.uint8]:
    """A smooth hill beside paper and letters."""
    down, across = np.mgrid[:rows, :columns]
    hill = 100 + 90 * np.sin(down / 40) * np.cos(across / 30)
    picture: NDArray[np.uint8] = hill.astype(np.uint8)
    picture[:, 100:] = 255
    picture[10:100:9, 105:140:3] = 0
    return picture


@pytest.mark.parametrize("level", [1, 7])
def test_numbers_and_their_colours_come_back(level: int) -> None:
    numbers = shaded()
    colours = np.random.default_rng(0).integers(0, 256, (256, 3), dtype=np.uint8)

    with Image.open(io.BytesIO(png_of_pixels(numbers, colours, level=level))) as read:
        assert read.mode == "P"
        np.testing.assert_array_equal(np.asarray(read), numbers)
        np.testing.assert_array_equal(np.asarray(read.convert("RGB")), colours[numbers])


def test_colours_come_back_with_the_size_in_print() -> None:
    picture = np.stack([shaded(), shaded()[::-1], shaded() // 2], axis=-1)

    content = png_of_pixels(picture, level=6, dots_per_inch=150)

    with Image.open(io.BytesIO(content)) as read:
        assert read.info["dpi"] == pytest.approx((150, 150), abs=0.02)
        np.testing.assert_array_equal(np.asarray(read), picture)


def test_few_colours_need_no_full_table() -> None:
    content = png_of_pixels(
        np.eye(5, dtype=np.uint8), np.array([[1, 2, 3], [9, 8, 7]], dtype=np.uint8), level=4
    )

    with Image.open(io.BytesIO(content)) as read:
        assert read.getpixel((2, 2)) == 1
        assert read.convert("RGB").getpixel((0, 1)) == (1, 2, 3)


def test_rows_that_are_alike_take_fewer_bytes_than_pillow_writes() -> None:
    numbers = shaded(400, 500)
    greys = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    pillow = io.BytesIO()
    Image.fromarray(numbers).convert("P").save(pillow, "PNG", compress_level=6)

    assert len(png_of_pixels(numbers, greys, level=6)) < 0.8 * len(pillow.getvalue())
