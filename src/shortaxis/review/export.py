"""Reviewed studies as a cohort: what a reviewer signed off becomes the truth to learn or test.

========================  ===================================================================
``cohort.json``           as of any cohort; the preset is ``reviewed``
``exams/SEED.npz``        counts, signed pose and facts, see `reviewed_exams`
``automatic/SEED.json``   ``pose.json`` of the automatic pose that the reviewer saw
``reviews.csv``           one row an exam: which study, who signed off when, how far it was moved
``history.csv``           one row a signature on counts that lie there no more, if there are any
========================  ===================================================================

A signature holds for the counts that it was made on, and for no others under their name: those are
exported as they are read. Neither names, UIDs nor paths are written, and no comment, since people
write names there.
"""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from shortaxis._version import __version__
from shortaxis.errors import ExistingOutputError, InputNotFoundError, OptionError
from shortaxis.evaluation.cohorts.reviewed_exams import (
    PURPOSES,
    REVIEWED,
    ReviewedRequest,
)
from shortaxis.files.plain_json import OF_ANOTHER_SHAPE, write_json
from shortaxis.files.staged_folder import staged_folder
from shortaxis.review.decisions import SIGNED_OFF, ReviewAction, ReviewState
from shortaxis.review.exported_exam import AUTOMATIC_FOLDER, StudyAsRead, export_exam, study_as_read
from shortaxis.review.review_rows import StoredReview
from shortaxis.review.stating import with_statements
from shortaxis.review.store import ReviewStore
from shortaxis.review.worklist import Entry
from shortaxis.simulation.cohort_folder import COHORT_FILE, COHORT_SCHEMA

__all__ = ["ExportSummary", "export_reviews"]

REVIEWS_FILE, HISTORY_FILE = "reviews.csv", "history.csv"

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class ExportSummary:
    """How many studies became exams, and how many are in which other state.

    `changed` were signed off, and not as they are now.
    """

    exams: int
    accepted: int
    corrected: int
    rejected: int
    open: int
    changed: int = 0


def export_reviews(  # noqa: PLR0913 - two of them say what, the others how
    entries: Sequence[Entry],
    store: ReviewStore,
    out: Path,
    purpose: str = "evaluation",
    *,
    only_corrected: bool = False,
    force: bool = False,
    progress: Progress | None = None,
) -> ExportSummary:
    """Write accepted and corrected studies as a cohort, all of it or nothing.

    Stress and rest of one patient get neighbouring numbers, so that a split keeps them together.

    Parameters
    ----------
    entries : sequence of Entry
        The studies.
    store : ReviewStore
        What was decided about them.
    out : Path
        Gets the cohort.
    purpose : str
        A key of `PURPOSES`: decides which numbers the exams get.
    only_corrected : bool
        Leave out what was accepted as it was.
    force : bool
        Replace an earlier export.
    progress : callable, optional
        Called with how many exams are written, of how many.

    Raises
    ------
    OptionError
        If there is no such purpose.
    InputNotFoundError
        If nothing was signed off.
    ExistingOutputError
        If the folder holds anything else than an export that may be replaced.
    """
    if purpose not in PURPOSES:
        raise OptionError("unknown purpose", expected=" or ".join(PURPOSES), found=purpose)
    earlier = _replaceable(out, force=force)
    entries, _ = with_statements(entries, (), store.stated())
    chosen = _signed_once(entries, store)
    # Checked before the work that may be in vain.
    seeds = ReviewedRequest(max(len(chosen), 1), PURPOSES[purpose].first).seeds
    report = progress or (lambda done, total: None)
    wanted = (ReviewState.CORRECTED,) if only_corrected else SIGNED_OFF
    states = _states_of_others(entries, chosen, store)
    with staged_folder(out, earlier) as staging:
        (staging / "exams").mkdir()
        (staging / AUTOMATIC_FOLDER).mkdir()
        rows: list[dict[str, Any]] = []
        history: list[dict[str, Any]] = []
        for done, entry in enumerate(chosen):
            report(done, len(chosen))
            read = study_as_read(entry, store)
            history += _earlier_signatures(read, store)
            states[_state_words(read.review, was_signed=True)] += 1
            if read.review.state in wanted:
                signature = _signatures(read, store, on_present=True)[-1]
                rows.append(export_exam(read, signature, seeds[len(rows)], staging))
        report(len(chosen), len(chosen))
        if not rows:
            raise _nothing_to_export(store.path, states)
        request = ReviewedRequest(len(rows), PURPOSES[purpose].first)
        _write_tables(staging, request, rows, history)
    corrected = states[ReviewState.CORRECTED.value]
    return ExportSummary(
        len(rows),
        len(rows) - corrected,
        corrected,
        states[ReviewState.REJECTED.value],
        states[ReviewState.OPEN.value],
        states[ON_OTHER_COUNTS],
    )


