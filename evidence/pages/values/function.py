"""How near function of gated exams lies to the truth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evidence.recording.aims import in_ms

__all__ = ["function"]

Record = dict[str, Any]

GROUPS = {
    "clinical": "`gated-400`",
    "accepted": "of these not flagged",
    "review": "flagged",
    "wide": "`wide`",
}


def function(records: Mapping[str, Any]) -> dict[str, Any]:
    """The table of errors by group, phases, segments, repetition."""
    record = records["function"]
    if record is None:
        return {"is_stored": False}
    groups = [name for name in GROUPS if record[name]["exams"] > 1]
    return {
        "is_stored": True,
        "record": record,
        "presets": ", ".join(f"{count} `{name}`" for name, count in record["presets"].items()),
        "names": [f"{GROUPS[name]} ({record[name]['exams']})" for name in groups],
        "rows": [
            [title, *(words(record[name]) for name in groups)] for title, words in ROWS.items()
        ],
        "milliseconds": in_ms(record["seconds"]["function_s"]),
        "aims": _aims(record),
        "phase_repeats": _phase_repeats(record["repeated"]),
        "worst": [_worst(each) for each in record["worst"]],
        "images": "../images/",
        "aucs": _aucs(record["segments"]),
        "cameras": [
            [name, *(words(each) for words in CAMERA_ROWS.values())]
            for name, each in record["cameras"].items()
            if each["exams"] > 1
        ],
        "camera_titles": list(CAMERA_ROWS),
        "refused": len(record["refused"]),
        "late": records["function_late"],
    }


def _aims(record: Record) -> list[list[str]]:
    """What was to be reached on exams of `clinical`, and what was."""
    group, phase, repeated = record["clinical"], record["phase"], record["repeated"]
    found, segments = group["ejection"], record["segments"]
    limits = 1.96 * found["sd"]
    late = segments.get("late_auc")
    still = segments.get("still_auc_by_counts", 0.0)
    counted = repeated["counted_ejection_sd"]
    rows: tuple[tuple[str, str, bool], ...] = (
        ("LVEF: bias of 1 point at most", f"{found['bias']:+.1f}", abs(found["bias"]) <= 1),
        ("LVEF: limits of agreement within 6 points", f"{limits:.1f}", limits <= 6),
        ("LVEF: r of .97", f"{found['r']:.3f}", found["r"] >= 0.97),
        *(
            (
                f"{title}: bias of 5 %, SD of 8 % at most",
                f"{group[name]['bias']:+.1f} %, {group[name]['sd']:.1f} %",
                abs(group[name]["bias"]) <= 5 and group[name]["sd"] <= 8,
            )
            for title, name in (("EDV", "end_diastolic"), ("ESV", "end_systolic"))
        ),
        (
            "small hearts: ESV of 90 % of the truth",
            f"{100 * group['small']['end_systolic_of_truth']:.0f} %",
            group["small"]["end_systolic_of_truth"] >= 0.9,
        ),
        ("LVEF, counted again: SD of 1.5 points", f"{counted}", counted <= 1.5),
        *_phase_repeat_aims(repeated),
        (
            "phase SD against the truth: within 2 degrees",
            f"median {phase['off_median']}",
            phase["off_median"] <= 2 and phase["in_step"]["high"] <= 4,
        ),
        ("late segments: AUC of .95", "-" if late is None else f"{late:.2f}", (late or 0) >= 0.95),
        ("akinetic segments: AUC of .90", f"{still:.2f}", still >= 0.9),
        (
            "pose to all numbers within 1 s on one core",
            in_ms(record["seconds"]["function_s"]),
            record["seconds"]["function_s"] <= 1,
        ),
    )
    return [[aim, words, "reached" if is_so else "**not reached**"] for aim, words, is_so in rows]


def _phase_repeat_aims(repeated: Record) -> list[tuple[str, str, bool]]:
    """Of hearts in step and out of step, where phases were told both times."""
    rows = []
    for words, group, most in (("in step", "in_step", 1), ("out of step", "out_of_step", 3)):
        found = repeated[f"counted_phase_sd_sd_{group}"]
        exams = repeated[f"counted_phase_sd_exams_{group}"]
        told = "no exam" if found is None else f"{found} ({exams} exams)"
        name = f"phase SD of hearts {words}, counted again: within {most}\u00b0"
        rows.append((name, told, found is not None and found <= most))
    return rows


def _phase_repeats(repeated: Record) -> str:
    told = [repeated[f"{name}_phase_sd_sd"] for name in ("moved", "counted")]
    if None in told:
        return "was told too seldom to say"
    return f"one of {told[0]}° and {told[1]}°"


def _worst(each: Record) -> str:
    flag = "flagged" if each["flagged"] else "not flagged"
    found, true = (f"{each[name]:.0f} %" for name in ("ejection", "true_ejection"))
    systolic = f"{each['true_end_systolic_ml']:.0f} ml"
    return f"Seed {each['seed']}: LVEF {found} found, {true} true; true ESV {systolic}; {flag}"


def _ejection(group: Record) -> str:
    found = group["ejection"]
    limits = [found["bias"] + sign * 1.96 * found["sd"] for sign in (-1, 1)]
    return (
        f"{found['bias']:+.1f}, SD {found['sd']:.1f} ({limits[0]:+.0f} to {limits[1]:+.0f}), "
        f"r {found['r']:.2f}"
    )


def _part(name: str) -> Any:  # noqa: ANN401 - a function of a group
    def words(group: Record) -> str:
        found = group[name]
        return f"{found['bias']:+.1f} %, SD {found['sd']:.1f} %, median {found['median']:.1f} %"

    return words


def _large(group: Record) -> str:
    found = group["ejection_large"]
    return f"{found['bias']:+.1f}, SD {found['sd']:.1f} ({found['exams']})"


def _small(group: Record) -> str:
    found = group["small"]
    if not found["exams"]:
        return "none"
    return (
        f"{100 * found['end_systolic_of_truth']:.0f} % of the truth; "
        f"{found['flagged']} of {found['exams']} flagged"
    )


def _within(group: Record) -> str:
    return " / ".join(f"{100 * each:.0f} %" for each in group["within_bounds"].values())


def _slots(group: Record) -> str:
    return " / ".join(f"{100 * each:.0f} %" for each in group["slots_within_one"])


ROWS = {
    "LVEF, points: bias, SD (limits of agreement), r": _ejection,
    "the same, ESV of 25 ml or more (exams)": _large,
    "EDV": _part("end_diastolic"),
    "ESV": _part("end_systolic"),
    "muscle": _part("wall"),
    "ESV under 25 ml": _small,
    "within the bound of 90 %: LVEF / EDV / ESV": _within,
    "slot within one: end-diastole / end-systole": _slots,
    "flagged": lambda group: f"{group['flagged']} of {group['exams']}",
}


def _shape(name: str) -> Any:  # noqa: ANN401 - a function of a group
    def words(group: Record) -> str:
        found = group["shape"][name]
        return f"{found['bias']:+.3f}, SD {found['sd']:.3f}, r {found['r']:.2f}"

    return words


ROWS["sphericity at end-diastole"] = _shape("sphericity")
ROWS["eccentricity at end-diastole"] = _shape("eccentricity")

CAMERA_ROWS = {
    "exams": lambda group: f"{group['exams']}",
    "LVEF, points: bias, SD (limits of agreement), r": _ejection,
    "EDV": _part("end_diastolic"),
    "ESV": _part("end_systolic"),
    "within the bound: LVEF / EDV / ESV": _within,
    "flagged": ROWS["flagged"],
}


def _aucs(found: Record) -> list[str]:
    words = {
        "late_auc": f"{found['late']} segments that contract 20 degrees late or more, by phase",
        "still_auc_by_counts": f"{found['still']} akinetic segments, by thickening by counts",
        "still_auc_thickening": "the same, by thickening of the drawn wall",
        "still_auc_motion": "the same, by motion",
    }
    return [f"{words[name]}: AUC {found[name]:.2f}" for name in words if name in found]
