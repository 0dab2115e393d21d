"""How fast pages, batches and the node are, and whether that is what was aimed at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evidence.recording.aims import compared_with_aims

__all__ = [
    "batch",
    "batch_survival",
    "beat_frames",
    "browser_page",
    "openvino_runtime",
    "review",
    "service",
    "study_ratio",
]

Records = Mapping[str, Any]

COSTS = {
    "process_s": ("`shortaxis reorient` with its sheet, processor time", "s", 2),
    "process_peak_mb": ("memory of that process, at most", "MB", 0),
    "find_s": ("the pose, by the cascade alone", "s", 3),
    "estimate_s": ("the pose with the evidence for its flag", "s", 3),
    "study_with_sheet_s": ("what a node does for a study, with its sheet", "s", 3),
    "study_without_sheet_s": ("what a batch does for a study, without a sheet", "s", 3),
    "pet_estimate_s": ("PET of 400 x 400 x 110: the pose with its evidence", "s", 2),
    "pet_process_s": ("PET: `shortaxis reorient`, processor time", "s", 2),
    "pet_process_peak_mb": ("PET: memory of that process", "MB", 0),
    "gated_process_peak_mb": ("16 time slots of 128 x 128 x 64: memory of the process", "MB", 0),
    "page_bytes": ("what the review page is sent of the bundled study", "bytes", 0),
    "real_page_bytes": ("what it is sent of real studies", "bytes", 0),
    "pet_page_bytes": ("what it is sent of the PET", "bytes", 0),
    "report_bytes": ("the folder of a report of stress and rest", "bytes", 0),
    "sheet_s": ("the review sheet", "s", 2),
    "sheet_bytes": ("its bytes", "", 0),
    "read_and_estimate_s": ("a study read, its pose estimated and judged, in memory", "s", 3),
    "scan_ms_a_file": ("a folder scan, for a file of another kind", "ms", 2),
}
"""By the name of a cost: words, unit and digits."""

LATENCIES = {"p50": "median", "p95": "95th percentile", "p99": "99th"}


def review(records: Records) -> dict[str, Any]:
    """The review page in headless Chromium, beside its aims."""
    record = records["benchmark_review"]
    return {"record": record, "aims": list(compared_with_aims(record))}


def beat_frames(records: Records) -> dict[str, Any]:
    """Times between frames of the beating heart, and whether the aim was reached everywhere."""
    record = records["benchmark_beat"]
    if record is None:
        return {"is_stored": False}
    shown, aim = record["shown"], record["aim_ms"]
    free = [each for each in shown.values() if each["offered_median_ms"] <= aim]
    is_reached = all(each["median_ms"] <= FRAME_LEEWAY * aim for each in free)
    return {
        "is_stored": True,
        "record": record,
        "aim": aim,
        "late": f"{1.5 * aim:.0f}",
        "verdict": "reached, by the median" if is_reached else "missed",
        "free": len(free),
        "rows": [
            [
                name,
                f"{each['per_second']:.1f}",
                f"{each['median_ms']:.1f}, {each['high_ms']:.1f} ms",
                f"{100 * each['late_part']:.0f} %",
                f"{each['offered_median_ms']:.1f} ms",
                f"{each['work_median_ms']:.1f}, {each['work_high_ms']:.1f} ms",
            ]
            for name, each in shown.items()
        ],
    }


FRAME_LEEWAY = 1.01
"""A browser rounds the stamps of its frames to a tenth of a millisecond."""


def browser_page(records: Records) -> dict[str, Any]:
    """Times, bytes and poses of the page in the browser, and whether each aim was reached."""
    record = records["browser_page"]
    studies, aims = record["studies"], record["aims"]
    worst = {name: max(each[name] for each in studies.values()) for name in aims}
    verdicts = {name: "reached" if worst[name] <= aims[name] else "missed" for name in aims}
    rows = [
        [
            name,
            f"{each['first_result_s']:.1f} s",
            f"{each['first_file_s']:.1f} s",
            f"{each['result_s']:.1f} s",
            f"{each['bytes'] / 1e6:.1f} MB in {each['files']} files",
            f"{each['angle_deg']:.3f}°, {each['shift_mm']:.3f} mm",
        ]
        for name, each in studies.items()
    ]
    return {"record": record, "rows": rows, "aims": aims, "verdicts": verdicts}


def batch(records: Records) -> dict[str, Any]:
    """Studies a second by one and two processes, beside the aims, and a run that was killed."""
    record = records["benchmark_batch"]
    measured, aims = record["measured"], record["aims"]
    reached = {
        "rate": measured["studies_per_s"]["2"] >= aims["studies_per_s"],
        "efficiency": measured["efficiency"] >= aims["efficiency"],
    }
    return {
        "record": record,
        "measured": measured,
        "aims": aims,
        "verdict": {name: "reached" if each else "missed" for name, each in reached.items()},
        "killed": record["killed_halfway"],
    }


def batch_survival(records: Records) -> dict[str, Any]:
    """What batches survived, and what their pool costs beside Dask's local cluster."""
    beside = records["batch_survival"]["beside_dask"]

    def shares(name: str) -> str:
        return " and ".join(
            f"{each['ratio'][name]:.0%} ({number} worker{'' if number == '1' else 's'})"
            for number, each in beside.items()
        )

    return {"record": records["batch_survival"], "shares": shares}


