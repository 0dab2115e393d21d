"""Facts from headers: stress or rest, tracer, camera, position."""

from __future__ import annotations

import numpy as np
import pytest
from pydicom import Dataset

from nm_object import build_nm
from shortaxis.dicom.carried.stated.condition import condition_of
from shortaxis.dicom.elements.part10 import quiet_pydicom
from shortaxis.dicom.elements.vocabulary import REST_CODES, REST_WORDS, STRESS_CODES, STRESS_WORDS
from shortaxis.dicom.elements.wording import words_in
from shortaxis.dicom.reading.headers.facts import facts_of
from shortaxis.spect.study import Modality, StudyCondition
from shortaxis.spect.volume import SpectVolume

STRESS, REST, UNKNOWN = StudyCondition.STRESS, StudyCondition.REST, StudyCondition.UNKNOWN


def header(**values) -> Dataset:
    dataset = Dataset()
    with quiet_pydicom():
        for keyword, value in values.items():
            setattr(dataset, keyword, value)
    return dataset


def context(value: str, meaning: str = "") -> list[Dataset]:
    code = header(CodeValue=value, CodingSchemeDesignator="SCT", CodeMeaning=meaning)
    return [header(ConceptCodeSequence=[code])]


@pytest.mark.parametrize(("text", "expected"), [
    ("STRESS_TRANS_AC", STRESS), ("ReconStress", STRESS), ("Stress-1", STRESS),
    ("STR OSEM", STRESS), ("Esforço FBP", STRESS), ("ESFORCO", STRESS), ("esf_trans", STRESS),
    ("Esfuerzo", STRESS), ("Effort AC", STRESS), ("Belastung", STRESS), ("Adenosine IRAC", STRESS),
    ("ReconRest-1", REST), ("ReconRest", REST), ("REST", REST), ("Repouso AC", REST),
    ("reposo1", REST), ("Repos", REST), ("Ruhe OSEM", REST), ("restTransaxial", REST),
    ("Redist 4h", REST),
    ("Forest", UNKNOWN), ("Restored", UNKNOWN), ("Distress", UNKNOWN), ("Strong", UNKNOWN),
    ("transaxial", UNKNOWN), ("Arrest", UNKNOWN), ("Street", UNKNOWN), ("", UNKNOWN),
])  # fmt: skip
@pytest.mark.parametrize("keyword", ["SeriesDescription", "ImageID", "ProtocolName"])
def test_words_tell_stress_from_rest(keyword, text, expected):
    condition, evidence = condition_of(header(**{keyword: text}))

    assert condition is expected
    assert (keyword in evidence) == (expected is not UNKNOWN)


@pytest.mark.parametrize("text", ["Rest/Stress", "1day stress-rest", "ReposoEsfuerzo"])
@pytest.mark.parametrize("keyword", ["SeriesDescription", "ImageID", "ProtocolName"])
def test_a_text_that_names_both_tells_nothing_and_says_so(keyword, text):
    condition, evidence = condition_of(header(**{keyword: text}))

    assert condition is UNKNOWN
    assert keyword in evidence
    assert "names stress and rest" in evidence


@pytest.mark.parametrize(("words", "expected"), [(STRESS_WORDS, STRESS), (REST_WORDS, REST)])
def test_every_word_of_the_tables_can_be_found_by_the_reader_of_words(words, expected):
    for word in words:
        assert words_in(word.upper()) == [word]
        assert condition_of(header(SeriesDescription=f"X_{word} 1"))[0] is expected


@pytest.mark.parametrize(("code", "expected"), [
    *((code, STRESS) for code in STRESS_CODES), *((code, REST) for code in REST_CODES),
])  # fmt: skip
def test_codes_of_the_acquisition_context_decide(code, expected):
    condition, evidence = condition_of(header(AcquisitionContextSequence=context(code)))

    assert condition is expected
    assert "AcquisitionContextSequence (0040,0555)" in evidence


def test_an_unknown_code_is_read_by_its_meaning():
    dataset = header(AcquisitionContextSequence=context("99-1", "Cardiac stress state"))

    assert condition_of(dataset)[0] is STRESS


