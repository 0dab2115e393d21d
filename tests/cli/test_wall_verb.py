"""``shortaxis wall`` on the bundled study."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def test_the_wall_is_drawn_by_the_network_and_shown_with_its_bounds(
    shortaxis: Any, demo_study_path: Path, tmp_path: Path
) -> None:
    code, text, _ = shortaxis("wall", demo_study_path, "-o", tmp_path / "out")

    record = json.loads((tmp_path / "out/wall.json").read_text())
    assert code == 0
    assert record["wall"]["method"] == "network"
    assert f"{record['wall']['cavity_ml']:.0f} ±" in text
    assert "patient" not in {path.name for path in (tmp_path / "out").iterdir()}


def test_an_unknown_method_is_refused_before_anything_is_read(
    shortaxis: Any, demo_study_path: Path, tmp_path: Path
) -> None:
    code, _, errors = shortaxis("wall", demo_study_path, "-o", tmp_path / "out", "--wall", "hand")

    assert code == 2
    assert "network" in errors
    assert not (tmp_path / "out").exists()
