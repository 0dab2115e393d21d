"""A row of the registry: what one stored result answers, from what, and where it is shown."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from evidence.registry.places import REPOSITORY

__all__ = ["Cohort", "Result"]


@dataclass(frozen=True)
class Cohort:
    """Simulated exams: `count` of a preset, with seeds from `first_seed` on.

    `preset` is a name of `shortaxis.simulation.presets.PRESETS`; of exams that are drawn in another
    way it says which.
    """

    preset: str
    first_seed: int
    count: int

    def __str__(self) -> str:
        """In words, for a table."""
        return f"{self.count:,} `{self.preset}` from seed {self.first_seed:,}"


@dataclass(frozen=True)
class Result:
    """One stored result.

    Parameters
    ----------
    name : str
        What ``python -m evidence run`` calls it.
    question : str
        What it answers, in one sentence.
    script : str
        Python file that measures it, from the repository's root.
    rooms : tuple of str
        Folders and files of ``src/shortaxis`` whose change makes it stale.
    pages : tuple of str
        Where it is shown, from the repository's root.
    minutes : float
        Of two cores, about.
    options : tuple of str
        Those that it is measured with.
    cohorts : tuple of Cohort
        Simulated exams that it is measured on.
    real : bool
        Whether it needs the folder of real studies.
    bundled : bool
        Whether it is measured on the study that comes with the repository.
    by_hand : str
        What only a person can give it, such as the folder of a training run; it is then never
        measured by ``run --stale``.
    stored : str
        File below ``evidence/results``; by default ``NAME.json``.
    uses_weights : bool
        Whether other weights of the network make it stale.
    threads : int or None
        Threads of each process; None leaves it to the machine.
    costs : bool
        Whether it tells time, memory or bytes, for which the same answers prove nothing.
    """

    name: str
    question: str
    script: str
    rooms: tuple[str, ...]
    pages: tuple[str, ...]
    minutes: float
    options: tuple[str, ...] = ()
    cohorts: tuple[Cohort, ...] = ()
    real: bool = False
    bundled: bool = False
    by_hand: str = ""
    stored: str = ""
    uses_weights: bool = False
    threads: int | None = 1
    costs: bool = False

    @property
    def file(self) -> str:
        """Name of the stored file below ``evidence/results``."""
        return self.stored or f"{self.name}.json"

    @property
    def follows_from_answers(self) -> bool:
        """Whether code that gives the same answers gives the same result, without a person."""
        return not self.costs and not self.by_hand

    @property
    def path(self) -> Path:
        """Where the measuring script lies."""
        return REPOSITORY / self.script

    @property
    def inputs(self) -> str:
        """What it is measured on, in words."""
        parts = [str(each) for each in self.cohorts]
        parts += ["real studies"] if self.real else []
        parts += ["bundled study"] if self.bundled else []
        parts += [self.by_hand] if self.by_hand else []
        return "; ".join(parts)
