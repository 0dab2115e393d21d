"""The review server asked by Schemathesis: whatever is asked, it answers as its schema says."""

from __future__ import annotations

import json
import shutil
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pydicom
import pytest

pytest.importorskip("fastapi", reason="the review page needs FastAPI")
pytest.importorskip("schemathesis", reason="Schemathesis asks the review server")

import schemathesis
import uvicorn
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode

from repository import DEMO
from shortaxis.geometry.euler import rotation_from_angles
from shortaxis.review.access import HEADERS
from shortaxis.review.app import create_app
from shortaxis.review.decisions import SIGNED_OFF
from shortaxis.review.serving import bound_socket
from shortaxis.review.session import ReviewSession
from shortaxis.review.store import ReviewStore
from shortaxis.review.worklist import entries_of
from shortaxis.workflow.studies.finding import find_studies

WAIT_S = 20
EXAMPLES = 30
ANY_POSE = {"center_mm": [0.0, 0.0, 0.0], "patient_from_cardiac": [[20.0, 0.0, 45.0]]}


@dataclass
class Asked:
    """A running server, the session behind it, and its schema."""

    address: str
    session: ReviewSession
    schema: Any


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    root = tmp_path_factory.mktemp("asked")
    studies, out = root / "studies", root / "out"
    studies.mkdir()
    out.mkdir()
    for name in ("study.dcm", "rest.dcm"):
        shutil.copy(DEMO / name, studies)
    session = ReviewSession(
        entries_of(find_studies(studies)), ReviewStore(out / "reviews.sqlite"), out
    )
    with bound_socket(0) as bound:
        host = f"127.0.0.1:{bound.getsockname()[1]}"
        app = create_app(session, studies, "token", frozenset({host}))
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical"))
        thread = threading.Thread(target=server.run, args=([bound],), daemon=True)
        thread.start()
        yield Asked(f"http://{host}", session, schemathesis.openapi.from_dict(app.openapi()))
        server.should_exit = True
        thread.join(WAIT_S)


OPERATIONS = {
    "GET /api/studies/{study}/projections",
    "GET /api/worklist",
    "GET /api/studies/{study}",
    "GET /api/studies/{study}/counts",
    "POST /api/studies/{study}/polar-map",
    "POST /api/studies/{study}/function",
    "POST /api/studies/{study}/decision",
    "GET /api/studies/{study}/orientation",
    "GET /api/studies/{study}/stored-counts",
    "POST /api/studies/{study}/orientation",
    "GET /api/identities",
    "GET /api/agreement",
    "POST /api/studies/{study}/second-reading",
    "POST /api/studies/{study}/difference",
    "GET /api/studies/{study}/earlier",
    "POST /api/studies/{study}/comparison",
    "POST /api/studies/{study}/report",
}

TELLS_WHO = "/api/identities"
"""The one path that may name patients, to the page of this machine."""

WITHOUT_WRONG_VALUES = {
    "GET /api/worklist",
    "GET /api/studies/{study}",
    "GET /api/studies/{study}/stored-counts",
    "GET /api/studies/{study}/projections",
    "GET /api/studies/{study}/earlier",
    "GET /api/identities",
    "GET /api/agreement",
}
"""Any text may be the name of a study, if not of one on the list."""


TOO_LARGE = 413
SIGNING = ("accept", "correct")
"""Actions that a conclusion is kept with."""


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("is_known", [True, False], ids=["a study of the list", "any study"])
def test_every_answer_is_one_that_the_schema_names(
    asked: Asked, mode: GenerationMode, is_known: bool
) -> None:
    found = {}
    for result in asked.schema.get_all_operations():
        operation = result.ok()
        found[operation.label.replace("/token", "")] = operation
    assert set(found) == OPERATIONS
    for label, operation in found.items():
        if mode is GenerationMode.NEGATIVE and label in WITHOUT_WRONG_VALUES:
            continue
        # A report takes seconds: that of a study that is signed off is written once, elsewhere.
        if is_known and label.endswith("/report"):
            continue
        _ask(asked, operation.as_strategy(generation_mode=mode), is_known=is_known)


@pytest.mark.parametrize("part", ["polar-map", "decision"])
def test_what_can_be_done_is_done_or_refused_in_words(asked: Asked, part: str) -> None:
    (operation,) = [
        each.ok() for each in asked.schema.get_all_operations() if each.ok().label.endswith(part)
    ]
    cases = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    codes = _ask(asked, cases, is_known=True, is_possible=True)
    assert codes[200] > EXAMPLES // 4, codes
    assert set(codes) <= {200, 400}, codes


def _ask(asked: Asked, cases: Any, *, is_known: bool, is_possible: bool = False) -> Counter[int]:
    header = pydicom.dcmread(DEMO / "study.dcm", stop_before_pixels=True)
    private = [str(header.PatientName), str(header.PatientID), "Traceback"]

    @given(case=cases)
    @settings(
        max_examples=EXAMPLES // 2 if is_possible else EXAMPLES,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    def ask(case: Any) -> None:
        if is_known and "study" in (case.path_parameters or {}):
            case.path_parameters["study"] = next(iter(asked.session.entries))
        if is_possible:
            _make_possible(asked.session, case)
        response = case.call(base_url=asked.address)
        left_out = [*excluded, *([refused] if response.status_code == TOO_LARGE else ())]
        case.validate_response(response, excluded_checks=left_out)
        for name, value in HEADERS.items():
            assert response.headers[name.lower()] == [value]
        text = response.content.decode("utf-8", "replace")
        if response.status_code >= 400:
            told = json.loads(text)
            assert told.get("summary") or told.get("detail")
        for word in private if not case.operation.label.endswith(TELLS_WHO) else ():
            assert word
            assert word not in text
        _check_consistency(asked.session)
        codes[response.status_code] += 1

    # A body that is too large is refused before anybody looks what is wrong in it.
    refused = schemathesis.checks.CHECKS.get_one("negative_data_rejection")
    # Whether a name is one of the worklist no schema can say.
    excluded = [schemathesis.checks.CHECKS.get_one("positive_data_acceptance")]
    codes: Counter[int] = Counter()
    ask()
    return codes


def _make_possible(session: ReviewSession, case: Any) -> None:
    """Let a case decide on the present version, and its pose be one: what drawing hardly finds."""
    study, body = case.path_parameters["study"], case.body
    pose = body
    if "normals" in (case.query or {}):
        case.query["normals"] = "simulated-clinical"
    if "version" in body:
        body["version"] = session.store.review(study).version
        body["reviewer"] = body["reviewer"].strip() or "A"
        # A drawn wall lies beside the heart, and a statement of the geometry is another body.
        body["wall_by_hand"] = None
        if body["action"] not in SIGNING:
            body.update(action="comment", comment="seen", conclusion="")
        pose = dict(body.get("pose") or ANY_POSE) if body["action"] == "correct" else None
        body["pose"] = pose
    if pose is not None:
        middle = session.load(study).study.volume.center_mm
        angles = np.remainder(pose["patient_from_cardiac"][0], 180)
        pose["center_mm"] = np.add(middle, np.remainder(pose["center_mm"], 400) - 200).tolist()
        pose["patient_from_cardiac"] = rotation_from_angles(*angles).tolist()


def _check_consistency(session: ReviewSession) -> None:
    for entry in session.entries.values():
        review = session.store.review(entry.study)
        assert review.version == len(session.store.trail(entry.study))
        signed = (session.out / entry.folder / "review.json").exists()
        assert signed == (review.state in SIGNED_OFF)
