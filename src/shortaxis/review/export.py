"""Reviewed studies as a cohort: what a reviewer signed off becomes the truth to learn or test.

========================  ===================================================================
``cohort.json``           as of any cohort; the preset is ``reviewed``
``exams/SEED.npz``        counts, signed pose and facts, see `reviewed_exams`
``automatic/SEED.json``   ``pose.json`` of the automatic pose that the reviewer saw
``reviews.csv``           one row an exam: which study, who signed off when, how far it was moved
========================  ===================================================================

Neither names, UIDs nor paths are written, and no comment, since people write names there.
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
from shortaxis.errors import ExistingOutputError, InputNotFoundError, OptionError, PoseFileError
from shortaxis.evaluation.cohorts.exam_truth import Stratum
from shortaxis.evaluation.cohorts.reviewed_exams import (
    PURPOSES,
    REVIEWED,
    ReviewedExam,
    ReviewedRequest,
    reviewed_exam_bytes,
)
from shortaxis.files.plain_json import write_json
from shortaxis.files.staged_folder import staged_folder
from shortaxis.geometry.pose_errors import pose_errors
from shortaxis.quantification.tracing import trace_ventricle
from shortaxis.reorientation.pose_record import estimate_from_record, source_of_record
from shortaxis.review.decisions import SIGNED_OFF, ReviewAction, ReviewState
from shortaxis.review.stating import with_statements
from shortaxis.review.store import ReviewStore, StoredReview
from shortaxis.review.worklist import Entry
from shortaxis.simulation.cohort_folder import COHORT_FILE, COHORT_SCHEMA
from shortaxis.simulation.exam_files import CohortFormat, exam_path
from shortaxis.spect.study import AcquisitionFacts, Modality
from shortaxis.workflow.studies.finding import LoadedStudy

__all__ = ["ExportSummary", "export_reviews"]

AUTOMATIC_FOLDER, REVIEWS_FILE = "automatic", "reviews.csv"

ROLLED_DEG = 0.05
"""A roll that differs by more from the automatic one was set by hand."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class ExportSummary:
    """How many studies became exams, and how many are in which other state."""

    exams: int
    accepted: int
    corrected: int
    rejected: int
    open: int


