"""The review server's web interface: the page, counts and decisions, for one user."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, FastAPI, Query, Response
from fastapi.responses import FileResponse

from shortaxis.errors import InputNotFoundError
from shortaxis.function.phase import DEFAULT_PHASE
from shortaxis.geometry.arrays import CountsArray
from shortaxis.quantification.normal_files import DEFAULT_NORMALS
from shortaxis.review.access import guard, register_error_handlers
from shortaxis.review.bodies import (
    DecisionBody,
    OrientationBody,
    PolarBody,
    PoseBody,
    decision_of,
    plain,
)
from shortaxis.review.choices import TypedSizes
from shortaxis.review.decisions import Decision, ReviewAction
from shortaxis.review.function_answer import function_answer
from shortaxis.review.judged_maps import polar_record
from shortaxis.review.raw_views import projections_record
from shortaxis.review.reader_paths import Normals, chosen_normals, reader_paths
from shortaxis.review.responses import (
    counts_of,
    geometry_record,
    stored_counts,
    study_record,
    worklist_rows,
)
from shortaxis.review.sent_counts import as_floats, as_steps
from shortaxis.review.session import ReviewSession
from shortaxis.review.walls import asked_wall
from shortaxis.spect.stated_geometry import stated_from_record
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

Size = Annotated[float | None, Query(allow_inf_nan=False, ge=0.5, le=25)]
Phase = Annotated[str, Query(max_length=40)]
Gate = Annotated[int | None, Query(ge=0, le=1000)]
Form = Literal["floats", "steps"]
Content = Annotated[str | None, Query(pattern="^[0-9a-f]{64}$")]


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
        asked = asked_wall(body.wall, plain(body.wall_by_hand))
        return polar_record(session, study, body.pose(), asked, chosen_normals(normals))

    @router.post("/studies/{study}/function")
    def function(study: str, body: PoseBody, phase: Phase = DEFAULT_PHASE) -> dict[str, Any]:
        return function_answer(session, study, body.pose(), phase)

    @router.post("/studies/{study}/decision")
    def decide(study: str, body: DecisionBody) -> dict[str, Any]:
        session.decide(study, decision_of(body))
        return study_record(session, study)

    _geometry(session, router)
    reader_paths(session, router)
    return router


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
