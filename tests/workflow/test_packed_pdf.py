"""PDFs in fewer bytes: the same pages."""

from __future__ import annotations

import io
import re
import struct
import zlib

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure
from PIL import Image

from shortaxis.workflow.drawing.canvas import halo
from shortaxis.workflow.drawing.packed_pdf import packed_pdf

STEPS = 192


@pytest.fixture(scope="module")
def plain() -> bytes:
    """Two pages of matplotlib: a smooth picture, a line, words with a rim."""
    content, across = io.BytesIO(), np.linspace(-2, 2, 300)
    bumps = np.random.default_rng(1).normal(size=(40, 4))
    smooth = sum(
        np.exp(-8 * ((across[:, None] - y) ** 2 + (across - x) ** 2)) * part
        for y, x, part, _ in bumps
    )
    with mpl.rc_context({"pdf.fonttype": 42}), PdfPages(content) as pages:
        for words in ("Anterior (1) \\", "Inferior"):
            figure = Figure(figsize=(4, 4))
            axes = figure.add_axes((0, 0, 1, 1))
            axes.imshow(smooth, cmap=mpl.colormaps["afmhot"].resampled(STEPS), interpolation="none")
            axes.plot(150 + 90 * np.cos(across), 150 + 90 * np.sin(across))
            axes.text(20, 40, words, color="white")
            axes.text(20, 80, words, color="white", path_effects=halo("black"))
            pages.savefig(figure)
    return content.getvalue()


def objects_of(pdf: bytes) -> dict[int, bytes]:
    """Every object by its number, at the place that the table names."""
    start = int(re.search(rb"startxref\n(\d+)\n%%EOF", pdf)[1])  # type: ignore[index]
    _, counted, *lines = pdf[start:].split(b"\n")
    count = int(counted.split()[1])
    found = {}
    for number, line in enumerate(lines[:count]):
        place, _, kind = line.split()
        if kind == b"n":
            body = pdf[int(place) :]
            assert body.startswith(b"%d 0 obj\n" % number)
            found[number] = body
    assert f"/Size {count}".encode() in pdf[start:]
    return found


def streams_of(pdf: bytes) -> dict[int, tuple[bytes, bytes]]:
    """What stands before each stream, and its bytes as they are packed."""
    objects, found = objects_of(pdf), {}
    for number, body in objects.items():
        head, stream, rest = body.partition(b">>\nstream\n")
        if stream and b"endobj" not in head:
            told = re.search(rb"/Length (\d+)( 0 R)?", head)
            assert told
            size = int(objects[int(told[1])].split(b"\n")[1] if told[2] else told[1])
            assert rest[size:].startswith(b"\nendstream\nendobj\n")
            found[number] = head, rest[:size]
    return found


def picture_of(head: bytes, packed: bytes) -> np.ndarray:
    """The colours of a picture, as Pillow unpacks the same rows of a PNG."""
    width, height = (
        int(re.search(rb"/%s (\d+)" % word, head)[1])  # type: ignore[index]
        for word in (b"Width", b"Height")
    )
    words = re.search(rb"/DeviceRGB \d+\s\((.*)\)\n?\s*\]", head, re.DOTALL)[1]  # type: ignore[index]
    table = re.sub(
        rb"\\(.)",
        lambda m: {b"n": b"\n", b"r": b"\r", b"t": b"\t"}.get(m[1], m[1]),
        words,
        flags=re.DOTALL,
    )
    blocks = {
        b"IHDR": struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0),
        b"PLTE": table,
        b"IDAT": packed,
        b"IEND": b"",
    }
    png = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(block)) + name + block + struct.pack(">I", zlib.crc32(name + block))
        for name, block in blocks.items()
    )
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def test_a_packed_document_is_a_document_of_fewer_bytes(plain: bytes) -> None:
    packed = packed_pdf(plain)

    assert len(packed) < len(plain)
    assert objects_of(packed).keys() == objects_of(plain).keys()
    assert packed.startswith(b"%PDF-1.4\n")


def test_pictures_keep_every_colour(plain: bytes) -> None:
    before, after = streams_of(plain), streams_of(packed_pdf(plain))

    pictures = [number for number, (head, _) in before.items() if b"/Indexed" in head]
    assert len(pictures) == 2
    for number in pictures:
        seen = picture_of(*after[number])
        np.testing.assert_array_equal(seen, picture_of(*before[number]))
        assert len(np.unique(seen.reshape(-1, 3), axis=0)) > STEPS / 2
        assert len(after[number][1]) < 0.8 * len(before[number][1])


def test_outlines_move_by_less_than_a_hundredth_of_a_unit_and_words_stay(plain: bytes) -> None:
    before, after = streams_of(plain), streams_of(packed_pdf(plain))
    number = re.compile(rb"-?\d+(?:\.\d+)?")

    pages = [each for each, (head, _) in before.items() if b"/Type" not in head]
    moved = 0
    for each in pages:
        lines = zlib.decompress(before[each][1]).split(b"\n")
        others = zlib.decompress(after[each][1]).split(b"\n")
        assert len(lines) == len(others)
        for line, other in zip(lines, others, strict=True):
            if line == other:
                continue
            moved += 1
            assert line.split()[-1] in (b"m", b"l", b"c", b"v", b"y")
            np.testing.assert_allclose(
                [float(value) for value in number.findall(other)],
                [float(value) for value in number.findall(line)],
                atol=0.00501,
            )
    assert moved > 200


def test_packing_again_changes_nothing(plain: bytes) -> None:
    packed = packed_pdf(plain)

    assert packed_pdf(packed) == packed


@pytest.mark.parametrize(
    "other",
    [
        b"%PDF-1.5\n1 0 obj\n<< >>\nendobj\nstartxref\n9\n%%EOF\n",
        b"%PDF-1.4\nno table at all\n",
        b"%PDF-1.4\nxref\n0 2\n0000000000 65535 f \n0000000003 00000 n \n"
        b"trailer\n<< /Size 2 >>\nstartxref\n9\n%%EOF\n",
    ],
)
def test_a_document_that_is_laid_out_otherwise_stays_as_it_is(other: bytes) -> None:
    assert packed_pdf(other) == other
