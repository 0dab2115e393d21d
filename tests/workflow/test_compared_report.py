"""An earlier exam of the same patient: which it is, what changed, and what says otherwise."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from matplotlib.figure import Figure
from pydicom.uid import generate_uid

from doc_tables import table_below
from evidence.registry.stored import stored
from repository import DEMO, DOCS
from shortaxis.anatomy.segments import SEGMENTS
from shortaxis.dicom.reading.finding.skipped import SkippedItem
from shortaxis.errors import HeartNotFoundError, OptionError
from shortaxis.quantification.normal_files import FIXED_BANDS
from shortaxis.quantification.normal_group import NormalGroup
from shortaxis.quantification.reversibility import Reversibility
from shortaxis.quantification.scored_map import MOST
from shortaxis.reorientation.estimate import Quality
from shortaxis.spect.reading_options import ReadingOptions
from shortaxis.spect.stated_geometry import StatedGeometry, StoredAxis
from shortaxis.spect.study import Modality, StudyCondition
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.quantify.quantifying import QuantifyOptions
from shortaxis.workflow.quantify.wording import NOT_SCORED
from shortaxis.workflow.study_report import impression
from shortaxis.workflow.study_report.earlier import comparing
from shortaxis.workflow.study_report.earlier.change import LEAST_CHANGE, ChangeOverTime
from shortaxis.workflow.study_report.earlier.comparing import (
    compared_exams,
    comparison_doubts,
    with_earlier,
)
from shortaxis.workflow.study_report.earlier.finding import (
    SAYS_NOTHING,
    EarlierPaths,
    LoadedEarlier,
    find_earlier,
    load_earlier,
)
from shortaxis.workflow.study_report.earlier.numbers import (
    ComparedNumber,
    beyond_words,
    compared_numbers,
    number_words,
)
from shortaxis.workflow.study_report.earlier.record import compared_segments_csv, comparison_record
from shortaxis.workflow.study_report.earlier.unlike import unlike_exams
from shortaxis.workflow.study_report.earlier.words import (
    NO_MAP_BY_BANDS,
    NONE_SEEN,
    change_words,
    compared_words,
    time_words,
    uncalled_words,
)
from shortaxis.workflow.study_report.exams.finding import (
    LoadedExams,
    find_exams,
    load_exams,
)
from shortaxis.workflow.study_report.exams.pairing import (
    EarlierExam,
    QuantifiedExam,
    QuantifiedPair,
    quantify_exams,
)
from shortaxis.workflow.study_report.exams.report_exam import ReportExam
from shortaxis.workflow.study_report.html import study_report_html
from shortaxis.workflow.study_report.impression import impression_of
from shortaxis.workflow.study_report.pages.compared_page import draw_compared_page
from shortaxis.workflow.study_report.pages.cover_page import draw_cover_page
from shortaxis.workflow.study_report.record import build_study_report

NOW, BEFORE = "20260110", "20231105"


def stored_exam(
    folder: Path, source: str, condition: str, day: str, shift: int = 2, **said: Any
) -> Path:
    """Another exam of the bundled patient: counts of one of the two, a word and a day."""
    header = pydicom.dcmread(DEMO / source)
    header.StudyDate = header.SeriesDate = header.AcquisitionDate = day
    header.PatientBirthDate = "19500101"
    header.StudyInstanceUID, header.SeriesInstanceUID = generate_uid(), generate_uid()
    header.SOPInstanceUID = header.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    header.SeriesDescription = f"{condition} TRANSAXIAL".strip()
    del header.AcquisitionContextSequence  # names the condition, too
    # The same counts would be the same exam.
    shifted = np.roll(header.pixel_array, shift, axis=2)
    header.PixelData = shifted.astype(header.pixel_array.dtype).tobytes()
    for keyword, value in said.items():
        setattr(header, keyword, value)
    path = folder / f"{condition or 'exam'}-{source}".lower()
    folder.mkdir(parents=True, exist_ok=True)
    header.save_as(path)
    return path


@pytest.fixture(scope="module")
def now(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Stress with an inferior defect, and rest with less of it."""
    folder = tmp_path_factory.mktemp("now")
    stored_exam(folder, "study.dcm", "STRESS", NOW, 1)
    stored_exam(folder, "rest.dcm", "REST", NOW, 1)
    return folder


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Under stress what rest shows today, and at rest the same."""
    folder = tmp_path_factory.mktemp("before")
    stored_exam(folder, "rest.dcm", "STRESS", BEFORE)
    stored_exam(folder, "study.dcm", "REST", BEFORE)
    return folder


def loaded_of(path: Path) -> LoadedExams:
    return load_exams(find_exams(path))


def earlier_of(present: Path, paths: EarlierPaths, *, force: bool = False) -> LoadedEarlier:
    found = find_earlier(paths, find_exams(present))
    assert found is not None
    return load_earlier(found, loaded_of(present).exams, force_pair=force)


@pytest.fixture(scope="module")
def compared(now: Path, before: Path) -> QuantifiedPair:
    pair = quantify_exams(loaded_of(now), QuantifyOptions())
    return with_earlier(pair, earlier_of(now, EarlierPaths(before)), QuantifyOptions())


# Which exam is compared with which


def test_stress_is_compared_with_stress_and_rest_with_rest(compared: QuantifiedPair) -> None:
    pairs = compared_exams(compared)

    assert [each.title for each in pairs] == ["Stress", "Rest"]
    for each in pairs:
        assert each.now.exam.condition is each.earlier.exam.condition
        assert each.now.quantified is not each.earlier.quantified
        assert each.earlier.quantified.limits is not None
        assert each.earlier.quantified.limits.group.condition in ("", each.title.lower())


def test_the_earlier_exam_of_the_other_condition_is_left_out_and_told(
    now: Path, before: Path
) -> None:
    stress = next(now.glob("stress*"))

    found = earlier_of(stress, EarlierPaths(before))

    assert [each.condition for each in found.exams.exams] == [StudyCondition.STRESS]
    assert "the earlier rest exam is not compared: there is no such exam here" in found.notes


def test_stress_alone_is_not_compared_with_rest(now: Path, before: Path) -> None:
    stress, rest = next(now.glob("stress*")), next(before.glob("rest*"))

    with pytest.raises(OptionError, match="no earlier exam of the same condition") as refused:
        earlier_of(stress, EarlierPaths(rest))

    assert "--prior-stress" in str(refused.value)


def test_an_earlier_exam_that_does_not_say_what_it_is_has_to_be_named(
    now: Path, tmp_path: Path
) -> None:
    silent = stored_exam(tmp_path, "rest.dcm", "", BEFORE, StudyDescription="")

    with pytest.raises(OptionError, match="does not say whether it is stress or rest") as refused:
        earlier_of(now, EarlierPaths(silent))
    named = earlier_of(now, EarlierPaths(rest=silent))

    assert "--prior-rest" in str(refused.value)
    assert [each.condition for each in named.exams.exams] == [StudyCondition.REST]
    assert named.exams.exams[0].study.facts.condition is StudyCondition.REST


def test_two_exams_that_say_nothing_are_compared_with_a_doubt(tmp_path: Path) -> None:
    present = stored_exam(tmp_path / "now", "study.dcm", "", NOW, StudyDescription="")
    earlier = stored_exam(tmp_path / "before", "rest.dcm", "", BEFORE, StudyDescription="")

    found = earlier_of(present, EarlierPaths(earlier))

    assert SAYS_NOTHING in found.doubts


def test_an_earlier_exam_named_as_what_it_is_not_is_refused(now: Path, before: Path) -> None:
    rest = next(before.glob("rest*"))

    with pytest.raises(OptionError, match="says that it is rest"):
        earlier_of(now, EarlierPaths(stress=rest))
    forced = earlier_of(now, EarlierPaths(stress=rest), force=True)

    assert forced.reasons == ("earlier exam: what is shown as stress says that it is rest",)


def test_earlier_exams_are_named_in_one_way(now: Path) -> None:
    with pytest.raises(OptionError, match="two ways"):
        EarlierPaths(now, now)


def test_of_several_reconstructions_the_earlier_one_is_corrected_as_the_present_one(
    now: Path, before: Path, tmp_path: Path
) -> None:
    for path in before.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    corrected = stored_exam(
        tmp_path, "study.dcm", "STRESS AC", BEFORE, CorrectedImage=["ATTN"], StudyDescription="AC"
    )

    found = find_earlier(EarlierPaths(tmp_path), find_exams(now))

    assert found is not None
    assert not any(corrected in each.found.paths for each in found.exams)
    assert {each.found.facts.attenuation_corrected for each in found.exams} == {False}


AC = {"CorrectedImage": ["ATTN"], "StudyDescription": "AC"}


def test_each_condition_has_an_earlier_exam_alike_or_else_any(tmp_path: Path) -> None:
    present, many, crossed = (tmp_path / name for name in ("now", "many", "crossed"))
    stress = stored_exam(present, "study.dcm", "STRESS AC", NOW, 1, **AC)
    stored_exam(present, "rest.dcm", "REST AC", NOW, 1, **AC)
    stored_exam(many, "study.dcm", "STRESS AC", BEFORE, 3, **AC)
    stored_exam(many, "study.dcm", "STRESS", BEFORE, 4)
    stored_exam(many, "rest.dcm", "REST", BEFORE, 5)
    stored_exam(crossed, "study.dcm", "STRESS", BEFORE, 4)
    stored_exam(crossed, "rest.dcm", "REST AC", BEFORE, 5, **AC)

    both = find_earlier(EarlierPaths(many), find_exams(present))
    alone = earlier_of(stress, EarlierPaths(crossed))

    assert both is not None
    told = [(each.condition, each.found.facts.attenuation_corrected) for each in both.exams]
    assert told == [(StudyCondition.STRESS, True), (StudyCondition.REST, False)]
    assert len(both.left_out) == 1
    assert [each.condition for each in alone.exams.exams] == [StudyCondition.STRESS]
    assert alone.exams.exams[0].study.facts.attenuation_corrected is False


def test_a_present_exam_without_an_earlier_one_is_told(now: Path, before: Path) -> None:
    found = earlier_of(now, EarlierPaths(next(before.glob("stress*"))))

    assert "the present rest exam is not compared: there is no earlier one" in found.notes


def test_what_is_stated_of_files_holds_for_the_present_exam_alone(now: Path, before: Path) -> None:
    stated = ReadingOptions(stated=StatedGeometry(flips=frozenset({StoredAxis.SLICES})))
    present = find_exams(now, options=stated)

    found = find_earlier(EarlierPaths(before), present, options=stated)

    assert found is not None
    plain = loaded_of(before).exams
    for each, as_stored in zip(found.exams, plain, strict=True):
        read = each.found.load().study.volume
        np.testing.assert_array_equal(read.counts, as_stored.study.volume.counts)
        np.testing.assert_array_equal(
            read.patient_from_index, as_stored.study.volume.patient_from_index
        )


# Of one patient, and earlier


def test_the_same_exam_twice_is_refused(now: Path, tmp_path: Path) -> None:
    copied = tmp_path / "copied.dcm"
    header = pydicom.dcmread(next(now.glob("stress*")))
    header.SOPInstanceUID = header.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    header.StudyDate = header.AcquisitionDate = BEFORE
    header.save_as(copied)

    for path in (now, copied):
        with pytest.raises(OptionError, match="are the same exam"):
            earlier_of(now, EarlierPaths(path), force=True)


@pytest.mark.parametrize(
    "said",
    [
        {"PatientID": "SOMEBODY-ELSE"},
        {"PatientBirthDate": "19310101"},
        {"PatientSex": "O"},
        {"PatientID": "", "PatientName": "Else^Somebody"},
    ],
)
def test_an_earlier_exam_of_another_patient_is_refused_unless_it_is_forced(
    now: Path, tmp_path: Path, said: dict[str, str]
) -> None:
    header = pydicom.dcmread(next(now.glob("stress*")))
    if "PatientSex" in said:
        said = {"PatientSex": {"F": "M", "M": "F"}[header.PatientSex]}
    other = stored_exam(tmp_path, "rest.dcm", "STRESS", BEFORE, **said)

    with pytest.raises(OptionError, match="another patient than the present exam") as refused:
        earlier_of(now, EarlierPaths(other))
    forced = earlier_of(now, EarlierPaths(other), force=True)

    assert "--force-pair" in str(refused.value)
    assert any("two patients?" in each for each in forced.reasons)
    for value in said.values():
        assert not value or value not in str(refused.value) + "".join(forced.reasons)


def test_a_forced_pair_flags_the_whole_report(compared: QuantifiedPair, now: Path) -> None:
    loaded = LoadedEarlier(loaded_of(now), 3, ("two patients?",), (), ("two patients?",))

    pair = with_earlier(compared, loaded, QuantifyOptions())

    assert "two patients?" in pair.quality.reasons


@pytest.mark.parametrize(
    ("day", "days", "words"),
    [
        (BEFORE, 797, None),
        (NOW, 0, "on the same day"),
        ("20260112", -2, "2 days later"),
        ("", None, "not both exams say their date"),
    ],
)
def test_an_exam_that_is_not_earlier_is_doubted(
    now: Path, tmp_path: Path, day: str, days: int | None, words: str | None
) -> None:
    other = stored_exam(tmp_path, "rest.dcm", "STRESS", day)

    found = earlier_of(now, EarlierPaths(other))

    assert found.days_before == days
    assert any(words in each for each in found.doubts) if words else not found.doubts


def test_the_order_of_dates_is_that_of_every_pair(now: Path, tmp_path: Path) -> None:
    stored_exam(tmp_path, "rest.dcm", "STRESS", BEFORE)
    stored_exam(tmp_path, "study.dcm", "REST", "20260115")

    found = earlier_of(now, EarlierPaths(tmp_path))

    assert any(each.startswith("rest: ") and "5 days later" in each for each in found.doubts)


def test_headers_that_share_nothing_of_the_patient_are_doubted(now: Path, tmp_path: Path) -> None:
    said = {"PatientID": "", "PatientName": "", "PatientBirthDate": "19500101"}
    other = stored_exam(tmp_path, "rest.dcm", "STRESS", BEFORE, **said)

    assert "nothing says that the earlier exam is of the same patient" in (
        earlier_of(now, EarlierPaths(other)).doubts
    )


def test_what_one_header_says_by_id_and_the_other_by_name_is_doubted(tmp_path: Path) -> None:
    present = stored_exam(tmp_path / "now", "study.dcm", "STRESS", NOW, 1, PatientBirthDate="")
    named = {"PatientID": "", "PatientBirthDate": "19500101"}
    other = stored_exam(tmp_path / "before", "rest.dcm", "STRESS", BEFORE, **named)

    assert "nothing says that the earlier exam is of the same patient" in (
        earlier_of(present, EarlierPaths(other)).doubts
    )


def test_time_is_told_without_a_date(compared: QuantifiedPair) -> None:
    told = {days: time_words(EarlierExam(compared, days)) for days in (1, 30, 800, 0, -1, None)}

    assert told == {
        1: "1 day before",
        30: "30 days before",
        800: "2.2 years (800 days) before",
        0: "on the same day",
        -1: "1 day later by its date",
        None: "at a time that is not known",
    }


# Alike


def test_what_is_alike_is_not_doubted(now: Path, before: Path) -> None:
    pairs = zip(loaded_of(now).exams, loaded_of(before).exams, strict=True)

    assert [unlike_exams(*both) for both in pairs] == [[], []]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"modality": Modality.PET}, "modality: PT earlier, NM now"),
        ({"camera_kind": "pinhole"}, "kind of camera: pinhole earlier, parallel holes now"),
        ({"camera": "A B"}, "camera: A B earlier, SIEMENS Symbia now"),
        (
            {"attenuation_corrected": True},
            "attenuation correction: corrected for attenuation earlier, not corrected now",
        ),
        ({"nuclide": "Tl-201"}, "tracer: Tl-201 sestamibi earlier, Tc-99m sestamibi now"),
        ({"lying": "prone"}, "position of the patient: prone earlier, supine now"),
        (
            {"reconstructed_here": "OSEM, from 60 views"},
            "reconstruction: reconstructed here with OSEM earlier, reconstructed elsewhere now",
        ),
    ],
)
def test_what_limits_tell_apart_and_what_they_do_not_know_is_doubted(
    now: Path, changed: dict[str, Any], words: str
) -> None:
    stress = loaded_of(now).exams[0]
    facts = replace(stress.study.facts, **changed)
    other = replace(stress, study=replace(stress.study, facts=facts))

    told = unlike_exams(stress, other)

    kind = stress.study.facts.camera_kind
    assert told == [f"stress: {words.replace('parallel holes', kind)}"]


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (
            "Tc-99m sestamibi",
            "Tc-99m tetrofosmin",
            "Tc-99m sestamibi earlier, Tc-99m tetrofosmin now",
        ),
        ("Tc-99m", "Tc-99m tetrofosmin", ""),
        ("C-163AB", "Tc-99m", "not said earlier, Tc-99m now"),
        ("C-163AB", "C-1", ""),
    ],
)
def test_tracers_are_told_apart_as_those_of_stress_and_rest(
    now: Path, before: str, after: str, words: str
) -> None:
    stress = loaded_of(now).exams[0]

    def of_tracer(tracer: str) -> ReportExam:
        facts = replace(stress.study.facts, tracer=tracer, nuclide="")
        return replace(stress, study=replace(stress.study, facts=facts))

    told = unlike_exams(of_tracer(after), of_tracer(before))

    assert told == ([f"stress: tracer: {words}"] if words else [])


def test_voxels_of_another_size_are_doubted(now: Path) -> None:
    stress = loaded_of(now).exams[0]
    affine = stress.study.volume.patient_from_index @ np.diag([1.2, 1.2, 1.2, 1.0])
    volume = SpectVolume(stress.study.volume.counts, affine)
    other = ReportExam(stress.condition, replace(stress.study, volume=volume), stress.header)

    (told,) = unlike_exams(stress, other)

    edges = " x ".join(f"{edge:.2g}" for edge in 1.2 * stress.study.volume.spacing_mm)
    assert told.startswith(f"stress: voxels of {edges} mm earlier")


def test_what_the_user_states_of_a_camera_is_not_stated_of_the_earlier_exam(
    compared: QuantifiedPair, now: Path, before: Path
) -> None:
    stated = QuantifyOptions(stated=NormalGroup(sex="F", tracer="Tl-201"))

    pair = with_earlier(compared, earlier_of(now, EarlierPaths(before)), stated)

    assert pair.earlier is not None
    assert {each.quantified.options.stated for each in pair.earlier.pair.exams} == {
        NormalGroup(sex="F")
    }


def with_sex(path: Path, folder: Path, sex: str) -> Path:
    header = pydicom.dcmread(path)
    header.PatientSex = sex
    header.save_as(folder / path.name)
    return folder / path.name


def test_an_earlier_exam_that_does_not_say_the_sex_is_of_that_of_the_present_one(
    compared: QuantifiedPair, now: Path, before: Path, tmp_path: Path
) -> None:
    silent = with_sex(next(before.glob("stress*")), tmp_path, "")

    pair = with_earlier(compared, earlier_of(now, EarlierPaths(silent)), QuantifyOptions())

    assert pair.earlier is not None
    limits = [each.exams[0].quantified.limits for each in (pair.earlier.pair, pair)]
    assert limits[0] is not None
    assert limits[1] is not None
    assert limits[0].group == limits[1].group
    assert limits[0].group.sex
    assert any("does not say the sex" in each for each in pair.earlier.notes)
    # Limits of another sex than those of the present exam are doubted.
    assert not any("unlike groups" in each for each in comparison_doubts(pair))
    first = pair.earlier.pair.exams[0]
    other = replace(limits[0], group=replace(limits[0].group, sex=""))
    changed = replace(first, quantified=replace(first.quantified, limits=other))
    earlier = replace(pair.earlier, pair=replace(pair.earlier.pair, exams=(changed,)))
    assert any(
        "unlike groups" in each for each in comparison_doubts(replace(pair, earlier=earlier))
    )


def test_notes_and_files_left_out_of_the_earlier_exam_are_told(
    compared: QuantifiedPair, now: Path, before: Path
) -> None:
    loaded = earlier_of(now, EarlierPaths(next(before.glob("stress*"))))
    item = SkippedItem(Path("Doe-20231105.dcm"), "another exam: 02-stress")
    exams = replace(loaded.exams, notes=("an old protocol",), left_out=(item,))

    pair = with_earlier(compared, replace(loaded, exams=exams), QuantifyOptions())

    assert pair.earlier is not None
    assert "earlier exam: an old protocol" in pair.earlier.notes
    assert "earlier exam: 1 file left out: another exam: 02-stress" in pair.earlier.notes
    assert "Doe" not in json.dumps(build_study_report(pair))


def test_an_earlier_exam_without_a_heart_is_named_as_such(
    compared: QuantifiedPair, now: Path, before: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def find_none(*_: Any, **__: Any) -> QuantifiedPair:
        raise HeartNotFoundError("no left ventricle")

    loaded = earlier_of(now, EarlierPaths(before))
    monkeypatch.setattr(comparing, "quantify_exams", find_none)

    with pytest.raises(HeartNotFoundError, match="earlier exam") as refused:
        with_earlier(compared, loaded, QuantifyOptions())

    assert "without --prior" in str(refused.value)


def test_fixed_bands_give_no_map_and_no_doubt(compared: QuantifiedPair) -> None:
    assert compared.earlier is not None

    def by_bands(each: QuantifiedExam) -> QuantifiedExam:
        options = QuantifyOptions(normals=FIXED_BANDS)
        quantified = replace(each.quantified, options=options, limits=None)
        return replace(each, quantified=quantified)

    before = tuple(map(by_bands, compared.earlier.pair.exams))
    earlier = replace(compared.earlier, pair=replace(compared.earlier.pair, exams=before))
    pair = replace(compared, exams=tuple(map(by_bands, compared.exams)), earlier=earlier)

    assert compared_words(pair).count(NO_MAP_BY_BANDS) == 2
    assert NOT_SCORED not in compared_words(pair)
    assert not any("no normal limits" in each for each in comparison_doubts(pair))


# What changed


SMALL = 0.9 * LEAST_CHANGE
"""Of a deficit, below what is called a change."""


def with_changes(change: ChangeOverTime, less: float, more: float, segment: int) -> ChangeOverTime:
    """The same exams, with nothing changed but one segment, each way by a part of the worst."""

    def changed(scored: Reversibility, deficit: float) -> Reversibility:
        inside = scored.polar_map.segments == segment
        score = MOST * deficit / scored.polar_map.part_of_area(inside)
        return replace(scored, scores=np.where(inside, score, 0.0))

    return ChangeOverTime(changed(change.worse, less), changed(change.better, more))


def test_a_defect_that_came_is_less_uptake_there_and_nowhere_else(
    compared: QuantifiedPair,
) -> None:
    stress = compared_exams(compared)[0]
    assert stress.change is not None
    scores, changes = stress.change.segment_scores, stress.change.segment_changes

    worse = {number for number, score in scores.items() if score > 0}
    assert worse
    # The bundled patient has an inferior defect under stress, which rest has less of.
    assert worse <= {3, 4, 9, 10, 14, 15}
    assert min(changes, key=lambda number: changes[number]) in (4, 10, 15)
    words = compared_words(compared)
    assert words.startswith("Compared with the earlier exam, 2.2 years (797 days) before: ")
    assert "under stress less uptake in segments" in words
    assert "RCA" in words
    assert words in impression_of(compared)


def test_a_defect_that_went_is_more_uptake(compared: QuantifiedPair) -> None:
    rest = compared_exams(compared)[1]
    assert rest.change is not None

    # At rest the earlier exam has the counts of stress.
    gained = {number for number, score in rest.change.better.segment_scores.items() if score}
    assert gained
    assert gained <= {3, 4, 9, 10, 14, 15}
    assert "more uptake in segments" in compared_words(compared)


@pytest.mark.parametrize(("deficit", "is_told"), [(1.1, True), (0.9, False)])
def test_a_change_that_is_called_at_a_base_whose_valve_plane_is_not_sure_is_doubted(
    compared: QuantifiedPair, monkeypatch: pytest.MonkeyPatch, deficit: float, is_told: bool
) -> None:
    rest = compared_exams(compared)[1]
    assert rest.change is not None
    # The same wall at rest was traced to another height.
    assert rest.earlier.quantified.base_doubt
    changed = with_changes(rest.change, deficit * LEAST_CHANGE, 0, 2)
    monkeypatch.setattr(comparing, "change_over_time", lambda *_: changed)

    told = [each for each in comparison_doubts(compared) if "at the base is not sure" in each]

    assert any(each.startswith("rest: the change of segment 2 ") for each in told) is is_told


def test_without_a_change_that_is_what_is_said(compared: QuantifiedPair) -> None:
    assert compared.earlier is not None
    twin = replace(compared.earlier, pair=replace(compared, earlier=None), doubts=())

    words = compared_words(replace(compared, earlier=twin))

    assert words.count(NONE_SEEN) == 2


@pytest.fixture(scope="module")
def change(compared: QuantifiedPair) -> ChangeOverTime:
    found = compared_exams(compared)[0].change
    assert found is not None
    return found


def test_a_small_change_is_none_though_a_segment_of_it_is_scored(change: ChangeOverTime) -> None:
    small = with_changes(change, SMALL, 0, 4)

    assert small.worse.segment_scores[4] > 0
    assert change_words(small) == NONE_SEEN
    assert not small.is_worse


def test_a_small_change_beside_a_large_one_is_not_called(change: ChangeOverTime) -> None:
    words = change_words(with_changes(change, 1.1 * LEAST_CHANGE, SMALL, 10))

    assert "less uptake in segment 10, RCA" in words
    assert "more uptake" not in words


def test_a_change_is_not_called_where_a_defect_of_that_size_is_none() -> None:
    assert LEAST_CHANGE >= impression.LEAST_DEFICIT


def test_the_floor_of_a_change_is_the_one_that_was_chosen() -> None:
    record = stored("change_floor")
    assert record is not None

    assert record["chosen_percent"] == pytest.approx(100 * LEAST_CHANGE)


def test_what_is_too_small_to_be_called_is_told_apart(
    compared: QuantifiedPair, change: ChangeOverTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = with_changes(change, SMALL, 0, 2)
    monkeypatch.setattr(comparing, "change_over_time", lambda *_: small)
    pair = replace(compared)
    assert pair.earlier is not None

    told = uncalled_words(pair)

    percent = f"{100 * SMALL:.1f} % TPD"
    assert told[0] == (
        f"Stress: less uptake in segment 2, LAD ({percent}) is below {100 * LEAST_CHANGE:.0f} % "
        "TPD and called no change: two exams of one heart differ by as much."
    )
    drawn = " ".join(words_of(draw_compared_page(pair, pair.earlier)))
    page = unescape(study_report_html(pair, {}))
    record = comparison_record(pair)
    assert record is not None
    assert told[0] in page
    assert told[0] in drawn
    assert record["not_called"] == list(told)
    assert record["least_change_percent"] == 100 * LEAST_CHANGE
    assert record["changes"]["stress"]["worse"]["is_called"] is False
    assert NONE_SEEN in compared_words(pair)
    # A base that is not sure makes nothing doubtful that is not said.
    assert not any("at the base is not sure" in each for each in comparison_doubts(pair))


def test_the_page_says_how_often_unchanged_hearts_are_called_changed_as_it_was_measured(
    compared: QuantifiedPair,
) -> None:
    record = stored("prior_changes")
    assert record is not None
    both = record["unchanged"], record["another_camera"]
    called = [(each["called"]["all"]["hits"], each["called"]["all"]["of"]) for each in both]
    spread = [round(100 * each["place_sd"]["mean_square_root"]) for each in both]

    page = unescape(study_report_html(compared, {}))

    assert (
        f"{called[0][0]} of {called[0][1]} were called changed on the same camera and "
        f"{called[1][0]} of {called[1][1]} on another; at a place their exams differed by "
        f"{spread[0]} and {spread[1]} %"
    ) in page


def test_what_is_called_is_told_once(compared: QuantifiedPair, change: ChangeOverTime) -> None:
    assert change.is_worse
    assert not any("Stress: less" in each for each in uncalled_words(compared))


def test_without_limits_for_one_exam_there_is_no_map_and_the_doubt_says_so(
    compared: QuantifiedPair,
) -> None:
    assert compared.earlier is not None
    first, second = compared.earlier.pair.exams
    without = replace(first, quantified=replace(first.quantified, limits=None))
    pair = replace(compared.earlier.pair, exams=(without, second))

    found = replace(compared, earlier=replace(compared.earlier, pair=pair))

    assert compared_exams(found)[0].change is None
    told = "stress: no normal limits for the earlier exam, so no map of the change"
    assert told in comparison_doubts(found)
    assert "Stress" not in {row.of for row in compared_numbers(found) if row.name == "SSS"}
    assert draw_compared_page(found, found.earlier)  # type: ignore[arg-type]


def test_axes_or_wall_that_are_to_be_reviewed_are_doubted(compared: QuantifiedPair) -> None:
    assert compared.earlier is not None
    first, second = compared.earlier.pair.exams
    doubted = replace(first.quantified.estimate, quality=Quality(("the wall is lost",)))
    flagged = replace(first, quantified=replace(first.quantified, estimate=doubted))
    pair = replace(compared.earlier.pair, exams=(flagged, second))

    found = replace(compared, earlier=replace(compared.earlier, pair=pair))

    told = "earlier exam, to be reviewed: stress: the wall is lost"
    assert told in comparison_doubts(found)
    assert "There are reasons to doubt this comparison." in compared_words(found)
    # It says nothing of the axes in hand.
    assert found.quality.reasons == compared.quality.reasons


def test_numbers_of_both_exams_are_those_that_each_report_tells(
    compared: QuantifiedPair,
) -> None:
    assert compared.earlier is not None
    rows = {(row.of, row.name): row for row in compared_numbers(compared)}
    for index, title in enumerate(("Stress", "Rest")):
        exams = [pair.exams[index].quantified for pair in (compared.earlier.pair, compared)]
        severities = [each.severity for each in exams]
        name = {"Stress": "SSS", "Rest": "SRS"}[title]
        assert rows[title, name].both == tuple(each.summed_score for each in severities if each)
        scars = rows[title, {"Stress": "Below half", "Rest": "Scar burden"}[title]]
        assert scars.now == pytest.approx(100 * severities[1].scar_burden)  # type: ignore
        assert rows[title, "Mid-wall volume"].now == exams[1].traced.volume_ml
    both = rows["Stress and rest", "TID ratio"]
    differences = [pair.difference for pair in (compared.earlier.pair, compared)]
    assert both.both == tuple(each.dilation.ratio for each in differences if each)
    sums = rows["Stress and rest", "SDS"]
    assert sums.both == tuple(each.summed_score for each in differences if each)


def test_a_difference_is_that_of_the_numbers_that_are_told() -> None:
    row = ComparedNumber("Stress", "LVEF", "%", (60.4, 49.6), bound=9.0)
    small = ComparedNumber("Stress", "EDV", "ml", (101.0, 104.0), bound=12.0)

    assert number_words(row) == ("LVEF (%)", "60", "50", "\N{MINUS SIGN}10")
    assert beyond_words(row) == "more\N{NO-BREAK SPACE}(9)"
    assert beyond_words(small) == "within\N{NO-BREAK SPACE}(12)"
    assert beyond_words(replace(small, bound=None)) == "-"


# Where it stands


def words_of(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.texts]


def test_the_page_has_the_earlier_map_left_of_the_present_one(compared: QuantifiedPair) -> None:
    assert compared.earlier is not None
    figure = draw_compared_page(compared, compared.earlier)

    places = {axes.get_label(): axes.get_position() for axes in figure.axes}
    for title in ("stress", "rest"):
        earlier, present = places[f"Earlier {title}"], places[f"Present {title}"]
        change = places[f"Change {title.title()}"]
        assert earlier.x1 <= present.x0 < present.x1 <= change.x0
        assert earlier.y0 == present.y0 == change.y0
    maps = {
        axes.get_label(): axes.collections[0].get_array()
        for axes in figure.axes
        if axes.collections
    }
    shown = compared.earlier.pair.exams[0].quantified.traced.polar_map.uptake_percent
    np.testing.assert_allclose(np.ravel(maps["Earlier stress"]), shown.ravel())


def test_text_of_the_page_does_not_run_into_other_text(compared: QuantifiedPair) -> None:
    assert compared.earlier is not None
    figure = draw_compared_page(compared, compared.earlier)
    figure.canvas.draw()
    boxes = [
        (text.get_text(), text.get_window_extent()) for text in figure.texts if text.get_text()
    ]

    clashes = [
        (first, second)
        for number, (first, one) in enumerate(boxes)
        for second, other in boxes[number + 1 :]
        if one.overlaps(other)
    ]
    assert not clashes
    assert all(box.x0 >= 0 and box.x1 <= figure.bbox.x1 for _, box in boxes)


def test_no_date_stands_anywhere_but_on_the_cover(compared: QuantifiedPair) -> None:
    assert compared.earlier is not None
    page = unescape(study_report_html(compared, {}))
    record = json.dumps(build_study_report(compared))
    drawn = " ".join(words_of(draw_compared_page(compared, compared.earlier)))
    cover = " ".join(words_of(draw_cover_page(compared)))

    for day in (NOW, BEFORE):
        assert f"{day[:4]}-{day[4:6]}-{day[6:]}" in cover
        for content in (page, record, drawn):
            assert day not in content
            assert f"{day[:4]}-{day[4:6]}" not in content


def test_page_record_and_table_say_the_same(compared: QuantifiedPair) -> None:
    page = unescape(study_report_html(compared, {}))
    record = comparison_record(compared)
    reference = DOCS / "reference" / "quantification-files.md"
    rows = table_below(reference, "compared_with_earlier")
    documented = {name for row in rows for name in re.findall(r"`(\w+)`", row[0])}
    assert record is not None

    assert "Compared with the earlier exam" in page
    assert record["words"] == compared_words(compared)
    assert record["words"] in page
    assert record["days_before"] == 797
    assert documented == set(record)
    for row in record["numbers"]:
        assert row["name"] in page
    rows = [line.split(",") for line in compared_segments_csv(compared).splitlines()]
    assert len(rows) == 1 + len(SEGMENTS)
    column = rows[0].index("stress_worse_score")
    worse = record["changes"]["stress"]["worse"]["segments"]
    assert [int(row[column]) for row in rows[1:]] == [*worse.values()]
    changed = rows[0].index("rest_change_percent_of_normal")
    means = record["changes"]["rest"]["segments_percent"]
    assert [float(row[changed]) for row in rows[1:]] == pytest.approx([*means.values()], abs=0.06)


def test_a_report_without_an_earlier_exam_says_nothing_of_one(compared: QuantifiedPair) -> None:
    alone = replace(compared, earlier=None)

    assert compared_words(alone) == ""
    assert comparison_record(alone) is None
    assert "earlier exam" not in study_report_html(alone, {})
    assert comparison_doubts(alone) == ()
    assert compared_exams(alone) == ()
