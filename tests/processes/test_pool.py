"""Tasks by processes that are killed: the others are done, the killer is known, nothing hangs."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from functools import partial
from multiprocessing import active_children

import pytest

from evidence.measuring.survival.deadly_work import (
    ENDINGS,
    Unsendable,
    double,
    double_or_die,
    gigabyte,
    one_of,
    process_of,
    slow_double,
    unsendable,
)
from shortaxis.errors import OptionError, WorkerError
from shortaxis.processes.limits import Limits
from shortaxis.processes.pool import Pool
from shortaxis.processes.restarted_worker import RestartedWorker
from shortaxis.processes.worker import Worker, WorkerEndedError, WorkerLateError

GIVEN = [*range(6), 7, *range(8, 12)]

INNOCENT = sorted(2 * each for each in GIVEN if each != 7)


def lost(given: int, reason: str) -> int:
    raise AssertionError(f"{given}: {reason}")


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    with Pool(2) as shared:
        yield shared


@pytest.mark.parametrize(("workers", "ending"), [*zip((1, 2, 4, 2), ENDINGS, strict=True)])
def test_whatever_ends_a_worker_is_named_and_the_others_are_done(workers: int, ending: str) -> None:
    before = active_children()
    told: list[tuple[int, str]] = []

    def note(given: int, reason: str) -> int:
        told.append((given, reason))
        return -1

    with Pool(workers) as pool:
        pieces = [GIVEN[:3], GIVEN[3:8], GIVEN[8:]]
        made = [*pool.done(partial(double_or_die, ending=ending), pieces, note)]

    assert [given for given, _ in told] == [7]
    assert ending in told[0][1]
    assert sorted(each for piece in made for each in piece) == [-1, *INNOCENT]
    assert set(active_children()) <= set(before)


def test_what_takes_longer_than_the_limit_is_killed_once_and_named() -> None:
    told: list[tuple[int, str]] = []

    def note(given: int, reason: str) -> int:
        told.append((given, reason))
        return -1

    with Pool(1, Limits(time_s=3)) as pool:
        made = [*pool.done(slow_double, [[1], [7], [2]], note)]

    assert made == [[2], [-1], [4]]
    assert told == [(7, "took longer than 3 s")]


def test_a_worker_has_no_more_memory_than_its_limit() -> None:
    with Pool(1, Limits(memory_mb=900)) as pool:
        limited = list(pool.each(partial(one_of, gigabyte), [0]))
    with Pool(1) as pool:
        free = list(pool.each(partial(one_of, gigabyte), [0]))

    assert (limited, free) == ([0], [1_000_000_000])


def test_workers_are_kept_from_one_work_to_the_next(pool: Pool) -> None:
    first = set(pool.each(partial(one_of, process_of), range(20)))
    made = sorted(pool.each(partial(one_of, double), range(5)))
    second = set(pool.each(partial(one_of, process_of), range(20)))

    assert made == [0, 2, 4, 6, 8]
    assert len(first | second) <= 2
    assert os.getpid() not in first | second


def test_a_worker_that_is_killed_between_tasks_is_replaced_and_no_task_is_blamed(
    pool: Pool,
) -> None:
    list(pool.each(partial(one_of, double), range(5)))
    before = {each.pid for each in active_children()}
    for pid in before:
        os.kill(pid, signal.SIGKILL)

    made = sorted(each for piece in pool.done(double, [[1], [2], [3]], lost) for each in piece)

    assert made == [2, 4, 6]
    assert not before & {each.pid for each in active_children()}


def test_what_the_work_raises_is_raised_here_and_the_pool_goes_on(pool: Pool) -> None:
    with pytest.raises(ValueError, match="-3 is below zero"):
        list(pool.done(double, [[1], [-3], [2]], lost))

    assert list(pool.done(double, [[4]], lost)) == [[8]]


def test_a_result_that_cannot_be_sent_is_an_error_and_no_silence(pool: Pool) -> None:
    with pytest.raises(RuntimeError, match="cannot be sent"):
        list(pool.done(unsendable, [[1]], lost))


def test_work_that_workers_cannot_load_is_told_once(
    pool: Pool, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(WorkerError, match="cannot load their work") as caught:
        list(pool.done(Unsendable(os.getpid()), [[1], [2], [3]], lost))

    assert "a library is missing there" in str(caught.value)
    assert capfd.readouterr().err == ""
    assert list(pool.done(double, [[4]], lost)) == [[8]]


def test_a_worker_that_refused_its_work_does_the_next_one() -> None:
    with Pool(1) as pool:
        for _ in range(2):
            with pytest.raises(WorkerError, match="cannot load their work"):
                list(pool.done(Unsendable(os.getpid()), [[1]], lost))
            assert list(pool.done(double, [[4]], lost)) == [[8]]


def test_a_refusal_that_comes_late_is_none_of_the_next_work() -> None:
    with Pool(2) as pool:
        # Both are there, and one of them loads slowly.
        pids = set()
        while len(pids) < 2:
            pids |= set(pool.each(partial(one_of, process_of), range(8)))
        with pytest.raises(WorkerError, match="cannot load their work"):
            list(pool.done(Unsendable(os.getpid(), slow=max(pids)), [[1], [2]], lost))

        made = sorted(each for piece in pool.done(double, [[4], [5]], lost) for each in piece)

    assert made == [8, 10]


def test_a_program_that_workers_cannot_import_is_told_once_and_not_begun_for_ever(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("multiprocessing.spawn._python_exe", b"/bin/false")

    with Pool(4) as pool, pytest.raises(WorkerError, match="do not start") as caught:
        list(pool.done(double, [[1], [2], [3], [4]], lost))

    assert "ended with code 1" in str(caught.value)
    assert capfd.readouterr().err == ""


def test_a_given_thing_that_ends_two_workers_ends_the_run_where_each_is_wanted() -> None:
    with Pool(1) as pool, pytest.raises(WorkerError, match="7: its process was ended by SIGKILL"):
        list(pool.each(partial(one_of, double_or_die), [1, 7]))


def test_a_run_that_is_left_leaves_no_task_behind(pool: Pool) -> None:
    made = pool.done(slow_double, [[1], [7]], lost)
    assert next(made) == [2]
    made.close()  # type: ignore[attr-defined]

    assert sorted(pool.each(partial(one_of, double), range(3))) == [0, 2, 4]


def test_pieces_are_taken_as_they_are_needed(pool: Pool) -> None:
    taken: list[int] = []

    def pieces() -> Iterator[list[int]]:
        for number in range(1000):
            taken.append(number)
            yield [number]

    made = pool.done(double, pieces(), lost)
    next(made)

    assert len(taken) < 10
    made.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize("limits", [{"time_s": 0}, {"memory_mb": -1}, {"time_s": float("nan")}])
def test_a_limit_that_nothing_can_keep_is_refused(limits: dict[str, float]) -> None:
    with pytest.raises(OptionError, match="nothing can keep"):
        Limits(**limits)


def test_fewer_workers_than_one_are_refused() -> None:
    with pytest.raises(OptionError, match="no workers"):
        Pool(0)


# One worker behind a call


def test_a_worker_that_is_told_to_end_while_it_starts_leaves_no_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before, worker = active_children(), RestartedWorker()

    class ToldMeanwhile(Worker):
        def __init__(self, limits: Limits) -> None:
            super().__init__(limits)
            worker.end()

    monkeypatch.setattr("shortaxis.processes.restarted_worker.Worker", ToldMeanwhile)
    try:
        with pytest.raises(WorkerEndedError, match="told to end"):
            worker.start(double)
        assert set(active_children()) <= set(before)
    finally:
        worker.stop()


def test_one_worker_is_begun_again_after_it_was_killed_or_late() -> None:
    before = active_children()
    worker = RestartedWorker(Limits(time_s=3))
    try:
        with pytest.raises(WorkerEndedError, match="SIGKILL"):
            worker.perform(double_or_die, [7])
        assert worker.perform(double_or_die, [1]) == [2]
        with pytest.raises(WorkerLateError, match=r"longer than 3 s"):
            worker.perform(slow_double, [7])
        with pytest.raises(ValueError, match="below zero"):
            worker.perform(double, [-1])
        with pytest.raises(WorkerEndedError, match="a library is missing there"):
            worker.perform(Unsendable(os.getpid()), [1])
        assert worker.perform(double, [3]) == [6]
    finally:
        worker.stop()
    assert set(active_children()) <= set(before)
