"""How much of the node a peer may take: places, time, memory."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

from shortaxis.errors import OptionError

__all__ = ["Limits", "require_above_zero", "require_no_less_than_zero"]


@dataclass(frozen=True)
class Limits:
    """What a peer may take.

    An address has `associations_per_address`. A connection has `negotiation_s` until its
    association stands. What is on its way comes at `least_rate_kb_s` at least, 10^3 bytes a second.
    Where all places are taken, an association makes room that has said nothing for
    `idle_gives_way_s`, or is behind the least rate by as much; sooner where more connections of its
    address wait than it may have, and where its object takes long to read and waits for that. The
    header of an object is read in a process with limits of time
    and of address space.
    """

    associations_per_address: int = 32
    negotiation_s: float = 10.0
    least_rate_kb_s: float = 10.0
    idle_gives_way_s: float = 2.0
    header_time_limit_s: float = 5.0
    header_memory_limit_mb: float = 1024.0

    def __post_init__(self) -> None:
        require_above_zero(self, *(each.name for each in fields(self)))


def require_above_zero(part: object, *names: str) -> None:
    """Refuse settings that must be above zero and have an end, and are not or have none.

    Raises
    ------
    OptionError
        For the first of them.
    """
    for name in names:
        if not 0 < getattr(part, name) < math.inf:
            raise _out_of_range(part, name, "above 0, and a number")


def require_no_less_than_zero(part: object, *names: str) -> None:
    """Refuse settings that must be zero or more and are not; `inf` stands for without end.

    Raises
    ------
    OptionError
        For the first of them.
    """
    for name in names:
        if not getattr(part, name) >= 0:
            raise _out_of_range(part, name, "0 or more")


def _out_of_range(part: object, name: str, expected: str) -> OptionError:
    return OptionError(f"{name} is out of range", expected=expected, found=str(getattr(part, name)))
