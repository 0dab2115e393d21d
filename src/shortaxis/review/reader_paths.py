"""Paths of the page that are about readers: who is read, and what is compared and reported."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from shortaxis.geometry.pose import RigidPose
from shortaxis.quantification.normal_files import DEFAULT_NORMALS
from shortaxis.review.bodies import DecisionBody, HeartBody, PoseBody, decision_of, plain
from shortaxis.review.earlier_exams import SeenHeart, earlier_comparison, earlier_records
from shortaxis.review.judged_maps import difference_record
from shortaxis.review.reading_twice import agreement_record, read_again
from shortaxis.review.reporting import report_record
from shortaxis.review.responses import study_record
from shortaxis.review.session import ReviewSession
from shortaxis.review.walls import asked_wall

__all__ = ["Normals", "chosen_normals", "reader_paths"]

Normals = Annotated[str, Query(max_length=40)]


class PairBody(BaseModel):
    """Poses of an exam and of its stress or rest."""

    model_config = ConfigDict(extra="forbid")

    pose: PoseBody
    partner_pose: PoseBody

    def poses(self) -> tuple[RigidPose, RigidPose]:
        """Both of them."""
        return self.pose.pose(), self.partner_pose.pose()


class ComparisonBody(BaseModel):
    """An earlier exam, and the hearts of this exam and of that one as they are shown."""

    model_config = ConfigDict(extra="forbid")

    earlier: str = Field(max_length=40)
    now: HeartBody
    before: HeartBody

    def hearts(self) -> tuple[SeenHeart, SeenHeart]:
        """Both of them."""
        return _seen(self.now), _seen(self.before)


def _seen(body: HeartBody) -> SeenHeart:
    asked = asked_wall(None, plain(body.wall_by_hand))
    return SeenHeart(body.pose(), asked.hand)


class ReportBody(BaseModel):
    """Whether the print names the patient."""

    model_config = ConfigDict(extra="forbid")

    with_identity: bool = False


def chosen_normals(name: str) -> str | None:
    """What scores are by; None for no scores."""
    return None if name == "none" else name


def reader_paths(session: ReviewSession, router: APIRouter) -> None:
    """Add the paths to a router."""

    @router.get("/identities")
    def identities() -> dict[str, dict[str, str]]:
        """Names and dates of the studies that were read: on this path, and on no other."""
        return session.identities.to_record()

    @router.get("/agreement")
    def agreement() -> dict[str, Any]:
        return agreement_record(session)

    @router.post("/studies/{study}/second-reading")
    def second_reading(study: str, body: DecisionBody) -> dict[str, Any]:
        read_again(session, study, decision_of(body))
        return study_record(session, study)

    @router.post("/studies/{study}/difference")
    def difference(
        study: str, body: PairBody, normals: Normals = DEFAULT_NORMALS
    ) -> dict[str, Any]:
        return difference_record(session, study, body.poses(), chosen_normals(normals))

    @router.get("/studies/{study}/earlier")
    def earlier(study: str) -> list[dict[str, Any]]:
        """Earlier exams of the patient by their identifiers, as far as studies were read."""
        return earlier_records(session, study)

    @router.post("/studies/{study}/comparison")
    def comparison(
        study: str, body: ComparisonBody, normals: Normals = DEFAULT_NORMALS
    ) -> dict[str, Any]:
        chosen = chosen_normals(normals)
        return earlier_comparison(session, study, body.earlier, body.hearts(), chosen)

    @router.post("/studies/{study}/report")
    def report(study: str, body: ReportBody, normals: Normals = DEFAULT_NORMALS) -> dict[str, Any]:
        chosen = chosen_normals(normals)
        return report_record(session, study, chosen, with_identity=body.with_identity)
