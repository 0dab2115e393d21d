"""What several test files need: real studies where they are, and a drawn one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from drawn_heart import draw_study, transaxial_grid, usual_pose
from shortaxis.geometry.grids import Grid
from shortaxis.geometry.pose import RigidPose
from shortaxis.spect.volume import SpectVolume

REPOSITORY = Path(__file__).resolve().parents[1]


def find_real_data() -> Path | None:
    """Folder of real studies: SHORTAXIS_REAL_DATA, or ``shared/real`` beside the checkout."""
    named = os.environ.get("SHORTAXIS_REAL_DATA")
    folder = Path(named) if named else REPOSITORY.parent / "shared" / "real"
    return folder if (folder / "dicom").is_dir() else None


@pytest.fixture(scope="session")
def real_data_dir() -> Path:
    folder = find_real_data()
    if folder is None:
        pytest.skip("real studies are not here; set SHORTAXIS_REAL_DATA")
    return folder


@pytest.fixture(scope="session")
def real_dicom_paths(real_data_dir: Path) -> list[Path]:
    return sorted((real_data_dir / "dicom").glob("*.dcm"))


@pytest.fixture(scope="session")
def demo_study_path() -> Path:
    return REPOSITORY / "demo" / "study.dcm"


@pytest.fixture(scope="session")
def drawn_grid() -> Grid:
    return transaxial_grid()


@pytest.fixture(scope="session")
def drawn_pose(drawn_grid: Grid) -> RigidPose:
    return usual_pose(drawn_grid)


@pytest.fixture(scope="session")
def drawn_volume(drawn_grid: Grid, drawn_pose: RigidPose) -> SpectVolume:
    return draw_study(drawn_grid, drawn_pose)
