"""Studies that are read by two readers: the second one does not see what the first one did."""

from __future__ import annotations

from typing import Any

from shortaxis.errors import OptionError
from shortaxis.review.decisions import SIGNED_OFF, STATE_AFTER, Decision
from shortaxis.review.second_reading import (
    VERDICTS,
    SecondReading,
    agreement_of,
    agreement_summary,
)
from shortaxis.review.session import ReviewSession
from shortaxis.review.signing import signed_pose
from shortaxis.review.store import ReviewConflictError

__all__ = ["agreement_record", "present_second_readings", "read_again", "second_readings_of"]


def read_again(session: ReviewSession, study: str, decision: Decision) -> None:
    """Keep a second reading; the first one stays as it is, with its results.

    Raises
    ------
    OptionError
        If it is no verdict, nobody has read the study before, or the same reader has.
    ReviewConflictError
        If the first reading was changed since the study was opened.
    ShortAxisError
        If the study cannot be read, or the pose is none.
    """
    if decision.action not in VERDICTS:
        raise OptionError(
            "is no verdict of a second reader",
            expected=", ".join(action.value for action in VERDICTS),
            found=decision.action.value,
        )
    with session.lock_of(study):
        opened = session.opened(study, again=True)
        first = session.store.review(study)
        if first.version != decision.version:
            raise ReviewConflictError(
                "was changed meanwhile",
                expected=f"version {first.version}, the present one",
                found=f"a reading of version {decision.version}",
                cause="the first reader, or another window; open the study again",
            )
        pose = None
        if STATE_AFTER[decision.action] in SIGNED_OFF:
            pose = signed_pose(opened, decision, session.automatic_of(study, opened))
        reading = SecondReading(
            study,
            opened.content,
            decision.reviewer.strip(),
            session.now(),
            decision.action,
            decision.comment,
            pose,
        )
        reading.require_other_reader(first, _first_reader(session, study))
        session.store.keep_second_reading(reading)


def _first_reader(session: ReviewSession, study: str) -> str:
    """Who made the decision that stands."""
    decided = {action.value for action in VERDICTS}
    made = [each for each in session.store.trail(study) if each["action"] in decided]
    return str(made[-1]["reviewer"]) if made else ""


def present_second_readings(session: ReviewSession) -> list[SecondReading]:
    """Second readings of counts that are still there, of studies that a first reader decided on."""
    reviews = session.store.reviews()
    return [
        each
        for each in session.store.second_readings()
        if each.study in reviews
        and reviews[each.study].content == each.content
        and reviews[each.study].state in VERDICTS.values()
    ]


def second_readings_of(session: ReviewSession, study: str) -> list[dict[str, Any]]:
    """Second readings of a study, each with how far it agrees with the first one."""
    first = session.store.review(study)
    found = [each for each in present_second_readings(session) if each.study == study]
    return [agreement_of(first, each) for each in found]


def agreement_record(session: ReviewSession) -> dict[str, Any]:
    """Agreement of first and latest second reader over all studies that both have read."""
    latest = {each.study: each for each in present_second_readings(session)}
    reviews = session.store.reviews()
    return agreement_summary([(reviews[study], each) for study, each in latest.items()])
