"""How derived series came about, and what makes each of them new."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from shortaxis.anatomy.cardiac_views import CardiacView
from shortaxis.dicom.carried.equipment import SOFTWARE
from shortaxis.dicom.elements.code_items import OWN_SCHEME
from shortaxis.dicom.elements.uids import UidGenerator
from shortaxis.dicom.elements.vocabulary import VIEW_ABBREVIATIONS
from shortaxis.dicom.elements.wording import printable_ascii
from shortaxis.geometry.euler import angles_from_rotation
from shortaxis.geometry.pose import RigidPose

__all__ = [
    "FLAGGED_CODE",
    "REVIEW",
    "Derivation",
    "ReconstructionDerivation",
    "SeriesDerivation",
    "SeriesWords",
    "Stamp",
    "flag_and_reasons",
]

MAX_NAME_LENGTH = 64
"""Names of weights are free text; a longer one would push their hash out of the attribute."""

MAX_COMMENTS_LENGTH = 10240
"""Characters of an LT value such as Image Comments (PS3.5 6.2)."""

REVIEW = "review"
"""The quality flag that asks for a look."""

FLAGGED_CODE = ("REVIEW", OWN_SCHEME, "Pose flagged for review")
"""Says the same where words were taken away."""


REFORMATTED = ("113072", "DCM", "Multiplanar reformatting")
"""CID 7203 Image Derivation."""

BACKPROJECTED = ("113962", "DCM", "Filtered Back Projection")
ITERATED = ("113963", "DCM", "Iterative Reconstruction")
"""CID 10033 Reconstruction Algorithm, by which CID 7203 may be extended."""


@dataclass(frozen=True)
class SeriesWords:
    """What is said of a derived series, without anything about the patient.

    `name` begins Series Description, before the condition; `run` ends it. `description` is that of
    the derivation, `code` its (code, scheme, meaning), `comments` are Image Comments and
    `contribution` is what the software did.
    """

    name: tuple[str, ...]
    description: str
    code: tuple[str, str, str]
    comments: str
    contribution: str
    software_version: str
    is_flagged: bool = False
    run: tuple[str, ...] = ()


class SeriesDerivation(Protocol):
    """How series came about, of one view (None: transaxial) or of several."""

    def said_of(self, view: CardiacView | None) -> SeriesWords:
        """What is said of the series of a view."""
        ...


@dataclass(frozen=True)
class ReconstructionDerivation:
    """How transaxial slices were made of projections.

    `words` tell method, filter and views, `notes` what was noted on the way, `reasons` those among
    them that ask for a look; `run` ends the description of the series.
    """

    words: str
    software_version: str
    description: str
    is_iterative: bool
    notes: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    run: tuple[str, ...] = ()

    def said_of(self, view: CardiacView | None) -> SeriesWords:
        """What is said of the series; there is but one view."""
        told = flag_and_reasons(REVIEW, self.reasons) if self.reasons else ""
        also = "; ".join(map(printable_ascii, self.notes))
        comments = ". ".join(filter(None, (told, also, self.description)))
        return SeriesWords(
            # The name of the package would say that the slices are short-axis ones.
            name=("TRANSAXIAL",),
            description=f"Transaxial slices by {SOFTWARE} {self.software_version}, reconstructed "
            f"with {self.words}. {self.description}",
            code=ITERATED if self.is_iterative else BACKPROJECTED,
            comments=comments[:MAX_COMMENTS_LENGTH],
            contribution=f"Reconstruction with {self.words}",
            software_version=self.software_version,
            is_flagged=bool(self.reasons),
            run=self.run,
        )


@dataclass(frozen=True)
class Derivation:
    """How slices came about, in words for Derivation Description and Image Comments.

    `pose` and `roll` are those of the slices; `anatomical_roll_deg` is None where it is not
    known. `reasons` are those of the flag, `bounds` tells the uncertainty of the pose, `run` the
    choices that are not the default ones, each in a word of small letters, and `made_from` how the
    transaxial slices were made of raw projections, empty where they were stored.
    """

    method: str
    pose: RigidPose
    roll: str
    quality_flag: str
    description: str
    software_version: str
    anatomical_roll_deg: float | None = None
    interpolation: str = "linear"
    reasons: tuple[str, ...] = ()
    bounds: str = ""
    run: tuple[str, ...] = ()
    weights_name: str = ""
    weights_version: str = ""
    weights_sha256: str = ""
    made_from: str = ""

    def said_of(self, view: CardiacView | None) -> SeriesWords:
        """What is said of the slices of a view; of none there are no words."""
        named = (VIEW_ABBREVIATIONS[view],) if view else ()
        return SeriesWords(
            name=(SOFTWARE, *named),
            description=self.words(view) if view else self.description,
            code=REFORMATTED,
            comments=self.comments,
            contribution=self.contribution,
            software_version=self.software_version,
            is_flagged=self.is_flagged,
            run=self.run,
        )

    @property
    def weights(self) -> str:
        """Name, version and SHA-256 of the network weights in ASCII; empty where there are none."""
        if not self.weights_sha256:
            return ""
        names = (
            each[:MAX_NAME_LENGTH]
            for each in map(printable_ascii, (self.weights_name, self.weights_version))
        )
        return " ".join(["weights", *filter(None, names)]) + f", SHA-256 {self.weights_sha256}"

    @property
    def contribution(self) -> str:
        """What the software did, for Contribution Description."""
        parts = ["Reorientation to the standard cardiac views", f"pose by {self.method}"]
        return ", ".join([*parts, self.weights] if self.weights else parts)

    @property
    def is_flagged(self) -> bool:
        """Whether the pose asks for a look."""
        return self.quality_flag == REVIEW

    @property
    def comments(self) -> str:
        """Flag, reasons, bounds and what the slices are, in ASCII, for Image Comments."""
        ending = ". ".join(["", *filter(None, (self.bounds, self.description))])
        told = flag_and_reasons(self.quality_flag, self.reasons)
        return told[: MAX_COMMENTS_LENGTH - len(ending)] + ending

    def words(self, view: CardiacView) -> str:
        """One paragraph, without anything about the patient."""
        center = ", ".join(f"{value:.1f}" for value in self.pose.center_mm)
        sentences = [
            f"{view.title} slices by {SOFTWARE} {self.software_version}",
            f"pose by {self.method}, {self.roll} roll, centre ({center}) mm LPS",
            *self._angles(),
            f"{self.interpolation} interpolation",
            f"quality flag {self.quality_flag}",
        ]
        sentences += [self.weights] if self.weights else []
        if self.made_from:
            sentences.append(f"of projections reconstructed here with {self.made_from}")
        return ". ".join(
            [*(f"{each[0].upper()}{each[1:]}" for each in sentences), self.description]
        )

    def _angles(self) -> list[str]:
        """Direction of the long axis, and the roll by the septum whatever the slices have."""
        elevation, _, azimuth = angles_from_rotation(self.pose.patient_from_cardiac)
        roll = self.anatomical_roll_deg
        return [
            f"long axis azimuth {_rounded(azimuth)}, elevation {_rounded(elevation)} degrees "
            "(positive: apex to the left, to the feet)",
            f"anatomical roll {'not known' if roll is None else f'{_rounded(roll)} degrees'}",
        ]


@dataclass(frozen=True)
class Stamp:
    """What makes an object new: its number (from 1), a source of UIDs, and the time."""

    number: int
    uids: UidGenerator
    now: datetime


def flag_and_reasons(quality_flag: str, reasons: Sequence[str]) -> str:
    """The flag, and after a colon what it was raised for, in ASCII.

    Examples
    --------
    >>> flag_and_reasons("review", ["the roll is uncertain", "few counts"])
    'REVIEW: the roll is uncertain; few counts'
    """
    flag = quality_flag.upper() + (": " if reasons else "")
    return flag + printable_ascii("; ".join(reasons))


def _rounded(value: float) -> str:
    # Adding zero turns a rounded -0.0 into 0.0.
    return f"{round(value, 1) + 0.0:.1f}"
