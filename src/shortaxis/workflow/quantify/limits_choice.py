"""Which normal limits a study is compared with, and what that leaves open."""

from __future__ import annotations

from shortaxis.quantification.normal_limits import (
    NormalGroup,
    NormalLimits,
    NormalSet,
    find_normals,
)
from shortaxis.spect.study import AcquisitionFacts, StudyCondition

__all__ = ["group_of", "limits_for"]


def limits_for(
    facts: AcquisitionFacts, normals: str | None
) -> tuple[NormalLimits | None, list[str]]:
    """Normal limits of the narrowest group that a study is of, and what they leave open.

    What the study does not say does not count.
    """
    if normals is None:
        return None, []
    exam, found = group_of(facts), find_normals(normals)
    limits = found.for_exam(exam)
    if limits is None:
        held = "; ".join(each.group.words for each in found.limits[:MAX_NAMED])
        return None, [
            f"no normal limits of {found.name} fit this study ({exam.words}), only those for: "
            f"{held}; scores are by fixed bands"
        ]
    return limits, _notes(exam, limits, found)


MAX_NAMED = 6


def group_of(facts: AcquisitionFacts) -> NormalGroup:
    """The group of normal limits that a study is of, as far as it says."""
    is_known = facts.condition is not StudyCondition.UNKNOWN
    return NormalGroup(
        condition=facts.condition.value if is_known else "",
        correction={True: "AC", False: "none", None: ""}[facts.attenuation_corrected],
        tracer=facts.nuclide,
        sex=facts.patient_sex if facts.patient_sex in ("F", "M") else "",
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
        notes.append(f"the study does not say: {', '.join(unsaid)}; the limits are of all")
    if said:
        notes.append(f"the limits are not of {NormalGroup(**said).words} alone")
    return notes


SIMULATED = "normal limits from simulated hearts: no norm for patients"

FACT_WORDS = {
    "correction": "attenuation correction",
    "tracer": "tracer",
    "sex": "sex of the patient",
    "condition": "stress or rest",
}
"""Fields of `NormalGroup` in the words of notes."""
