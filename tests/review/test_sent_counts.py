"""Counts on their way to the page: what it unpacks is what was sent, in few bytes."""

from __future__ import annotations

import json
import zlib
from itertools import product

import numpy as np
import pytest

from drawn_study import study_volume
from javascript import NODE, in_node
from shortaxis.review.app import PAGE_FOLDER
from shortaxis.review.sent_counts import SentCounts, as_steps


def unpacked(sent: SentCounts) -> np.ndarray:
    """Steps by the description of `as_steps`, one voxel after the other."""
    shape = [int(size) for size in sent.headers["X-Counts-Shape"].split(",")]
    sizes = [int(size) for size in sent.headers["X-Counts-Parts"].split(",")]
    content = zlib.decompress(sent.body)
    coarse, at = [], 0
    for size in sizes:
        coarse.append(iter(content[at : at + size]))
        at += size
    half_bytes = iter([part for each in content[at:] for part in (each & 15, each >> 4)])
    at += (sizes[1] + 1) // 2
    whole_bytes = iter(content[at:])
    at += sizes[2]
    far = np.frombuffer(content[at:], np.uint8).reshape(2, -1).astype(int)
    beyond = iter((far[0] + 256 * far[1]).tolist())
    coded = np.zeros([size + 1 for size in shape], dtype=int)
    for z, y, x in product(*(range(1, size + 1) for size in shape)):
        around = coded[z, y, x - 1] + coded[z, y - 1, x] + coded[z - 1, y, x]
        kind = 0 if around < 250 else 1 if around < 4000 else 2
        value = next(coarse[kind])
        fine = (0, next(half_bytes) if kind == 1 else 0, next(whole_bytes) if kind == 2 else 0)
        is_beyond = value == 255
        value = value * (1, 16, 256)[kind] + fine[kind]
        coded[z, y, x] = next(beyond) if is_beyond else value
    numbers = coded[1:, 1:, 1:]
    steps = np.where(numbers % 2, -(numbers + 1) // 2, numbers // 2)
    for axis in (2, 1, 0)[: int(sent.headers["X-Counts-Differences"])]:
        steps = steps.cumsum(axis)
    return steps % 65_536


def counts_of(sent: SentCounts) -> np.ndarray:
    lowest, step = (float(sent.headers[f"X-Counts-{name}"]) for name in ("Lowest", "Step"))
    return lowest + step * unpacked(sent)


def noisy(shape: tuple[int, int, int], highest: float) -> np.ndarray:
    rng = np.random.default_rng(4)
    body = np.linspace(0, 1, shape[2]) ** 3 * highest
    return np.maximum(body + rng.normal(0, 0.03 * highest, shape), 0).astype(np.float32)


def test_whole_counts_stay_whole() -> None:
    counts = np.array([[[0, 3, 40_000], [-7, 1, 2]]], dtype=np.float32)

    sent = as_steps(counts)

    assert float(sent.headers["X-Counts-Step"]) == 1
    assert counts_of(sent).tolist() == counts.tolist()


@pytest.mark.parametrize("slope", [0.0439802, 1.234, 3e-5, 977.7])
def test_counts_that_were_stored_as_whole_numbers_are_sent_as_those(slope: float) -> None:
    counts = np.round(noisy((12, 24, 60), 32_000)) * np.float32(slope)

    sent = as_steps(counts)

    assert float(sent.headers["X-Counts-Step"]) == pytest.approx(slope, rel=1e-6)
    np.testing.assert_allclose(counts_of(sent), counts, rtol=1e-6, atol=1e-7 * counts.max())


@pytest.mark.parametrize("highest", [1e-6, 1.0, 250.0, 1e6])
def test_other_counts_are_off_by_half_a_step_at_most(highest: float) -> None:
    counts = noisy((4, 7, 30), highest)

    sent = as_steps(counts)

    step = float(sent.headers["X-Counts-Step"])
    assert step <= counts.max() / 65_000
    assert np.abs(counts_of(sent) - counts).max() <= 0.51 * step


def test_counts_of_one_value_survive() -> None:
    counts = np.full((3, 4, 5), 0.25, dtype=np.float32)

    assert (counts_of(as_steps(counts)) == counts).all()


@pytest.mark.parametrize("shape", [(1, 1, 1), (3, 1, 5), (2, 8, 8), (9, 16, 11)])
def test_wild_counts_survive(shape: tuple[int, int, int]) -> None:
    counts = np.random.default_rng(1).integers(0, 65_536, shape).astype(np.float32)

    sent = as_steps(counts)

    np.testing.assert_array_equal(counts_of(sent), counts)


@pytest.mark.skipif(NODE is None, reason="Node runs the page's modules")
@pytest.mark.parametrize("highest", [200.0, 65_535.0])
def test_the_page_unpacks_the_same(highest: float) -> None:
    counts = np.round(noisy((7, 21, 32), highest))
    sent = as_steps(counts)
    told = {name: sent.headers[f"X-Counts-{name}"] for name in ("Shape", "Parts", "Differences")}
    values = {"bytes": list(zlib.decompress(sent.body)), "told": told}

    module = PAGE_FOLDER / "packed_counts.js"
    found = in_node(
        {module: ["unpacked"]},
        "[...unpacked(Uint8Array.from(values.bytes), (name) => values.told[name])]",
        json.loads(json.dumps(values)),
    )

    assert found == unpacked(sent).ravel().tolist()


def test_a_drawn_study_is_under_a_third_of_its_bytes() -> None:
    counts = study_volume().counts

    sent = as_steps(counts)

    # Noise in every voxel; of real ones the evidence tells (`benchmark_study_ratio`).
    assert len(sent.body) < 0.33 * counts.nbytes
