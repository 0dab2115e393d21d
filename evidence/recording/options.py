"""Options that several measuring scripts have."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path

from evidence.registry.places import IMAGES, cohorts_folder, real_data_folder

__all__ = [
    "PLACES",
    "add_cohorts",
    "add_pictures",
    "add_real_data",
    "add_workers",
    "picture_options",
    "without_places",
]

PLACES = ("--cohorts", "--data", "--out", "--picture", "--pictures", "--workers")
"""Options that only say where files lie, or how many processes measure: the result is the same."""


def without_places(options: Iterable[str]) -> list[str]:
    """Words of a command without those that say where files lie."""
    kept: list[str] = []
    words = iter(options)
    for word in words:
        if word in PLACES:
            next(words, None)
        elif word.partition("=")[0] not in PLACES:
            kept.append(word)
    return kept


def add_real_data(parser: ArgumentParser) -> None:
    """Folder of the real studies; by default that of ``SHORTAXIS_REAL_DATA``."""
    parser.add_argument("--data", type=Path, default=real_data_folder(), metavar="FOLDER")


def add_cohorts(parser: ArgumentParser) -> None:
    """Folder of simulated cohorts; by default that of ``SHORTAXIS_COHORTS``, or ``cohorts``."""
    parser.add_argument("--cohorts", type=Path, default=cohorts_folder(), metavar="FOLDER")


def add_workers(parser: ArgumentParser) -> None:
    """How many processes measure at once; by default one."""
    parser.add_argument("--workers", type=int, default=1, metavar="N")


def add_pictures(parser: ArgumentParser) -> None:
    """Folder to keep pictures in; none are kept without it."""
    parser.add_argument("--pictures", type=Path, metavar="FOLDER")


def picture_options(description: str | None) -> ArgumentParser:
    """Options of a script that makes nothing but pictures: the folder to keep them in."""
    parser = ArgumentParser(description=description)
    parser.add_argument("--pictures", type=Path, default=IMAGES, metavar="FOLDER")
    return parser
