"""Which files tell what was set of a wall by hand; others are refused, and never set nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from shortaxis.errors import OptionError
from shortaxis.ventricle.by_hand import WallByHand
from shortaxis.ventricle.by_hand_record import BY_HAND_SCHEMA, by_hand_to_record
from shortaxis.workflow.quantify.wall_by_hand import read_wall_by_hand

APEX = WallByHand(apex_mm=(1.0, 2.0, 3.0))


def saved(folder: Path, values: Any) -> Path:
    path = folder / "review.json"
    path.write_text(json.dumps(values), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "values", [by_hand_to_record(APEX), {"wall_by_hand": by_hand_to_record(APEX)}]
)
def test_a_review_and_its_part_about_the_wall_are_read(tmp_path: Path, values: Any) -> None:
    assert read_wall_by_hand(saved(tmp_path, values)).apex_mm == APEX.apex_mm


@pytest.mark.parametrize(
    "schema", ["shortaxis/pose/1", "shortaxis/quantification/1", "shortaxis/wall/1", 7, None]
)
def test_a_file_of_another_kind_is_refused(tmp_path: Path, schema: object) -> None:
    path = saved(tmp_path, {"schema": schema, "center_mm": [0, 0, 0]})

    with pytest.raises(OptionError) as caught:
        read_wall_by_hand(path)

    assert caught.value.summary == "says nothing of a wall"
    assert caught.value.found == "a file of another kind"
    assert caught.value.path == str(path)


def test_a_wall_of_a_newer_version_is_not_read_as_one_of_this(tmp_path: Path) -> None:
    newer = by_hand_to_record(APEX) | {"schema": BY_HAND_SCHEMA.replace("/1", "/2")}

    with pytest.raises(OptionError) as caught:
        read_wall_by_hand(saved(tmp_path, {"wall_by_hand": newer}))

    assert caught.value.expected == BY_HAND_SCHEMA


@pytest.mark.parametrize("values", [[], "text", {"wall_by_hand": []}, {"wall_by_hand": 3}])
def test_what_is_no_review_is_refused(tmp_path: Path, values: Any) -> None:
    with pytest.raises(OptionError):
        read_wall_by_hand(saved(tmp_path, values))