def test_series_attributes_that_contradict_each_other_leave_it_unknown():
    condition, evidence = condition_of(
        header(SeriesDescription="STRESS", ImageID="ReconRest", StudyDescription="Rest")
    )

    assert condition is UNKNOWN
    assert evidence.startswith("contradictory")
    assert "'stress'" in evidence
    assert "'rest'" in evidence


def test_the_context_and_the_description_may_contradict_each_other():
    dataset = header(AcquisitionContextSequence=context("128975004"), SeriesDescription="Stress")

    assert condition_of(dataset)[0] is UNKNOWN


def test_a_description_that_names_both_gives_way_to_one_that_does_not():
    dataset = header(SeriesDescription="1-day rest-stress", ImageID="ReconRest-1")

    assert condition_of(dataset)[0] is REST


def test_the_procedure_is_asked_only_where_the_series_is_silent():
    silent = header(SeriesDescription="OSEM", StudyDescription="MPS repouso")
    speaking = header(SeriesDescription="Stress", StudyDescription="MPS repouso")

    assert condition_of(silent)[0] is REST
    assert condition_of(speaking)[0] is STRESS


def test_both_words_in_one_place_are_reported_as_such():
    condition, evidence = condition_of(header(StudyDescription="Myocardial stress and rest"))

    assert condition is UNKNOWN
    assert evidence == "StudyDescription (0008,1030) names stress and rest"


def built() -> Dataset:
    counts = np.random.default_rng(0).integers(0, 100, (10, 12, 12))
    return build_nm(SpectVolume(counts, np.diag([8.0, 8.0, 8.0, 1.0])), patient_position="FFP")


def test_facts_of_a_camera_object():
    dataset = built()

    facts = facts_of([dataset], Modality.NM)

    assert facts.camera == "Drawn camera"
    assert facts.tracer == "Tc-99m sestamibi"
    assert facts.patient_position == "FFP"
    assert facts.condition is STRESS
    assert facts.sop_instance_uids == (dataset.SOPInstanceUID,)
    assert facts.frame_of_reference_uid == dataset.FrameOfReferenceUID


@pytest.mark.parametrize(
    ("maker", "model", "camera"),
    [
        ("GE MEDICAL SYSTEMS", "Discovery 530c", "GE MEDICAL SYSTEMS Discovery 530c"),
        ("Spectrum Dynamics", "SPECTRUM DYNAMICS D-SPECT", "SPECTRUM DYNAMICS D-SPECT"),
        ("", "CardioMD", "CardioMD"),
        ("Philips", "", "Philips"),
    ],
)
def test_a_camera_has_maker_and_model_and_no_name_twice(maker, model, camera):
    dataset = header(Manufacturer=maker, ManufacturerModelName=model)

    assert facts_of([dataset], Modality.NM).camera == camera


def test_the_tracer_falls_back_to_the_nuclide_and_then_to_the_energy_window():
    dataset = built()

    del dataset.RadiopharmaceuticalInformationSequence[0].RadiopharmaceuticalCodeSequence
    assert facts_of([dataset], Modality.NM).tracer == "^99m^Technetium"
    dataset.RadiopharmaceuticalInformationSequence = []
    assert facts_of([dataset], Modality.NM).tracer == "Tc99m"


def test_the_nuclide_is_known_by_any_name_that_tells_it():
    dataset = built()
    drug = dataset.RadiopharmaceuticalInformationSequence[0]
    drug.RadiopharmaceuticalCodeSequence[0].CodeMeaning = "our usual"

    assert facts_of([dataset], Modality.NM).tracer == "our usual"
    assert facts_of([dataset], Modality.NM).nuclide == "Tc-99m"


@pytest.mark.parametrize(
    ("said", "known"),
    [("F", "F"), ("m", "M"), ("O", "O"), ("", ""), ("Male", ""), ("U", "")],
)
def test_the_sex_is_one_of_the_terms_of_the_standard_or_not_known(said, known):
    assert facts_of([header(PatientSex=said)], Modality.NM).patient_sex == known


