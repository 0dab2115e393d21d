"""The TOML file of a node, checked as a whole before anything starts."""

from __future__ import annotations

import ipaddress
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from shortaxis.errors import OptionError, ShortAxisError
from shortaxis.files.inputs.side_files import read_side_file
from shortaxis.reorientation.methods import DEFAULT_METHOD, require_method
from shortaxis.service.ae_titles import require_ae_titles
from shortaxis.service.destinations import Destination, Tls, require_port
from shortaxis.service.reading_rules import ReadingRules, SenderRules
from shortaxis.service.reception.limits import (
    Limits,
    require_above_zero,
    require_no_less_than_zero,
)
from shortaxis.workflow.reorient.options import ReorientOptions, RollConvention

__all__ = [
    "Monitor",
    "Node",
    "Retention",
    "RetryDelays",
    "Routes",
    "ServiceSettings",
    "Studies",
    "Work",
    "read_settings",
]


@dataclass(frozen=True)
class Node:
    """The node's own address, and which peers may associate with it.

    Empty `calling_ae_titles` and `addresses` let every peer in that reaches the port, which is on
    the loopback interface unless `host` says otherwise.
    """

    ae_title: str = "SHORTAXIS"
    host: str = "127.0.0.1"
    port: int = 11112
    calling_ae_titles: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    require_called_ae_title: bool = True
    max_associations: int = 64
    network_timeout_s: float = 30.0
    largest_object_mb: float = 512.0
    tls: Tls | None = None

    def __post_init__(self) -> None:
        require_ae_titles(self.ae_title, *self.calling_ae_titles)
        require_port(self.port)
        require_above_zero(self, "max_associations", "network_timeout_s", "largest_object_mb")
        for address in self.addresses:
            try:
                ipaddress.ip_network(address)
            except ValueError as error:
                raise OptionError(
                    "an address cannot be one",
                    expected="such as 10.1.2.3 or 10.1.2.0/24",
                    found=address,
                ) from error


@dataclass(frozen=True)
class Studies:
    """A study is complete when no association that sent it is open, `quiet_s` after its last."""

    quiet_s: float = 30.0

    def __post_init__(self) -> None:
        require_above_zero(self, "quiet_s")


@dataclass(frozen=True)
class Work:
    """How studies are reoriented: by `workers` processes with limits, `attempts` times at most.

    `review_sheet` draws ``review.png``, which takes longer than all the rest.
    """

    workers: int = 1
    time_limit_s: float = 120.0
    memory_limit_mb: float = 4096.0
    attempts: int = 2
    method: str = DEFAULT_METHOD
    roll: str = "conventional"
    review_sheet: bool = True

    def __post_init__(self) -> None:
        require_above_zero(self, "workers", "time_limit_s", "memory_limit_mb", "attempts")
        require_method(self.method)
        RollConvention(self.roll)

    @property
    def reorient(self) -> ReorientOptions:
        """Options of every study."""
        return ReorientOptions(method=self.method, roll=RollConvention(self.roll))


@dataclass(frozen=True)
class Routes:
    """Names of destinations by what became of an exam.

    What is flagged goes to the review folder besides; `reviewed` is where it goes from there.
    """

    accepted: tuple[str, ...] = ()
    flagged: tuple[str, ...] = ()
    reviewed: tuple[str, ...] = ()


@dataclass(frozen=True)
class RetryDelays:
    """A delivery that failed is tried again, each time after twice as long."""

    first_delay_s: float = 10.0
    longest_delay_s: float = 3600.0

    def __post_init__(self) -> None:
        require_above_zero(self, "first_delay_s", "longest_delay_s")


@dataclass(frozen=True)
class Retention:
    """How long studies are kept after their last change, and how much of the disk stays free.

    With less than `least_free_mb` new objects are refused, and the peer keeps them.
    """

    sent_days: float = 7.0
    failed_days: float = 30.0
    least_free_mb: float = 1024.0

    def __post_init__(self) -> None:
        require_no_less_than_zero(self, "sent_days", "failed_days", "least_free_mb")


@dataclass(frozen=True)
class Monitor:
    """Port of health and metrics on the loopback interface; with 0 there is no monitor."""

    port: int = 0

    def __post_init__(self) -> None:
        require_port(self.port, lowest=0)


@dataclass(frozen=True)
class ServiceSettings:
    """Everything. `folder` holds what was received, results, reviews and the journal.

    `reading` is for every object whose sender has no rules of its own in `reading_of_senders`.
    """

    folder: Path
    node: Node = field(default_factory=Node)
    limits: Limits = field(default_factory=Limits)
    studies: Studies = field(default_factory=Studies)
    work: Work = field(default_factory=Work)
    reading: ReadingRules = field(default_factory=ReadingRules)
    reading_of_senders: SenderRules = field(default_factory=SenderRules)
    destinations: Mapping[str, Destination] = field(default_factory=lambda: MappingProxyType({}))
    routes: Routes = field(default_factory=Routes)
    sending: RetryDelays = field(default_factory=RetryDelays)
    retention: Retention = field(default_factory=Retention)
    monitor: Monitor = field(default_factory=Monitor)

    def archive(self, name: str) -> Destination:
        """The destination of this name, as an archive that can be asked.

        Raises
        ------
        OptionError
            If there is none, or it is a DICOMweb server.
        """
        found = self.destinations.get(name)
        if found is None or found.url:
            titles = [each.name for each in self.destinations.values() if not each.url]
            raise OptionError(
                "no archive is called that",
                expected=" or ".join(titles) or "a destination with ae_title and host",
                found=name,
                way_on="shortaxis batch takes queries to DICOMweb servers" if found else None,
            )
        return found

    @property
    def node_as_destination(self) -> Destination:
        """The node, as a sender on the same machine sees it."""
        node = self.node
        caller = node.calling_ae_titles[0] if node.calling_ae_titles else node.ae_title
        host = "127.0.0.1" if node.host in ("0.0.0.0", "") else node.host  # noqa: S104 - compared
        return Destination(
            "node", node.ae_title, host, node.port, caller, node.network_timeout_s, node.tls
        )

    def __post_init__(self) -> None:
        for route in fields(Routes):
            for name in getattr(self.routes, route.name):
                if name not in self.destinations:
                    raise OptionError(
                        f"the route {route.name} leads nowhere",
                        expected=" or ".join(self.destinations) or "a destination",
                        found=name,
                    )
        for rule in self.reading_of_senders.rules:
            _require_that_it_may_come(rule, self.node)