@dataclass(frozen=True)
class _Signed:
    """A study that was signed off, and what is known of its review."""

    entry: Entry
    review: StoredReview
    reviewer: str
    at: str


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
    PoseFileError
        If another file than the one that was reviewed lies in its place.
    """
    if purpose not in PURPOSES:
        raise OptionError("unknown purpose", expected=" or ".join(PURPOSES), found=purpose)
    earlier = _replaceable(out, force=force)
    entries, _ = with_statements(entries, (), store.stated())
    states = Counter(store.review(each.study).state for each in entries)
    signed = _signed_off(entries, store, only_corrected=only_corrected)
    if not signed:
        raise _nothing_to_export(store.path, states)
    request = ReviewedRequest(len(signed), PURPOSES[purpose].first)
    report = progress or (lambda done, total: None)
    with staged_folder(out, earlier) as staging:
        (staging / "exams").mkdir()
        (staging / AUTOMATIC_FOLDER).mkdir()
        rows: list[dict[str, Any]] = []
        for seed, each in zip(request.seeds, signed, strict=True):
            report(len(rows), len(signed))
            rows.append(_export_one(each, seed, staging))
        report(len(rows), len(signed))
        (staging / REVIEWS_FILE).write_text(_as_csv(rows), encoding="utf-8")
        values = {"schema": COHORT_SCHEMA, **asdict(request), "software_version": __version__}
        write_json(staging / COHORT_FILE, values)
    corrected = sum(each.review.state is ReviewState.CORRECTED for each in signed)
    return ExportSummary(
        len(signed),
        len(signed) - corrected,
        corrected,
        states[ReviewState.REJECTED],
        states[ReviewState.OPEN],
    )


def _signed_off(
    entries: Sequence[Entry], store: ReviewStore, *, only_corrected: bool
) -> list[_Signed]:
    """Those to export: exams of one DICOM study beside each other, else in their order."""
    reviews = store.reviews()
    wanted = (ReviewState.CORRECTED,) if only_corrected else SIGNED_OFF
    chosen = [
        each for each in entries if each.study in reviews and reviews[each.study].state in wanted
    ]
    first: dict[str, int] = {}
    for number, each in enumerate(chosen):
        first.setdefault(_patient_key(each), number)
    chosen.sort(key=lambda each: first[_patient_key(each)])
    return [_Signed(each, reviews[each.study], *_signature(store, each.study)) for each in chosen]


def _patient_key(entry: Entry) -> str:
    return entry.found.facts.study_instance_uid or entry.study


def _signature(store: ReviewStore, study: str) -> tuple[str, str]:
    """Who signed off last, and when."""
    signing = (ReviewAction.ACCEPT, ReviewAction.CORRECT)
    signed = [each for each in store.trail(study) if each["action"] in signing]
    return signed[-1]["reviewer"], signed[-1]["at"]


def _export_one(signed: _Signed, seed: int, folder: Path) -> dict[str, Any]:
    """Write the files of one exam; its row of the table."""
    loaded, review = signed.entry.found.load(), signed.review
    volume, pose = loaded.study.volume, review.pose or {}
    _refuse_another_file(loaded, pose, signed.entry)
    estimate = estimate_from_record(pose, volume.center_mm)
    automatic = dict(review.automatic or {})
    extent = automatic.pop("extent")
    was_found = "center_mm" in automatic
    errors = None
    knows_roll = True
    if was_found:
        shown = estimate_from_record(automatic, volume.center_mm)
        errors = pose_errors(shown.pose, estimate.pose)
        knows_roll = shown.knows_roll or errors.roll_deg > ROLLED_DEG
        write_json(folder / AUTOMATIC_FOLDER / f"{seed:010d}.json", automatic)
    length_mm, radius_mm = extent["length_mm"], extent["radius_mm"]
    if review.state is ReviewState.CORRECTED:
        length_mm = trace_ventricle(volume, estimate.pose, length_mm, radius_mm).length_mm
    exam = ReviewedExam(
        seed,
        volume,
        estimate.pose,
        (length_mm, radius_mm),
        knows_roll,
        _strata(loaded.study.facts, review),
    )
    exam_path(folder, seed, CohortFormat.COMPACT).write_bytes(reviewed_exam_bytes(exam))
    return {
        "exam_seed": seed,
        "study": signed.entry.study,
        "condition": loaded.study.facts.condition.value,
        "review": review.state.value,
        "reviewer": signed.reviewer,
        "at": signed.at,
        "automatic_method": automatic.get("method", ""),
        "automatic_flag": automatic.get("quality", {}).get("flag", ""),
        "moved_deg": "" if errors is None else round(errors.long_axis_deg, 2),
        "rolled_deg": "" if errors is None else round(errors.roll_deg, 2),
        "moved_mm": "" if errors is None else round(errors.center_mm, 2),
    }


def _refuse_another_file(loaded: LoadedStudy, pose: Mapping[str, Any], entry: Entry) -> None:
    uids, named = loaded.study.facts.sop_instance_uids, source_of_record(pose)
    if named in ("", *uids):
        return
    raise PoseFileError(
        "is another study than the one that was reviewed",
        path=entry.found.paths[0],
        expected="the SOP Instance UID that the signed pose names",
        found="another one",
        cause="the file was replaced after the review; review it again",
    )


def _strata(facts: AcquisitionFacts, review: StoredReview) -> dict[str, Stratum]:
    """What the file says of the exam, under the names that simulated exams have."""
    automatic = review.automatic or {}
    strata: dict[str, Stratum] = {
        "camera": facts.camera or "unknown camera",
        "condition": facts.condition.value,
        "review": review.state.value,
        "automatic_flag": str(automatic.get("quality", {}).get("flag", "")),
    }
    if facts.modality is Modality.PET:
        strata["technique"] = "PET"
    if facts.attenuation_corrected is not None:
        strata["correction"] = "AC" if facts.attenuation_corrected else "none"
    return strata


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
    except (OSError, ValueError, TypeError, KeyError):
        return
    if not is_export:
        return
    patterns = (COHORT_FILE, REVIEWS_FILE, "exams/*.npz", f"{AUTOMATIC_FOLDER}/*.json")
    for pattern in patterns:
        yield from (path.relative_to(out).as_posix() for path in out.glob(pattern))


def _nothing_to_export(store: Path, states: Counter[ReviewState]) -> InputNotFoundError:
    counts = ", ".join(f"{states[each]} {each.value}" for each in ReviewState if states[each])
    return InputNotFoundError(
        "holds no study that was signed off",
        path=store,
        expected="studies that were accepted or corrected",
        found=counts or "none",
        cause="nothing was signed off yet, or the studies were reviewed from another path",
    )
