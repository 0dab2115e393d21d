"""How projections are to be reconstructed, as plain parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from shortaxis.errors import OptionError
from shortaxis.reconstruction.collimators import COLLIMATORS
from shortaxis.reconstruction.post_filters import PostFilter

__all__ = ["METHODS", "SCATTER_METHODS", "ReconstructionSettings"]

METHODS = ("osem", "fbp")

SCATTER_METHODS = ("none", "dual", "triple")
"""Dual: a scatter window below the peak (Jaszczak 1984). Triple: windows beside the peak
(Ogawa 1991)."""


@dataclass(frozen=True)
class ReconstructionSettings:
    """How projections become a volume.

    Parameters
    ----------
    method : {"osem", "fbp"}
        Ordered-subsets expectation maximisation (Hudson and Larkin 1994), or filtered
        backprojection.
    iterations, subsets : int
        OSEM only: passes over all views, and updates in each pass. Subsets need not divide the
        views.
    collimator : str or None
        OSEM only: the name of a row of `COLLIMATORS`, which turns resolution recovery on.
    attenuation_corrected : bool
        OSEM only: needs the attenuation map that `reconstruct` is given.
    scatter : {"none", "dual", "triple"}
        Correction from further energy windows of the projections.
    post_filter : PostFilter
        Applied in three dimensions to the volume.
    temporal_filter : bool
        Gated only: each time slot becomes a quarter of the slots before and after it and half of
        itself, around the cycle; their sum stays what it is.
    """

    method: str = "osem"
    iterations: int = 3
    subsets: int = 10
    collimator: str | None = None
    attenuation_corrected: bool = False
    scatter: str = "none"
    post_filter: PostFilter = PostFilter()  # noqa: RUF009 - frozen
    temporal_filter: bool = True

    def __post_init__(self) -> None:
        _check_among("reconstruction", self.method, METHODS)
        _check_among("scatter correction", self.scatter, SCATTER_METHODS)
        if self.collimator is not None:
            _check_among("collimator", self.collimator, tuple(COLLIMATORS))
        for name, highest in (("iterations", 100), ("subsets", 180)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= highest:
                raise OptionError(
                    f"{name} out of range", expected=f"whole, 1 to {highest}", found=repr(value)
                )
        if self.method == "fbp" and (self.collimator or self.attenuation_corrected):
            raise OptionError(
                "filtered backprojection corrects neither attenuation nor resolution",
                expected="no attenuation map and no collimator",
                found="one of them",
                way_on="reconstruct by osem",
            )

    @property
    def words(self) -> str:
        """For Series Description and headers, without the filter."""
        if self.method == "fbp":
            return "FBP" + (" SC" if self.scatter != "none" else "")
        corrections = (
            (" AC", self.attenuation_corrected),
            (" SC", self.scatter != "none"),
            (" RR", self.collimator is not None),
        )
        words = "".join(word for word, is_on in corrections if is_on)
        return f"OSEM {self.iterations}i{self.subsets}s{words}"

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for a record."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> ReconstructionSettings:
        """Settings of a record; missing ones are the defaults.

        Raises
        ------
        OptionError
            If a name is unknown or a value out of range.
        """
        names = {each.name for each in fields(cls)}
        _check_names("settings", values, names)
        given = dict(values)
        if "post_filter" in given and not isinstance(given["post_filter"], PostFilter):
            _check_names(
                "filter settings", given["post_filter"], {each.name for each in fields(PostFilter)}
            )
            given["post_filter"] = PostFilter(**given["post_filter"])
        return cls(**given)


def _check_among(name: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise OptionError(f"unknown {name}", expected=", ".join(known), found=str(value))


def _check_names(what: str, values: Mapping[str, Any], known: set[str]) -> None:
    unknown = sorted(set(values) - known)
    if unknown:
        raise OptionError(
            f"unknown {what}", expected=", ".join(sorted(known)), found=", ".join(unknown)
        )