def study_ratio(records: Records) -> dict[str, Any]:
    """What a study costs by an earlier revision and by this one, measured in turn."""
    record = records["benchmark_study_ratio"]
    rows = [
        [
            words,
            " → ".join(
                f"{record[side][name]:,.{digits}f} {unit}".strip() for side in ("before", "now")
            ),
            f"{record['ratio'][name]:.2f}",
            f"{record['aims'][name]:g}",
        ]
        for name, (words, unit, digits) in COSTS.items()
        if name in record["ratio"]
    ]
    return {"record": record, "rows": rows}


def openvino_runtime(records: Records) -> dict[str, Any]:
    """Costs and poses by ONNX Runtime and by OpenVINO, beside the aims."""
    record = records["openvino_runtime"]
    if record is None:
        return {"is_stored": False}
    costs, aims, poses = record["costs"], record["aims"], record["poses"]
    ratio = {name: record[name]["earlier"] for name in ("find_ratio", "estimate_ratio")}
    methods = [name for name in costs if name != "earlier"]
    others = methods[1:]
    cost_rows = [
        [
            f"revision {record['earlier']}" if name == "earlier" else f"`{name}`",
            f"{1000 * each['find_s']:.1f} ms",
            f"{ratio['find_ratio'].get(name, 1):.2f}",
            f"{1000 * each['estimate_s']:.1f} ms",
            f"{ratio['estimate_ratio'].get(name, 1):.2f}",
            f"{each['first_s']:.2f} s",
        ]
        for name, each in costs.items()
    ]
    pose_rows = [
        [
            f"`{name}`",
            kind,
            str(each["exams"]),
            " / ".join(f"{value:.4f}°" for value in (*apart["angle_deg"], apart["most_deg"])),
            " / ".join(f"{value:.4f}" for value in (*apart["shift_mm"], apart["most_mm"])) + " mm",
            str(apart["beyond"]),
            str(apart["other_flags"] + apart["other_findings"]),
        ]
        for name in others
        for kind, each in poses.items()
        for apart in [each["apart"][name]]
    ]
    error_rows = [
        [kind, *(" / ".join(f"{value:.2f}°" for value in of_truth[name]) for name in methods)]
        for kind, each in poses.items()
        for of_truth in [each["axis_error_deg"]]
        if of_truth
    ]
    beyond = {
        name: sum(each["apart"][name]["beyond"] for each in poses.values()) for name in others
    }
    return {
        "is_stored": True,
        "record": record,
        "aims": aims,
        "heads": ["exams", *(f"`{name}`" for name in methods)],
        "others": others,
        "cost_rows": cost_rows,
        "pose_rows": pose_rows,
        "error_rows": error_rows,
        "is_fast": {name: ratio["find_ratio"][name] <= aims["find_ratio"] for name in others},
        "beyond": beyond,
        "exams": sum(each["exams"] for each in poses.values()),
    }


def service(records: Records) -> dict[str, Any]:
    """What the node bears, with review sheets and without."""
    record = records["benchmark_service"]
    measured = record["measured"]
    return {
        "record": record,
        "loads": [measured["with_sheets"], measured["without_sheets"]],
        "latencies": LATENCIES,
        "once": measured["at_once"],
        "memory": measured["memory"],
    }