def test_an_empty_header_gives_empty_facts():
    facts = facts_of([Dataset()], Modality.NM)

    assert (facts.camera, facts.tracer, facts.patient_position) == ("", "", "")
    assert (facts.nuclide, facts.patient_sex) == ("", "")
    assert facts.condition is UNKNOWN


def test_words_that_name_the_patient_are_left_out():
    dataset = built()
    dataset.PatientName, dataset.PatientID = "Zzsécret^Qqname", "PID987"
    dataset.AccessionNumber = "ACC555"
    dataset.SeriesDescription, dataset.ImageID = "rest zzsecret AC", ""
    dataset.ManufacturerModelName = "Camera for QQNAME"
    tracer = dataset.RadiopharmaceuticalInformationSequence[0]
    tracer.RadiopharmaceuticalCodeSequence[0].CodeMeaning = "ZZSECRET"
    tracer.RadionuclideCodeSequence[0].CodeMeaning = "Tc99m of Zzsecret"
    dataset.PatientPosition = "PID987"
    dataset.AcquisitionContextSequence = context("128975004", "Resting Qqname ACC555")

    facts = facts_of([dataset], Modality.NM)

    assert facts.series_description == "rest AC"
    assert facts.camera == "Drawn Camera for"
    assert facts.tracer == "Tc99m of"
    assert facts.patient_position == "FFP"
    assert facts.condition_evidence == "AcquisitionContextSequence (0040,0555) says '128975004'"


def test_an_energy_window_named_after_the_patient_is_no_tracer():
    dataset = built()
    dataset.PatientName = "Qqname^Ada"
    dataset.RadiopharmaceuticalInformationSequence = []
    dataset.EnergyWindowInformationSequence[0].EnergyWindowName = "QQNAME"

    assert facts_of([dataset], Modality.NM).tracer == ""


@pytest.mark.parametrize(("position", "expected"), [
    ("FFDL", "FFDL"), ("ffs ", "FFS"), ("HFX", "FFP"), ("", "FFP"),
])  # fmt: skip
def test_only_defined_patient_positions_are_told(position, expected):
    dataset = built()
    with quiet_pydicom():
        dataset.PatientPosition = position

    assert facts_of([dataset], Modality.NM).patient_position == expected


def test_the_unit_of_pet_counts_is_a_fact():
    assert facts_of([header(Units="BQML")], Modality.PET).units == "Bq/ml"
    assert facts_of([header(Units="GML")], Modality.PET).units == "g/ml{SUVbw}"
    assert facts_of([header(Units="whatever")], Modality.PET).units == ""


def test_patient_position_wins_over_the_codes():
    dataset = built()
    dataset.PatientPosition = "HFS"

    assert facts_of([dataset], Modality.NM).patient_position == "HFS"


@pytest.mark.parametrize(("said", "told"), [
    ("HEART", ""), ("", ""), (" ", ""), ("CHEST", ""), ("THORAX", ""), ("Cardiac", ""),
    ("WHOLE BODY", ""), ("CHESTABDPELVIS", ""), ("MYOCARDIUM", ""), ("NECK_CHEST", ""),
    ("CORONARYARTERY", ""), ("UNKNOWN", ""), ("TORAX", ""),
    ("HEAD", "HEAD"), ("Brain", "BRAIN"), ("ABDOMEN", "ABDOMEN"), ("BREAST", "BREAST"),
    ("DEMO", "another part of the body"),  # the patient's name
    ("L" * 17, "another part of the body"), ("H\u00e9ad", "another part of the body"),
])  # fmt: skip
def test_a_part_of_the_body_without_the_heart_is_told(said: str, told: str) -> None:
    dataset = built()
    dataset.add_new("BodyPartExamined", "LO", said)

    assert facts_of([dataset], Modality.NM).foreign_body_part == told


@pytest.mark.parametrize(
    ("corrections", "known"),
    [(None, None), ("", None), ("UNIF", False), ("ATTN", True), (["ATTN", "SCAT"], True)],
)
def test_attenuation_correction_is_told_where_corrections_are(corrections, known) -> None:
    dataset = Dataset()
    if corrections is not None:
        dataset.CorrectedImage = corrections

    assert facts_of([dataset], Modality.NM).attenuation_corrected is known
