"""Earlier exams of a patient on the worklist, and what has changed since one of them.

Which studies are of one patient is compared in memory and told by the identifiers of studies and
the days between them alone. What has changed is found, judged and worded by the code of the report.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from shortaxis.errors import OptionError
from shortaxis.geometry.pose import RigidPose
from shortaxis.quantification.normal_files import DEFAULT_NORMALS
from shortaxis.quantification.severity import segment_uptakes
from shortaxis.reorientation.estimate import LeftVentricleExtent, PoseEstimate, Quality
from shortaxis.reorientation.methods import MANUAL
from shortaxis.reorientation.pose_record import estimate_from_record
from shortaxis.review.automatic import NOT_FOUND
from shortaxis.review.decisions import SIGNED_OFF
from shortaxis.review.judged_maps import require_page_normals
from shortaxis.review.opened import OpenedStudy
from shortaxis.review.session import ReviewSession
from shortaxis.review.store import require_same_content
from shortaxis.spect.content import content_sha256
from shortaxis.ventricle.by_hand import WallByHand
from shortaxis.workflow.quantify.quantifying import QuantifyOptions
from shortaxis.workflow.reorient.reorienting import reasons_of_the_source
from shortaxis.workflow.study_report.earlier.change import ChangeOverTime
from shortaxis.workflow.study_report.earlier.comparing import (
    compared_exams,
    comparison_doubts,
    with_earlier,
)
from shortaxis.workflow.study_report.earlier.finding import load_earlier
from shortaxis.workflow.study_report.earlier.numbers import (
    BEYOND,
    NUMBER_COLUMNS,
    beyond_words,
    compared_numbers,
    number_words,
)
from shortaxis.workflow.study_report.earlier.words import (
    CHANGE_MEASURE,
    compared_words,
    uncalled_words,
)
from shortaxis.workflow.study_report.exams.finding import (
    FoundExam,
    FoundExams,
    LoadedExams,
    ReportExam,
)
from shortaxis.workflow.study_report.exams.pair_checks import MAX_APART_DAYS
from shortaxis.workflow.study_report.exams.pairing import (
    QuantifiedExam,
    QuantifiedPair,
    quantify_exams,
)
from shortaxis.workflow.study_report.exams.signed import Conclusion, SignedExam

__all__ = ["EarlierStudy", "SeenHeart", "earlier_comparison", "earlier_records", "earlier_studies"]

NO_CONCLUSION = Conclusion("", "", "")
"""Nobody concludes anything by looking."""


@dataclass(frozen=True)
class EarlierStudy:
    """A study of the worklist that is an earlier exam of the patient of another one.

    `is_alike` says that both are of stress, or both of rest: those are compared.
    """

    study: str
    condition: str
    days_before: int
    is_alike: bool


@dataclass(frozen=True, eq=False)
class SeenHeart:
    """Axes and centre of a heart as they are shown, and what was set of its wall."""

    pose: RigidPose
    hand: WallByHand


def earlier_studies(session: ReviewSession, study: str) -> list[EarlierStudy]:
    """Earlier exams of the patient, the one to compare with first.

    Only studies that were read since the server was started are known. Of the same condition the
    latest earlier exam comes first, and of its reconstructions the one that is corrected and gated
    as this one. Exams of the other condition follow; within `MAX_APART_DAYS` they are no earlier
    exam but the other half of this one.

    Raises
    ------
    InputNotFoundError
        If the study is not on the worklist.
    """
    present = session.entry(study).found
    found = []
    for other, days in session.identities.earlier_of(study).items():
        entry = session.entries.get(other)
        if entry is None:
            continue
        facts = entry.found.facts
        is_alike = facts.condition is present.facts.condition
        if is_alike or days > MAX_APART_DAYS:
            unlike = (
                facts.attenuation_corrected is not present.facts.attenuation_corrected,
                (entry.found.n_time_slots > 1) is not (present.n_time_slots > 1),
            )
            made = EarlierStudy(other, facts.condition.value, days, is_alike)
            found.append((not is_alike, days, unlike, made))
    return [made for *_, made in sorted(found, key=lambda each: each[:-1])]


def earlier_records(session: ReviewSession, study: str) -> list[dict[str, Any]]:
    """`earlier_studies` as plain values."""
    return [asdict(each) for each in earlier_studies(session, study)]


def earlier_comparison(
    session: ReviewSession,
    study: str,
    earlier: str,
    seen: tuple[SeenHeart, SeenHeart],
    normals: str | None = DEFAULT_NORMALS,
) -> dict[str, Any]:
    """What has changed since an earlier exam, as ``shortaxis report --prior`` tells it.

    Parameters
    ----------
    session : ReviewSession
        With both exams.
    study, earlier : str
        Identifiers of this exam and of the earlier one.
    seen : (SeenHeart, SeenHeart)
        Of this exam and of the earlier one.
    normals : str or None
        As of `shortaxis.workflow.quantify.quantifying.QuantifyOptions`.

    Raises
    ------
    OptionError
        If it is no earlier exam of the patient that can be compared, for what the report
        refuses, or for normal limits that the page does not offer.
    HeartNotFoundError
        If there are no counts around one of the poses.
    PoseFileError
        If one of them lies outside its volume.
    """
    require_page_normals(normals)
    known = [each.study for each in earlier_studies(session, study) if each.is_alike]
    if earlier not in known:
        raise OptionError(
            "is no earlier exam that this one is compared with",
            expected="an earlier exam of the same patient, stress for stress and rest for rest",
            found="another study",
        )
    return _told(_compared_pair(session, (study, earlier), seen, QuantifyOptions(normals=normals)))


def _compared_pair(
    session: ReviewSession,
    studies: tuple[str, str],
    seen: tuple[SeenHeart, SeenHeart],
    options: QuantifyOptions,
) -> QuantifiedPair:
    """The exam with the earlier one, each as it is shown."""
    now, before = (session.opened(each) for each in studies)
    exam = ReportExam(now.found.facts.condition, now.loaded.study, now.loaded.header)
    found = FoundExams((FoundExam(before.found.facts.condition, before.found),))
    loaded = load_earlier(found, (exam,))
    # The report reads it by itself: other counts by now are no heart that is shown.
    content = content_sha256(loaded.exams.exams[0].study)
    require_same_content(session.store.review(studies[1]), content)
    signed = [
        _signed(session, study, opened, heart)
        for study, opened, heart in zip(studies, (now, before), seen, strict=True)
    ]
    pair = quantify_exams(LoadedExams((exam,)), options, signed=signed[:1])
    return with_earlier(pair, loaded, options, signed[1:])


def _told(pair: QuantifiedPair) -> dict[str, Any]:
    """Plain values: words, numbers and maps of the report."""
    (compared,) = compared_exams(pair)
    shown = {"earlier": compared.earlier, "now": compared.now}
    return {
        "words": compared_words(pair),
        "not_called": list(uncalled_words(pair)),
        "doubts": list(comparison_doubts(pair)),
        "notes": [] if pair.earlier is None else list(pair.earlier.notes),
        "head": list(NUMBER_COLUMNS),
        "rows": [[*number_words(row), beyond_words(row)] for row in compared_numbers(pair)],
        "measures": [CHANGE_MEASURE, BEYOND],
        "maps": {name: _map(each) for name, each in shown.items()},
        "change": None if compared.change is None else _change(compared.change, compared.now),
    }


def _signed(session: ReviewSession, study: str, opened: OpenedStudy, seen: SeenHeart) -> SignedExam:
    """A heart as it is shown, in the form in which the report takes what was signed."""
    automatic = session.automatic_of(study, opened)
    extent = LeftVentricleExtent(**automatic["extent"])
    estimate = replace(_estimate(automatic, opened), pose=seen.pose, extent=extent)
    if session.store.review(study).state in SIGNED_OFF:
        # Who signs has looked at what the estimate was doubted for.
        estimate = replace(estimate, quality=Quality())
    return SignedExam(estimate, seen.hand, NO_CONCLUSION)


def _estimate(automatic: Mapping[str, Any], opened: OpenedStudy) -> PoseEstimate:
    study = opened.loaded.study
    if "center_mm" not in automatic:
        by_hand = RigidPose(np.eye(3), study.volume.center_mm)
        return PoseEstimate(by_hand, MANUAL.name, quality=Quality((NOT_FOUND,)))
    record = {name: value for name, value in automatic.items() if name != "extent"}
    uid = next(iter(study.facts.sop_instance_uids), "")
    made = estimate_from_record(record, study.volume.center_mm, uid)
    # The quantification tells what it doubts of the source by itself.
    of_the_source = reasons_of_the_source(study)
    kept = [each for each in made.quality.reasons if each not in of_the_source]
    return replace(made, quality=Quality(tuple(kept)))


def _map(exam: QuantifiedExam) -> dict[str, Any]:
    polar, severity = exam.quantified.traced.polar_map, exam.quantified.severity
    return {
        "uptake_percent": np.round(polar.uptake_percent, 1).tolist(),
        "angles_deg": polar.angles_deg.tolist(),
        "segment_uptakes": {str(k): round(v, 1) for k, v in segment_uptakes(polar).items()},
        "segment_scores": None
        if severity is None
        else {str(number): score for number, score in severity.segment_scores.items()},
    }


def _change(change: ChangeOverTime, now: QuantifiedExam) -> dict[str, Any]:
    """The map of the change; the score of a segment is above 0 where it is worse."""
    means = change.segment_changes.items()
    return {
        "values": np.round(100 * change.change_part, 1).tolist(),
        "angles_deg": now.quantified.traced.polar_map.angles_deg.tolist(),
        "segments_percent": {str(number): round(100 * mean, 1) for number, mean in means},
        "segment_scores": {str(number): score for number, score in change.segment_scores.items()},
    }
