"""Tables of the simulation from ``results/*.json``; a sentence where nothing is stored yet."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).resolve().parents[1] / "results"

TECHNIQUES = {"MULTI_PINHOLE": "530c", "PARALLEL_HOLES": "parallel holes", "PET": "PET"}
"""Groups of the realism record, and their headings."""

DIGITS = 3

CAMERA_TASKS = {
    "forward": "projection with attenuation and response",
    "osem_plain": "OSEM, 3 iterations of 10 subsets",
    "osem_corrected": "OSEM with attenuation and response",
}


PLACES = ("--cohorts", "--data", "--out", "--picture", "--pictures")
"""Options of measuring scripts that only say where files lie: the result is the same elsewhere."""


def stored(name: str) -> dict[str, Any] | None:
    """Return a stored result, or None."""
    path = RESULTS / f"{name}.json"
    if not path.exists():
        return None
    record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return record


def origin(record: dict[str, Any]) -> str:
    """Command, seed and revision of a stored result."""
    seed = "" if record["seed"] is None else f", seed {record['seed']}"
    return f"`{command_to_repeat(record['command'])}`{seed}, revision {record['git_revision'][:7]}"


def command_to_repeat(command: str) -> str:
    """The command without the options of `PLACES` and their values.

    Examples
    --------
    >>> command_to_repeat("python some/script.py --count 3 --pictures docs/images --method network")
    'python some/script.py --count 3 --method network'
    """
    kept: list[str] = []
    words = iter(shlex.split(command))
    for word in words:
        if word in PLACES:
            next(words, None)
        elif word.partition("=")[0] not in PLACES:
            kept.append(word)
    return shlex.join(kept)


def realism_text() -> str:
    """Real values beside the 5th, 50th and 95th percentile of the simulated ones."""
    record = stored("realism")
    if record is None:
        return "The comparison is not stored yet: `python validation/realism.py` measures it."
    measures: dict[str, dict[str, Any]] = record["measures"]
    groups = [name for name in TECHNIQUES if any(name in row for row in measures.values())]
    headings = ["measure", "real studies", *(f"simulated {TECHNIQUES[name]}" for name in groups)]
    lines = [
        f"{record['count']} simulated exams of the real studies' camera ({origin(record)}): 5th, 50th and 95th percentile.",
        "",
        _row([*headings, "real inside"]),
        _row(["---"] * (len(headings) + 1)),
    ]
    for name, row in measures.items():
        real = row.get("real", [])
        values = [_number(each) for each in real]
        percentiles = [" – ".join(_number(each) for each in row.get(group, [])) for group in groups]
        lines.append(_row([name, ", ".join(values), *percentiles, _inside(real, row)]))
    return "\n".join(lines)


def _inside(real: list[float], row: dict[str, Any]) -> str:
    """How many real values lie between the 5th and 95th percentile of their own camera."""
    simulated = row.get("MULTI_PINHOLE")
    if not simulated:
        return ""
    low, high = simulated[0], simulated[-1]
    return f"{sum(low <= value <= high for value in real)} of {len(real)}"


def scenarios_text() -> str:
    """Statistics of the draws beside their sources."""
    record = stored("scenario_statistics")
    if record is None:
        return (
            "The statistics are not stored yet: `python docs/figures/draw_scenarios.py` makes them."
        )
    presets: dict[str, dict[str, Any]] = record["presets"]
    lines = [
        f"{record['count']:,} scenarios of each preset ({origin(record)}): mean ± standard deviation, and 5th to 95th percentile.",
        "",
        _row(["quantity", "sources", *presets]),
        _row(["---"] * (2 + len(presets))),
    ]
    for key, facts in record["quantities"].items():
        said = "; ".join(_source(source) for source in facts["sources"]) or "none; assumed"
        drawn = [_spread(preset["quantities"][key]) for preset in presets.values()]
        lines.append(_row([facts["title"], said, *drawn]))
    first = next(iter(presets.values()))
    lines += ["", _row(["part of the exams drawn", *presets]), _row(["---"] * (1 + len(presets)))]
    for name in first["shares"]:
        parts = [f"{preset['shares'][name]:.0%}" for preset in presets.values()]
        lines.append(_row([name.replace("_", " "), *parts]))
    apart = [record["quantities"][key]["title"] for key in apart_from_sources(record)]
    lines += ["", f"Clinical means outside what the sources say: {', '.join(apart) or 'none'}."]
    return "\n".join(lines)


def apart_from_sources(record: dict[str, Any]) -> list[str]:
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


def camera_speed_text() -> str:
    """Our operators beside PyTomography, on one thread."""
    record = stored("benchmark_camera")
    if record is None or not record.get("pytomography_ratio"):
        return "The times are not stored yet: `python benchmarks/camera.py` measures them."
    medians, ratios = record["medians"], record["pytomography_ratio"]
    lines = [
        f"64 x 64 x 32 voxels, 64 views, one thread, median of {record['runs']} ({origin(record)}):",
        "",
        _row(["task", "`shortaxis.camera`", "PyTomography", "ratio"]),
        _row(["---"] * 4),
    ]
    for key, words in CAMERA_TASKS.items():
        if f"pytomography_{key}_s" in medians and key in ratios:
            ours, theirs = medians[f"{key}_s"], medians[f"pytomography_{key}_s"]
            lines.append(_row([words, f"{ours:.2f} s", f"{theirs:.2f} s", f"{ratios[key]:.1f}"]))
    return "\n".join(lines)


def simulation_speed_text() -> str:
    """Time and memory of an exam by preset, on one thread."""
    record = stored("benchmark_simulate")
    if record is None:
        return "The times are not stored yet: `python benchmarks/simulate.py` measures them."
    lines = [
        f"One thread, {record['count']} exams a preset, drawing included and writing not ({origin(record)}):",
        "",
        _row(["preset", "median", "slowest", "exams a second", "memory at most"]),
        _row(["---"] * 5),
    ]
    for name, row in record["presets"].items():
        times = [f"{row['median_s']:.2f} s", f"{row['slowest_s']:.1f} s"]
        rest = [f"{row['exams_per_second']:.2f}", f"{row['peak_memory_mb']} MB"]
        lines.append(_row([f"`{name}`", *times, *rest]))
    return "\n".join(lines)


PARALLEL_HOLES = {
    "scatter / unscattered counts": "0.3 to 0.4 in a window of 20 %",
    "resolution at the heart (mm)": "10 to 15, post-filter included; here before it",
    "inferior / anterior wall, men": "below 1 by attenuation",
    "inferior / anterior wall, women": "about 1",
}
"""Measures of the parallel-hole camera and what is usually said of them (FIELD section 6.4 [M])."""


def parallel_holes_text() -> str:
    """What can be told of exams of the parallel-hole camera, for which no real study is here."""
    record = stored("parallel_holes")
    if record is None:
        return "Not stored yet: `python validation/parallel_holes.py` measures it."
    lines = [
        f"{record['count']} normal hearts of the preset `paper` ({origin(record)}): 5th, 50th and 95th percentile.",
        "",
        _row(["measure", "simulated", "usual"]),
        _row(["---"] * 3),
    ]
    for name, values in record["measures"].items():
        numbers = " – ".join(_number(each) for each in values)
        lines.append(_row([name, numbers, PARALLEL_HOLES.get(name, "")]))
    return "\n".join(lines)


def _row(cells: list[str]) -> str:
    return "|" + "|".join(cells) + "|" if cells[0] == "---" else "| " + " | ".join(cells) + " |"


def _number(value: float) -> str:
    return f"{value:.{DIGITS}g}"


def _source(source: dict[str, Any]) -> str:
    if source["mean"] is None:
        return f"{source['name']}: {_number(source['low'])} to {_number(source['high'])}"
    spread = (source["high"] - source["low"]) / 2
    return f"{source['name']}: {_number(source['mean'])} ± {_number(spread)}"


def _spread(values: dict[str, float]) -> str:
    numbers = {name: _number(value) for name, value in values.items()}
    return f"{numbers['mean']} ± {numbers['sd']} ({numbers['p05']} to {numbers['p95']})"
