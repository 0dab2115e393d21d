"""Whose object is read next: what is cheap first, addresses in turn, nobody who is gone."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

pytest.importorskip("pynetdicom", reason="the DICOM node needs pynetdicom")

from pynetdicom.dsutils import create_file_meta, encode_file_meta

from evidence.measuring.speed.node_strangers import DEFLATED, deflated_elements
from service_peers import new_study, until
from shortaxis.service.reception.connection import Connection
from shortaxis.service.reception.limits import Limits
from shortaxis.service.reception.object_readers import READERS, ObjectReaders
from shortaxis.service.reception.quick_reading import (
    LEAST_MOMENT_S,
    Question,
    QuickReading,
    Unfinished,
)
from shortaxis.service.reception.reading_turns import ReadingTurns, SenderGoneError
from shortaxis.service.workers import WorkerDiedError

SECOND = "10.0.0.2"


@dataclass
class Turns:
    """Turns that are taken in threads, and given back when it is said."""

    all: ReadingTurns[str] = field(default_factory=lambda: ReadingTurns(most_slow=1))
    had: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    ends: dict[str, threading.Event] = field(default_factory=dict)
    threads: list[threading.Thread] = field(default_factory=list)
    connections: dict[str, Connection] = field(default_factory=dict)

    def ask(self, name: str, address: str = "10.0.0.1", *, is_slow: bool = False) -> None:
        self.ends[name] = threading.Event()
        self.connections[name] = connection_from(address)
        thread = threading.Thread(target=self._take, args=(name, is_slow))
        self.threads.append(thread)
        thread.start()
        until(lambda: len(self.all._asked) + len(self.all._reading) == self._open_count())

    def _open_count(self) -> int:
        return sum(each.is_alive() for each in self.threads)

    def _take(self, name: str, is_slow: bool) -> None:
        try:
            with self.all.turn(self.connections[name], is_slow=is_slow):
                self.had.append(name)
                self.ends[name].wait()
        except SenderGoneError:
            self.gone.append(name)

    def end(self, name: str) -> None:
        count = self._open_count()
        self.ends[name].set()
        until(lambda: self._open_count() < count)

    def end_all(self) -> None:
        for each in self.connections.values():
            each.is_left = True
        for end in self.ends.values():
            end.set()
        for thread in self.threads:
            thread.join()


@pytest.fixture
def turns() -> Iterator[Turns]:
    made = Turns()
    yield made
    made.end_all()


def connection_from(address: str) -> Connection:
    with socket.socket() as closed:
        return Connection(closed, address, Limits(), 30.0, time.monotonic)


def test_what_may_be_cheap_comes_before_what_takes_long(turns: Turns) -> None:
    turns.ask("first")
    turns.ask("slow", is_slow=True)
    turns.ask("quick")

    turns.all.add("reader")
    turns.end("first")
    until(lambda: turns.had[1:])
    turns.end("quick")
    until(lambda: turns.had[2:])

    assert turns.had == ["first", "quick", "slow"]


def test_what_takes_long_never_has_all_readers_and_an_address_has_one_of_them(
    turns: Turns,
) -> None:
    turns.all.most_slow = 2
    for each in "abc":
        turns.all.add(each)
    turns.ask("slow", is_slow=True)
    turns.ask("second slow", is_slow=True)
    turns.ask("other slow", SECOND, is_slow=True)
    turns.ask("third slow", "10.0.0.3", is_slow=True)

    turns.ask("quick")

    until(lambda: len(turns.had) == 3)
    assert set(turns.had) == {"slow", "other slow", "quick"}


def test_the_addresses_are_served_in_turn(turns: Turns) -> None:
    for number in range(3):
        turns.ask(f"one {number}")
    turns.ask("other", SECOND)

    turns.all.add("reader")
    until(lambda: turns.had)
    turns.end("one 0")
    until(lambda: turns.had[1:])

    assert turns.had == ["one 0", "other"]


@pytest.mark.parametrize("how", ["is_cut", "is_left"])
def test_whoever_is_gone_is_not_waited_for(turns: Turns, how: str) -> None:
    turns.ask("gone")
    turns.ask("here")

    setattr(turns.connections["gone"], how, True)

    until(lambda: turns.gone == ["gone"])
    turns.all.add("reader")
    until(lambda: turns.had == ["here"])


def counts_for_ever() -> None:
    while True:
        with_what_is_caught()


def with_what_is_caught() -> int:
    try:
        return sum(range(1000))
    except Exception:
        return 0


def works_for(processor_s: float) -> str:
    end = time.process_time() + processor_s
    while time.process_time() < end:
        with_what_is_caught()
    return "read"


def reading_where_a_header_takes(processor_s: float) -> QuickReading:
    """By a clock that stands still between two looks that enclose the ordinary header."""
    now_s = 0.0

    def read() -> None:
        nonlocal now_s
        now_s += processor_s

    return QuickReading(read, processor_clock=lambda: now_s)


def test_a_question_is_broken_off_when_its_moment_is_over() -> None:
    reading = reading_where_a_header_takes(0.001)
    begun = time.process_time()

    assert reading(Question(counts_for_ever, (), is_brief=True)) == Unfinished()

    assert time.process_time() - begun >= LEAST_MOMENT_S
    assert reading(Question(sum, ((1, 2),), is_brief=True)) == 3
    assert reading(Question(works_for, (3 * LEAST_MOMENT_S,))) == "read"


def test_what_takes_long_on_a_fast_machine_only_is_usual_on_a_slow_one() -> None:
    question = Question(works_for, (0.1,), is_brief=True)

    assert reading_where_a_header_takes(0.002)(question) == Unfinished()
    # Ten times as slow, and the question takes as long as five headers.
    assert reading_where_a_header_takes(0.02)(question) == "read"


def test_a_moment_follows_the_machine_and_forgets_what_came_in_between() -> None:
    costs, now_s = iter([9.0, 0.01, 0.05, 0.05, 5.0, 0.05]), 0.0
    processor_s = 0.0

    def read() -> None:
        nonlocal processor_s
        processor_s += next(costs)

    reading = QuickReading(read, lambda: processor_s, lambda: now_s)
    found = []
    for _ in range(5):
        found += [reading.moment_s(), reading.moment_s()]
        now_s += 5.0

    # The first time is spent on imports, and none of the others by itself makes a moment.
    assert found == pytest.approx([0.12, 0.12, 0.36, 0.36, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6])


IS_LOADED = Question(eval, ("'pydicom.dataset' in __import__('sys').modules",))
"""Without a function of this file, which would load it itself."""


def test_a_reader_has_loaded_what_it_needs_before_anybody_sends() -> None:
    readers = ObjectReaders(Limits())
    with readers.running(), ExitStack() as stack:
        for number in range(READERS):
            turn = readers._turns.turn(connection_from(f"10.0.0.{number}"), is_slow=False)
            assert stack.enter_context(turn).perform(IS_LOADED)


def test_a_reader_that_was_killed_has_loaded_it_again_for_the_next_object() -> None:
    readers = ObjectReaders(Limits(header_time_limit_s=1.0))
    with readers.running():
        connection = connection_from("10.0.0.1")
        with pytest.raises(WorkerDiedError):
            readers._ask(Question(time.sleep, (600.0,)), connection)
        with ExitStack() as stack:
            for _ in range(READERS):
                reader = stack.enter_context(readers._turns.turn(connection, is_slow=False))
                assert reader.perform(IS_LOADED)


def deflated_file(path: Path, content: bytes) -> Path:
    meta = create_file_meta(
        sop_class_uid="1.2.840.10008.5.1.4.1.1.20",
        sop_instance_uid="1.2.3.4",
        transfer_syntax=DEFLATED.decode(),
    )
    path.write_bytes(bytes(128) + b"DICM" + encode_file_meta(meta) + content)
    return path


def test_a_header_is_read_while_others_of_the_address_take_long(tmp_path: Path) -> None:
    slow = deflated_file(tmp_path / "slow.dcm", deflated_elements(40))
    study = new_study()
    study.save_as(tmp_path / "study.dcm", enforce_file_format=True)
    readers = ObjectReaders(Limits(header_time_limit_s=60.0))
    ended: list[str] = []

    def read(connection: Connection) -> None:
        try:
            readers.identity(slow, connection)
        except (WorkerDiedError, SenderGoneError) as error:
            ended.append(type(error).__name__)

    with ExitStack() as stack:
        stack.enter_context(readers.running())
        costly = [connection_from("10.0.0.1") for _ in range(6)]
        threads = [threading.Thread(target=read, args=(each,)) for each in costly]
        for thread in threads:
            thread.start()
        # One of them is read, and the others wait behind it.
        until(lambda: sum(each.queued_since_s is not None for each in costly) == 5)

        found = readers.identity(tmp_path / "study.dcm", connection_from("10.0.0.1"))

        assert found.sop_instance_uid == study.SOPInstanceUID
        assert sum(each.queued_since_s is not None for each in costly) == 5
        for each in costly:
            each.is_left = True
    for thread in threads:
        thread.join()
    assert sorted(ended) == ["SenderGoneError"] * 5 + ["WorkerDiedError"]
