"""What was set of a wall on the review page, from the file that a signature writes."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

from shortaxis.errors import OptionError, ShortAxisError
from shortaxis.files.inputs.side_files import read_side_file
from shortaxis.files.plain_json import OF_ANOTHER_SHAPE
from shortaxis.spect.study import PerfusionStudy
from shortaxis.ventricle.by_hand import WallByHand
from shortaxis.ventricle.by_hand_record import BY_HAND_SCHEMA, by_hand_from_record
from shortaxis.workflow.quantify.quantifying import QuantifyOptions

__all__ = ["WALL_BY_HAND", "read_wall_by_hand", "require_one_study", "with_wall_by_hand"]

WALL_BY_HAND = "wall_by_hand"
"""Where ``review.json`` has it."""


def read_wall_by_hand(path: Path, uids: Collection[str] = ()) -> WallByHand:
    """Read ``review.json``, or the part of it that is about the wall.

    `uids` are those of the study's objects; what was set in another one is refused.

    Raises
    ------
    OptionError
        If the file is none, says nothing of a wall, or is of another study.
    """
    try:
        values: dict[str, Any] = json.loads(read_side_file(path))
        said = _said_of_a_wall(values)
        _refuse_other_study(said.get("sop_instance_uid", ""), uids)
        return by_hand_from_record(said)
    except ShortAxisError as error:
        raise error.at_path(path) from error
    except (OSError, *OF_ANOTHER_SHAPE) as error:
        raise OptionError(
            "cannot be read as what was set of a wall",
            path=path,
            expected="review.json of shortaxis review",
            found=f"{type(error).__name__}: {error}",
        ) from error


def _said_of_a_wall(values: dict[str, Any]) -> dict[str, Any]:
    """The part about the wall; a file of anything else would be taken for one that sets nothing."""
    if values.get("schema") == BY_HAND_SCHEMA:
        return values
    said = values.get(WALL_BY_HAND)
    if said is None:
        is_review = "schema" not in values
        raise OptionError(
            "says nothing of a wall",
            expected=f"{WALL_BY_HAND}, in a review.json of a wall that was set by hand",
            found="a review without" if is_review else "a file of another kind",
            cause=None if is_review else "another file of the results was named",
            way_on="set the wall on the review page, and save it",
        )
    if said.get("schema", BY_HAND_SCHEMA) != BY_HAND_SCHEMA:
        raise OptionError(
            "sets the wall in another way than this version reads",
            expected=BY_HAND_SCHEMA,
            found="another schema",
            cause="a file of a newer version",
            way_on="set the wall again on the review page of this version",
        )
    return dict(said)


def with_wall_by_hand(
    options: QuantifyOptions, path: Path | None, study: PerfusionStudy
) -> QuantifyOptions:
    """Options with what was set of the wall of this study; as they are without a file.

    Raises
    ------
    OptionError
        As `read_wall_by_hand`.
    """
    if path is None:
        return options
    return replace(options, hand=read_wall_by_hand(path, study.facts.sop_instance_uids))


def require_one_study(path: Path | None, studies: int) -> None:
    """Raise `OptionError` if a file of what was set meets several studies."""
    if path is not None and studies > 1:
        raise OptionError(
            "what was set by hand is of one study",
            path=path,
            expected="one study",
            found=f"{studies}",
            way_on="name the file of the study, or choose it with --study",
        )


def _refuse_other_study(uid: str, uids: Collection[str]) -> None:
    if uid and uids and uid not in uids:
        raise OptionError(
            "was set in another study",
            expected="the review.json of this study",
            found="the UID of another object",
            cause="results of several studies that were mixed up",
            way_on="name the file in the folder of this study",
        )
