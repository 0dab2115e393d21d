"""A phantom as plain values, for JSON, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from shortaxis.errors import OptionError
from shortaxis.geometry.pose import RigidPose
from shortaxis.phantom.heart import Heart
from shortaxis.phantom.phantom import Phantom
from shortaxis.phantom.ranges import ADDED
from shortaxis.phantom.torso import Torso

__all__ = ["build_parameters", "parameter_values", "phantom_from_record", "phantom_to_record"]

Record = dict[str, Any]


def phantom_to_record(phantom: Phantom) -> Record:
    """All parameters as numbers, truth values, lists and dictionaries."""
    return {
        "heart": parameter_values(phantom.heart),
        "torso": parameter_values(phantom.torso),
        "pose": {
            "center_mm": phantom.pose.center_mm.tolist(),
            "patient_from_cardiac": phantom.pose.patient_from_cardiac.tolist(),
        },
        "body_center_mm": list(phantom.body_center_mm),
    }


def phantom_from_record(record: Mapping[str, Any]) -> Phantom:
    """Read what `phantom_to_record` wrote: an equal phantom.

    Raises
    ------
    OptionError
        If a part is missing or unknown, or a value is out of range.
    """
    missing = {"heart", "torso", "pose", "body_center_mm"} - set(record)
    if missing:
        raise OptionError(
            "not a phantom record",
            expected="heart, torso, pose, body_center_mm",
            found=f"no {', '.join(sorted(missing))}",
        )
    pose = record["pose"]
    return Phantom(
        heart=build_parameters(Heart, record["heart"]),
        torso=build_parameters(Torso, record["torso"]),
        pose=RigidPose(pose["patient_from_cardiac"], pose["center_mm"]),
        body_center_mm=tuple(record["body_center_mm"]),
    )


def parameter_values(value: object) -> Any:  # noqa: ANN401 - the shape of JSON
    """Parameters as dictionaries, tuples as lists; what came later only where it says more."""
    if is_dataclass(value):
        return {
            each.name: parameter_values(getattr(value, each.name))
            for each in fields(value)
            if not (ADDED in each.metadata and getattr(value, each.name) == each.default)
        }
    if isinstance(value, tuple):
        return [parameter_values(each) for each in value]
    return value


def build_parameters(kind: Any, value: Any) -> Any:  # noqa: ANN401 - follows annotations at run time
    """Turn plain values into what a type annotation asks for."""
    if isinstance(kind, UnionType):
        (wanted,) = (each for each in get_args(kind) if each is not NoneType)
        return None if value is None else build_parameters(wanted, value)
    if get_origin(kind) is tuple:
        inner = get_args(kind)[0]
        return tuple(build_parameters(inner, each) for each in value)
    if not (isinstance(kind, type) and is_dataclass(kind)):
        _check_words_and_truth_values(kind, value)
        return value
    hints = get_type_hints(kind)
    unknown = set(value) - {each.name for each in fields(kind)}
    if unknown:
        raise OptionError(
            f"unknown parameters of {kind.__name__}",
            expected=", ".join(sorted(hints)),
            found=", ".join(sorted(unknown)),
            cause="the record was written by another version",
        )
    return kind(**{name: build_parameters(hints[name], each) for name, each in value.items()})


def _check_words_and_truth_values(kind: object, value: object) -> None:
    """Numbers are checked by the parameters themselves; these would pass for anything."""
    if kind in (bool, str) and type(value) is not kind:
        raise OptionError(
            "a parameter is of another kind",
            expected="true or false" if kind is bool else "text",
            found=repr(value),
        )
