"""A batch as a whole: scan, work, gather. What is finished is not done again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from shortaxis.dicom.reading.finding.skipped import SkippedItem, skipped_together
from shortaxis.errors import InputNotFoundError
from shortaxis.spect.reading_options import ReadingOptions
from shortaxis.workflow.batch.batch_folder import claim, is_result, remove_staging, secret_of, sweep
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
from shortaxis.workflow.batch.study_record import Fate, lost
from shortaxis.workflow.batch.study_work import work_on
from shortaxis.workflow.batch.workforce import Workforce, workforce

__all__ = ["BatchRequest", "BatchResult", "run_batch"]

FILES_AT_A_TIME = 100
"""A file takes about as long to look at as to be handed out; a study takes much longer."""

Progress = Callable[[int, int], None]
ProgressOf = Callable[[str], AbstractContextManager[Progress]]


@dataclass(frozen=True)
class BatchRequest:
    """What is to be done, and by whom: `workers` processes, or the cluster of `scheduler`.

    Processes of this machine may take so much time for a study, and so much memory; None for no
    limit.
    """

    inputs: tuple[Path, ...]
    out: Path
    options: BatchOptions = field(default_factory=BatchOptions)
    scheduler: str | None = None
    workers: int = 1
    force: bool = False
    time_limit_s: float | None = None
    memory_limit_mb: float | None = None


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


def run_batch(
    request: BatchRequest,
    progress_of: ProgressOf | None = None,
    crew: Workforce | None = None,
) -> BatchResult:
    """Find and do all studies; one that fails is a record and does not stop the others.

    Parameters
    ----------
    request : BatchRequest
        What is to be done.
    progress_of : callable, optional
        Shows how far it is.
    crew : Workforce, optional
        Who does it, instead of those that are asked for; left as they are.

    Raises
    ------
    InputNotFoundError
        If an input does not exist, or holds no files at all.
    ExistingOutputError
        If the folder holds other things, or a batch that was asked for otherwise, without `force`.
    OutputError
        If the cluster cannot be reached.
    WorkerError
        If processes of this machine do not start.
    """
    progress_of = progress_of or _no_progress
    out = request.out.resolve()
    files, unread = files_of([path.resolve() for path in request.inputs])
    files = [path for path in files if not is_result(path, out)]
    claim(out, request.options.digest, force=request.force)
    secret = secret_of(out) if request.options.deidentify else b""
    with _workers(request, crew) as workers:
        with progress_of("Looking at files") as update:
            studies, skipped = _scan(workers, files, request.options, update)
        left = (*unread, *skipped)
        if not studies and not left:
            raise _nothing_found(request.inputs[0])
        with progress_of("Reorienting") as update:
            records, fates = _work(workers, studies, out, request.options, secret, update)
        if "report" in request.options.extras:
            with progress_of("Reporting") as update:
                _report(workers, studies, out, request.options, records, update)
    remove_staging(out)
    ordered = tuple(records[each.key] for each in studies)
    left_out = left_out_records(left, request.options)
    keep_left_out(out, left_out)
    kept, changed = (fates.count(each) for each in (Fate.KEPT, Fate.CHANGED))
    return BatchResult(ordered, left, len(ordered) - kept, kept, left_out, changed)


@contextmanager
def _workers(request: BatchRequest, crew: Workforce | None) -> Iterator[Workforce]:
    """Who does it; when no process of this machine is left, what it was writing is removed."""
    if crew is not None:
        yield crew
        return
    limits = (request.time_limit_s, request.memory_limit_mb)
    with ExitStack() as at_the_end:
        if request.scheduler is None:
            # Workers of a cluster may go on for a while after an interrupt.
            at_the_end.callback(sweep, request.out.resolve())
        yield at_the_end.enter_context(workforce(request.scheduler, request.workers, *limits))


def _nothing_found(path: Path) -> InputNotFoundError:
    return InputNotFoundError(
        "holds no study that can be reoriented",
        path=path,
        expected="transaxial reconstructions, DICOM or NIfTI",
        found="no files",
        cause="an empty folder, or the results of this batch alone",
        way_on="name the folder of the studies",
    )


def _scan(
    crew: Workforce, files: Sequence[Path], options: BatchOptions, report: Progress
) -> tuple[list[BatchStudy], list[SkippedItem]]:
    scan = partial(_scanned, reading=options.reading)
    parts: list[FoundPart] = []
    pieces = _pieces(files, FILES_AT_A_TIME)
    for seen, made in enumerate(crew.done(scan, pieces, _unread), start=1):
        parts += made
        report(min(seen * FILES_AT_A_TIME, len(files)), len(files))
    whole = join_parts(parts)
    series = [[files] for _, files in whole.pet_files]
    put = partial(_put_pet, reading=options.reading)
    for made in crew.done(put, series, _unread_series):
        parts += made
    return put_together(parts, options.reading, options.corrected)


def _scanned(files: Sequence[Path], *, reading: ReadingOptions) -> list[FoundPart]:
    return [scan_files(files, reading)]


def _put_pet(series: Sequence[Sequence[Path]], *, reading: ReadingOptions) -> list[FoundPart]:
    return [pet_part(files, reading) for files in series]


def _unread(file: Path, reason: str) -> FoundPart:
    return FoundPart(skipped=(SkippedItem(file, reason, is_exam=True),))


def _unread_series(files: Sequence[Path], reason: str) -> FoundPart:
    return FoundPart(skipped=tuple(skipped_together(files, reason, is_exam=True)))


def _work(
    crew: Workforce,
    studies: Sequence[BatchStudy],
    out: Path,
    options: BatchOptions,
    secret: bytes,
    report: Progress,
) -> tuple[dict[str, dict[str, Any]], list[Fate]]:
    """Records by key. Workers see to what is there already: every study is read, to be compared."""
    records: dict[str, dict[str, Any]] = {}
    fates: list[Fate] = []
    pieces = [[each] for each in studies]
    work = partial(work_on, out=out, options=options, secret=secret)
    report(0, len(studies))
    for made in crew.done(work, pieces, partial(lost, out=out, options=options)):
        records |= {each.record["key"]: each.record for each in made}
        fates += [each.fate for each in made]
        report(len(records), len(studies))
    return records, fates


def _report(
    crew: Workforce,
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
    for made in crew.done(work, [[pair] for pair in pairs], _lost_report):
        words_by_key |= dict(made)
        report(len(words_by_key) - n_before, len(pairs))
    for key, words in words_by_key.items():
        records[key] = {**records[key], "report": words}


def _lost_report(pair: ReportPair, reason: str) -> tuple[str, str]:
    return pair.stress_key, f"no report: {reason}"


def _pieces(items: Sequence[Any], size: int) -> list[Sequence[Any]]:
    return [items[start : start + size] for start in range(0, len(items), size)]


@contextmanager
def _no_progress(title: str) -> Iterator[Progress]:
    yield lambda done, total: None
