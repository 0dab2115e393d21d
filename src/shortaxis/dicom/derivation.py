"""How derived series came about, and what makes each of them new."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shortaxis.anatomy.cardiac_views import CardiacView
from shortaxis.dicom.equipment import SOFTWARE
from shortaxis.dicom.uids import UidGenerator
from shortaxis.geometry.pose import RigidPose

__all__ = ["Derivation", "Stamp"]


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

    def words(self, view: CardiacView) -> str:
        """One paragraph, without anything about the patient."""
        center = ", ".join(f"{value:.1f}" for value in self.pose.center_mm)
        sentences = [
            f"{view.title} slices by {SOFTWARE} {self.software_version}",
            f"pose by {self.method}, {self.roll} roll, centre ({center}) mm LPS",
            f"quality flag {self.quality_flag}",
        ]
        if self.weights_name:
            sentences.append(
                f"weights {self.weights_name} {self.weights_version}, SHA-256 {self.weights_sha256}"
            )
        return ". ".join(
            [*(f"{each[0].upper()}{each[1:]}" for each in sentences), self.description]
        )


@dataclass(frozen=True)
class Stamp:
    """What makes an object new: its number (from 1), a source of UIDs, and the time."""

    number: int
    uids: UidGenerator
    now: datetime
