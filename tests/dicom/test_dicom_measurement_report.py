"""The measurement report: what it holds, that its codes are real, and that others read it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom import Dataset

from derived_files import stamp
from report_documents import (
    MEASURED,
    PICTURE,
    REPORT,
    REST,
    STRESS,
    header_from,
    header_of,
    write_measured,
)  # fmt: skip
from shortaxis.anatomy.segments import SEGMENTS
from shortaxis.dicom.carried.source_header import SourceHeader
from shortaxis.dicom.documents.measurements import measurement_codes
from shortaxis.dicom.documents.measurements.measurement_report import (
    measurement_report_dataset,
    write_measurement_report,
)
from shortaxis.dicom.documents.measurements.picture_regions import WHOLE_MAP, PictureRegions
from shortaxis.dicom.documents.measurements.ventricle_measurements import StudyMeasurements
from shortaxis.dicom.documents.secondary_capture import write_secondary_capture
from shortaxis.errors import OptionError
from shortaxis.spect.study import StudyCondition
from shortaxis.workflow.studies.record import NOTICE

OWN = "99SHORTAXIS"
OUTSIDE = ("RFC5646", "LN")
"""Schemes that pydicom has no dictionary of."""


def codes_in(dataset: Dataset) -> Iterator[tuple[str, str, str]]:
    for element in dataset.iterall():
        if element.VR == "SQ" and element.keyword.endswith("CodeSequence"):
            for item in element.value:
                yield item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning


def content(item: Dataset, concept: str) -> list[Dataset]:
    """What stands directly under an item by the meaning of its concept name."""
    return [
        each
        for each in item.get("ContentSequence") or []
        if each.ConceptNameCodeSequence[0].CodeMeaning == concept
    ]


def groups(dataset: Dataset) -> dict[str, Dataset]:
    (measurements,) = content(dataset, "Imaging Measurements")
    return {
        content(each, "Tracking Identifier")[0].TextValue: each
        for each in content(measurements, "Measurement Group")
    }


def number(group: Dataset, concept: str) -> tuple[float, str]:
    (item,) = content(group, concept)
    (measured,) = item.MeasuredValueSequence
    (unit,) = measured.MeasurementUnitsCodeSequence
    return float(measured.NumericValue), unit.CodeValue


def report(**changes: Any) -> Dataset:
    return measurement_report_dataset(replace(MEASURED, **changes), SourceHeader(), REPORT, stamp())


def test_uptake_and_score_of_every_segment_are_told() -> None:
    told = groups(report())

    for ventricle in (STRESS, REST):
        for segment in SEGMENTS:
            name = f"{ventricle.condition.value}: {segment.number} {segment.name}"
            uptake = round(ventricle.uptake_percent[segment.number], 1)
            assert number(told[name], "Myocardial perfusion") == (uptake, "%")
            score = ventricle.scores[segment.number]
            assert number(told[name], "Segment score, 0 normal to 4 absent") == (score, "{score}")
            (site,) = content(told[name], "Finding Site")
            assert site.ConceptCodeSequence[0].CodeValue == segment.sct


def test_sums_deficit_scar_and_length_are_told() -> None:
    told = groups(report())

    stress, rest = told["stress: left ventricle"], told["rest: left ventricle"]
    assert number(stress, "Summed stress score, 17 segments") == (
        sum(STRESS.scores.values()),
        "{score}",
    )
    assert number(rest, "Summed rest score, 17 segments") == (0, "{score}")
    assert number(stress, "Total perfusion deficit") == (7.5, "%")
    assert content(rest, "Total perfusion deficit") == []
    assert number(stress, "Extent of cardiac perfusion defect") == (11.26, "%")
    assert number(stress, "Abnormal wall below half of the normal part") == (3.22, "%")
    # LOINC has the stress score in per cent of the highest one under this name.
    percent = round(100 * sum(STRESS.scores.values()) / 68, 2)
    assert number(stress, "Summed stress score Myocardium SPECT") == (percent, "%")
    assert number(stress, "Length") == (83.5, "mm")
    assert number(told["study"], "Summed difference score, 17 segments") == (33, "{score}")
    loinc = "Summed difference score for 17 segment model Myocardium SPECT"
    assert number(told["study"], loinc) == (33, "{score}")
    dilation = "Transient ischemic dilatation ratio of left ventricular cavity"
    assert number(told["study"], dilation) == (1.051, "1")
    assert NOTICE in content(told["study"], "Comment")[0].TextValue


def test_the_function_of_a_gated_exam_is_told_by_codes_of_others() -> None:
    told = groups(report())

    stress = told["stress: left ventricle"]
    assert number(stress, "Cardiac ejection fraction") == (61.2, "%")
    assert number(stress, "Left Ventricular ED Volume") == (98.8, "ml")
    assert number(stress, "Left Ventricular ES Volume") == (38.3, "ml")
    assert number(stress, "Stroke Volume") == (60.5, "ml")
    assert number(stress, "Left Ventricle Mass") == (121.0, "g")
    name = "Standard deviation of the phases of contraction"
    assert number(stress, name) == (12.3, "deg")
    assert number(stress, "Summed motion score, 17 segments, 0 normal to 5") == (7, "{score}")
    assert number(stress, "Summed thickening score, 17 segments, 0 normal to 3") == (4, "{score}")
    assert number(stress, "Diameter over length of the left ventricle, end-diastole") == (
        0.542,
        "1",
    )
    assert number(stress, "Eccentricity of the left ventricle, end-diastole") == (0.876, "1")
    coded = {(value, scheme) for value, scheme, _ in codes_in(stress)}
    # PS3.16 CID 3468, 3469, 12200: LOINC and SNOMED.
    assert {("70822001", "SCT"), ("8821-1", "LN"), ("8823-7", "LN"), ("18087-7", "LN")} <= coded
    assert content(told["rest: left ventricle"], "Cardiac ejection fraction") == []


def test_a_function_is_told_with_how_sure_it_is() -> None:
    assert STRESS.function is not None
    doubted = replace(STRESS.function, comment="REVIEW: a small cavity \N{PLUS-MINUS SIGN} 4 ml")

    told = groups(report(ventricles=(replace(STRESS, function=doubted),)))

    (comment,) = content(told["stress: left ventricle"], "Comment")
    assert comment.TextValue == "REVIEW: a small cavity ? 4 ml"
    silent = groups(report(ventricles=(STRESS,)))["stress: left ventricle"]
    assert content(silent, "Comment") == []


def test_what_changed_since_an_earlier_exam_is_told_of_the_exam_that_has_one() -> None:
    told = groups(report())

    stress, rest = told["stress: left ventricle"], told["rest: left ventricle"]
    less, more = (f"Deficit of {each} uptake than in the earlier exam" for each in ("less", "more"))
    assert number(rest, less) == (8.13, "%")
    assert number(rest, more) == (0.4, "%")
    assert number(rest, "Days from the earlier exam to this one") == (797, "d")
    assert "Less uptake, RCA." in [each.TextValue for each in content(rest, "Comment")]
    assert content(stress, less) == []
    change = "Uptake less that of the earlier exam, of normal"
    assert number(told["rest: 17 apex"], change) == (-15.7, "%")
    (item,) = content(told["rest: 17 apex"], change)
    assert content(item, "Measurement Method")[0].ConceptCodeSequence[0].CodeValue == (
        "NORMAL_LIMITS"
    )
    assert content(told["stress: 17 apex"], change) == []


def test_days_that_nobody_says_are_left_out() -> None:
    assert REST.change is not None
    silent = replace(REST, change=replace(REST.change, days_before=None, comment=""))

    rest = groups(report(ventricles=(silent,)))["rest: left ventricle"]

    assert content(rest, "Days from the earlier exam to this one") == []
    assert content(rest, "Deficit of less uptake than in the earlier exam")


def test_stress_against_rest_of_gated_exams_is_told() -> None:
    study = groups(report())["study"]

    name = "Ejection fraction under stress minus that at rest, points"
    assert number(study, name) == (-4.3, "%")
    assert number(study, "Stress over rest end-diastolic volume") == (1.073, "1")


@pytest.mark.parametrize(("condition", "state"), [
    (StudyCondition.STRESS, ["Cardiac Stress State"]), (StudyCondition.REST, ["Resting State"]),
    (StudyCondition.UNKNOWN, []),
])  # fmt: skip
def test_stress_and_rest_are_the_acquisition_context(
    condition: StudyCondition, state: list[str]
) -> None:
    dataset = report(ventricles=(replace(STRESS, condition=condition),))

    group = groups(dataset)[f"{condition.value}: 7 mid anterior"]

    items = content(group, "Patient State")
    assert [each.ConceptCodeSequence[0].CodeMeaning for each in items] == state
    assert {each.RelationshipType for each in items} <= {"HAS ACQ CONTEXT"}


@pytest.mark.parametrize(("is_by_normal_limits", "method"), [
    (True, "By normal limits"), (False, "By fixed bands of uptake"),
])  # fmt: skip
def test_how_segments_were_scored_is_told(is_by_normal_limits: bool, method: str) -> None:
    ventricle = replace(STRESS, is_by_normal_limits=is_by_normal_limits)
    group = groups(report(ventricles=(ventricle,)))["stress: 1 basal anterior"]

    (score,) = content(group, "Segment score, 0 normal to 4 absent")

    (item,) = content(score, "Measurement Method")
    assert item.ConceptCodeSequence[0].CodeMeaning == method


def test_segments_without_wall_are_left_out() -> None:
    ventricle = replace(STRESS, uptake_percent={1: 70.0}, scores={1: 0, 2: 1})

    told = groups(report(ventricles=(ventricle,), summed_difference_score=None))

    assert list(told) == [
        "stress: left ventricle", "stress: 1 basal anterior", "stress: 2 basal anteroseptal",
        "study",
    ]  # fmt: skip
    assert content(told["stress: 2 basal anteroseptal"], "Myocardial perfusion") == []
    assert content(told["study"], "Summed difference score, 17 segments") == []


@pytest.mark.parametrize("source", ["nm", "pet", "nifti"])
def test_every_code_is_in_the_standard_or_private(source: str, tmp_path: Path) -> None:
    from pydicom.sr._concepts_dict import concepts

    known = {
        (value, scheme, meaning.casefold())
        for scheme, dictionary in concepts.items()
        for variants in dictionary.values()
        for value, (meaning, _) in variants.items()
    }
    dataset = measurement_report_dataset(MEASURED, header_from(source, tmp_path), REPORT, stamp())
    content_alone = Dataset()
    content_alone.ContentSequence = dataset.ContentSequence
    content_alone.ConceptNameCodeSequence = dataset.ConceptNameCodeSequence

    used = set(codes_in(content_alone))

    unknown = {
        (value, scheme)
        for value, scheme, meaning in used
        if scheme not in (OWN, *OUTSIDE)
        # pydicom has some observable entities with SNOMED's full name alone.
        and (value, scheme, meaning.casefold()) not in known
        and (value, scheme, f"{meaning.casefold()} (observable entity)") not in known
    }
    # Units of UCUM that CID 82 does not list.
    assert unknown == {("ml", "UCUM"), ("g", "UCUM"), ("{score}", "UCUM")}
    assert {"251053005", "427751006", "428832008"} <= {value for value, *_ in used}
    assert all(len(value) <= 16 for value, scheme, _ in used if scheme == OWN)
    (scheme,) = dataset.CodingSchemeIdentificationSequence
    assert scheme.CodingSchemeDesignator == OWN


def test_segments_are_called_what_the_standard_calls_them() -> None:
    from pydicom.sr.codedict import codes

    known = {
        getattr(codes.cid3717, name).value: getattr(codes.cid3717, name).meaning
        for name in codes.cid3717.dir()
    }
    sites = [
        item.ConceptCodeSequence[0]
        for group in groups(report()).values()
        for item in content(group, "Finding Site")
    ]

    told = {site.CodeValue: site.CodeMeaning for site in sites}
    del told[measurement_codes.LEFT_VENTRICLE[0]]
    assert told == known


def test_every_source_is_evidence(demo_study_path: Path, tmp_path: Path) -> None:
    stress, rest = header_of(demo_study_path), header_from("pet", tmp_path)

    dataset = measurement_report_dataset(
        MEASURED, stress, replace(REPORT, other_sources=(rest,)), stamp()
    )

    evidence = [
        (item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID)
        for study in dataset.CurrentRequestedProcedureEvidenceSequence
        for series in study.ReferencedSeriesSequence
        for item in series.ReferencedSOPSequence
    ]
    assert evidence == [*stress.instances, *rest.instances]


def test_an_earlier_exam_is_other_evidence_and_no_source(
    demo_study_path: Path, tmp_path: Path
) -> None:
    stress, earlier = header_of(demo_study_path), header_from("pet", tmp_path)

    dataset = measurement_report_dataset(
        MEASURED, stress, replace(REPORT, referenced=(earlier,)), stamp()
    )

    def referred(sequence: Any) -> list[tuple[str, str]]:
        return [
            (item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID)
            for study in sequence
            for series in study.ReferencedSeriesSequence
            for item in series.ReferencedSOPSequence
        ]

    assert referred(dataset.PertinentOtherEvidenceSequence) == [*earlier.instances]
    assert referred(dataset.CurrentRequestedProcedureEvidenceSequence) == [*stress.instances]
    assert "PertinentOtherEvidenceSequence" not in report()


def test_tracking_uids_are_all_new() -> None:
    uids = [
        content(each, "Tracking Unique Identifier")[0].UID for each in groups(report()).values()
    ]

    assert len(uids) == len(set(uids)) == 2 * 18 + 1


@pytest.mark.parametrize("changes", [
    {"uptake_percent": {18: 50.0}}, {"scores": {0: 1}}, {"scores": {1: 5}}, {"scores": {1: -1}},
    {"uptake_percent": {1: np.nan}}, {"length_mm": np.inf},
    {"total_perfusion_deficit_percent": np.nan},
])  # fmt: skip
def test_what_is_no_measurement_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(OptionError, match="cannot be reported"):
        replace(STRESS, **changes)


@pytest.mark.parametrize("changes", [
    {"less_percent": np.nan}, {"segment_percent": {0: 1.0}}, {"segment_percent": {1: np.inf}},
])  # fmt: skip
def test_what_is_no_change_is_refused(changes: dict[str, Any]) -> None:
    assert REST.change is not None
    with pytest.raises(OptionError, match="a change cannot be reported"):
        replace(REST.change, **changes)


def test_a_study_of_no_ventricle_is_refused() -> None:
    with pytest.raises(OptionError, match="at least one ventricle"):
        StudyMeasurements(())


@pytest.mark.system
@pytest.mark.skipif(
    shutil.which("dsrdump") is None, reason="dsrdump is not installed (make system-packages)"
)
@pytest.mark.parametrize("source", ["nm", "pet", "nifti"])
def test_dcmtk_reads_the_tree_without_a_remark(source: str, tmp_path: Path) -> None:
    path = tmp_path / "report.dcm"
    write_measured(path, header_from(source, tmp_path), REPORT)

    run = subprocess.run(
        ["dsrdump", "-d", str(path)], capture_output=True, text=True, check=True, timeout=60
    )

    assert [line for line in run.stderr.splitlines() if line.startswith(("E:", "W:"))] == []
    assert run.stdout.count('"Measurement Group")') == 2 * 18 + 1


def test_highdicom_reads_it_by_the_template(tmp_path: Path) -> None:
    import highdicom

    path = tmp_path / "report.dcm"
    write_measured(path, header_from("nm", tmp_path), REPORT)

    read = highdicom.sr.ComprehensiveSR.from_dataset(pydicom.dcmread(path)).content

    assert isinstance(read, highdicom.sr.MeasurementReport)
    found = read.get_image_measurement_groups()
    values = [each.value for each in found[1].get_measurements()]
    assert len(found) == 2 * 18 + 1
    assert values == [round(STRESS.uptake_percent[1], 1), STRESS.scores[1]]


@pytest.fixture
def placed(tmp_path: Path) -> PictureRegions:
    """A square around every segment and map of a picture that was stored."""
    square = np.array([[10.0, 10.0], [20.0, 10.0], [20.0, 20.0], [10.0, 20.0], [10.0, 10.0]])
    stored = write_secondary_capture(
        tmp_path / "picture.dcm", PICTURE, header_from("nm", tmp_path), REPORT, stamp()
    )
    numbers = range(WHOLE_MAP, len(SEGMENTS) + 1)
    outlines = {(each.condition, number): square for each in (STRESS, REST) for number in numbers}
    return PictureRegions(stored, {**outlines, (None, WHOLE_MAP): square})


def test_every_group_has_its_place_on_the_picture_and_the_picture_is_evidence(
    placed: PictureRegions, tmp_path: Path
) -> None:
    """OHIF fails on groups of numbers without coordinates and shows an empty viewport."""
    header = header_from("nm", tmp_path)
    dataset = measurement_report_dataset(MEASURED, header, REPORT, stamp(), placed)

    for group in groups(dataset).values():
        (region,) = content(group, "Image Region")
        assert (region.ValueType, region.GraphicType) == ("SCOORD", "POLYLINE")
        assert region.GraphicData[:2] == [10, 10] == region.GraphicData[-2:]
        (image,) = region.ContentSequence
        (shown,) = image.ReferencedSOPSequence
        assert (shown.ReferencedSOPClassUID, shown.ReferencedSOPInstanceUID) in (
            placed.picture.instances
        )
    evidence = [
        item.ReferencedSOPInstanceUID
        for study in dataset.CurrentRequestedProcedureEvidenceSequence
        for series in study.ReferencedSeriesSequence
        for item in series.ReferencedSOPSequence
    ]
    assert placed.picture.instances[0][1] in evidence


@pytest.mark.system
@pytest.mark.skipif(
    shutil.which("dsrdump") is None, reason="dsrdump is not installed (make system-packages)"
)
def test_dcmtk_reads_places_on_the_picture_without_a_remark(
    placed: PictureRegions, tmp_path: Path
) -> None:
    path = tmp_path / "report.dcm"
    write_measurement_report(path, MEASURED, header_from("nm", tmp_path), REPORT, stamp(), placed)

    run = subprocess.run(
        ["dsrdump", "-d", str(path)], capture_output=True, text=True, check=True, timeout=60
    )

    assert [line for line in run.stderr.splitlines() if line.startswith(("E:", "W:"))] == []
    assert run.stdout.count("SCOORD") == 2 * 18 + 1


def test_scores_of_spect_belong_to_the_panel_of_loinc(tmp_path: Path) -> None:
    study = groups(report())["study"]
    (panel,) = content(study, "Finding")
    assert panel.ConceptCodeSequence[0].CodeValue == "82654-5"
    percent = round(100 * 33 / 68, 2)
    assert number(study, "Summed difference score Myocardium SPECT") == (percent, "%")
    of_pet = measurement_report_dataset(MEASURED, header_from("pet", tmp_path), REPORT, stamp())
    assert content(groups(of_pet)["study"], "Finding") == []


def test_what_two_positions_show_together_is_told() -> None:
    both = replace(STRESS, both_positions=(3, 1.25))
    whole = groups(report(ventricles=(both,)))["stress: left ventricle"]
    assert number(whole, "Summed score of what is abnormal in both positions") == (3, "{score}")
    assert number(whole, "Total perfusion deficit in both positions") == (1.25, "%")


def test_nothing_scored_is_reported_as_nothing() -> None:
    ventricle = replace(
        STRESS, scores={}, scar_burden_percent=None, total_perfusion_deficit_percent=None
    )
    told = groups(report(ventricles=(ventricle,), summed_difference_score=None))
    whole = told["stress: left ventricle"]
    for name in (
        "Summed stress score, 17 segments",
        "Total perfusion deficit",
        "Abnormal wall below half of the normal part",
    ):
        assert content(whole, name) == []
    assert number(whole, "Length") == (83.5, "mm")
