"""What an operator does with a node, running or not: see its state, retry, remove studies.

A purge never crosses an arrival: files are moved out of the way in the transaction that forgets a
study, and an object gets its name in the one that notes it.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from typing import Any

from shortaxis.errors import InputNotFoundError
from shortaxis.files.whole_files import remove_partial
from shortaxis.service.bookkeeping.journal import Journal
from shortaxis.service.bookkeeping.records import StudyState
from shortaxis.service.reading_rules import NO_SENDERS, SenderRules
from shortaxis.service.sending.results import has_results
from shortaxis.service.settings import ServiceSettings
from shortaxis.service.spool import Spool

__all__ = ["open_journal", "purge_studies", "status_record", "trouble_record"]

LOG = logging.getLogger("shortaxis.service")

DAY_S = 86_400.0


def open_journal(settings: ServiceSettings) -> Journal:
    """The journal of a node.

    Raises
    ------
    InputNotFoundError
        If the node never ran; none is made.
    UnreadableFileError
        If the journal is damaged.
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
    journal: Journal, spool: Spool, rules: SenderRules = NO_SENDERS, limit: int = 20
) -> dict[str, Any]:
    """Counts by state, what waits and what failed, and what else somebody should look at.

    `unheard` are senders that `rules` are of and that nothing is here from; `senders` those that
    something is here from. Studies and deliveries are listed up to `limit`.
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
        "waiting": journal.deliveries.waiting(),
        "uncommitted": journal.deliveries.uncommitted_counts(),
        "failing_deliveries": journal.deliveries.failing()[:limit],
        "to_look_at": [
            {"study": each.study, "state": each.state.value, "reason": each.reason}
            for each in wanted[:limit]
        ],
        "more": max(len(wanted) - limit, 0),
        **trouble_record(journal, spool),
    }


def trouble_record(journal: Journal, spool: Spool) -> dict[str, Any]:
    """What happened to objects and journal, over all starts of the node."""
    return {
        "events": journal.events(),
        "journals_set_aside": len(spool.journals_set_aside()),
        "unknown_files": len(spool.unknown_files()),
    }


def purge_studies(
    journal: Journal,
    spool: Spool,
    states: Collection[StudyState],
    older_than_days: float,
    now_s: float,
    names: Collection[str] = (),
) -> int:
    """Forget studies in these states that have not changed for so long, and remove their files.

    What waits to be sent stays, as long as there are results to send. `now_s` is the time, seconds
    since the epoch; with `names`, studies of other names stay, too. One that cannot be removed is
    logged, and stays as it is.
    """
    unchanged_since = now_s - DAY_S * older_than_days
    removed = 0
    for study in journal.studies(states):
        is_wanted = not names or study.study in names
        if not is_wanted or study.changed_at > unchanged_since:
            continue
        try:
            removed += _purge(journal, spool, study.study, unchanged_since)
        except OSError as error:
            LOG.error("study %s: not removed: %s", study.study, type(error).__name__)
    return removed


def _purge(journal: Journal, spool: Spool, study: str, unchanged_since: float) -> bool:
    away = spool.place_for_removal(study)
    try:
        is_forgotten = journal.forget(
            study,
            unchanged_since,
            can_be_sent=lambda folder: has_results(spool.folder / folder),
            take_away=lambda: spool.take_away(study, away),
        )
    except BaseException:
        spool.put_back(study, away)
        raise
    if is_forgotten:
        remove_partial(away)
    return is_forgotten
