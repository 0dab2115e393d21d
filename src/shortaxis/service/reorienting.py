"""The task of a worker process: reorient every exam of a study, with results that repeat.

An exam is known by the SOP Instance UIDs that it was made from. UIDs of its results follow from it,
from what it holds, from how it is made and from when it arrived, which they tell. So doing it
again, after a crash, gives the same objects, and sending them twice gives one. A study that was
purged and arrives again has other ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from shortaxis.dicom.documents.object_origin import following_uids
from shortaxis.errors import InputNotFoundError, ShortAxisError
from shortaxis.files.plain_json import read_json_object, to_json_line, to_json_text
from shortaxis.service.reading_rules import ReadingRules
from shortaxis.service.spool import hashed_name
from shortaxis.spect.content import content_sha256, counts_sha256
from shortaxis.spect.reading_options import AS_STORED, ReadingOptions
from shortaxis.workflow.reorient.made_with import made_with
from shortaxis.workflow.reorient.options import ReorientOptions
from shortaxis.workflow.reorient.outputs import OutputOptions, write_reorientation
from shortaxis.workflow.reorient.reorienting import reorient_study
from shortaxis.workflow.studies.finding import (
    ANY_STUDY,
    FoundStudies,
    FoundStudy,
    SkippedItem,
    StudyChoice,
    find_studies,
    narrowed,
)

__all__ = ["OUTCOME_FILE", "Task", "TaskResult", "exam_name", "perform"]

OUTCOME_FILE = "exam.json"

NOTHING = "nothing that can be reoriented"

SEVERAL_SENDERS = (
    "slices came from several senders of which different things are stated: none is taken for all"
)

Reading = tuple[ReadingOptions, StudyChoice]


@dataclass(frozen=True)
class Task:
    """A study to be reoriented: where it lies, where results go, and the time written on them.

    `reading` and `choice` are for every object, unless `of_objects`, by the names of their files,
    has rules of its sender.
    """

    incoming: Path
    results: Path
    stamped_at: float
    options: ReorientOptions
    review_sheet: bool = True
    reading: ReadingOptions = AS_STORED
    choice: StudyChoice = ANY_STUDY
    of_objects: Mapping[str, ReadingRules] = field(default_factory=dict)

    def way_of(self, path: Path) -> Reading:
        """How a received object is read."""
        rules = self.of_objects.get(path.stem)
        return (self.reading, self.choice) if rules is None else (rules.options, rules.choice)

    @property
    def readings(self) -> list[Reading]:
        """The different ways in which objects of the study are read."""
        objects = sorted(path for path in self.incoming.rglob("*") if path.is_file())
        return list(dict.fromkeys(self.way_of(path) for path in objects))


@dataclass(frozen=True)
class TaskResult:
    """What came out: records of exams, or why there are none; without identifiers."""

    exams: tuple[dict[str, Any], ...] = ()
    error: str = ""


def exam_name(sop_instance_uids: tuple[str, ...], energy_window: int = 0, content: str = "") -> str:
    """Name of the exam that was made from these objects, or from one window of an object.

    `content` tells it from an exam that the same UIDs were given before.
    """
    window = [f"window {energy_window}"] if energy_window else []
    held = [f"content {content}"] if content else []
    return hashed_name("\n".join([*sorted(sop_instance_uids), *window, *held]))


def perform(task: Task) -> TaskResult:
    """Reorient all exams of a study; one that fails does not stop the others.

    Exams whose results are there, of the same counts and made with the same, are not done again.
    """
    exams, errors = [], []
    for reading in task.readings:
        try:
            found = _found(task, reading)
        except ShortAxisError as error:
            errors.append(_words(error))
            continue
        # What may be an exam and could not be read is told, too: nobody else looks at it here.
        errors += [item.reason for item in found.skipped if item.is_exam]
        for each in found.studies:
            try:
                exams.append(_exam(each, task))
            except ShortAxisError as error:
                errors.append(_words(error))
    told = "; ".join(each for each in dict.fromkeys(errors) if not exams or each != NOTHING)
    return TaskResult(tuple(exams), told if exams else told or NOTHING)


def _found(task: Task, reading: Reading) -> FoundStudies:
    """What is to be read in one way: exams of objects that other rules are for are left out.

    All objects are looked at, since slices of one series may have come from several senders.
    """
    options, choice = reading
    found = narrowed(find_studies(task.incoming, options=options), choice)
    skipped = [item for item in found.skipped if task.way_of(item.path) == reading]
    ours = []
    for each in found.studies:
        ways = {task.way_of(path) for path in each.paths}
        if ways == {reading}:
            ours.append(each)
        elif reading in ways:
            skipped.append(SkippedItem(each.paths[0], SEVERAL_SENDERS, is_exam=True))
    if not ours and not any(item.is_exam for item in skipped):
        raise InputNotFoundError(NOTHING, path=task.incoming)
    return FoundStudies(tuple(ours), tuple(skipped))


def _words(error: ShortAxisError) -> str:
    """What an error says, without paths and what was found, which may hold identifiers."""
    return NOTHING if isinstance(error, InputNotFoundError) else error.summary


def _exam(found: FoundStudy, task: Task) -> dict[str, Any]:
    """The record of an exam: as it was made before, if that was of the same and with the same."""
    loaded = found.load()
    content = content_sha256(loaded.study)
    asked: dict[str, dict[str, object]] = {
        "made_with": made_with(task.options),
        "reading": found.reading.to_dict(),
    }
    name = _name_of(found, task, content)
    folder = task.results / name
    record = read_json_object(folder / OUTCOME_FILE) or {}
    of_this = {**asked, "content": content, "review_sheet": task.review_sheet}
    if all(record.get(key) == value for key, value in of_this.items()):
        return record
    made = reorient_study(loaded.study, task.options, None, loaded.header)
    # Those that were used, should others have been put there since.
    asked["made_with"]["weights_sha256"] = made.estimate.weights.sha256
    quality = made.estimate.quality
    record = {
        "exam": name,
        **of_this,
        "counts_sha256": counts_sha256(loaded.study.volume),
        "flag": quality.flag.value,
        "reasons": list(quality.reasons),
        "sources": sorted(path.stem for path in found.paths),
    }
    stated_of = _stated_of(task, found)
    if stated_of:
        record["stated_of"] = stated_of
    stamp = datetime.fromtimestamp(task.stamped_at)
    held = {**asked, "exam": name, "content": content, "stamp": stamp.isoformat()}
    output = OutputOptions(
        force=True,
        review_sheet=task.review_sheet,
        uid_generator=following_uids(to_json_line(held, sorted_keys=True)),
        clock=lambda: stamp,
        companions={OUTCOME_FILE: to_json_text(record).encode()},
    )
    write_reorientation(made, folder, output)
    return record


def _stated_of(task: Task, found: FoundStudy) -> dict[str, str]:
    """Senders whose own rules an exam was read by."""
    rules = {task.of_objects.get(path.stem) for path in found.paths} - {None}
    titles = {
        name: ", ".join(sorted({getattr(rule, name) for rule in rules} - {""}))
        for name in ("sender", "called")
    }
    return {name: words for name, words in titles.items() if words}


def _name_of(found: FoundStudy, task: Task, content: str) -> str:
    """Name of the exam; objects that hold other counts under the same UIDs are another exam."""
    window = found.series.energy_window if found.series else 0
    name = exam_name(found.facts.sop_instance_uids, window)
    there = read_json_object(task.results / name / OUTCOME_FILE) or {}
    is_read_alike = there.get("reading") == found.reading.to_dict()
    if is_read_alike and there.get("content") not in (None, content):
        return exam_name(found.facts.sop_instance_uids, window, content)
    return name
