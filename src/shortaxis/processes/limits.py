"""What a worker may take for one task."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from shortaxis.errors import OptionError

__all__ = ["ONE_THREAD", "UNLIMITED", "Limits"]

ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
"""Workers are as many as cores: threads of each would be in each other's way."""


@dataclass(frozen=True)
class Limits:
    """What a worker may take; None for no limit.

    Parameters
    ----------
    time_s : float, optional
        For one task; a worker that takes longer is killed.
    memory_mb : float, optional
        Addresses of the process, in 1e6 bytes; without effect on Windows.
    environment : mapping
        Variables of its environment, set before it imports any work.

    Raises
    ------
    OptionError
        If a limit is not above zero.
    """

    time_s: float | None = None
    memory_mb: float | None = None
    environment: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, value in (("time", self.time_s), ("memory", self.memory_mb)):
            if value is not None and not value > 0:
                raise OptionError(
                    f"a limit of {name} that nothing can keep",
                    expected="a number above zero",
                    found=str(value),
                )


UNLIMITED = Limits()
