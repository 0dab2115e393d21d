"""The network: its limits from the code, what was measured from stored results."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evidence.registry.places import IMAGES
from shortaxis.reorientation.quality import UNLIMITED, Limit, Measure
from shortaxis.reorientation.weights import DEFAULT_WEIGHTS, find_weights

__all__ = ["ablations", "heads", "limits", "second_edition", "second_opinion", "training"]

Record = dict[str, Any]
Records = Mapping[str, Any]

ERRORS = {"long_axis_deg": "°", "roll_deg": "°", "center_mm": " mm"}
SECOND_OPINION = (Measure.ELLIPSOID_APART_DEG, Measure.ELLIPSOID_APART_MM)
OWN_BOUND = Measure.LONG_AXIS_BOUND_DEG


def limits(records: Records) -> dict[str, Any]:
    """Every limit of the network with its reason."""
    limits = find_weights(DEFAULT_WEIGHTS).judgement.limits
    rows = [[limit.reason, limit.measure.value, _range(limit)] for limit in limits]
    return {"rows": rows}


def _range(limit: Limit) -> str:
    if limit.highest == UNLIMITED:
        return f"{limit.lowest:g} or more"
    if limit.lowest == -UNLIMITED:
        return f"{limit.highest:g} or less"
    return f"{limit.lowest:g} to {limit.highest:g}"


def second_opinion(records: Records) -> dict[str, Any]:
    """What the limits of the second opinion stop, beside the network's own bound."""
    record = records["network_limits"]
    presets = record["presets"]
    rows = []
    for measure in (*SECOND_OPINION, OWN_BOUND):
        cells = [measure.value]
        for preset in presets.values():
            row = next(each for each in preset["limits"] if each["measure"] == measure.value)
            cells += [str(row["failed_stopped"]), str(row["good_stopped"])]
        rows.append(cells)
    return {"record": record, "presets": presets, "rows": rows}


def ablations(records: Records) -> dict[str, Any]:
    """What the roll is read from; earlier weights are shown where they say something else."""
    record = records["ablations"]
    installed = record["worlds"]["installed"]
    rows = [
        [
            weights.replace("weights-", ""),
            world,
            *(
                " / ".join(f"{part:.1f}" for part in values[key])
                for key in ("axis_deg", "roll_deg")
            ),
            f"{values['mean_roll_error_deg']:+.1f}",
            f"{values['followed']:.2f}",
            _parts(values["change_deg"]),
            f"{values['mean_change_deg']:+.1f}",
        ]
        for weights, worlds in record["worlds"].items()
        if worlds is installed or worlds != installed
        for world, values in worlds.items()
    ]
    return {"record": record, "rows": rows}


def _parts(values: list[float]) -> str:
    return " / ".join(f"{part:.1f}" for part in values)


def heads(records: Records) -> dict[str, Any]:
    """Both ways to give a pose, trained alike."""
    record = records["heads"]
    stages = record["stages"]
    rows = [[name, f"{stage['parameters']:,}", *_errors(stage)] for name, stage in stages.items()]
    samples = record.get("samples") or max(stage["samples"] for stage in stages.values())
    return {"record": _with_seed(record), "samples": f"{samples:,}", "rows": rows}


def training(records: Records) -> dict[str, Any]:
    """What training took and gave, stage by stage."""
    record = records["training"]
    stages = record["stages"]
    hours = record.get("hours", sum(stage.get("hours", 0.0) for stage in stages.values()))
    return {
        "record": _with_seed(record),
        "exams": " and ".join(f"{count:,} of `{name}`" for name, count in record["exams"].items()),
        "hours": f"{hours:.1f}",
        "rows": [[name, f"{each['samples']:,}", *_errors(each)] for name, each in stages.items()],
        "has_figure": (IMAGES / "training.png").exists(),
    }


def _with_seed(record: Record) -> Record:
    return {"seed": None, **record}


def _errors(stage: Record) -> list[str]:
    return [
        " / ".join(f"{value:.1f}" for value in stage[name]) + unit for name, unit in ERRORS.items()
    ]


def second_edition(records: Records) -> dict[str, Any]:
    """A row for each preset and weights."""
    record = records["second_edition"]
    rows = [
        _edition_row(preset, name, each)
        for preset, by_weights in record["presets"].items()
        for name, each in by_weights.items()
    ]
    return {"record": record, "rows": rows}


def _edition_row(preset: str, name: str, each: Mapping[str, Any]) -> list[str]:
    spreads = [f"{middle:.1f} / {tail:.1f}" for middle, tail in each["errors"].values()]
    covered = " / ".join(f"{100 * part:.0f} %" for part in each["within_bounds"].values())
    return [
        f"{each['exams']} `{preset}`",
        name,
        *spreads,
        f"{each['roll_slope']:.2f} (r {each['roll_r']:.2f})",
        covered,
        f"{each['failures'] + each['not_found']}, {each['accepted_failures']}",
        str(each["accepted_over_10_deg"]),
        f"{each['good_flagged']} of {each['good']}",
    ]