ON_OTHER_COUNTS = "signed off on other counts"


def _write_tables(
    folder: Path,
    request: ReviewedRequest,
    rows: Sequence[Mapping[str, Any]],
    history: Sequence[Mapping[str, Any]],
) -> None:
    (folder / REVIEWS_FILE).write_text(_as_csv(rows), encoding="utf-8")
    if history:
        (folder / HISTORY_FILE).write_text(_as_csv(history), encoding="utf-8")
    values = {"schema": COHORT_SCHEMA, **asdict(request), "software_version": __version__}
    write_json(folder / COHORT_FILE, values)


def _signed_once(entries: Sequence[Entry], store: ReviewStore) -> list[Entry]:
    """What was ever signed off: exams of one DICOM study beside each other, else in their order."""
    known = (*store.reviews().values(), *store.earlier())
    signed = {review.study for review in known if review.state in SIGNED_OFF}
    chosen = [each for each in entries if each.study in signed]
    first: dict[str, int] = {}
    for number, each in enumerate(chosen):
        first.setdefault(_patient_key(each), number)
    return sorted(chosen, key=lambda each: first[_patient_key(each)])


def _states_of_others(
    entries: Sequence[Entry], chosen: Sequence[Entry], store: ReviewStore
) -> Counter[str]:
    left = {each.study for each in entries} - {each.study for each in chosen}
    return Counter(_state_words(store.review(study)) for study in left)


def _state_words(review: StoredReview, *, was_signed: bool = False) -> str:
    if was_signed and review.state is ReviewState.OPEN:
        return ON_OTHER_COUNTS
    return review.state.value


def _signatures(read: StudyAsRead, store: ReviewStore, *, on_present: bool) -> list[dict[str, Any]]:
    """Who signed what is there now, or what was there before, the last one last."""
    signing = (ReviewAction.ACCEPT, ReviewAction.CORRECT)
    return [
        each
        for each in store.trail(read.entry.study)
        if each["action"] in signing and (each["content"] == read.review.content) is on_present
    ]


def _earlier_signatures(read: StudyAsRead, store: ReviewStore) -> list[dict[str, Any]]:
    """Rows of the history: signatures that hold no more."""
    return [
        {
            "study": read.entry.study,
            "action": each["action"],
            "reviewer": each["reviewer"],
            "at": each["at"],
            "counts": "other" if each["content"] else "not known",
        }
        for each in _signatures(read, store, on_present=False)
    ]


def _patient_key(entry: Entry) -> str:
    return entry.found.facts.study_instance_uid or entry.study


def _as_csv(rows: Sequence[Mapping[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _replaceable(out: Path, *, force: bool) -> frozenset[str]:
    """Files of an earlier export, which this one replaces.

    Raises
    ------
    ExistingOutputError
        If the folder holds anything else, or `force` is missing.
    """
    if not out.is_dir() or not any(out.iterdir()):
        return frozenset()
    earlier = frozenset(_files_of_export(out))
    if force and earlier:
        return earlier
    raise ExistingOutputError(
        "is not empty",
        path=out,
        expected="a new folder, or an earlier export with --force",
        found="an earlier export" if earlier else "other files",
    )


def _files_of_export(out: Path) -> Iterator[str]:
    try:
        values = json.loads((out / COHORT_FILE).read_text(encoding="utf-8"))
        is_export = values["preset"] == REVIEWED
    except (OSError, *OF_ANOTHER_SHAPE):
        return
    if not is_export:
        return
    patterns = (
        COHORT_FILE,
        REVIEWS_FILE,
        HISTORY_FILE,
        "exams/*.npz",
        f"{AUTOMATIC_FOLDER}/*.json",
    )
    for pattern in patterns:
        yield from (path.relative_to(out).as_posix() for path in out.glob(pattern))


def _nothing_to_export(store: Path, states: Counter[str]) -> InputNotFoundError:
    known = (*(each.value for each in ReviewState), ON_OTHER_COUNTS)
    counts = ", ".join(f"{states[each]} {each}" for each in known if states[each])
    return InputNotFoundError(
        "holds no study that was signed off",
        path=store,
        expected="studies that were accepted or corrected, on the counts that they hold now",
        found=counts or "none",
        cause="nothing was signed off yet, or the studies were reviewed from another path, by an "
        "earlier version, or before their files were replaced",
        way_on="open them in shortaxis review and sign them off; what was decided before is shown",
    )
