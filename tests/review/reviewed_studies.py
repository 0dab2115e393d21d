"""A session of the review, a client of its server, and studies to put before it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
from fastapi.testclient import TestClient
from scipy.ndimage import rotate

from repository import DEMO
from shortaxis.review.app import create_app
from shortaxis.review.serving import ReviewRequest, _found
from shortaxis.review.session import ReviewSession
from shortaxis.review.stating import refused_files
from shortaxis.review.store import ReviewStore
from shortaxis.review.worklist import entries_of
from shortaxis.workflow.reorient.options import ReorientOptions
from shortaxis.workflow.studies.finding import find_studies

TOKEN, HOST = "secret-of-the-test", "127.0.0.1:8042"
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


class Reviewed:
    """A session, and a client of its server."""

    def __init__(self, studies: Path, out: Path) -> None:
        out.mkdir(exist_ok=True)
        found = _found(ReviewRequest(studies, out, ReorientOptions()))
        self.session = ReviewSession(
            entries_of(found),
            ReviewStore(out / "reviews.sqlite"),
            out,
            clock=lambda: NOON,
            refused=refused_files(found.skipped),
        )
        root = studies if studies.is_dir() else studies.parent
        app = create_app(self.session, root, TOKEN, frozenset({HOST}))
        self.client = TestClient(app, base_url=f"http://{HOST}/{TOKEN}/")

    def opened(self, study: str = "") -> dict[str, Any]:
        """Record of a study, or of the first one."""
        answer = self.client.get(f"api/studies/{study or self.rows()[0]['study']}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def rows(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.client.get("api/worklist").json()
        return found

    def geometry(self, study: str, **sizes: float) -> dict[str, Any]:
        answer = self.client.get(f"api/studies/{study}/orientation", params=sizes)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def state(self, study: str, stated: dict[str, Any], version: int = 0) -> Any:
        body = {"version": version, "reviewer": "A. Reader", "comment": "seen", "stated": stated}
        return self.client.post(f"api/studies/{study}/orientation", json=body)

    def decide(self, record: dict[str, Any], action: str, **more: Any) -> Any:
        body = {"action": action, "version": record["version"], "reviewer": "A. Reader", **more}
        return self.client.post(f"api/studies/{record['study']}/decision", json=body)


def demo_volume() -> tuple[np.ndarray, np.ndarray]:
    """Counts of the demo study ``(slice, row, column)``, and their LPS affine."""
    volume = find_studies(DEMO / "study.dcm").studies[0].load().study.volume
    return volume.counts, volume.patient_from_index


def turned_demo(degrees: float) -> tuple[np.ndarray, np.ndarray]:
    """The demo study with its heart turned about the patient's axis, on the same grid."""
    counts, affine = demo_volume()
    turned = rotate(counts, degrees, axes=(1, 2), reshape=False, order=1)
    return np.maximum(turned, 0).astype(np.float32), affine


def write_nifti(
    path: Path,
    *,
    is_oriented: bool = True,
    turned: bool = False,
    counts: np.ndarray | None = None,
) -> Path:
    """The demo study, or other counts on its grid, as NIfTI; `turned` exchanges head and feet."""
    demo, affine = demo_volume()
    counts = demo if counts is None else counts
    stored = counts[::-1] if turned else counts
    ras = np.diag([-1.0, -1.0, 1.0, 1.0]) @ affine @ np.eye(4)[[2, 1, 0, 3]]
    image = nib.Nifti1Image(stored.T.astype(np.float32), ras)
    if not is_oriented:
        image.set_sform(None, code=0)
        image.set_qform(None, code=0)
        image.header.set_zooms(np.linalg.norm(ras[:3, :3], axis=0))
    nib.save(image, path)
    return path
