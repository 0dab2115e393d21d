"""How the result `handedness` counts, and how its page shows it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from evidence.measuring.robustness.handedness import area_under_curve, summary
from evidence.measuring.robustness.mirrored_worlds import (
    DEXTROCARDIA,
    MIRRORED_WORLDS,
    dextrocardia,
)
from evidence.pages.values.worlds import handedness
from shortaxis.geometry.affines import affine_from_axes
from shortaxis.spect.volume import SpectVolume

COUNT = len(MIRRORED_WORLDS)


def said(log_odds: float | None, *, flagged: bool = False, reasons: int = 0) -> dict[str, Any]:
    return {
        "found": True,
        "seen_part": 1.0,
        "log_odds": log_odds,
        "order_log_odds": log_odds,
        "flagged": flagged,
        "named": flagged,
        "reasons": reasons,
    }


def exam(right: dict[str, Any], wrong: dict[str, Any], *, good: bool = True) -> dict[str, Any]:
    return {"good": good, "worlds": [right, *[wrong] * (COUNT - 1)], "look_ms": 6.0}


ROWS = [
    exam(said(5.0), said(-4.0, flagged=True)),
    exam(said(2.0), said(3.0)),
    exam(said(None), said(None, reasons=1)),
    exam(said(1.0), {"found": False}),
    exam(said(-9.0), said(9.0), good=False),
]


def test_worlds_are_compared_over_exams_whose_heart_is_found() -> None:
    found = summary(ROWS)

    assert (found["exams"], found["good"]) == (5, 4)
    first = found["worlds"][1]
    assert (first["told"], first["cannot_tell"], first["no_heart"]) == (2, 1, 1)
    assert (first["flagged"], first["named"]) == (1, 1)
    # Accepted without the network: all that no other reason stops.
    assert (first["accepted_before"], first["accepted"]) == (2, 1)
    # Of right 5, 2, 1 and wrong -4, 3: four pairs of six are in order.
    assert first["auc"] == pytest.approx(4 / 6)


def test_ties_count_a_half() -> None:
    assert area_under_curve([1.0], [1.0]) == 0.5
    assert area_under_curve([], [1.0]) is None


def test_every_world_is_a_row_of_the_page() -> None:
    record = {name: summary(ROWS) for name in ("clinical", "wide", "real")}

    groups = handedness({"handedness": record})["groups"]

    assert [group["name"] for group in groups] == ["`clinical`", "`wide`", "real studies"]
    assert all(len(group["rows"]) == COUNT for group in groups)
    assert groups[0]["rows"][1][1:5] == ["2", "1", "1", "0.6667"]


def test_dextrocardia_mirrors_the_chest_alone() -> None:
    counts = np.random.default_rng(6).random((40, 9, 9)).astype(np.float32)
    axes = np.array([(0, 0, 1.0), (0, 1.0, 0), (1.0, 0, 0)])
    volume = SpectVolume(counts, affine_from_axes(axes, 5.0, np.zeros(3)))

    changed = dextrocardia(volume, np.array([20.0, 20.0, 120.0]))

    # Heights above 70 mm: from slice 15 on.
    assert np.array_equal(changed.counts[:15], counts[:15])
    assert np.array_equal(changed.counts[15:], counts[15:, :, ::-1])
    assert MIRRORED_WORLDS[-1].group == DEXTROCARDIA
