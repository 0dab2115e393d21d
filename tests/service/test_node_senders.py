"""What a node states about one sender holds for that one, and for nobody else."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pydicom
import pytest

pytest.importorskip("pynetdicom", reason="the DICOM node needs pynetdicom")

from pynetdicom import AE

from nm_object import save_object
from service_peers import TITLE, new_study, running_node, store, until
from shortaxis.errors import OptionError
from shortaxis.service.administration import open_journal
from shortaxis.service.bookkeeping.journal import Journal
from shortaxis.service.reading_rules import ReadingRules, Sender, SenderRules
from shortaxis.service.reorienting import Task, perform
from shortaxis.service.settings import read_settings
from shortaxis.spect.reading_options import ReadingOptions
from shortaxis.spect.stated_geometry import permuted
from shortaxis.workflow.reorient.options import ReorientOptions
from split_exams import write_slices

STATED = "orientation as stated by the user"


def settings_of(folder: Path, tables: str) -> Any:
    path = folder / "node.toml"
    path.write_text(f'folder = "a"\n{tables}\n')
    return read_settings(path)


def unplaced_study() -> pydicom.Dataset:
    study = new_study()
    del study.DetectorInformationSequence[0].ImagePositionPatient
    del study.DetectorInformationSequence[0].ImageOrientationPatient
    return study


def task_of(folder: Path, of_objects: dict[str, ReadingRules], **more: Any) -> Task:
    return Task(
        folder / "incoming", folder / "results", 0.0, ReorientOptions(), review_sheet=False,
        of_objects=of_objects, **more,
    )  # fmt: skip


def test_a_list_of_tables_has_rules_of_senders_and_one_for_all_others(tmp_path: Path) -> None:
    settings = settings_of(
        tmp_path,
        '[[reading]]\nwhole_body = true\n[[reading]]\nsender = "CAMERA1"\norientation = "LPI"\n'
        '[[reading]]\ncalled = "OLDCAM"\nslice_spacing_mm = -6.4\n'
        "[node]\nrequire_called_ae_title = false",
    )
    rules = settings.reading_of_senders

    assert settings.reading.options == ReadingOptions(whole_body=True)
    first = rules.rule_of(Sender("CAMERA1", "SHORTAXIS"))
    assert first.options == ReadingOptions(stated=permuted("LPI"))
    assert rules.rule_of(Sender("CAMERA1 ", "OLDCAM")) == first
    assert rules.rule_of(Sender("CAMERA2", "OLDCAM")).slice_spacing_mm == -6.4
    assert rules.rule_of(Sender("CAMERA2", "SHORTAXIS")) is None
    assert rules.rule_of(Sender("CAMERA11", "SHORTAXIS")) is None


def test_one_table_of_a_sender_states_nothing_of_others(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, '[reading]\nsender = "CAMERA1"\norientation = "LPI"')

    assert settings.reading.options == ReadingOptions()
    assert settings.reading_of_senders.rule_of(Sender("CAMERA1", "")) is not None


@pytest.mark.parametrize(
    ("tables", "words"),
    [
        ('[[reading]]\nsender = "A"\n[[reading]]\nsender = "A "', "of one sender"),
        ("[[reading]]\nwhole_body = true\n[[reading]]\nflips = []", "have no sender"),
        ('[[reading]]\nsender = "A\\\\B"', "AE title cannot be one"),
        ('[[reading]]\nsender = "seventeen letters"', "AE title cannot be one"),
        ('[[reading]]\nsender = "A"\norientation = "LLS"', "names no three directions"),
        ('[[reading]]\nsender = "A"\n[node]\ncalling_ae_titles = ["B"]', "sender that the node"),
        ('[[reading]]\ncalled = "OTHER"', "called that the node"),
        ('[reading]\ncorrected = "perhaps"', "corrected"),
        ("[[reading]]\nsender = 5", "sender is of the wrong kind"),
        ("reading = 5", "reading is of the wrong kind"),
    ],
)
def test_what_cannot_be_of_a_sender_is_refused(tmp_path: Path, tables: str, words: str) -> None:
    with pytest.raises(OptionError, match=words):
        settings_of(tmp_path, tables)


def test_a_rule_of_nobody_is_refused() -> None:
    with pytest.raises(OptionError):
        SenderRules((ReadingRules(),))


def test_what_is_stated_of_one_sender_is_not_of_another(tmp_path: Path) -> None:
    save_object(unplaced_study(), tmp_path / "incoming" / "one.dcm")
    save_object(unplaced_study(), tmp_path / "incoming" / "two.dcm")
    save_object(new_study(), tmp_path / "incoming" / "three.dcm")
    rule = ReadingRules(sender="CAMERA1", orientation="LPI")

    made = perform(task_of(tmp_path, {"one": rule}))

    by_source = {exam["sources"][0]: exam for exam in made.exams}
    assert set(by_source) == {"one", "three"}
    assert any(STATED in reason for reason in by_source["one"]["reasons"])
    assert by_source["one"]["stated_of"] == {"sender": "CAMERA1"}
    assert not any(STATED in reason for reason in by_source["three"]["reasons"])
    assert "stated_of" not in by_source["three"]
    assert "ImagePositionPatient" in made.error
    for exam in made.exams:
        folder = tmp_path / "results" / exam["exam"]
        pose = json.loads((folder / "pose.json").read_text("utf-8"))
        assert any(STATED in each for each in pose["quality"]["reasons"]) == (
            exam is by_source["one"]
        )


def test_a_stack_of_several_senders_is_cut_by_no_rule_and_told(tmp_path: Path) -> None:
    write_slices(tmp_path / "incoming")
    names = sorted(path.stem for path in (tmp_path / "incoming").iterdir())
    rule = ReadingRules(sender="CAMERA1", slice_spacing_mm=9.0)

    made = perform(task_of(tmp_path, dict.fromkeys(names[:10], rule)))
    whole = perform(task_of(tmp_path, dict.fromkeys(names, rule)))

    assert not made.exams
    assert "several senders" in made.error
    assert made.error.count("several senders") == 1
    assert len(whole.exams) == 1


def test_senders_whose_rules_read_alike_are_one(tmp_path: Path) -> None:
    write_slices(tmp_path / "incoming")
    names = sorted(path.stem for path in (tmp_path / "incoming").iterdir())
    first, second = (ReadingRules(sender=name, orientation="LPI") for name in ("A", "B"))

    made = perform(
        task_of(tmp_path, dict.fromkeys(names[:10], first) | dict.fromkeys(names[10:], second))
    )

    (exam,) = made.exams
    assert exam["stated_of"] == {"sender": "A, B"}


def test_the_journal_knows_who_sent_an_object_first(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.sqlite")
    first, second = Sender("CAMERA1", "NODE"), Sender("ARCHIVE", "NODE")

    journal.add_object("a", "study", "incoming/study/a.dcm", sender=first)
    journal.add_object("a", "study", "incoming/study/a.dcm", sender=second)
    journal.add_object("b", "study", "incoming/study/b.dcm", sender=second)
    journal.add_object("c", "study", "incoming/study/c.dcm")

    assert journal.senders_of("study") == {"a": first, "b": second}
    assert journal.senders() == [second, first]


def test_a_node_reads_each_sender_as_its_table_says(tmp_path: Path, shortaxis: Any) -> None:
    tables = (
        '[[reading]]\nsender = "CAMERA1"\norientation = "LPI"\n'
        '[[reading]]\nsender = "CAMERA9"\norientation = "LPS"\n'
    )
    study = unplaced_study()
    same = copy.deepcopy(study)
    same.SeriesInstanceUID, same.StudyInstanceUID = "2.25.71", "2.25.72"
    same.SOPInstanceUID = same.file_meta.MediaStorageSOPInstanceUID = "2.25.73"
    with running_node(tmp_path, tables) as node:
        for title, each in (("CAMERA1", study), ("CAMERA2", same)):
            entity = AE(title)
            entity.add_requested_context(each.SOPClassUID, each.file_meta.TransferSyntaxUID)
            association = entity.associate("127.0.0.1", node.port, ae_title=TITLE)
            assert association.is_established
            assert store(association, each).Status == 0
            association.release()
        config = next(tmp_path.rglob("*.toml"))
        journal = open_journal(read_settings(config))

        def is_done() -> bool:
            counts = journal.counts()
            return counts["review"] == 1 and counts["failed"] == 1

        until(is_done)
        told = shortaxis("serve", "status", config, "--json").json
        shown = shortaxis("serve", "status", config).out
    (record,) = (node.folder / "results").glob("*/*/exam.json")
    assert json.loads(record.read_text("utf-8"))["stated_of"] == {"sender": "CAMERA1"}
    assert told["unheard"] == ["CAMERA9"]
    assert "CAMERA9" in shown
    assert "CAMERA2" in shown
