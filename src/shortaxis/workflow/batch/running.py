"""A batch as a whole: scan, work, gather. What is finished is not done again."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from shortaxis.dicom.reading.finding.skipped import SkippedItem, skipped_together
from shortaxis.errors import ExistingOutputError, InputNotFoundError
from shortaxis.files.plain_json import read_json_object, write_json
from shortaxis.files.whole_files import write_whole
from shortaxis.spect.reading_options import ReadingOptions
from shortaxis.workflow.batch.cluster import Cluster, connected
from shortaxis.workflow.batch.left_out import keep_left_out, left_out_records
from shortaxis.workflow.batch.options import BatchOptions
from shortaxis.workflow.batch.reporting import ReportPair, pairs_of, report_pairs
from shortaxis.workflow.batch.scanning import (
    BatchStudy,
    FoundPart,
    files_of,
    join_parts,
    pet_part,
    put_together,
    scan_files,
)
from shortaxis.workflow.batch.study_work import (
    FAILED_FOLDER,
    STAGING_FOLDER,
    STUDIES_FOLDER,
    Fate,
    WorkedOn,
    work_on,
)

__all__ = ["BatchRequest", "BatchResult", "run_batch"]

BATCH_FILE, SECRET_FILE = "batch.json", ".secret"

BATCH_SCHEMA = "shortaxis/batch/1"

FILES_AT_A_TIME, STUDIES_AT_A_TIME = 100, 10

KILLED = "the process that worked on it was killed, perhaps for want of memory"

Progress = Callable[[int, int], None]
ProgressOf = Callable[[str], AbstractContextManager[Progress]]


@dataclass(frozen=True)
class BatchRequest:
    """What is to be done, and by whom: `workers` processes, or the cluster of `scheduler`."""

    inputs: tuple[Path, ...]
    out: Path
    options: BatchOptions = field(default_factory=BatchOptions)
    scheduler: str | None = None
    workers: int = 1
    force: bool = False


@dataclass(frozen=True, eq=False)
class BatchResult:
    """Records of all studies in the order of their paths, and what was no study.

    `done` counts those that this run has made, `kept` those of earlier runs, and `changed` those
    that were made again, since they hold other counts than then. `left_out` holds a record for each
    of `skipped`.
    """

    records: tuple[dict[str, Any], ...]
    skipped: tuple[SkippedItem, ...]
    done: int
    kept: int
    left_out: tuple[dict[str, Any], ...] = ()
    changed: int = 0

    @property
    def rows(self) -> tuple[dict[str, Any], ...]:
        """Records of everything that was found: studies, then files that became none."""
        return (*self.records, *self.left_out)


def run_batch(request: BatchRequest, progress_of: ProgressOf | None = None) -> BatchResult:
    """Find and do all studies; one that fails is a record and does not stop the others.

    Raises
    ------
    InputNotFoundError
        If an input does not exist, or holds no files at all.
    ExistingOutputError
        If the folder holds other things, or a batch that was asked for otherwise, without `force`.
    OutputError
        If the cluster cannot be reached.
    """
    progress_of = progress_of or _no_progress
    out = request.out.resolve()
    files, unread = files_of([path.resolve() for path in request.inputs])
    files = [path for path in files if not path.is_relative_to(out)]
    _claim(out, request)
    secret = _secret(out) if request.options.deidentify else b""
    with connected(request.scheduler, request.workers) as cluster:
        with progress_of("Looking at files") as update:
            studies, skipped = _scan(cluster, files, request.options, update)
        if not studies and not (*unread, *skipped):
            raise InputNotFoundError(
                "hold no study that can be reoriented",
                path=request.inputs[0],
                expected="transaxial reconstructions, DICOM or NIfTI",
                found="no files",
            )
        with progress_of("Reorienting") as update:
            records, fates = _work(cluster, studies, out, request.options, secret, update)
        if "report" in request.options.extras:
            with progress_of("Reporting") as update:
                _report(cluster, studies, out, request.options, records, update)
    shutil.rmtree(out / STAGING_FOLDER, ignore_errors=True)
    ordered = tuple(records[each.key] for each in studies)
    left = (*unread, *skipped)
    left_out = left_out_records(left, request.options)
    keep_left_out(out, left_out)
    kept, changed = (fates.count(each) for each in (Fate.KEPT, Fate.CHANGED))
    return BatchResult(ordered, left, len(ordered) - kept, kept, left_out, changed)


def _scan(
    cluster: Cluster, files: Sequence[Path], options: BatchOptions, report: Progress
) -> tuple[list[BatchStudy], list[SkippedItem]]:
    scan = partial(_scanned, reading=options.reading)
    parts: list[FoundPart] = []
    pieces = _pieces(files, FILES_AT_A_TIME)
    for seen, made in enumerate(cluster.done(scan, pieces, _unread), start=1):
        parts += made
        report(min(seen * FILES_AT_A_TIME, len(files)), len(files))
    whole = join_parts(parts)
    series = [[files] for _, files in whole.pet_files]
    put = partial(_put_pet, reading=options.reading)
    for made in cluster.done(put, series, _unread_series):
        parts += made
    return put_together(parts, options.reading, options.corrected)


def _scanned(files: Sequence[Path], *, reading: ReadingOptions) -> list[FoundPart]:
    return [scan_files(files, reading)]


def _put_pet(series: Sequence[Sequence[Path]], *, reading: ReadingOptions) -> list[FoundPart]:
    return [pet_part(files, reading) for files in series]


def _unread(file: Path) -> FoundPart:
    return FoundPart(skipped=(SkippedItem(file, KILLED, is_exam=True),))


def _unread_series(files: Sequence[Path]) -> FoundPart:
    return FoundPart(skipped=tuple(skipped_together(files, KILLED, is_exam=True)))


def _work(
    cluster: Cluster,
    studies: Sequence[BatchStudy],
    out: Path,
    options: BatchOptions,
    secret: bytes,
    report: Progress,
) -> tuple[dict[str, dict[str, Any]], list[Fate]]:
    """Records by key. Workers see to what is there already: every study is read, to be compared."""
    records: dict[str, dict[str, Any]] = {}
    fates: list[Fate] = []
    pieces = _pieces(studies, STUDIES_AT_A_TIME)
    work = partial(work_on, out=out, options=options, secret=secret)
    report(0, len(studies))
    for made in cluster.done(work, pieces, partial(_lost, options=options)):
        records |= {each.record["key"]: each.record for each in made}
        fates += [each.fate for each in made]
        report(len(records), len(studies))
    return records, fates


def _report(
    cluster: Cluster,
    studies: Sequence[BatchStudy],
    out: Path,
    options: BatchOptions,
    records: dict[str, dict[str, Any]],
    report: Progress,
) -> None:
    fine = [each for each in studies if not records[each.key].get("error")]
    pairs, words_by_key = pairs_of(fine)
    n_before = len(words_by_key)
    work = partial(report_pairs, out=out, options=options)
    for made in cluster.done(work, [[pair] for pair in pairs], _lost_report):
        words_by_key |= dict(made)
        report(len(words_by_key) - n_before, len(pairs))
    for key, words in words_by_key.items():
        records[key] = {**records[key], "report": words}


def _lost_report(pair: ReportPair) -> tuple[str, str]:
    return pair.stress_key, f"no report: {KILLED}"


def _lost(study: BatchStudy, *, options: BatchOptions) -> WorkedOn:
    return WorkedOn({"key": study.key, "asked": options.digest, "error": KILLED}, Fate.MADE)


def _pieces(items: Sequence[Any], size: int) -> list[Sequence[Any]]:
    return [items[start : start + size] for start in range(0, len(items), size)]


def _claim(out: Path, request: BatchRequest) -> None:
    """Note what the folder is for, or find out that it is for the same."""
    out.mkdir(parents=True, exist_ok=True)
    path = out / BATCH_FILE
    digest = request.options.digest
    others = [each for each in out.iterdir() if not each.name.startswith(".")]
    there = (read_json_object(path) or {}).get("asked")
    if there is None and others:
        raise ExistingOutputError(
            "is not empty and holds no batch",
            path=out,
            expected="a new folder, or one of an earlier run",
            found=f"{len(others)} other files or folders",
        )
    if there not in (None, digest) and not request.force:
        raise ExistingOutputError(
            "holds a batch that was asked for otherwise",
            path=out,
            expected="the same options and version, or --force to make everything anew",
            found="other options, or another version",
        )
    write_json(path, {"schema": BATCH_SCHEMA, "asked": digest})
    for name in (STUDIES_FOLDER, FAILED_FOLDER, STAGING_FOLDER):
        (out / name).mkdir(exist_ok=True)


def _secret(out: Path) -> bytes:
    """What new UIDs are made with: the same in every run into the folder, and nowhere else."""
    path = out / SECRET_FILE
    if not path.exists():
        write_whole(path, secrets.token_hex(32), private=True)
    return bytes.fromhex(path.read_text(encoding="utf-8"))


@contextmanager
def _no_progress(title: str) -> Iterator[Progress]:
    yield lambda done, total: None
