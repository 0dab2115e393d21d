"""The review server asked by Schemathesis: whatever is asked, it answers as its schema says."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pydicom
import pytest

pytest.importorskip("fastapi", reason="the review page needs FastAPI")
pytest.importorskip("schemathesis", reason="Schemathesis asks the review server")

import schemathesis
import uvicorn
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode

from shortaxis.review.access import HEADERS
from shortaxis.review.app import create_app
from shortaxis.review.desk import SIGNED_OFF, Desk
from shortaxis.review.serving import bound_socket
from shortaxis.review.store import ReviewStore
from shortaxis.review.worklist import entries_of
from shortaxis.workflow.studies import find_studies

DEMO = Path(__file__).resolve().parents[1] / "demo"
WAIT_S = 20


@dataclass
class Asked:
    """A running server, the desk behind it, and its schema."""

    address: str
    desk: Desk
    schema: Any


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    root = tmp_path_factory.mktemp("asked")
    studies, out = root / "studies", root / "out"
    studies.mkdir()
    out.mkdir()
    for name in ("study.dcm", "rest.dcm"):
        shutil.copy(DEMO / name, studies)
    desk = Desk(entries_of(find_studies(studies)), ReviewStore(out / "reviews.sqlite"), out)
    with bound_socket(0) as bound:
        host = f"127.0.0.1:{bound.getsockname()[1]}"
        app = create_app(desk, studies, "token", frozenset({host}))
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical"))
        thread = threading.Thread(target=server.run, args=([bound],), daemon=True)
        thread.start()
        yield Asked(f"http://{host}", desk, schemathesis.openapi.from_dict(app.openapi()))
        server.should_exit = True
        thread.join(WAIT_S)


OPERATIONS = {
    "GET /api/worklist",
    "GET /api/studies/{study}",
    "GET /api/studies/{study}/counts",
    "POST /api/studies/{study}/polar-map",
    "POST /api/studies/{study}/decision",
}

WITHOUT_WRONG_VALUES = {"GET /api/worklist", "GET /api/studies/{study}"}
"""Any text may be the name of a study, if not of one on the list."""


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
        _ask(asked, operation.as_strategy(generation_mode=mode), is_known=is_known)


def _ask(asked: Asked, cases: Any, *, is_known: bool) -> None:
    header = pydicom.dcmread(DEMO / "study.dcm", stop_before_pixels=True)
    private = [str(header.PatientName), str(header.PatientID), "Traceback"]

    @given(case=cases)
    @settings(
        max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    def ask(case: Any) -> None:
        if is_known and "study" in (case.path_parameters or {}):
            case.path_parameters["study"] = next(iter(asked.desk.entries))
        response = case.call(base_url=asked.address)
        case.validate_response(response, excluded_checks=excluded)
        for name, value in HEADERS.items():
            assert response.headers[name.lower()] == [value]
        text = response.content.decode("utf-8", "replace")
        if response.status_code >= 400:
            told = json.loads(text)
            assert told.get("summary") or told.get("detail")
        for word in private:
            assert word
            assert word not in text
        _check_consistency(asked.desk)

    # Whether a name is one of the worklist no schema can say.
    excluded = [schemathesis.checks.CHECKS.get_one("positive_data_acceptance")]
    ask()


def _check_consistency(desk: Desk) -> None:
    for entry in desk.entries.values():
        review = desk.store.review(entry.study)
        assert review.version == len(desk.store.trail(entry.study))
        signed = (desk.out / entry.folder / "review.json").exists()
        assert signed == (review.state in SIGNED_OFF)
