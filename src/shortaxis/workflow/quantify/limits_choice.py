"""Which normal limits a study is compared with, and what that leaves open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from shortaxis.dicom.carried.stated.glucose import FDG, PERHAPS_FDG
from shortaxis.quantification.drawn_surfaces import TRACED_WALL
from shortaxis.quantification.normal_files import (
    DEFAULT_NORMALS,
    FIXED_BANDS,
    INSTALLED,
    find_normals,
)
from shortaxis.quantification.normal_group import NOTHING_STATED, NormalGroup
from shortaxis.quantification.normal_limits import NormalLimits, NormalSet
from shortaxis.quantification.reconstructed_alike import reconstruction_notes
from shortaxis.spect.reading_notes import ReadingNote
from shortaxis.spect.study import AcquisitionFacts, StudyCondition

__all__ = ["group_of", "limits_for", "unlike_reconstruction"]


def limits_for(
    facts: AcquisitionFacts,
    normals: str | None,
    stated: NormalGroup = NOTHING_STATED,
    wall: str = TRACED_WALL,
    read: Sequence[ReadingNote] = (),
) -> tuple[NormalLimits | None, list[str]]:
    """Normal limits of the narrowest group that a study is of, and what they leave open.

    What neither the study says nor the user has `stated` does not count. Limits of walls that were
    found by another method than `wall` do not fit; there are installed ones of each. What was
    `read` of a study of glucose, or perhaps of it, leaves none: limits are of perfusion.
    """
    if normals is None or normals == FIXED_BANDS:
        return None, []
    if FDG in read:
        return None, ["normal limits are of perfusion, and FDG shows viability: nothing is scored"]
    if PERHAPS_FDG in read:
        return None, [
            "normal limits are of perfusion, and F-18 without the name of its tracer may be FDG: "
            "nothing is scored; the radiopharmaceutical in the header would tell"
        ]
    said = group_of(facts)
    exam, found = said.with_facts(stated), find_normals(_limits_name(normals, wall))
    if found.wall != wall:
        return None, [
            f"the normal limits {found.name} are of walls found by {found.wall}, not by {wall}: "
            "nothing is scored"
        ]
    limits = found.for_exam(exam)
    if limits is None:
        held = "; ".join(each.group.words for each in found.limits[:MAX_NAMED])
        said_words = "it says nothing of its kind" if exam == NOTHING_STATED else exam.words
        return None, [
            f"no normal limits of {found.name} fit this study ({said_words}), only those for: "
            f"{held}: nothing is scored"
        ]
    unlike = unlike_reconstruction(facts, normals, wall)
    return limits, [*_stated_notes(said, stated), *_notes(exam, limits, found), *unlike]


def unlike_reconstruction(
    facts: AcquisitionFacts, normals: str | None, wall: str = TRACED_WALL
) -> list[str]:
    """What a study is told of limits that were made of other reconstructions; else nothing."""
    if normals is None or normals == FIXED_BANDS:
        return []
    found = find_normals(_limits_name(normals, wall))
    return reconstruction_notes(facts.reconstructed_here, found.statements)


def _limits_name(normals: str, wall: str) -> str:
    """Of the installed limits there are some of each wall."""
    return INSTALLED.get(wall, normals) if normals == DEFAULT_NORMALS else normals


MAX_NAMED = 6


def _stated_notes(said: NormalGroup, stated: NormalGroup) -> list[str]:
    """What the user states, and what the study says against it."""
    if stated == NOTHING_STATED:
        return []
    against = {
        fact: value
        for fact, value in asdict(said).items()
        if value and getattr(stated, fact) not in ("", value)
    }
    words = f"normal limits chosen for {stated.words}, as stated by the user"
    return [words + (f"; the study says {NormalGroup(**against).words}" if against else "")]


def group_of(facts: AcquisitionFacts) -> NormalGroup:
    """The group of normal limits that a study is of, as far as it says."""
    is_known = facts.condition is not StudyCondition.UNKNOWN
    return NormalGroup(
        condition=facts.condition.value if is_known else "",
        correction={True: "AC", False: "none", None: ""}[facts.attenuation_corrected],
        tracer=facts.nuclide,
        sex=facts.patient_sex if facts.patient_sex in ("F", "M") else "",
        camera=facts.camera_kind,
    )


def _notes(exam: NormalGroup, limits: NormalLimits, found: NormalSet) -> list[str]:
    """What the set distinguishes exams by, and these limits do not: not said, or too rare."""
    open_facts = [
        fact
        for fact in FACT_WORDS
        if found.tells_apart_by(fact) and not getattr(limits.group, fact)
    ]
    unsaid = [FACT_WORDS[fact] for fact in open_facts if not getattr(exam, fact)]
    said = {fact: getattr(exam, fact) for fact in open_facts if getattr(exam, fact)}
    notes = [SIMULATED] if "simulated" in found.source else []
    if unsaid:
        notes.append(f"the study does not say: {', '.join(unsaid)}; the limits hold for any")
    if said:
        pooled = " and of ".join(f"{POOLED_WORDS[fact]} together" for fact in said)
        words = NormalGroup(**said).words
        notes.append(f"there are no normal limits for {words} alone: those used are of {pooled}")
    return notes


SIMULATED = "normal limits from simulated hearts: no norm for patients"

FACT_WORDS = {
    "correction": "attenuation correction",
    "camera": "kind of camera",
    "tracer": "tracer",
    "sex": "sex of the patient",
    "condition": "stress or rest",
}
"""Fields of `NormalGroup` in the words of notes."""

POOLED_WORDS = {
    "correction": "exams with and without attenuation correction",
    "camera": "all kinds of camera",
    "tracer": "all tracers",
    "sex": "women and men",
    "condition": "stress and rest",
}
"""What limits are of that do not tell a fact apart."""
