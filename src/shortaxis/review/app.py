"""The review server's web interface: the page, counts and decisions, for one user."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from fastapi import APIRouter, FastAPI, Query, Response
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict, Field

from shortaxis.errors import InputNotFoundError
from shortaxis.function.phase import DEFAULT_PHASE
from shortaxis.geometry.arrays import CountsArray
from shortaxis.geometry.pose import RigidPose
from shortaxis.quantification.normal_files import DEFAULT_NORMALS
from shortaxis.review.access import guard, register_error_handlers
from shortaxis.review.choices import TypedSizes
from shortaxis.review.decisions import Decision, ReviewAction
from shortaxis.review.function_answer import function_answer
from shortaxis.review.raw_views import projections_record
from shortaxis.review.responses import (
    counts_of,
    geometry_record,
    polar_record,
    stored_counts,
    study_record,
    worklist_rows,
)
from shortaxis.review.sent_counts import as_floats, as_steps
from shortaxis.review.session import ReviewSession
from shortaxis.review.walls import asked_wall
from shortaxis.spect.stated_geometry import StoredAxis, stated_from_record
from shortaxis.workflow.beat_view.script import BEAT_SCRIPT
from shortaxis.workflow.drawing.surface_script import SURFACE_SCRIPT

__all__ = ["PAGE_FOLDER", "create_app"]

PAGE_FOLDER = Path(__file__).with_name("page")

SHARED_SCRIPTS = (SURFACE_SCRIPT, BEAT_SCRIPT)
"""Of the report and of the page."""

REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"description": "what was asked cannot be done; the answer says why"},
    403: {"description": "asked by a page of another origin"},
    404: {"description": "no such study, time slot or path, or another token"},
    409: {"description": "the review or the file was changed since it was opened"},
    411: {"description": "a body that does not say its length"},
    413: {"description": "too large a body"},
    503: {"description": "the reviews could not be written, as with a full disk"},
    421: {"description": "asked by another name than this server's"},
}
"""Of every path, besides 422 for values of the wrong kind."""

Number = Annotated[float, Field(allow_inf_nan=False, ge=-1e5, le=1e5)]
Row = Annotated[list[Number], Field(min_length=3, max_length=3)]
Size = Annotated[float | None, Query(allow_inf_nan=False, ge=0.5, le=25)]
Gate = Annotated[int | None, Query(ge=0, le=1000)]
Normals = Annotated[str, Query(max_length=40)]
Phase = Annotated[str, Query(max_length=40)]
Form = Literal["floats", "steps"]
Content = Annotated[str | None, Query(pattern="^[0-9a-f]{64}$")]


class PoseBody(BaseModel):
    """Pose as in ``pose.json``: LPS mm, columns are the cardiac axes."""

    model_config = ConfigDict(extra="forbid")

    center_mm: Row
    patient_from_cardiac: Annotated[list[Row], Field(min_length=3, max_length=3)]


Place = Annotated[list[Number], Field(min_length=3, max_length=3)]


class PlaneBody(BaseModel):
    """A valve plane, LPS mm."""

    model_config = ConfigDict(extra="forbid")

    center_mm: Place
    normal: Place


class PushedBody(BaseModel):
    """A point that a surface of the wall passes, LPS mm."""

    model_config = ConfigDict(extra="forbid")

    surface: Literal["endocardium", "middle", "epicardium"]
    point_mm: Place


class NeighbourBody(BaseModel):
    """A ball around a hot organ, LPS mm."""

    model_config = ConfigDict(extra="forbid")

    center_mm: Place
    radius_mm: Annotated[float, Field(allow_inf_nan=False, ge=2, le=150)]


class WallByHandBody(BaseModel):
    """What a reviewer set of the wall; what is left out was not set."""

    model_config = ConfigDict(extra="forbid")

    valve_plane: PlaneBody | None = None
    apex_mm: Place | None = None
    pushed: Annotated[list[PushedBody], Field(max_length=200)] = []
    neighbours: Annotated[list[NeighbourBody], Field(max_length=200)] = []


class PolarBody(PoseBody):
    """A pose whose polar map is asked for, and what finds the wall."""

    wall: Literal["tracing", "network"] | None = None
    wall_by_hand: WallByHandBody | None = None


class DecisionBody(BaseModel):
    """What a reviewer decided."""

    model_config = ConfigDict(extra="forbid")

    action: ReviewAction
    version: int = Field(ge=0, le=2**31)
    reviewer: str = Field(min_length=1, max_length=100)
    comment: str = Field(default="", max_length=4000)
    pose: PoseBody | None = None
    wall_by_hand: WallByHandBody | None = None


class StatedBody(BaseModel):
    """What a reviewer states of the geometry; what is left out stays as the file says."""

    model_config = ConfigDict(extra="forbid")

    orientation: Annotated[str | None, Field(pattern="^[LRPASIHF]{3}$")] = None
    slice_spacing_mm: Number | None = None
    pixel_spacing_mm: Annotated[list[Number], Field(min_length=2, max_length=2)] | None = None
    flips: Annotated[list[StoredAxis], Field(max_length=3)] = []


class OrientationBody(BaseModel):
    """A statement of geometry, and who makes it."""

    model_config = ConfigDict(extra="forbid")

    version: int = Field(ge=0, le=2**31)
    reviewer: str = Field(min_length=1, max_length=100)
    comment: str = Field(default="", max_length=4000)
    stated: StatedBody


class CountsResponse(Response):
    """Counts as they lie in memory, or as steps (`sent_counts`)."""

    media_type = "application/octet-stream"

    @classmethod
    def of(cls, counts: CountsArray, form: Form) -> CountsResponse:
        """Counts in a form that was asked for."""
        sent = as_steps(counts) if form == "steps" else as_floats(counts)
        return cls(sent.body, headers=sent.headers)


def create_app(session: ReviewSession, root: Path, token: str, hosts: frozenset[str]) -> FastAPI:
    """The application.

    Parameters
    ----------
    session : ReviewSession
        Studies and decisions.
    root : Path
        Folder that files are named from on the worklist.
    token : str
        First part of every path.
    hosts : frozenset of str
        What the ``Host`` header may be, such as ``127.0.0.1:8042``.
    """
    app = FastAPI(title="ShortAxis review", docs_url=None, redoc_url=None, openapi_url=None)
    guard(app, token, hosts)
    register_error_handlers(app)
    app.include_router(_pages(), prefix=f"/{token}")
    app.include_router(_studies(session, root), prefix=f"/{token}/api", responses=REFUSALS)
    return app


def _pages() -> APIRouter:
    router = APIRouter()

    @router.get("/", include_in_schema=False)
    def index() -> Response:
        return FileResponse(PAGE_FOLDER / "index.html")

    @router.get("/page/{name}", include_in_schema=False)
    def part(name: str) -> Response:
        shared = {each.name: each for each in SHARED_SCRIPTS}
        if name not in {*shared, *(path.name for path in PAGE_FOLDER.iterdir())}:
            raise InputNotFoundError("there is no such part of the page")
        return FileResponse(shared.get(name, PAGE_FOLDER / name))

    return router


def _studies(session: ReviewSession, root: Path) -> APIRouter:
    router = APIRouter()

    @router.get("/worklist")
    def rows() -> list[dict[str, Any]]:
        return worklist_rows(session, root)

    @router.get("/studies/{study}")
    def facts(study: str) -> dict[str, Any]:
        return study_record(session, study)

    @router.get("/studies/{study}/counts", response_class=CountsResponse)
    def counts(
        study: str, gate: Gate = None, content: Content = None, form: Form = "floats"
    ) -> Response:
        values = counts_of(session, study, gate, content)
        if values is None:
            raise InputNotFoundError("there is no such time slot")
        return CountsResponse.of(values, form)

    @router.get("/studies/{study}/projections")
    def projections(study: str) -> dict[str, Any]:
        return projections_record(session.opened(study))

    @router.post("/studies/{study}/polar-map")
    def polar_map(
        study: str, body: PolarBody, normals: Normals = DEFAULT_NORMALS
    ) -> dict[str, Any]:
        rotation, center_mm = np.array(body.patient_from_cardiac), np.array(body.center_mm)
        asked = asked_wall(body.wall, _plain(body.wall_by_hand))
        chosen = None if normals == "none" else normals
        return polar_record(session, study, RigidPose(rotation, center_mm), asked, chosen)

    @router.post("/studies/{study}/function")
    def function(study: str, body: PoseBody, phase: Phase = DEFAULT_PHASE) -> dict[str, Any]:
        rotation, center_mm = np.array(body.patient_from_cardiac), np.array(body.center_mm)
        return function_answer(session, study, RigidPose(rotation, center_mm), phase)

    @router.post("/studies/{study}/decision")
    def decide(study: str, body: DecisionBody) -> dict[str, Any]:
        pose = None if body.pose is None else body.pose.model_dump()
        wall = _plain(body.wall_by_hand)
        made = Decision(body.action, body.version, body.reviewer, body.comment, pose, wall=wall)
        session.decide(study, made)
        return study_record(session, study)

    _geometry(session, router)
    return router


def _plain(body: BaseModel | None) -> dict[str, Any] | None:
    return None if body is None else body.model_dump()


def _geometry(session: ReviewSession, router: APIRouter) -> None:
    """Paths of the orientation panel."""

    @router.get("/studies/{study}/orientation")
    def choices(
        study: str, slice_spacing_mm: Size = None, pixel_spacing_mm: Size = None
    ) -> dict[str, Any]:
        typed = TypedSizes(slice_spacing_mm, pixel_spacing_mm)
        return geometry_record(session, study, typed)

    @router.get("/studies/{study}/stored-counts", response_class=CountsResponse)
    def stored(study: str, form: Form = "floats") -> Response:
        return CountsResponse.of(stored_counts(session, study), form)

    @router.post("/studies/{study}/orientation")
    def state(study: str, body: OrientationBody) -> dict[str, Any]:
        stated = stated_from_record(body.stated.model_dump())
        made = Decision(
            ReviewAction.ORIENT, body.version, body.reviewer, body.comment, stated=stated
        )
        session.decide(study, made)
        return study_record(session, study)
