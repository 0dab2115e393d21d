"""Segments and scores as a structured report (PS3.3 A.35.3, PS3.16 TID 1500).

One Measurement Group (TID 1501) for each segment and one for the whole ventricle, at stress and at
rest. The group's acquisition context tells which, its Finding Site which segment (CID 3717).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pydicom import Dataset
from pydicom.uid import ComprehensiveSRStorage

from shortaxis.anatomy.segments import SEGMENTS, Segment
from shortaxis.dicom.carried.equipment import SOFTWARE
from shortaxis.dicom.carried.source_header import SourceHeader
from shortaxis.dicom.carried.source_references import referenced_studies
from shortaxis.dicom.documents.document_facts import DocumentFacts
from shortaxis.dicom.documents.document_header import all_sources, document_dataset
from shortaxis.dicom.documents.measurements import measurement_codes as codes
from shortaxis.dicom.documents.measurements.change_content import (
    change_content,
    segment_change_content,
)
from shortaxis.dicom.documents.measurements.content_items import (
    Code,
    code_content,
    container,
    number_content,
    text_content,
    uid_content,
)
from shortaxis.dicom.documents.measurements.function_content import function_content
from shortaxis.dicom.documents.measurements.picture_regions import (
    NO_REGIONS,
    WHOLE_MAP,
    PictureRegions,
)
from shortaxis.dicom.documents.measurements.ventricle_measurements import (
    FULL_SCORE,
    StudyMeasurements,
    VentricleMeasurements,
)
from shortaxis.dicom.elements.attributes import text_of
from shortaxis.dicom.elements.part10 import quiet_pydicom, write_dataset
from shortaxis.dicom.elements.uids import IMPLEMENTATION_CLASS_UID, UidGenerator
from shortaxis.dicom.writing.derivation import Stamp
from shortaxis.spect.study import StudyCondition

__all__ = ["measurement_report_dataset", "write_measurement_report"]

CARRIED = ("ProtocolName",)
"""Of SR Document Series (C.17.1)."""

MAX_COMMENT_LENGTH = 1024
"""Characters of the comment; the type would allow any number (UT)."""


def write_measurement_report(
    path: Path,
    measured: StudyMeasurements,
    header: SourceHeader,
    document: DocumentFacts,
    stamp: Stamp,
    regions: PictureRegions = NO_REGIONS,
) -> None:
    """Write measurements as a Part 10 file in Explicit VR Little Endian.

    See `measurement_report_dataset`. The file is there as a whole or not at all.
    """
    write_dataset(path, measurement_report_dataset(measured, header, document, stamp, regions))


def measurement_report_dataset(
    measured: StudyMeasurements,
    header: SourceHeader,
    document: DocumentFacts,
    stamp: Stamp,
    regions: PictureRegions = NO_REGIONS,
) -> Dataset:
    """Build the report of one study.

    Parameters
    ----------
    measured : StudyMeasurements
        Uptakes and scores, of stress and rest as far as there are both.
    header : SourceHeader
        Header of the source whose study the report joins; an empty one gives a new study.
    document : DocumentFacts
        Title, description, flag, and the other sources; what it refers to is other evidence.
    stamp : Stamp
        Number among the derived series of the source, new UIDs, date and time.
    regions : PictureRegions
        Where on a stored picture each of them is seen.
    """
    sources = all_sources(header, document)
    dataset = document_dataset(ComprehensiveSRStorage, header, document, stamp, CARRIED)
    with quiet_pydicom():
        said = text_of(sources[0].dataset, "Modality")
        modality = said if said in codes.TITLES else "NM"
        _add_document(dataset, [*sources, regions.picture])
        other = referenced_studies(document.referenced, "ReferencedSOPSequence")
        if other:
            dataset.PertinentOtherEvidenceSequence = other
        groups = list(_groups(measured, document, modality, regions, stamp.uids))
        dataset.update(_root(groups, document, modality))
    return dataset


def _add_document(dataset: Dataset, sources: list[SourceHeader]) -> None:
    """SR Document Series and SR Document General (C.17.1, C.17.2)."""
    dataset.Modality = "SR"
    dataset.ReferencedPerformedProcedureStepSequence = []
    dataset.PerformedProcedureCodeSequence = []
    dataset.CompletionFlag, dataset.VerificationFlag = "COMPLETE", "UNVERIFIED"
    evidence = referenced_studies(sources, "ReferencedSOPSequence")
    if evidence:
        dataset.CurrentRequestedProcedureEvidenceSequence = evidence
    dataset.CodingSchemeIdentificationSequence = [codes.own_scheme()]


def _root(groups: list[Dataset], document: DocumentFacts, modality: str) -> Dataset:
    """TID 1500 Measurement Report."""
    procedure = codes.PROCEDURES[modality]
    return container(
        "",
        codes.TITLES[modality],
        [
            code_content("HAS CONCEPT MOD", codes.LANGUAGE, codes.ENGLISH),  # TID 1204
            code_content("HAS OBS CONTEXT", codes.OBSERVER_TYPE, codes.DEVICE),  # TID 1002
            uid_content("HAS OBS CONTEXT", codes.DEVICE_UID, IMPLEMENTATION_CLASS_UID),
            text_content(
                "HAS OBS CONTEXT", codes.DEVICE_NAME, f"{SOFTWARE} {document.software_version}"
            ),
            code_content("HAS CONCEPT MOD", codes.PROCEDURE_REPORTED, procedure),
            container(
                "CONTAINS",
                codes.IMAGING_MEASUREMENTS,
                groups,
            ),
        ],
        template="1500",
    )


def _groups(
    measured: StudyMeasurements,
    document: DocumentFacts,
    modality: str,
    regions: PictureRegions,
    uids: UidGenerator,
) -> Iterator[Dataset]:
    for ventricle in measured.ventricles:
        whole = _of_the_whole(ventricle, modality)
        of_map = regions.content_of((ventricle.condition, WHOLE_MAP))
        yield _group("left ventricle", codes.LEFT_VENTRICLE, ventricle, [*of_map, *whole], uids)
        for segment in SEGMENTS:
            values = _of_a_segment(ventricle, segment)
            if values:
                site = (segment.sct, "SCT", _meaning(segment))
                name = f"{segment.number} {segment.name}"
                place = regions.content_of((ventricle.condition, segment.number))
                yield _group(name, site, ventricle, [*place, *values], uids)
    compared = [text_content("CONTAINS", codes.COMMENT, document.words(MAX_COMMENT_LENGTH))]
    panel = [code_content("CONTAINS", codes.FINDING, codes.SPECT_PANEL)]
    compared = [*(panel if modality == "NM" else []), *_of_both(measured, modality), *compared]
    compared = [*regions.content_of((None, WHOLE_MAP)), *compared]
    if measured.conclusion:
        compared.append(text_content("CONTAINS", codes.CONCLUSION, measured.conclusion))
    yield _group("study", codes.LEFT_VENTRICLE, None, compared, uids)


def _group(
    name: str,
    site: Code,
    ventricle: VentricleMeasurements | None,
    values: list[Dataset],
    uids: UidGenerator,
) -> Dataset:
    """TID 1501 Measurement and Qualitative Evaluation Group, or TID 1410 where it has a place."""
    state = None if ventricle is None else codes.CONDITIONS.get(ventricle.condition)
    told = name if ventricle is None else f"{ventricle.condition.value}: {name}"
    context = [
        text_content("HAS OBS CONTEXT", codes.TRACKING_IDENTIFIER, told),
        uid_content("HAS OBS CONTEXT", codes.TRACKING_UID, uids()),
    ]
    if state is not None:
        context.append(code_content("HAS ACQ CONTEXT", codes.PATIENT_STATE, state))
    context.append(code_content("HAS CONCEPT MOD", codes.FINDING_SITE, site))
    has_place = any(each.ValueType == "SCOORD" for each in values)
    template = "1410" if has_place else "1501"
    return container("CONTAINS", codes.MEASUREMENT_GROUP, [*context, *values], template=template)


def _of_both(measured: StudyMeasurements, modality: str) -> list[Dataset]:
    """What compares stress and rest."""
    score, values = measured.summed_difference_score, []
    if score is not None:
        names = [codes.SUMMED_DIFFERENCE_SCORE]
        names += [codes.SPECT_DIFFERENCE_SCORE] if modality == "NM" else []
        values += [number_content(name, score, codes.SCORE) for name in names]
        values += [_percent_of_spect(codes.SPECT_DIFFERENCE_PERCENT, score)] * (modality == "NM")
    if measured.transient_dilation is not None:
        ratio = round(measured.transient_dilation, 3)
        values.append(number_content(codes.TRANSIENT_DILATION, ratio, codes.NO_UNIT))
    if measured.ejection_fraction_change_percent is not None:
        change = round(measured.ejection_fraction_change_percent, 1)
        values.append(number_content(codes.EJECTION_FRACTION_CHANGE, change, codes.PERCENT))
    if measured.end_diastolic_dilation is not None:
        ratio = round(measured.end_diastolic_dilation, 3)
        values.append(number_content(codes.END_DIASTOLIC_DILATION, ratio, codes.NO_UNIT))
    return values


def _of_the_whole(ventricle: VentricleMeasurements, modality: str) -> list[Dataset]:
    summed = codes.SUMMED_SCORES[ventricle.condition]
    deficit = ventricle.total_perfusion_deficit_percent
    values = []
    if ventricle.summed_score is not None:
        score = ventricle.summed_score
        values.append(number_content(summed, score, codes.SCORE, [_scored(ventricle)]))
        if modality == "NM" and ventricle.condition is StudyCondition.STRESS:
            values.append(_percent_of_spect(codes.SPECT_STRESS_PERCENT, score))
    parts = (
        (codes.TOTAL_PERFUSION_DEFICIT, deficit),
        (codes.EXTENT, ventricle.extent_percent),
        (codes.SCAR_BURDEN, ventricle.scar_burden_percent),
    )
    values += [
        number_content(code, round(value, 2), codes.PERCENT)
        for code, value in parts
        if value is not None
    ]
    values += _of_both_positions(ventricle)
    values.append(number_content(codes.LENGTH, round(ventricle.length_mm, 1), codes.MILLIMETRE))
    return [*values, *function_content(ventricle.function), *change_content(ventricle.change)]


def _of_both_positions(ventricle: VentricleMeasurements) -> list[Dataset]:
    if ventricle.both_positions is None:
        return []
    summed, deficit = ventricle.both_positions
    return [
        number_content(codes.POSITIONS_SUMMED, summed, codes.SCORE),
        number_content(codes.POSITIONS_DEFICIT, round(deficit, 2), codes.PERCENT),
    ]


def _percent_of_spect(code: Code, score: int) -> Dataset:
    """A summed score in per cent of the highest possible one, as LOINC has it."""
    return number_content(code, round(100 * score / (FULL_SCORE * len(SEGMENTS)), 2), codes.PERCENT)


def _of_a_segment(ventricle: VentricleMeasurements, segment: Segment) -> list[Dataset]:
    """TID 300 Measurement, each; none where nothing was measured."""
    uptake = ventricle.uptake_percent.get(segment.number)
    score = ventricle.scores.get(segment.number)
    values = []
    if uptake is not None:
        how = [
            code_content("HAS CONCEPT MOD", codes.METHOD, codes.RELATIVE_UPTAKE),
            code_content("HAS CONCEPT MOD", codes.DERIVATION, codes.MEAN),
        ]
        values.append(number_content(codes.PERFUSION, round(uptake, 1), codes.PERCENT, how))
    if score is not None:
        values.append(number_content(codes.SEGMENT_SCORE, score, codes.SCORE, [_scored(ventricle)]))
    return [*values, *segment_change_content(ventricle.change, segment.number)]


def _scored(ventricle: VentricleMeasurements) -> Dataset:
    method = codes.NORMAL_LIMITS if ventricle.is_by_normal_limits else codes.FIXED_BANDS
    return code_content("HAS CONCEPT MOD", codes.METHOD, method)


def _meaning(segment: Segment) -> str:
    """What CID 3717 calls it."""
    is_apex = segment.name == "apex"
    return "Apex of left ventricle" if is_apex else f"left ventricle {segment.name} segment"
