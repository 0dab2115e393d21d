"""Table of how well the pose follows known motions of the real studies, by method."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simulation_tables import origin, stored

__all__ = ["consistency_text"]

PERCENTILES = ("median", "p95", "maximum")
HEADINGS = (
    "method",
    "study",
    "motions",
    "not found",
    "flagged",
    "axis",
    "roll",
    "centre",
    "axis, affine only",
    "centre, affine only",
    "unmoved to mean",
    "axis to mask's",
)


def consistency_text() -> str:
    """Spread around each study's mean moved-back pose: median / 95th percentile / maximum."""
    record = stored("real_consistency")
    if record is None:
        return (
            "Not stored yet: `python validation/real_consistency.py --method network` measures it."
        )
    lines = []
    for method, values in record["methods"].items():
        lines.append(
            f"Method `{method}`: {values['motions']} motions of each real study up to 25° and 20 mm ({origin(values)})."
        )
    lines += ["", _row(HEADINGS), _row(["---"] * len(HEADINGS))]
    for method, values in record["methods"].items():
        lines += _rows(method, values)
    return "\n".join(lines)


def _rows(method: str, values: dict[str, Any]) -> Iterator[str]:
    for study in values["studies"]:
        counts, affine = study["resampled"]["groups"]["all"], study["affine_only"]["groups"]["all"]
        off = study["resampled"]["mean_from_unmoved"]
        apart = "" if off is None else f"{off['long_axis_deg']:.1f}°, {off['center_mm']:.1f} mm"
        angles = study.get("mask_axis_deg")
        mask = " / ".join(f"{angle:.1f}°" for angle in angles.values()) if angles else "no mask"
        spread, exact = counts["around_mean"] or {}, affine["around_mean"] or {}
        yield _line(method, str(study["study"]), counts, spread, exact, apart, mask)
    pooled, exact = values["pooled"]["resampled"], values["pooled"]["affine_only"]
    yield _line(method, "all", pooled, pooled, exact, "", "")


def _line(
    method: str,
    study: str,
    counts: dict[str, Any],
    spread: dict[str, Any],
    exact: dict[str, Any],
    *rest: str,
) -> str:
    numbers = [str(counts[name]) for name in ("motions", "not_found", "flagged")]
    cells = [
        _spread(spread.get("long_axis_deg"), "°"),
        _spread(spread.get("roll_deg"), "°"),
        _spread(spread.get("center_mm"), " mm"),
        _spread(exact.get("long_axis_deg"), "°"),
        _spread(exact.get("center_mm"), " mm"),
    ]
    return _row([f"`{method}`", study, *numbers, *cells, *rest])


def _spread(values: dict[str, float] | None, unit: str) -> str:
    if values is None:
        return "not known"
    return " / ".join(f"{values[name]:.2f}" for name in PERCENTILES) + unit


def _row(cells: Any) -> str:  # noqa: ANN401 - any sequence of texts
    return f"| {' | '.join(cells)} |"
