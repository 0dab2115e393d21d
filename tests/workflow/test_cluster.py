"""Work by a Dask cluster, which is known by its address."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip("distributed", reason="a cluster needs Dask")
pytest.importorskip("polars", reason="a batch needs a table library")

import distributed

from evidence.measuring.survival.deadly_work import double
from repository import DEMO
from shortaxis.errors import OptionError, OutputError, WorkerError
from shortaxis.workflow.batch import cluster as cluster_module
from shortaxis.workflow.batch.cluster import connected
from shortaxis.workflow.batch.options import BatchOptions
from shortaxis.workflow.batch.running import BatchRequest, run_batch
from shortaxis.workflow.batch.workforce import workforce


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """The address of a cluster whose worker is a thread of this process, which is cheap."""
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, protocol="tcp", host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
    ) as local:  # fmt: skip
        yield local.scheduler_address


def double_or_blamed(numbers: Sequence[int]) -> list[int]:
    """Twice each number; a piece with seven in it ends as one that killed its workers."""
    if 7 in numbers:
        raise distributed.KilledWorker("a piece", SimpleNamespace(address="a worker"), 3)
    return double(numbers)


def test_a_cluster_by_its_address(cluster: str, tmp_path: Path) -> None:
    options = BatchOptions(formats=("nifti",))

    result = run_batch(BatchRequest((DEMO,), tmp_path / "out", options, cluster))

    assert [each.get("error") for each in result.records] == [None, None]


def test_a_task_that_kills_its_workers_is_given_up_and_the_others_are_done(cluster: str) -> None:
    pieces = [[1, 2, 3], [6, 7, 8], [10]]

    with connected(cluster) as workers:
        made = list(workers.done(double_or_blamed, pieces, lambda each, reason: -each))
        with pytest.raises(WorkerError, match="7: it was alone in the cluster"):
            list(workers.each(_blamed_alone, [1, 7]))

    assert sorted(value for each in made for value in each) == [-7, 2, 4, 6, 12, 16, 20]


def _blamed_alone(number: int) -> int:
    return double_or_blamed([number])[0]


def test_a_scheduler_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_module, "CONNECT_S", 1)

    with pytest.raises(OutputError, match="no scheduler answers"), connected("tcp://127.0.0.1:1"):
        pass


def test_limits_are_those_of_the_workers_of_a_cluster() -> None:
    with pytest.raises(OptionError, match="limits of their own"), workforce("tcp://a:1", 1, 60):
        pass


def test_exams_are_simulated_and_estimated_by_a_cluster_as_by_one_process(
    cluster: str, tmp_path: Path
) -> None:
    from shortaxis.evaluation.cohorts.cohort import find_cohort
    from shortaxis.evaluation.poses.estimating import estimate_cohort
    from shortaxis.simulation.cohort import CohortRequest, simulate_cohort

    request = CohortRequest("paper", 1, 9_300_100, "compact")
    simulate_cohort(request, tmp_path / "one")
    with connected(cluster) as workers:
        simulate_cohort(request, tmp_path / "other", shared_out=workers.each)
    for path in (tmp_path / "one" / "exams").iterdir():
        with np.load(path) as one, np.load(tmp_path / "other" / "exams" / path.name) as other:
            np.testing.assert_array_equal(one["counts"], other["counts"])
            assert str(one["scenario"]) == str(other["scenario"])
    cohort = find_cohort(tmp_path / "one")
    expected = estimate_cohort(cohort, "ellipsoid")
    found = estimate_cohort(cohort, "ellipsoid", scheduler=cluster)
    for here, there in zip(expected, found, strict=True):
        assert (here.estimate is None) == (there.estimate is None)
        if here.estimate is not None and there.estimate is not None:
            np.testing.assert_array_equal(here.estimate.pose.matrix, there.estimate.pose.matrix)
