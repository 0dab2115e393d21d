"""Who may keep a connection, and for how long, by a clock of its own."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from evidence.measuring.speed.node_strangers import association_request, many_items
from shortaxis.errors import OptionError
from shortaxis.service.reception.arriving import ArrivalRules, ArrivingObject
from shortaxis.service.reception.association_requests import item_count
from shortaxis.service.reception.connection import Connection
from shortaxis.service.reception.connections import Connections
from shortaxis.service.reception.limits import Limits

LIMITS = Limits(
    associations_per_address=2, negotiation_s=10.0, least_rate_kb_s=1.0, idle_gives_way_s=2.0
)

SILENCE_S = 30.0


@dataclass
class Scene:
    """Connections whose sockets are pairs within the process."""

    limits: Limits = LIMITS
    most: int = 4
    now_s: float = 0.0
    sockets: list[socket.socket] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.all = Connections((), self.most, SILENCE_S, self.limits, lambda: self.now_s)

    def opened(self, address: str = "10.0.0.1") -> Connection:
        pair = socket.socketpair()
        self.sockets.extend(pair)
        self.now_s += 0.001
        return self.all.opened(pair[0], address)

    def associated(self, address: str = "10.0.0.1") -> Connection:
        made = self.opened(address)
        assert self.all.takes_place(made)
        made.established()
        return made

    def close(self) -> None:
        for each in self.sockets:
            each.close()


@pytest.fixture
def scene() -> Iterator[Scene]:
    made = Scene()
    yield made
    made.close()


def test_who_only_connects_is_cut_when_the_time_to_negotiate_is_over(scene: Scene) -> None:
    silent = scene.opened()

    scene.now_s += 9.9
    scene.all.cut_overdue()
    assert not silent.is_cut

    scene.now_s += 0.2
    scene.all.cut_overdue()
    assert silent.is_cut
    assert scene.sockets[1].recv(1) == b""


def test_bytes_do_not_lengthen_the_time_to_negotiate(scene: Scene) -> None:
    dripping = scene.opened()

    for _ in range(11):
        scene.now_s += 1.0
        dripping.begins()
        dripping.moved(1000)
    scene.all.cut_overdue()

    assert dripping.is_cut


def test_the_oldest_that_waits_of_the_address_with_most_of_them_goes_first(scene: Scene) -> None:
    one = scene.opened("10.0.0.2")
    flood = [scene.opened() for _ in range(14)]

    assert not one.is_cut
    assert [each.is_cut for each in flood] == [True] * 7 + [False] * 7


@pytest.mark.parametrize(("rate_kb_s", "is_kept"), [(0.9, False), (1.1, True)])
def test_a_message_that_comes_too_slowly_is_cut(
    scene: Scene, rate_kb_s: float, is_kept: bool
) -> None:
    sender = scene.associated()
    sender.begins()

    for _ in range(1000):
        scene.now_s += 1.0
        sender.begins()
        sender.moved(int(1000 * rate_kb_s))
        scene.all.cut_overdue()

    assert sender.is_cut is not is_kept


def test_a_fast_beginning_earns_no_time_for_a_silence(scene: Scene) -> None:
    sender = scene.associated()
    sender.begins()
    sender.moved(100_000_000)

    scene.now_s += SILENCE_S + 0.1
    scene.all.cut_overdue()

    assert sender.is_cut


def test_nobody_is_cut_while_the_node_itself_works(scene: Scene) -> None:
    sender = scene.associated()
    sender.begins()
    sender.works()

    scene.now_s += 1000.0
    scene.all.cut_overdue()
    assert not sender.is_cut

    sender.rests()
    scene.now_s += 1000.0
    scene.all.cut_overdue()
    assert sender.is_cut


def in_another_thread(work: Callable[[], bool]) -> Callable[[], bool]:
    found: list[bool] = []
    thread = threading.Thread(target=lambda: found.append(work()))
    thread.start()

    def result() -> bool:
        thread.join(20)
        return found[0]

    return result


def test_an_idle_association_gives_way_and_a_busy_one_does_not(scene: Scene) -> None:
    busy, idle = scene.associated(), scene.associated()
    busy.begins()
    for _ in range(4):
        scene.now_s += 1.0
        busy.moved(1000)

    third = scene.opened()

    assert scene.all.takes_place(third)
    assert (busy.is_cut, idle.is_cut) == (False, True)


def test_an_address_with_busy_associations_waits_while_another_does_not(scene: Scene) -> None:
    for held in (scene.associated(), scene.associated()):
        held.begins()
        held.works()
    third = scene.opened()
    waits = in_another_thread(lambda: scene.all.takes_place(third))

    assert scene.all.takes_place(scene.opened("10.0.0.2"))

    scene.now_s += 10.0
    assert waits() is False


def test_a_message_that_has_stopped_gives_way_and_one_that_the_node_works_on_does_not(
    scene: Scene,
) -> None:
    at_work, stopped = scene.associated(), scene.associated()
    for each in (at_work, stopped):
        each.begins()
    at_work.works()
    scene.now_s += 2.5

    assert scene.all.takes_place(scene.opened())

    assert (at_work.is_cut, stopped.is_cut) == (False, True)


def test_one_that_never_said_anything_gives_way_sooner(scene: Scene) -> None:
    used = scene.associated()
    used.begins()
    used.rests()
    scene.now_s += 0.4
    unused = scene.associated()
    scene.now_s += 0.6

    assert scene.all.takes_place(scene.opened())

    assert (used.is_cut, unused.is_cut) == (False, True)


def test_a_message_far_below_the_least_rate_gives_way_however_often_a_byte_comes(
    scene: Scene,
) -> None:
    slow, dripping = scene.associated(), scene.associated()
    for each in (slow, dripping):
        each.begins()

    for _ in range(5):
        scene.now_s += 0.5
        slow.moved(500)
        dripping.moved(1)

    assert scene.all.takes_place(scene.opened())
    assert (slow.is_cut, dripping.is_cut) == (False, True)


@pytest.fixture
def crowded() -> Iterator[Scene]:
    """With twenty places for an address, which are full of messages that have stopped."""
    made = Scene(limits=Limits(associations_per_address=20, idle_gives_way_s=2.0), most=40)
    for _ in range(20):
        made.associated().begins()
    yield made
    made.close()


def asking(scene: Scene, count: int) -> list[Connection]:
    made = [scene.opened() for _ in range(count)]
    for each in made:
        scene.all.asks(each)
    return made


def test_the_more_connections_of_an_address_wait_the_sooner_what_stopped_gives_way(
    crowded: Scene,
) -> None:
    # Forty wait for twenty places: with half the patience, the last has one after the whole.
    waiting = asking(crowded, 40)

    crowded.now_s += 0.9
    crowded.all.give_places()
    assert not any(each.is_association for each in waiting)

    crowded.now_s += 0.1
    crowded.all.give_places()
    assert [each.is_association for each in waiting] == [True] * 20 + [False] * 20


def test_as_many_as_there_are_places_wait_the_whole_patience(crowded: Scene) -> None:
    waiting = asking(crowded, 20)

    crowded.now_s += 1.9
    crowded.all.give_places()
    assert not any(each.is_association for each in waiting)

    crowded.now_s += 0.1
    crowded.all.give_places()
    assert all(each.is_association for each in waiting)


def test_a_flood_of_one_address_shortens_no_patience_of_another(crowded: Scene) -> None:
    other = [crowded.associated("10.0.0.2") for _ in range(20)]
    for each in other:
        each.begins()
    asking(crowded, 60)
    crowded.now_s += 1.5

    assert crowded.all.takes_place(crowded.opened("10.0.0.3"))

    assert not any(each.is_cut for each in other)


def test_a_round_trip_is_always_waited_for(crowded: Scene) -> None:
    fresh = [crowded.associated("10.0.0.2") for _ in range(20)]
    asked = [crowded.opened("10.0.0.2") for _ in range(70)]
    for each in asked:
        crowded.all.asks(each)

    # A quarter of two seconds for twenty of seventy would be an eighth of a second.
    crowded.now_s += 0.15
    crowded.all.give_places()
    assert not any(each.is_cut for each in fresh)

    crowded.now_s += 0.15
    crowded.all.give_places()
    assert [each.is_association for each in asked] == [True] * 20 + [False] * 50


def test_what_a_peer_said_and_the_node_has_not_read_counts(scene: Scene) -> None:
    silent, heard = scene.associated(), scene.associated()
    scene.sockets[-1].sendall(b"a request")
    scene.now_s += 3.0

    assert scene.all.takes_place(scene.opened())

    assert (silent.is_cut, heard.is_cut) == (True, False)


def test_an_association_that_is_over_gives_way_at_once(scene: Scene) -> None:
    over, busy = scene.associated(), scene.associated()
    busy.begins()
    over.ends()

    assert scene.all.takes_place(scene.opened())

    assert (over.is_cut, busy.is_cut) == (True, False)


def test_an_association_that_is_being_negotiated_has_the_whole_patience(crowded: Scene) -> None:
    negotiating = [crowded.opened("10.0.0.2") for _ in range(20)]
    for each in negotiating:
        assert crowded.all.takes_place(each)
    for _ in range(60):
        crowded.all.asks(crowded.opened("10.0.0.2"))

    crowded.now_s += 1.8
    crowded.all.give_places()
    assert not any(each.is_cut for each in negotiating)

    crowded.now_s += 0.2
    crowded.all.give_places()
    assert all(each.is_cut for each in negotiating)


def test_who_was_turned_away_is_in_nobodys_way(scene: Scene) -> None:
    held = [scene.associated() for _ in range(2)]
    late = scene.opened()
    for each in held:
        each.begins()
        each.works()
    scene.now_s += 10.0
    assert not scene.all.takes_place(late)

    scene.all.closed(held[0])

    assert scene.all.takes_place(scene.opened())
    assert not late.is_association


def test_who_has_waited_longest_comes_first(scene: Scene) -> None:
    held = [scene.associated() for _ in range(2)]
    for each in held:
        each.begins()
    first, second = scene.opened(), scene.opened()
    second_waits = in_another_thread(lambda: scene.all.takes_place(second))
    first_waits = in_another_thread(lambda: scene.all.takes_place(first))
    while not (first.is_waiting and second.is_waiting):
        pass

    scene.all.closed(held[0])
    assert first_waits() is True
    assert not second.is_association

    scene.all.closed(held[1])
    assert second_waits() is True


def test_a_place_that_becomes_free_is_taken(scene: Scene) -> None:
    first, _ = scene.associated(), scene.associated()
    third = scene.opened()
    waits = in_another_thread(lambda: scene.all.takes_place(third))

    scene.all.closed(first)

    assert waits() is True


def test_when_the_watch_ends_everything_is_closed_and_nobody_comes_in(scene: Scene) -> None:
    with scene.all.watched():
        one = scene.opened()

    assert one.is_cut
    assert scene.opened().is_cut


@pytest.mark.parametrize(
    ("address", "is_allowed"),
    [
        ("10.1.2.3", True),
        ("::ffff:10.1.2.3", True),
        ("10.2.0.1", False),
        ("fe80::1%eth0", True),
        ("::1", False),
    ],
)
def test_addresses_are_compared_as_what_they_are(address: str, is_allowed: bool) -> None:
    listed = Connections(("10.1.0.0/16", "fe80::/10"), 4, SILENCE_S, LIMITS)

    assert listed.is_allowed(address) is is_allowed
    assert Connections((), 4, SILENCE_S, LIMITS).is_allowed(address)


@pytest.mark.parametrize("name", list(Limits.__dataclass_fields__))
def test_a_limit_of_nothing_is_refused(name: str) -> None:
    with pytest.raises(OptionError, match=name):
        Limits(**{name: 0})


def arriving(folder: Path, most: int = 100, *, has_room: bool = True) -> ArrivingObject:
    rules = ArrivalRules(folder / "arriving", most, lambda _: has_room)
    rules.prepare()
    return ArrivingObject(rules, lambda: b"head")


def test_an_object_is_in_its_file_behind_its_head(tmp_path: Path) -> None:
    one = arriving(tmp_path)

    one.write(b"first")
    one.write(b"then")

    path = one.finish()
    assert path is not None
    assert path.read_bytes() == b"headfirstthen"
    assert path.stat().st_mode & 0o077 == 0
    one.discard()
    assert not path.exists()


def test_what_is_too_large_leaves_no_bytes_and_the_rest_is_counted_only(tmp_path: Path) -> None:
    one = arriving(tmp_path)

    for _ in range(11):
        one.write(bytes(10))

    assert (one.size, one.is_refused, one.finish()) == (110, True, None)
    assert not list(one.rules.folder.iterdir())


def test_an_object_without_room_is_not_written(tmp_path: Path) -> None:
    one = arriving(tmp_path, has_room=False)

    one.write(b"bytes")

    assert one.is_refused
    assert not list(one.rules.folder.iterdir())


def test_what_arrived_when_the_node_was_killed_is_removed(tmp_path: Path) -> None:
    one = arriving(tmp_path)
    one.write(b"half")

    one.rules.prepare()

    assert not list(one.rules.folder.iterdir())


def test_items_of_an_association_request_are_counted_with_those_in_them() -> None:
    # By hand: application context, one context of two items, user information of two.
    assert item_count(association_request()) == 1 + (1 + 2) + (1 + 2)
    # Each of these contexts has an item.
    assert item_count(many_items(1200)) == 7 + 2 * (1200 // 12)
    assert item_count(b"\x01\0\0\0\0\x04") == 0


def test_an_object_that_waits_to_be_read_among_costly_ones_gives_way_and_one_that_is_read_does_not(
    scene: Scene,
) -> None:
    waiting, read = scene.associated(), scene.associated()
    for each in (waiting, read):
        each.begins()
        each.works()
        each.queues()
    read.is_served()
    newcomer = scene.opened()

    # A quarter of two seconds, since no more wait than may have places.
    scene.now_s += 0.49
    scene.all.asks(newcomer)
    scene.all.give_places()
    assert not newcomer.is_association

    scene.now_s += 0.02
    scene.all.give_places()
    assert newcomer.is_association
    assert (waiting.is_cut, read.is_cut) == (True, False)


@pytest.mark.parametrize("begins", [Connection.queues, Connection.rests, Connection.begins])
@pytest.mark.parametrize("ends", [Connection.is_served, Connection.begins, Connection.works])
def test_what_its_own_thread_changes_meanwhile_is_read_once(
    scene: Scene, begins: Callable[[Connection], None], ends: Callable[[Connection], None]
) -> None:
    connection = scene.associated()
    begins(connection)
    scene.now_s += 1.0

    def while_the_clock_is_read() -> float:
        connection.clock = lambda: scene.now_s
        ends(connection)
        return scene.now_s

    connection.clock = while_the_clock_is_read

    assert connection.impatience(1.0) >= 0.0
