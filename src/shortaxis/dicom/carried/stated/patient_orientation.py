"""How the patient lay: the NM/PET Patient Orientation module (PS3.3 C.8.4.6)."""

from __future__ import annotations

from pydicom import Dataset

from shortaxis.dicom.carried.modules.carried_attributes import CODE_ITEM
from shortaxis.dicom.carried.modules.carrying import carry_item, items_in
from shortaxis.dicom.elements.attributes import code_values, items_of, text_of
from shortaxis.dicom.elements.code_items import code_item
from shortaxis.dicom.elements.vocabulary import LYING_WORDS, SERIES_TEXTS
from shortaxis.dicom.elements.wording import words_in
from shortaxis.spect.lying import PRONE, SUPINE, UPRIGHT

__all__ = [
    "PATIENT_POSITIONS",
    "SCT_OF_SRT",
    "carry_patient_orientation",
    "lying_of",
    "patient_position_of",
]

LYING, MODIFIER = "PatientOrientationCodeSequence", "PatientOrientationModifierCodeSequence"
TOWARD = "PatientGantryRelationshipCodeSequence"

PATIENT_POSITIONS = frozenset({
    "HFP", "HFS", "HFDR", "HFDL", "FFP", "FFS", "FFDR", "FFDL",
    "LFP", "LFS", "RFP", "RFS", "AFDR", "AFDL", "PFDR", "PFDL",
})  # fmt: skip
"""Defined terms of Patient Position (C.7.3.1.1.2)."""

UPRIGHT_CODES = frozenset({"10904000", "102539006", "33586001"})
"""Erect, semi-erect and sitting (CID 19 and 20)."""

LYING_BY_POSITION = {"S": SUPINE, "P": PRONE}
"""By the last letter of Patient Position; on a side is neither."""

RECUMBENT = ("102538003", "SCT", "recumbent")

FIRST_IN = {
    "HF": ("102540008", "SCT", "headfirst"),
    "FF": ("102541007", "SCT", "feet-first"),
}
"""First letters of Patient Position as Patient Gantry Relationship (CID 21)."""

FACING = {
    "S": ("40199007", "SCT", "supine"),
    "P": ("1240000", "SCT", "prone"),
    "DL": ("102536004", "SCT", "left lateral decubitus"),
    "DR": ("102535000", "SCT", "right lateral decubitus"),
}
"""Last letters of Patient Position as Patient Orientation Modifier (CID 20)."""

SCT_OF_SRT = {
    "F-10450": RECUMBENT,
    "F-10460": ("102539006", "SCT", "semi-erect"),
    "F-10320": ("10904000", "SCT", "erect"),
    "F-10326": ("51845000", "SCT", "anatomical"),
    "F-10310": FACING["P"],
    "F-10316": ("34026001", "SCT", "semi-prone"),
    "F-10317": FACING["DR"],
    "F-10318": ("32185000", "SCT", "lateral decubitus"),
    "F-10319": FACING["DL"],
    "F-10330": ("55864004", "SCT", "kneeling"),
    "F-10336": ("23242002", "SCT", "knee-chest"),
    "F-10340": FACING["S"],
    "F-10346": ("14205002", "SCT", "lithotomy"),
    "F-10348": ("34106002", "SCT", "Trendelenburg"),
    "F-10349": ("26527006", "SCT", "inverse Trendelenburg"),
    "F-10380": ("34296003", "SCT", "frog"),
    "F-10390": ("87068006", "SCT", "stooped-over"),
    "F-103A0": ("33586001", "SCT", "sitting"),
    "F-10410": ("34108001", "SCT", "curled-up"),
    "F-10470": FIRST_IN["HF"],
    "F-10480": FIRST_IN["FF"],
    "R-10515": ("399220000", "SCT", "transverse"),
    "R-10516": ("399366008", "SCT", "oblique"),
    "R-40799": ("260450008", "SCT", "lordotic"),
}
"""CID 19, 20 and 21 as they were coded before 2019."""

CURRENT_SCHEMES = ("SCT", "DCM", "NCIt")
"""Coding schemes of those context groups today."""


def carry_patient_orientation(source: Dataset, dataset: Dataset) -> None:
    """Carry the codes of the source; those of a Patient Position only where it has no other."""
    position = text_of(source, "PatientPosition").upper()
    known = position if position in PATIENT_POSITIONS else ""
    lying, toward = _carried(source, LYING), _carried(source, TOWARD)
    if not lying and known[2:] in FACING:
        lying = [code_item(*RECUMBENT)]
        setattr(lying[0], MODIFIER, [code_item(*FACING[known[2:]])])
    if not toward and known[:2] in FIRST_IN:
        toward = [code_item(*FIRST_IN[known[:2]])]
    setattr(dataset, LYING, lying)
    setattr(dataset, TOWARD, toward)


def patient_position_of(dataset: Dataset) -> str:
    """HFS, FFS, HFP, FFDL ... from the attribute or else from the codes; may be empty.

    Image Position and Orientation are relative to the patient, so nothing is turned by it.
    """
    position = text_of(dataset, "PatientPosition").upper()
    if position in PATIENT_POSITIONS:
        return position
    entry = [value for value, _ in code_values(dataset, TOWARD)]
    facing = _modifiers(dataset)
    first = _letters(entry[0], FIRST_IN) if entry else ""
    last = _letters(facing[0], FACING) if facing else ""
    return first + last if first and last else ""


def lying_of(dataset: Dataset) -> str:
    """Supine, prone or upright; empty where nothing says so.

    What the series is called goes first: many cameras leave the attribute at head first and supine
    when the patient turns over.
    """
    words = {word for keyword in SERIES_TEXTS for word in words_in(text_of(dataset, keyword))}
    named = [lying for lying, known in LYING_WORDS.items() if words & known]
    if len(named) == 1:
        return named[0]
    codes = [*(value for value, _ in code_values(dataset, LYING)), *_modifiers(dataset)]
    if any(SCT_OF_SRT.get(value, (value,))[0] in UPRIGHT_CODES for value in codes):
        return UPRIGHT
    return LYING_BY_POSITION.get(patient_position_of(dataset)[2:], "")


def _modifiers(dataset: Dataset) -> list[str]:
    items = items_of(dataset, LYING)
    return [value for item in items for value, _ in code_values(item, MODIFIER)]


def _letters(value: str, meanings: dict[str, tuple[str, str, str]]) -> str:
    current = SCT_OF_SRT.get(value, (value,))[0]
    return next((letters for letters, code in meanings.items() if code[0] == current), "")


def _carried(source: Dataset, keyword: str) -> list[Dataset]:
    """Items with a code of today, each with its modifiers, in SCT where they were in SRT."""
    carried = []
    for item in items_in(source, keyword):
        new = _current(item)
        if new is None:
            continue
        modifiers = [_current(modifier) for modifier in items_in(item, MODIFIER)]
        if any(modifiers):
            setattr(new, MODIFIER, [modifier for modifier in modifiers if modifier])
        carried.append(new)
    return carried[:1]


def _current(item: Dataset) -> Dataset | None:
    value = text_of(item, "CodeValue")
    if value in SCT_OF_SRT:
        return code_item(*SCT_OF_SRT[value])
    is_current = text_of(item, "CodingSchemeDesignator") in CURRENT_SCHEMES
    carried = carry_item(item, CODE_ITEM)
    return carried if value and is_current and "CodeMeaning" in carried else None
