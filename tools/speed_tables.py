"""How long a study takes, and whether that is what was aimed at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simulation_tables import origin, stored

__all__ = ["compared_with_aims", "review_speed_text", "speed_text"]

Record = dict[str, Any]

WORDS = {
    "cascade_s": "the pose alone, by the network",
    "end_to_end_s": "from file to three DICOM series",
    "help_s": "`shortaxis --help`",
    "peak_memory_mb": "peak memory of a process",
    "base_install_mb": "base install",
}


def speed_text(record: Record) -> str:
    """Medians of times and sizes beside their aims, and what has none."""
    medians = record["medians"]
    shape = " x ".join(map(str, record["shape"]))
    lines = [
        f"**Speed** (one core, {shape} voxels, median of {record['runs']}; {origin(record)}):",
        "",
        "|  | measured | aim |  |",
        "|---|---|---|---|",
    ]
    for name, measured, aim, verdict in compared_with_aims(record):
        lines.append(f"| {WORDS[name]} | {measured} | {aim} | {verdict} |")
    lines += [
        "",
        f"The network takes {_time(medians['estimate_network_s'])} with the evidence for the flag, the ellipsoid",
        f"{_time(medians['estimate_ellipsoid_s'])}; with the review sheet a study takes {medians['end_to_end_with_review_sheet_s']:.2f} s.",
    ]
    return "\n".join(lines)


REVIEW_WORDS = {
    "first_picture_s": "from the start of the command to the first picture",
    "frame_s": "a frame while the apex is dragged",
    "worklist_s": "the worklist of {studies:,} studies, from its address to its rows",
}


def review_speed_text() -> str:
    """The review page in headless Chromium, beside its aims."""
    record = stored("benchmark_review")
    if record is None:
        return "Not stored yet: `python benchmarks/review.py` measures it."
    lines = [
        f"In headless Chromium with software rendering, on two cores ({origin(record)}):",
        "",
        "|  | measured | aim |  |",
        "|---|---|---|---|",
    ]
    for name, measured, aim, verdict in compared_with_aims(record):
        words = REVIEW_WORDS[name].format(studies=record["studies"])
        lines.append(f"| {words} | {measured} | {aim} | {verdict} |")
    return "\n".join(lines)


def compared_with_aims(record: Record) -> Iterator[tuple[str, str, str, str]]:
    """Name, measured value, aim, and whether it was reached, of all that was measured.

    Examples
    --------
    >>> record = {"aims": {"help_s": 0.4}, "medians": {"help_s": 0.51}}
    >>> list(compared_with_aims(record))
    [('help_s', '510 ms', '400 ms', 'missed')]
    """
    values = {**record["medians"], **record}
    for name, aim in record["aims"].items():
        if name in values:
            words = _time if name.endswith("_s") else _size
            verdict = "reached" if values[name] <= aim else "missed"
            yield name, words(values[name]), words(aim), verdict


def _time(seconds: float) -> str:
    return f"{1000 * seconds:.0f} ms"


def _size(megabytes: float) -> str:
    return f"{megabytes:.0f} MB"
