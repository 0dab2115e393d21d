"""Polar maps on the page: of one exam, and what stress has lost against rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from shortaxis.dicom.carried.same_patient import days_between
from shortaxis.errors import OptionError
from shortaxis.geometry.pose import RigidPose
from shortaxis.quantification.normal_files import DEFAULT_NORMALS, FIXED_BANDS
from shortaxis.quantification.normal_limits import NormalLimits
from shortaxis.quantification.polar_map import PolarMap
from shortaxis.quantification.reversibility import Reversibility, reversibility_of
from shortaxis.quantification.scored_map import ScoredMap
from shortaxis.quantification.severity import Severity, segment_uptakes
from shortaxis.quantification.transient_dilation import MID_WALL, TransientDilation
from shortaxis.quantification.wall_methods import FoundWall
from shortaxis.review.session import ReviewSession
from shortaxis.review.walls import TRACED, AskedWall, wall_answer
from shortaxis.spect.study import StudyCondition
from shortaxis.workflow.quantify.limits_choice import limits_for
from shortaxis.workflow.quantify.quantifying import notes_of_the_base, severity_by
from shortaxis.workflow.quantify.wording import scored_by
from shortaxis.workflow.study_report.exams.pairing import StudyDifference
from shortaxis.workflow.study_report.pages.difference_rows import difference_rows

__all__ = ["difference_record", "polar_record", "require_page_normals"]

NORMALS_CHOICES = (DEFAULT_NORMALS, FIXED_BANDS)


@dataclass(frozen=True, eq=False)
class JudgedMap:
    """A wall that was found around a pose, and its scores if anything fits."""

    wall: FoundWall
    limits: NormalLimits | None
    notes: list[str]
    base_is_sure: bool
    severity: Severity | None

    @property
    def polar_map(self) -> PolarMap:
        """The wall laid flat."""
        return self.wall.traced.polar_map


def require_page_normals(normals: str | None) -> None:
    """Raise `OptionError` unless they are among `NORMALS_CHOICES`, or None: no file is opened."""
    if normals is not None and normals not in NORMALS_CHOICES:
        known = ", ".join(NORMALS_CHOICES)
        raise OptionError("unknown normal limits", expected=known, found=normals)


def judged_map(
    session: ReviewSession, study: str, pose: RigidPose, asked: AskedWall, normals: str | None
) -> JudgedMap:
    """Find the wall of a study around a pose, and score it as ``quantify`` does.

    Raises
    ------
    OptionError
        For other normal limits than `NORMALS_CHOICES`, or None: the page opens no files.
    """
    require_page_normals(normals)
    opened = session.opened(study)
    loaded = opened.loaded.study
    wall = asked.found(loaded.volume, pose, session.automatic_of(study, opened))
    limits, notes = limits_for(loaded.facts, normals, wall=asked.method, read=loaded.notes)
    severity = severity_by(wall.traced.polar_map, limits, by_bands=normals == FIXED_BANDS)
    base = notes_of_the_base(wall.traced, asked.hand)
    return JudgedMap(wall, limits, [*notes, *base], not base, severity)


def polar_record(
    session: ReviewSession,
    study: str,
    pose: RigidPose,
    asked: AskedWall = TRACED,
    normals: str | None = DEFAULT_NORMALS,
) -> dict[str, Any]:
    """Polar map and scores of the wall that is found around a pose, as ``quantify`` gives them.

    Parameters
    ----------
    session : ReviewSession
        With the study.
    study : str
        Its identifier.
    pose : RigidPose
        Axes and centre of the left ventricle.
    asked : AskedWall
        What finds the wall, and what the reviewer set of it.
    normals : str or None
        One of `NORMALS_CHOICES`, or None: no scores.

    Raises
    ------
    OptionError
        For any other.
    """
    judged = judged_map(session, study, pose, asked, normals)
    polar, traced = judged.polar_map, judged.wall.traced
    return {
        "uptake_percent": np.round(polar.uptake_percent, 1).tolist(),
        "angles_deg": polar.angles_deg.tolist(),
        "segment_uptakes": {str(k): round(v, 1) for k, v in segment_uptakes(polar).items()},
        **_scores(judged.severity),
        "scored_by": scored_by(judged.limits, by_bands=normals == FIXED_BANDS),
        "notes": judged.notes,
        "base_is_sure": judged.base_is_sure,
        "length_mm": traced.length_mm,
        "volume_ml": traced.volume_ml,
        "wall": wall_answer(judged.wall),
    }


def _scores(severity: Severity | None) -> dict[str, Any]:
    """Scores of a map; null where nothing is scored."""
    if severity is None:
        return dict.fromkeys(SCORES)
    return {
        **_scored(severity),
        "total_perfusion_deficit": severity.deficit_by_limits,
        "scar_burden": severity.scar_burden,
    }


def _scored(scored: ScoredMap) -> dict[str, Any]:
    return {
        "scores": np.round(scored.scores, 2).tolist(),
        "segment_scores": {str(k): v for k, v in scored.segment_scores.items()},
        "summed_score": scored.summed_score,
    }


SCORES = ("scores", "segment_scores", "summed_score", "total_perfusion_deficit", "scar_burden")


def difference_record(
    session: ReviewSession,
    study: str,
    poses: tuple[RigidPose, RigidPose],
    normals: str | None = DEFAULT_NORMALS,
) -> dict[str, Any]:
    """What stress has lost against rest, with the numbers and words of the report.

    Parameters
    ----------
    session : ReviewSession
        With both exams.
    study : str
        Identifier of one of them.
    poses : (RigidPose, RigidPose)
        Of this one and of the other one.
    normals : str or None
        As of `polar_record`.

    Raises
    ------
    OptionError
        If the study has no other exam.
    """
    entry = session.entry(study)
    if not entry.partner:
        raise OptionError(
            "there is nothing to compare with",
            expected="stress and rest of one DICOM study",
            found="one exam alone",
        )
    names, placed = (study, entry.partner), poses
    if entry.found.facts.condition is StudyCondition.REST:
        names, placed = names[::-1], placed[::-1]
    stress, rest = (
        judged_map(session, name, pose, TRACED, normals)
        for name, pose in zip(names, placed, strict=True)
    )
    headers = [session.opened(name).loaded.header for name in names]
    difference = _difference(stress, rest, days_between(*headers))
    change = difference.reversibility
    return {
        "uptake_percent": np.round(difference.uptake_percent, 1).tolist(),
        "angles_deg": stress.polar_map.angles_deg.tolist(),
        "segment_scores": None
        if difference.scored is None
        else {str(number): score for number, score in difference.scored.items()},
        "scores": None if change is None else np.round(change.scores, 2).tolist(),
        "rows": [list(row) for row in difference_rows(difference)],
    }


def _difference(stress: JudgedMap, rest: JudgedMap, days: int | None) -> StudyDifference:
    change = _change(stress.severity, rest.severity)
    volumes = [each.wall.traced.volume_ml for each in (stress, rest)]
    return StudyDifference(
        stress.polar_map.uptake_percent - rest.polar_map.uptake_percent,
        None if change is None else change.segment_scores,
        change,
        TransientDilation(volumes[0], volumes[1], MID_WALL, days),
    )


def _change(stress: Severity | None, rest: Severity | None) -> Reversibility | None:
    under = None if stress is None else stress.comparison
    at = None if rest is None else rest.comparison
    return None if under is None or at is None else reversibility_of(under, at)
