"""Draws of single numbers: distributions with hard limits, as small frozen objects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np

__all__ = ["Draw", "LogUniform", "Normal", "Table", "Uniform", "chosen", "sampled"]

T = TypeVar("T")


class Draw(Protocol):
    """A distribution of one number."""

    def sample(self, rng: np.random.Generator) -> float:
        """Draw one number."""
        ...


@dataclass(frozen=True)
class Normal:
    """Normal distribution, drawn again until it lies between `low` and `high`."""

    mean: float
    sd: float
    low: float
    high: float

    def sample(self, rng: np.random.Generator) -> float:
        """Draw one number."""
        while True:
            value = float(rng.normal(self.mean, self.sd))
            if self.low <= value <= self.high:
                return value


@dataclass(frozen=True)
class Uniform:
    """Every number between `low` and `high` alike."""

    low: float
    high: float

    def sample(self, rng: np.random.Generator) -> float:
        """Draw one number."""
        return float(rng.uniform(self.low, self.high))


@dataclass(frozen=True)
class LogUniform:
    """Every ratio alike: as often from 1 to 2 as from 2 to 4."""

    low: float
    high: float

    def sample(self, rng: np.random.Generator) -> float:
        """Draw one number."""
        return float(np.exp(rng.uniform(np.log(self.low), np.log(self.high))))


def chosen(rng: np.random.Generator, values: Sequence[T], weights: Sequence[float]) -> T:
    """One of `values`, by weight."""
    shares = np.asarray(weights, dtype=np.float64)
    return values[int(rng.choice(len(values), p=shares / shares.sum()))]


Table = Mapping[str, tuple[Draw, ...]]
"""One row a parameter, one column a spread."""


def sampled(table: Table, rng: np.random.Generator, spread: int) -> dict[str, float]:
    """Draw every row of one column."""
    return {name: draws[spread].sample(rng) for name, draws in table.items()}
