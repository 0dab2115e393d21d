"""Real and altered studies, speed beside them, and how poses follow known motions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from evidence.recording.aims import compared_with_aims, in_ms

__all__ = ["consistency", "demo_study", "results"]

Record = dict[str, Any]
Records = Mapping[str, Any]

PERCENTILES = ("median", "p95", "maximum")


def results(records: Records) -> dict[str, Any]:
    """What the estimator was measured on, and how long it takes."""
    real, altered, speed = (
        records[name] for name in ("real_studies", "altered_exams", "benchmark_reorient")
    )
    if not (real and altered and speed):
        return {"is_stored": False}
    medians = speed["medians"]
    return {
        "real": real,
        "altered": altered,
        "speed": speed,
        "method": _method,
        "real_rows": [_real_row(each) for each in real["studies"]],
        "control": _mask_control(real),
        "altered_rows": [_altered_row(*each) for each in altered["groups"].items()],
        "shape": " x ".join(map(str, speed["shape"])),
        "aims": list(compared_with_aims(speed)),
        "network_time": in_ms(medians["estimate_network_s"]),
        "ellipsoid_time": in_ms(medians["estimate_ellipsoid_s"]),
    }


def _method(record: Record) -> str:
    """The method in words; the README says that where none is named it is the ellipsoid."""
    method = record.get("method", "ellipsoid")
    return "" if method == "ellipsoid" else f", method `{method}`"


def _real_row(study: Record) -> list[str]:
    held = study.get("mask_coverage")
    return [
        str(study["study"]),
        study["flag"],
        f"{study['motion_axis_median_deg']:.1f}° / {study['motion_axis_max_deg']:.1f}°",
        f"{study['motion_center_median_mm']:.1f} / {study['motion_center_max_mm']:.1f} mm",
        _mask_axis(study),
        f"{held['apical']:.0%} / {held['basal']:.0%}" if held else "",
        {True: "yes", False: "no", None: ""}[study.get("center_in_mask_cavity")],
        str(study["dciodvfy_errors"]),
    ]


def _mask_axis(study: Record) -> str:
    angles = study.get("mask_axis_deg")
    return _angles(angles) if angles else "no mask"


def _angles(angles: Mapping[str, float]) -> str:
    return " / ".join(f"{angle:.1f}°" for angle in angles.values())


def _mask_control(record: Record) -> dict[str, Any]:
    """What an incomplete mask does, by cutting the fuller one like the other."""
    control = record.get("mask_control")
    if not control:
        return {}
    whole, cut = (row for row in record["studies"] if "mask_axis_deg" in row)
    return {
        "whole": whole["study"],
        "cut": cut["study"],
        "basal": f"{cut['mask_coverage']['basal']:.0%}",
        "angles": _angles(control),
    }


def _altered_row(name: str, group: Record) -> list[str]:
    found = group["all_found"]["axis_deg_median_p95_max"]
    accepted = group["accepted"]["axis_deg_median_p95_max"]
    counts = ("exams", "not_found", "failures", "failures_accepted", "sent_to_review")
    return [
        name,
        *(str(group[each]) for each in counts),
        f"{found[0]:.1f}° / {found[1]:.1f}°",
        f"{accepted[0]:.1f}° / {accepted[1]:.1f}° / {accepted[2]:.1f}°",
    ]


def consistency(records: Records) -> dict[str, Any]:
    """Spread around each study's mean moved-back pose: median / 95th percentile / maximum."""
    methods = records["real_consistency"]["methods"]
    return {
        "methods": methods,
        "rows": [cells for name, values in methods.items() for cells in _rows(name, values)],
    }


def _rows(method: str, values: Record) -> Iterator[list[str]]:
    for study in values["studies"]:
        counts, affine = study["resampled"]["groups"]["all"], study["affine_only"]["groups"]["all"]
        off = study["resampled"]["mean_from_unmoved"]
        apart = "" if off is None else f"{off['long_axis_deg']:.1f}°, {off['center_mm']:.1f} mm"
        spread, exact = counts["around_mean"] or {}, affine["around_mean"] or {}
        start = [f"`{method}`", str(study["study"])]
        yield [*start, *_spreads(counts, spread, exact), apart, _mask_axis(study)]
    whole, exact = values["pooled"]["resampled"], values["pooled"]["affine_only"]
    yield [f"`{method}`", "all", *_spreads(whole, whole, exact), "", ""]


def _spreads(counts: Record, spread: Record, exact: Record) -> list[str]:
    return [
        *(str(counts[name]) for name in ("motions", "not_found", "flagged")),
        _spread(spread.get("long_axis_deg"), "°"),
        _spread(spread.get("roll_deg"), "°"),
        _spread(spread.get("center_mm"), " mm"),
        _spread(exact.get("long_axis_deg"), "°"),
        _spread(exact.get("center_mm"), " mm"),
    ]


def _spread(values: Mapping[str, float] | None, unit: str) -> str:
    if values is None:
        return "not known"
    return " / ".join(f"{values[name]:.2f}" for name in PERCENTILES) + unit


def demo_study(records: Records) -> dict[str, Any]:
    """Estimate and truth of the bundled study, and how far they lie apart beside the bounds."""
    record = records["demo_study"]
    units = {"long_axis_deg": "°", "roll_deg": "°", "center_mm": " mm"}
    return {
        "angles": {
            name: " | ".join(f"{each:.1f}°" for each in pair)
            for name, pair in record["angles_deg"].items()
        },
        "centers": " | ".join(
            ", ".join(f"{each:.1f}" for each in center) + " mm" for center in record["center_mm"]
        ),
        "errors": {
            name: f"{record['errors'][name]:.1f}{unit} | {record['bounds'][name]:.1f}{unit}"
            for name, unit in units.items()
        },
        "flag": record["flag"].upper(),
        "reasons": "; ".join(record["reasons"]),
    }
