"""What several test files need: real studies where they are, and a drawn one."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from pydicom import Dataset

from drawn_heart import draw_study, transaxial_grid, usual_pose
from drawn_study import study_dataset
from nm_object import save_object
from processor_time import (  # noqa: F401 - hooks of pytest
    pytest_addoption,
    pytest_configure,
    pytest_runtest_call,
    pytest_runtest_setup,
    pytest_runtest_teardown,
)
from repository import DEMO, find_real_data
from shortaxis.dicom.carried.source_header import DicomStudy
from shortaxis.dicom.reading.finding.scan import scan_dicom
from shortaxis.dicom.reading.study import read_dicom_study
from shortaxis.geometry.grids import Grid
from shortaxis.geometry.pose import RigidPose
from shortaxis.spect.reading_options import ReadingOptions
from shortaxis.spect.volume import SpectVolume
from verb_run import Run

# A busy machine is slow now and then; that is no finding about the code. The same examples at
# every run: a failure can be seen again.
settings.register_profile(
    "shortaxis", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("shortaxis")


LONGEST = (
    "test_paper_experiment",
    "test_service",
    "test_service_killed",
    "test_batch",
    "test_simulation_cohort",
    "test_service_peers",
    "test_review_page",
    "test_report_verb",
    "test_named_patients",
    "test_annotation",
    "test_paper_figures",
    "test_evaluate_verb",
    "test_reorient_verb",
    "test_ellipsoid",
    "test_training_runs",
    "test_review_killed",
    "test_review_api",
)
"""Files that take longest: they come first, so that no worker is left alone with one at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    ranks = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: ranks.get(item.path.stem, len(ranks)))


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
    return DEMO / "study.dcm"


@pytest.fixture(scope="session")
def drawn_study_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_object(study_dataset(), tmp_path_factory.mktemp("drawn") / "study.dcm")


@pytest.fixture(scope="session")
def drawn_grid() -> Grid:
    return transaxial_grid()


@pytest.fixture(scope="session")
def drawn_pose(drawn_grid: Grid) -> RigidPose:
    return usual_pose(drawn_grid)


@pytest.fixture(scope="session")
def drawn_volume(drawn_grid: Grid, drawn_pose: RigidPose) -> SpectVolume:
    return draw_study(drawn_grid, drawn_pose)


@pytest.fixture(scope="session")
def read_back(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., DicomStudy]:
    """Write one NM object, or the slices of a PET series, and read what was written."""
    folders = (tmp_path_factory.mktemp(f"study{number}") for number in itertools.count())

    def write_and_read(
        written: Dataset | list[Dataset], *, force_input: bool = False
    ) -> DicomStudy:
        folder = next(folders)
        if isinstance(written, Dataset):
            path = save_object(written, folder / "object.dcm")
        else:
            path = folder
            for number, dataset in enumerate(written):
                save_object(dataset, folder / f"{number:04}.dcm")
        (entry,) = scan_dicom(path, options=ReadingOptions(force_input=force_input)).entries
        return read_dicom_study(entry, ReadingOptions(force_input=force_input))

    return write_and_read


@pytest.fixture(scope="session")
def training_cohorts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two exams for each purpose; `training_scenes.write_config` names them."""
    from training_scenes import simulate_exams

    folder = tmp_path_factory.mktemp("cohorts")
    simulate_exams(folder)
    return folder


@pytest.fixture
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of measured results, taken for the project's own."""
    folder = tmp_path / "results"
    folder.mkdir()
    monkeypatch.setenv("SHORTAXIS_RESULTS", str(folder))
    return folder


@pytest.fixture
def shortaxis(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Run]:
    """The command line, run in this process."""
    from shortaxis.cli.main import main

    def call(*arguments: object) -> Run:
        monkeypatch.setattr(sys, "argv", ["shortaxis", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
            raise SystemExit(0)
        captured = capsys.readouterr()
        return Run(int(ended.value.code or 0), captured.out, captured.err)

    return call