def _require_that_it_may_come(rule: ReadingRules, node: Node) -> None:
    """Refuse what is stated of a sender that the node never hears."""
    titles = (
        ("sender", rule.sender, node.calling_ae_titles),
        ("called", rule.called, (node.ae_title,) if node.require_called_ae_title else ()),
    )
    for name, title, known in titles:
        if title and known and title.strip() not in {each.strip() for each in known}:
            raise OptionError(
                f"reading is stated for a {name} that the node refuses",
                expected=" or ".join(known),
                found=title,
                cause="a mistyped AE title",
                way_on="name it as it associates; calling_ae_titles and require_called_ae_title of "
                "[node] say who may",
            )


def read_settings(path: Path) -> ServiceSettings:
    """Read a TOML file; relative paths in it count from its folder.

    Raises
    ------
    OptionError
        If it is no TOML, or has a value that is not known, missing, or of the wrong kind.
    """
    try:
        values = tomllib.loads(read_side_file(path))
        return _settings(values, path.parent)
    except ShortAxisError as error:
        raise error.at_path(path) from error
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise OptionError(
            "is no configuration of a node",
            path=path,
            expected="a TOML file; the how-to has an example",
            found=f"{type(error).__name__}: {error}",
        ) from error


def _settings(values: dict[str, Any], base: Path) -> ServiceSettings:
    if not isinstance(values.get("folder"), str):
        raise OptionError("no folder", expected='folder = "..."', found="none")
    listed = values.pop("destinations", [])
    destinations = [_read(Destination, "destination", each, base) for each in listed]
    names = [each.name for each in destinations]
    if len(set(names)) != len(names):
        raise OptionError(
            "two destinations share a name", expected="one name each", found=", ".join(names)
        )
    parts: dict[str, Any] = {
        "node": Node,
        "limits": Limits,
        "studies": Studies,
        "work": Work,
        "routes": Routes,
        "sending": RetryDelays,
        "retention": Retention,
        "monitor": Monitor,
    }
    _require_known("the file", values, {"folder", "reading", *parts})
    reading, of_senders = _reading(values.get("reading", {}), base)
    read = {name: _read(kind, name, values.get(name, {}), base) for name, kind in parts.items()}
    by_name = MappingProxyType({each.name: each for each in destinations})
    return ServiceSettings(
        base / values["folder"],
        reading=reading,
        reading_of_senders=of_senders,
        destinations=by_name,
        **read,
    )


def _reading(tables: object, base: Path) -> tuple[ReadingRules, SenderRules]:
    """Rules for all others, and those of single senders, from one table or a list of them."""
    listed: list[Any] = tables if isinstance(tables, list) else [tables]
    if not all(isinstance(each, dict) for each in listed):
        raise OptionError(
            "reading is of the wrong kind",
            expected="a table [reading], or several [[reading]]",
            found=repr(tables),
        )
    rules = [_read(ReadingRules, "reading", each, base) for each in listed]
    of_senders = SenderRules(tuple(rule for rule in rules if rule.is_of_a_sender))
    others = [rule for rule in rules if not rule.is_of_a_sender]
    if len(others) > 1:
        raise OptionError(
            "several tables [[reading]] have no sender",
            expected="one without a sender, for all others",
            found=str(len(others)),
        )
    return (others or [ReadingRules()])[0], of_senders


Part = TypeVar("Part")

PATHS = ("certificate", "key", "authority", "token_file")


def _read(kind: type[Part], table: str, values: Mapping[str, Any], base: Path) -> Part:
    """One table of the file, with every value of the kind that its default has."""
    known = {each.name: each for each in fields(kind)}  # type: ignore[arg-type]
    _require_known(table, values, set(known))
    read: dict[str, Any] = {}
    for name, value in values.items():
        if name == "tls":
            read[name] = _read(Tls, name, value, base)
        elif name in PATHS:
            read[name] = base / value
        elif isinstance(value, list) and str(known[name].type).startswith("tuple"):
            read[name] = tuple(map(str, value))
        else:
            read[name] = _of_kind(name, value, known[name].type)
    return kind(**read)


def _of_kind(name: str, value: object, annotation: object) -> object:
    kinds = {"str": (str,), "int": (int,), "float": (int, float), "bool": (bool,)}
    is_bool = isinstance(value, bool)
    if not isinstance(value, kinds.get(str(annotation), ())) or is_bool != (annotation == "bool"):
        raise OptionError(
            f"{name} is of the wrong kind", expected=str(annotation), found=repr(value)
        )
    return value


def _require_known(where: str, values: Mapping[str, Any], known: set[str]) -> None:
    unknown = sorted(set(values) - known)
    if unknown:
        raise OptionError(
            f"unknown values in {where}",
            expected=", ".join(sorted(known)),
            found=", ".join(unknown),
        )
