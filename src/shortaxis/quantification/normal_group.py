"""Groups of exams that are alike in what changes the uptake of a healthy heart."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields

from shortaxis.errors import OptionError
from shortaxis.spect.camera_kinds import CAMERA_KINDS
from shortaxis.spect.nuclides import NUCLIDE_NAMES

__all__ = ["FACT_VALUES", "GROUP_FACTS", "NOTHING_STATED", "NormalGroup"]


@dataclass(frozen=True)
class NormalGroup:
    """Exams that are alike in what changes the uptake; empty: not told apart by it.

    `condition` is ``stress`` or ``rest``, `correction` ``AC`` or ``none`` (of attenuation),
    `tracer` the nuclide as `shortaxis.spect.nuclides` names it, `sex` ``F`` or ``M``, and `camera`
    one of `shortaxis.spect.camera_kinds.CAMERA_KINDS`.
    """

    condition: str = ""
    correction: str = ""
    tracer: str = ""
    sex: str = ""
    camera: str = ""

    def holds(self, other: NormalGroup) -> bool:
        """Whether an exam of the other group is one of this group."""
        pairs = zip(asdict(self).values(), asdict(other).values(), strict=True)
        return all(own in ("", theirs) for own, theirs in pairs)

    def with_facts(self, stated: NormalGroup) -> NormalGroup:
        """The same group with what `stated` says in place of its own."""
        said = {name: value for name, value in asdict(stated).items() if value}
        return NormalGroup(**{**asdict(self), **said})

    def require_known_words(self) -> None:
        """Raise `OptionError` for a value that no exam can have."""
        for name, known in FACT_VALUES.items():
            value = getattr(self, name)
            if value and value not in known:
                raise OptionError(f"unknown {name}", expected=", ".join(known), found=value)

    @property
    def words(self) -> str:
        """What they have in common, e.g. "stress, attenuation corrected, Tc-99m, women"."""
        told = (FACT_WORDS.get(value, value) for value in asdict(self).values())
        return ", ".join(filter(None, told)) or "all kinds"

    @property
    def rank(self) -> int:
        """How narrow it is; what changes the uptake most counts most."""
        return sum(2**place for place, fact in enumerate(RANKED_FACTS) if getattr(self, fact))


NOTHING_STATED = NormalGroup()

GROUP_FACTS = tuple(each.name for each in fields(NormalGroup))

FACT_VALUES = {
    "condition": ("stress", "rest"),
    "correction": ("AC", "none"),
    "tracer": tuple(NUCLIDE_NAMES),
    "sex": ("F", "M"),
    "camera": CAMERA_KINDS,
}
"""Words of every fact, as lists and files spell them."""

RANKED_FACTS = ("condition", "sex", "tracer", "camera", "correction")
"""From what changes the uptake of healthy hearts least to what does most (the result numbers)."""

FACT_WORDS = {"AC": "attenuation corrected", "none": "not corrected", "F": "women", "M": "men"}
