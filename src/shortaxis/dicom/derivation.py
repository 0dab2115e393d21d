"""How derived series came about, and what makes each of them new."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shortaxis.anatomy.cardiac_views import CardiacView
from shortaxis.dicom.equipment import SOFTWARE
from shortaxis.dicom.uids import UidGenerator
from shortaxis.geometry.pose import RigidPose

__all__ = ["Derivation", "Stamp"]

LONGEST_NAME = 64
"""Names of weights are free text; a longer one would push their hash out of the attribute."""


@dataclass(frozen=True)
class Derivation:
    """How slices came about, in words for Derivation Description and Image Comments."""

    method: str
    pose: RigidPose
    roll: str
    quality_flag: str
    description: str
    software_version: str
    weights_name: str = ""
    weights_version: str = ""
    weights_sha256: str = ""

    @property
    def weights(self) -> str:
        """Name, version and SHA-256 of the network weights in ASCII; empty where there are none."""
        if not self.weights_sha256:
            return ""
        names = (_plain(self.weights_name), _plain(self.weights_version))
        return " ".join(["weights", *filter(None, names)]) + f", SHA-256 {self.weights_sha256}"

    @property
    def contribution(self) -> str:
        """What the software did, for Contribution Description."""
        parts = ["Reorientation to the standard cardiac views", f"pose by {self.method}"]
        return ", ".join([*parts, self.weights] if self.weights else parts)

    def words(self, view: CardiacView) -> str:
        """One paragraph, without anything about the patient."""
        center = ", ".join(f"{value:.1f}" for value in self.pose.center_mm)
        sentences = [
            f"{view.title} slices by {SOFTWARE} {self.software_version}",
            f"pose by {self.method}, {self.roll} roll, centre ({center}) mm LPS",
            f"quality flag {self.quality_flag}",
        ]
        sentences += [self.weights] if self.weights else []
        return ". ".join(
            [*(f"{each[0].upper()}{each[1:]}" for each in sentences), self.description]
        )


@dataclass(frozen=True)
class Stamp:
    """What makes an object new: its number (from 1), a source of UIDs, and the time."""

    number: int
    uids: UidGenerator
    now: datetime


def _plain(text: str) -> str:
    """Printable ASCII, which every character set of a source can hold."""
    ascii_only = text.encode("ascii", "replace").decode("ascii")
    return "".join(each if each.isprintable() else "?" for each in ascii_only)[:LONGEST_NAME]
