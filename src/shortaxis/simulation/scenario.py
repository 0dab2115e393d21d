"""The draw of one exam: everything that `simulate` needs, and nothing random after it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shortaxis.errors import OptionError
from shortaxis.files.plain_json import OF_ANOTHER_SHAPE, to_json_line
from shortaxis.phantom.phantom import Phantom
from shortaxis.phantom.record import (
    build_parameters,
    parameter_values,
    phantom_from_record,
    phantom_to_record,
)
from shortaxis.simulation.acquisition import (
    Acquisition,
    FieldOfView,
    Reconstruction,
    Technique,
)
from shortaxis.simulation.gating import Gating
from shortaxis.simulation.mirroring import require_mirror

__all__ = [
    "LATEST_VERSION",
    "PRESET_NUMBERS",
    "SCENARIO_SCHEMA",
    "TIME_SLOTS",
    "ExamScenario",
    "scenario_from_json",
    "scenario_to_json",
]

SCENARIO_SCHEMA = "shortaxis/scenario/2"
FIRST_SCHEMA = "shortaxis/scenario/1"
"""Of presets of version 1, whose records are written as they always were."""

PRESET_NUMBERS = {
    1: {"paper": 1, "clinical": 2, "wide": 3},
    2: {"paper": 11, "clinical": 12, "wide": 13, "mirrored": 14, "parallel": 15},
}
"""First part of every seed, by version and preset, so that exam 7 of one preset is another than
exam 7 of the next."""

LATEST_VERSION = max(PRESET_NUMBERS)

CONDITIONS = ("stress", "rest")

TIME_SLOTS = (0, *range(4, 33))
"""0 for an ungated study; fewer than four do not show the cardiac cycle."""

METHODS = {
    Technique.PARALLEL_HOLES.name: ("osem", "fbp"),
    Technique.MULTI_PINHOLE.name: ("image",),
    Technique.PET.name: ("image",),
}
"""What reconstructs the counts of each technique."""

PARTS = {
    "acquisition": Acquisition,
    "reconstruction": Reconstruction,
    "field_of_view": FieldOfView,
}


@dataclass(frozen=True)
class ExamScenario:
    """One exam: who, how imaged, how stored, and the seed of its counting noise.

    Parameters
    ----------
    preset : str
        Name of the preset that it was drawn from.
    exam_seed : int
        Identifies the exam within the preset; the seed of everything in it.
    patient : int
        Exams of one patient share heart and torso.
    condition : {"stress", "rest"}
        When the tracer was taken up.
    phantom : Phantom
        Heart, torso and the true pose, anatomical roll, in LPS mm.
    acquisition, reconstruction, field_of_view
        What the camera does.
    time_slots : int
        One of `TIME_SLOTS`; 0 for an ungated study.
    preset_version : int
        Version of the preset, 1 or 2: what its patients are drawn from.
    gating : Gating, optional
        How beats fill the time slots of a gated exam; without it they are all alike.
    mirror : str
        Axes along which the stored volume is reversed, see `shortaxis.simulation.mirroring`.

    Raises
    ------
    OptionError
        If a value is unknown, or the camera does not reconstruct by this method.
    """

    preset: str
    exam_seed: int
    patient: int
    condition: str
    phantom: Phantom
    acquisition: Acquisition
    reconstruction: Reconstruction
    field_of_view: FieldOfView
    time_slots: int = 0
    preset_version: int = 1
    gating: Gating | None = None
    mirror: str = ""

    def __post_init__(self) -> None:
        if self.preset_version not in PRESET_NUMBERS or type(self.preset_version) is not int:
            raise OptionError(
                "unknown version of the presets",
                expected=" or ".join(map(str, PRESET_NUMBERS)),
                found=repr(self.preset_version),
            )
        _check_choice("preset", self.preset, tuple(PRESET_NUMBERS[self.preset_version]))
        _check_choice("condition", self.condition, CONDITIONS)
        require_mirror(self.mirror)
        if self.preset_version == 1 and (self.gating or self.mirror):
            raise OptionError(
                "not in version 1 of the presets",
                expected="neither gating nor mirror",
                found="one of them",
            )
        for name in ("exam_seed", "patient"):
            value = getattr(self, name)
            if not isinstance(value, int) or value < 0:
                raise OptionError(
                    f"{name} is no seed", expected="a whole number, 0 or more", found=repr(value)
                )
        if self.time_slots not in TIME_SLOTS:
            raise OptionError(
                "time slots out of range", expected="0, or 4 to 32", found=str(self.time_slots)
            )
        _check_choice(
            "reconstruction method for this camera",
            self.reconstruction.method,
            METHODS[self.acquisition.technique],
        )

    @property
    def slots_at_once(self) -> bool:
        """Whether time slots are simulated together, where that is faster.

        Those of version 1 were published one by one, to the last bit.
        """
        return self.time_slots > 0 and self.preset_version > 1

    @property
    def number(self) -> int:
        """First part of the seeds of everything that is random in it."""
        return PRESET_NUMBERS[self.preset_version][self.preset]


def _check_choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise OptionError(f"unknown {name}", expected=" or ".join(choices), found=str(value))


def scenario_to_json(scenario: ExamScenario) -> str:
    """Text that `scenario_from_json` reads back equal."""
    values: dict[str, Any] = {
        "schema": FIRST_SCHEMA if scenario.preset_version == 1 else SCENARIO_SCHEMA,
        "preset": scenario.preset,
        "exam_seed": scenario.exam_seed,
        "patient": scenario.patient,
        "condition": scenario.condition,
        "time_slots": scenario.time_slots,
    }
    if scenario.preset_version > 1:
        values["preset_version"] = scenario.preset_version
        values["gating"] = scenario.gating and parameter_values(scenario.gating)
        values["mirror"] = scenario.mirror
    values["phantom"] = phantom_to_record(scenario.phantom)
    for name in PARTS:
        values[name] = parameter_values(getattr(scenario, name))
    return to_json_line(values)


def scenario_from_json(text: str) -> ExamScenario:
    """Read a scenario.

    Raises
    ------
    OptionError
        If the text is no scenario of this schema, or a value is out of range.
    """
    try:
        values: Mapping[str, Any] = json.loads(text)
        schema = values["schema"]
    except OF_ANOTHER_SHAPE as error:
        raise OptionError(
            "not a scenario", expected=f"JSON with schema {SCENARIO_SCHEMA}", found=str(error)
        ) from error
    if schema not in (FIRST_SCHEMA, SCENARIO_SCHEMA):
        raise OptionError("another scenario schema", expected=SCENARIO_SCHEMA, found=str(schema))
    try:
        return _scenario_of(values)
    except OptionError:
        raise
    except OF_ANOTHER_SHAPE as error:
        raise OptionError(
            "not a scenario",
            expected="every parameter, each of its kind",
            found=f"{type(error).__name__}: {error}",
            cause="the text was cut short, changed, or written by another version",
        ) from error


def _scenario_of(values: Mapping[str, Any]) -> ExamScenario:
    return ExamScenario(
        preset=values["preset"],
        exam_seed=values["exam_seed"],
        patient=values["patient"],
        condition=values["condition"],
        time_slots=values["time_slots"],
        phantom=phantom_from_record(values["phantom"]),
        **({} if values["schema"] == FIRST_SCHEMA else _later_parts(values)),
        **{name: build_parameters(kind, values[name]) for name, kind in PARTS.items()},
    )


def _later_parts(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "preset_version": values["preset_version"],
        "gating": build_parameters(Gating | None, values["gating"]),
        "mirror": values["mirror"],
    }
