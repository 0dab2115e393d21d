"""What the DICOM node bears: ``python -m evidence run benchmark_service``.

Studies are sent over four associations as fast as they are taken, to a node with two workers, with
and without review sheets; an archive on the same machine takes the results. Measured are studies a
minute, the time from the acknowledged object to the last slice at the archive, fifty associations
at once, and the memory of node and workers after a tenth and after all of many studies.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pydicom

from evidence.measuring.speed.node_peers import (
    Archive,
    Node,
    new_study,
    running_archive,
    running_node,
    send,
    until,
)
from evidence.recording.record import store_result

SENDERS, AT_ONCE = 4, 50

AIMS = {"memory_growth": 1.15}
"""Memory after all studies, as a part of that after a tenth of them, at most."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=120)
    parser.add_argument("--many", type=int, default=2000)
    arguments = parser.parse_args()
    measured = {
        "with_sheets": load(arguments.studies, sheets=True),
        "without_sheets": load(arguments.studies, sheets=False),
        "at_once": fifty_at_once(),
        "memory": memory(arguments.many),
    }
    for name, value in measured.items():
        print(name, value)
    store_result("benchmark_service", {"workers": 2, "aims": AIMS, "measured": measured})


def node_work(*, sheets: bool) -> str:
    return f"[work]\nworkers = 2\nreview_sheet = {str(sheets).lower()}\n"


def load(count: int, *, sheets: bool) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder, running_archive() as archive:
        work = archive.route + node_work(sheets=sheets)
        with running_node(Path(folder), work) as node:
            warm_up(node, archive)
            studies = [new_study() for _ in range(count)]
            taken: dict[str, float] = {}
            begun = time.monotonic()
            send_all(node, studies, taken)
            received = time.monotonic() - begun
            arrived = arrivals(archive, {each.StudyInstanceUID for each in studies})
            seconds = max(arrived.values()) - begun
            latencies = [arrived[uid] - at for uid, at in taken.items()]
            sizes = {name: megabytes(node, name) for name in ("incoming", "results")}
    p50, p95, p99 = np.percentile(latencies, [50, 95, 99]).round(1).tolist()
    return {
        "studies": count,
        "studies_per_minute": round(60 * count / seconds, 1),
        "received_per_s": round(count / received, 1),
        "latency_s": {"p50": p50, "p95": p95, "p99": p99},
        "megabytes_a_study": sizes,
    }


def megabytes(node: Node, name: str) -> float:
    """Size of a folder of the node, for each of its studies."""
    folder = node.folder / name
    total = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return round(total / 1e6 / len(list(folder.iterdir())), 2)


def warm_up(node: Node, archive: Archive) -> None:
    """Both workers have loaded what they need."""
    studies = [new_study() for _ in range(4)]
    send_all(node, studies, {})
    arrivals(archive, {each.StudyInstanceUID for each in studies})


def send_all(node: Node, studies: list[pydicom.Dataset], taken: dict[str, float]) -> None:
    def work(own: list[pydicom.Dataset]) -> None:
        for each in own:
            if send(node.port, [each]) != [0]:
                raise RuntimeError("an object was not taken")
            taken[each.StudyInstanceUID] = time.monotonic()

    threads = [
        threading.Thread(target=work, args=(studies[start::SENDERS],)) for start in range(SENDERS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def arrivals(archive: Archive, wanted: set[str]) -> dict[str, float]:
    """When the third series of each study had arrived, to a tenth of a second."""
    arrived: dict[str, float] = {}

    def all_there() -> bool:
        seen: dict[str, int] = {}
        for each in list(archive.objects.values()):
            seen[each.StudyInstanceUID] = seen.get(each.StudyInstanceUID, 0) + 1
        for uid in wanted - arrived.keys():
            if seen.get(uid, 0) >= 3:
                arrived[uid] = time.monotonic()
        time.sleep(0.05)
        return len(arrived) == len(wanted)

    until(all_there, 3600)
    return arrived


def fifty_at_once() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder, running_node(Path(folder), quiet_s=600) as node:
        studies = [new_study() for _ in range(AT_ONCE)]
        statuses: list[list[int]] = []
        threads = [
            threading.Thread(target=lambda each=each: statuses.append(send(node.port, [each])))
            for each in studies
        ]
        begun = time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seconds = time.monotonic() - begun
    return {
        "associations": AT_ONCE,
        "acknowledged": statuses.count([0]),
        "seconds": round(seconds, 2),
    }


def memory(count: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder, running_archive() as archive:
        work = archive.route + node_work(sheets=False)
        with running_node(Path(folder), work) as node:
            marks = {}
            sent = 0
            for mark in (count // 10, count):
                while sent < mark:
                    studies = [new_study() for _ in range(min(100, mark - sent))]
                    send_all(node, studies, {})
                    arrivals(archive, {each.StudyInstanceUID for each in studies})
                    archive.objects.clear()
                    sent += len(studies)
                marks[mark] = resident_mb(node)
    first, last = marks.values()
    return {
        "studies": count,
        "after_a_tenth_mb": first,
        "after_all_mb": last,
        "growth": round(sum(last.values()) / sum(first.values()), 3),
    }


def resident_mb(node: Node) -> dict[str, float]:
    """Memory of the node and of its workers together."""
    if node.process is None:
        raise RuntimeError("the node does not run")
    children = subprocess.run(
        ["pgrep", "-P", str(node.process.pid)], capture_output=True, text=True, check=False
    ).stdout.split()
    return {
        "node": _resident_mb(node.process.pid),
        "workers": round(sum(_resident_mb(int(pid)) for pid in children), 1),
    }


def _resident_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS"):
            return round(int(line.split()[1]) / 1000, 1)
    return 0.0


if __name__ == "__main__":
    main()
