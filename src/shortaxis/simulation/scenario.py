"""The draw of one exam: everything that `simulate` needs, and nothing random after it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from shortaxis.errors import OptionError
from shortaxis.phantom.phantom import Phantom
from shortaxis.phantom.record import (
    build_parameters,
    parameter_values,
    phantom_from_record,
    phantom_to_record,
)
from shortaxis.simulation.acquisition import Acquisition, FieldOfView, Reconstruction

__all__ = ["SCENARIO_SCHEMA", "ExamScenario", "scenario_from_json", "scenario_to_json"]

SCENARIO_SCHEMA = "shortaxis/scenario/1"

CONDITIONS = ("stress", "rest")

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
        0 for an ungated study.
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

    def __post_init__(self) -> None:
        if self.condition not in CONDITIONS:
            raise OptionError(
                "unknown condition", expected=" or ".join(CONDITIONS), found=self.condition
            )
        if not 0 <= self.time_slots <= 32:
            raise OptionError(
                "time slots out of range", expected="0 to 32", found=str(self.time_slots)
            )


def scenario_to_json(scenario: ExamScenario) -> str:
    """Text that `scenario_from_json` reads back equal."""
    values: dict[str, Any] = {
        "schema": SCENARIO_SCHEMA,
        "preset": scenario.preset,
        "exam_seed": scenario.exam_seed,
        "patient": scenario.patient,
        "condition": scenario.condition,
        "time_slots": scenario.time_slots,
        "phantom": phantom_to_record(scenario.phantom),
    }
    for name in PARTS:
        values[name] = parameter_values(asdict(getattr(scenario, name)))
    return json.dumps(values)


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
    except (ValueError, TypeError, KeyError) as error:
        raise OptionError(
            "not a scenario", expected=f"JSON with schema {SCENARIO_SCHEMA}", found=str(error)
        ) from error
    if schema != SCENARIO_SCHEMA:
        raise OptionError("another scenario schema", expected=SCENARIO_SCHEMA, found=str(schema))
    return ExamScenario(
        preset=values["preset"],
        exam_seed=values["exam_seed"],
        patient=values["patient"],
        condition=values["condition"],
        time_slots=values["time_slots"],
        phantom=phantom_from_record(values["phantom"]),
        **{name: build_parameters(kind, values[name]) for name, kind in PARTS.items()},
    )
