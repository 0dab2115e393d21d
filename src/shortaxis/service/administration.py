"""What an operator does with a node, running or not: see its state, retry, remove studies."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from shortaxis.errors import InputNotFoundError
from shortaxis.service.journal import Journal
from shortaxis.service.reading_rules import NO_SENDERS, SenderRules
from shortaxis.service.records import StudyState
from shortaxis.service.settings import ServiceSettings
from shortaxis.service.spool import Spool

__all__ = ["open_journal", "purge_studies", "status_record"]

DAY_S = 86_400.0


def open_journal(settings: ServiceSettings) -> Journal:
    """The journal of a node.

    Raises
    ------
    InputNotFoundError
        If the node never ran; none is made.
    """
    path = Spool(settings.folder).journal
    if not path.is_file():
        raise InputNotFoundError(
            "holds no journal",
            path=settings.folder,
            expected="the folder of a node that has run",
            found="no journal.sqlite" if settings.folder.is_dir() else "no such folder",
        )
    return Journal(path)


def status_record(
    journal: Journal, rules: SenderRules = NO_SENDERS, limit: int = 20
) -> dict[str, Any]:
    """Counts by state, deliveries that wait, and studies that failed or wait for a review.

    `unheard` are senders that `rules` are of and that nothing is here from; `senders` those that
    something is here from.
    """
    senders = journal.senders()
    wanted = journal.studies((StudyState.FAILED, StudyState.REVIEW))
    return {
        "studies": journal.counts(),
        "objects": journal.objects(),
        "senders": list(dict.fromkeys(each.calling for each in senders)),
        "unheard": [
            rule.sender or rule.called
            for rule in rules.rules
            if not any(rule.holds_for(each) for each in senders)
        ],
        "waiting": journal.waiting_deliveries(),
        "to_look_at": [
            {"study": each.study, "state": each.state.value, "reason": each.reason}
            for each in wanted[:limit]
        ],
        "more": max(len(wanted) - limit, 0),
    }


def purge_studies(
    journal: Journal,
    spool: Spool,
    states: Collection[StudyState],
    older_than_days: float,
    now_s: float,
) -> int:
    """Forget studies in these states that have not changed for so long, and remove their files.

    What waits to be sent stays. `now_s` is the time, seconds since the epoch.
    """
    removed = 0
    for study in journal.studies(states):
        is_old = now_s - study.changed_at >= DAY_S * older_than_days
        if is_old and journal.forget(study.study, study.changed_at):
            spool.remove(study.study)
            removed += 1
    return removed
