"""The simulation: beside real studies, beside sources, and how fast it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = [
    "apart_from_sources",
    "camera_speed",
    "parallel_holes",
    "realism",
    "scenarios",
    "simulation_ratio",
    "simulation_speed",
    "ventricle_forms",
]

Record = dict[str, Any]
Records = Mapping[str, Any]

TECHNIQUES = {"MULTI_PINHOLE": "530c", "PARALLEL_HOLES": "parallel holes", "PET": "PET"}
"""Groups of the realism record, and their headings."""

CAMERA_TASKS = ("forward", "osem_plain", "osem_corrected")

DIGITS = 3


def realism(records: Records) -> dict[str, Any]:
    """Real values beside the 5th, 50th and 95th percentile of the simulated ones."""
    record = records["realism"]
    measures: dict[str, Record] = record["measures"]
    groups = [name for name in TECHNIQUES if any(name in row for row in measures.values())]
    rows = []
    for name, row in measures.items():
        real = row.get("real", [])
        percentiles = [" – ".join(_number(each) for each in row.get(group, [])) for group in groups]
        values = ", ".join(_number(each) for each in real)
        rows.append([name, values, *percentiles, _inside(real, row)])
    return {"record": record, "groups": [TECHNIQUES[name] for name in groups], "rows": rows}


def _inside(real: list[float], row: Record) -> str:
    """How many real values lie between the 5th and 95th percentile of their own camera."""
    simulated = row.get("MULTI_PINHOLE")
    if not simulated:
        return ""
    low, high = simulated[0], simulated[-1]
    return f"{sum(low <= value <= high for value in real)} of {len(real)}"


def ventricle_forms(records: Records) -> dict[str, Any]:
    """Real ventricles beside those of both versions."""
    record = records["ventricle_forms"]
    rows, nearer = [], 0
    for name, row in record["measures"].items():
        rows.append([name, *(_percentiles(row[key]) for key in ("real", "1", "2"))])
        first, second = (abs(_median(row[key]) - _median(row["real"])) for key in ("1", "2"))
        nearer += second < first
    return {"record": record, "rows": rows, "nearer": nearer}


def benchmark_draws(records: Records) -> dict[str, Any]:
    """Kinds of exams and percentiles of what is drawn, benchmark by benchmark."""
    record = records["benchmark_draws"]
    benchmarks = record["benchmarks"]
    found = list(benchmarks.values())
    rows = [[name, *(str(each[name]) for each in found)] for name in ("exams", "patients")]
    rows += [[name, *(str(each["counts"][name]) for each in found)] for name in found[0]["counts"]]
    for name in found[0]["percentiles"]:
        rows.append([name, *(_percentiles(each["percentiles"][name]) for each in found)])
    cameras = {
        name: ", ".join(f"{camera} {count}" for camera, count in each["cameras"].items())
        for name, each in benchmarks.items()
    }
    return {"record": record, "names": list(benchmarks), "rows": rows, "cameras": cameras}


def _median(values: list[float]) -> float:
    return values[len(values) // 2]


def _percentiles(values: list[float]) -> str:
    return " – ".join(_number(each) for each in values)


def scenarios(records: Records) -> dict[str, Any]:
    """Statistics of the draws beside their sources."""
    record = records["scenario_statistics"]
    presets: dict[str, Record] = record["presets"]
    rows = []
    for key, facts in record["quantities"].items():
        said = "; ".join(_source(source) for source in facts["sources"]) or "none; assumed"
        drawn = [_spread(preset["quantities"][key]) for preset in presets.values()]
        rows.append([facts["title"], said, *drawn])
    shares = [
        [name.replace("_", " "), *(f"{preset['shares'][name]:.0%}" for preset in presets.values())]
        for name in next(iter(presets.values()))["shares"]
    ]
    apart = [record["quantities"][key]["title"] for key in apart_from_sources(record)]
    return {
        "record": record, "presets": list(presets), "rows": rows, "shares": shares, "apart": apart
    }  # fmt: skip


def apart_from_sources(record: Record) -> list[str]:
    """Quantities whose clinical mean is not between its sources.

    Between their means if there are several, else within the range or standard deviation.
    """
    apart = []
    for key, facts in record["quantities"].items():
        means = [source["mean"] for source in facts["sources"] if source["mean"] is not None]
        ends = [source[end] for source in facts["sources"] for end in ("low", "high")]
        limits = means if len(means) > 1 else ends
        mean = record["presets"]["clinical"]["quantities"][key]["mean"]
        if limits and not min(limits) <= mean <= max(limits):
            apart.append(key)
    return apart


def camera_speed(records: Records) -> dict[str, Any]:
    """Our operators beside PyTomography, on one thread."""
    record = records["benchmark_camera"]
    medians, ratios = record["medians"], record.get("pytomography_ratio", {})
    times = {
        key: [f"{medians[f'{prefix}{key}_s']:.2f} s" for prefix in ("", "pytomography_")]
        + [f"{ratios[key]:.1f}"]
        for key in CAMERA_TASKS
        if f"pytomography_{key}_s" in medians and key in ratios
    }
    return {"record": record, "times": times, "is_stored": bool(ratios)}


def simulation_speed(records: Records) -> dict[str, Any]:
    """Time and memory of an exam by preset, on one thread."""
    record = records["benchmark_simulate"]
    rows = [
        [
            f"`{name}`",
            f"{row['median_s']:.2f} s",
            f"{row['slowest_s']:.1f} s",
            f"{row['exams_per_second']:.2f}",
            f"{row['peak_memory_mb']} MB",
        ]
        for name, row in record["presets"].items()
    ]
    return {"record": record, "rows": rows}


def simulation_ratio(records: Records) -> dict[str, Any]:
    """Exams of an earlier revision beside those of today, made in one run."""
    record = records["benchmark_simulate_ratio"]
    rows = [
        [
            f"`{name}`",
            " → ".join(f"{each:.2f}" for each in row["exams_per_second"]),
            f"{row['ratio']:.2f}",
            f"{row['same_files']} of {row['files']}",
            " → ".join(f"{each} MB" for each in row["peak_memory_mb"]),
            f"{row['gated_share']:.1f}",
        ]
        for name, row in record["presets"].items()
    ]
    return {"record": record, "rows": rows}


def parallel_holes(records: Records) -> dict[str, Any]:
    """What can be told of exams of the parallel-hole camera, for which no real study is here."""
    record = records["parallel_holes"]
    measures = {
        name: " – ".join(_number(each) for each in values)
        for name, values in record["measures"].items()
    }
    return {"record": record, "measures": measures}


def _number(value: float) -> str:
    return f"{value:.{DIGITS}g}"


def _source(source: Record) -> str:
    if source["mean"] is None:
        return f"{source['name']}: {_number(source['low'])} to {_number(source['high'])}"
    spread = (source["high"] - source["low"]) / 2
    return f"{source['name']}: {_number(source['mean'])} ± {_number(spread)}"


def _spread(values: dict[str, float]) -> str:
    numbers = {name: _number(value) for name, value in values.items()}
    return f"{numbers['mean']} ± {numbers['sd']} ({numbers['p05']} to {numbers['p95']})"
