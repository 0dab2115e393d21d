"""How long a study takes, and whether that is what was aimed at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simulation_tables import origin, stored

__all__ = [
    "batch_text",
    "compared_with_aims",
    "review_speed_text",
    "service_text",
    "speed_text",
]

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


def batch_text() -> str:
    """Studies a second by one and two processes, beside the aims, and a run that was killed."""
    record = stored("benchmark_batch")
    if record is None:
        return "Not stored yet: `python benchmarks/batch.py` measures it."
    measured, aims, killed = record["measured"], record["aims"], record["killed_halfway"]
    rates, seconds = measured["studies_per_s"], measured["seconds"]
    summary = record["summary"]

    def verdict(value: float, aim: float) -> str:
        return "reached" if value >= aim else "missed"

    rows = [
        ("one process, studies a second", f"{rates['1']:.1f}", "", ""),
        (
            "two processes, studies a second",
            f"{rates['2']:.1f}",
            f"{aims['studies_per_s']:.0f}",
            verdict(rates["2"], aims["studies_per_s"]),
        ),
        (
            "efficiency of the second process",
            f"{measured['efficiency']:.0%}",
            f"{aims['efficiency']:.0%}",
            verdict(measured["efficiency"], aims["efficiency"]),
        ),
    ]
    return "\n".join([
        f"{record['files']:,} files of simulated exams, {record['damaged']} of them damaged, into NIfTI on two cores, with",
        f"everything that the command does ({origin(record)}):",
        "",
        "|  | measured | aim |  |",
        "|---|---|---|---|",
        *(f"| {' | '.join(row)} |" for row in rows),
        "",
        f"That is {seconds['1']:.0f} s and {seconds['2']:.0f} s for {summary['studies']:,} studies. A run that was killed with",
        f"{killed['finished_before']:,} studies finished kept {killed['kept']:,} at the next start, made the other {killed['done_after']:,}, and made",
        f"{killed['done_again']} again; {killed['studies']:,} were there at the end.",
    ])  # fmt: skip


def service_text() -> str:
    """What the node bears."""
    record = stored("benchmark_service")
    if record is None:
        return "Not stored yet: `python benchmarks/service.py` measures it."
    measured = record["measured"]
    lines = [
        f"Two workers on two cores, which the senders and the archive share ({origin(record)}):",
        "",
        "|  | with review sheets | without |",
        "|---|---|---|",
    ]
    loads = [measured["with_sheets"], measured["without_sheets"]]
    rows = [
        ("studies a minute, sustained", [f"{each['studies_per_minute']:.0f}" for each in loads]),
        *(
            (
                f"from the acknowledged object to the last slice in the archive, {name} of "
                f"{loads[0]['studies']} studies sent at once",
                [f"{each['latency_s'][key]:.0f} s" for each in loads],
            )
            for key, name in (("p50", "median"), ("p95", "95th percentile"), ("p99", "99th"))
        ),
    ]
    sizes = [each["megabytes_a_study"] for each in loads]
    rows.append(("results of a study", [f"{each['results']:.1f} MB" for each in sizes]))
    lines += [f"| {words} | {' | '.join(values)} |" for words, values in rows]
    once, memory = measured["at_once"], measured["memory"]
    last = memory["after_all_mb"]
    lines += [
        "",
        f"A study is one ungated object of {sizes[0]['incoming']:.1f} MB; a gated one takes as many times more as it has time slots.",
        f"Of {once['associations']} associations at once {once['acknowledged']} were served, in {once['seconds']:.1f} s. After "
        f"{memory['studies']:,} studies the node takes {last['node']:.0f} MB and",
        f"its workers {last['workers']:.0f} MB together, {memory['growth']:.2f} times what they took after a tenth of them.",
    ]
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
