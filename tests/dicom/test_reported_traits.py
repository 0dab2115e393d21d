"""Traits that people report of real files: what is read, what is flagged, and what is refused.

Each case differs from the demo study in one trait. So the demo's pose is the true pose of all that
say where they lie, and the counts must come out where the demo's are.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread

from reported_cases import find_case_writer, write_reported_cases
from repository import DEMO
from shortaxis import QualityFlag, RigidPose, pose_errors, reorient
from shortaxis.geometry.affines import apply_affine, invert_affine
from shortaxis.spect.reading_options import AS_STORED, ReadingOptions
from shortaxis.spect.stated_geometry import StatedGeometry, StoredAxis
from shortaxis.spect.study import PerfusionStudy, StudyCondition
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.reorient.reorienting import reasons_of_the_source
from shortaxis.workflow.studies.finding import find_studies
from verb_run import Run

SLOT_SUM = float(np.mean([1 + 0.02 * slot for slot in range(8)]))
"""How much more counts the time slots of a gated case have together than the demo."""

ROUNDED_COUNTS = 2e-4
"""Part of the most counts that rounding of each of eight time slots moves."""

LIKE_THE_DEMO_MM, LIKE_THE_DEMO_DEG = 1.0, 1.5
"""Rounding of counts and positions moves an estimate less than this."""

TRUE_CENTER_MM, TRUE_AXIS_DEG = 8.0, 10.0
"""How near the estimate in the demo lies to its truth, with room."""


@dataclass(frozen=True)
class Reading:
    """How a case is read, and what must come of it."""

    case: str
    is_flagged: bool
    number: int = 0
    scale: float = 1.0
    reading: ReadingOptions = AS_STORED
    lies_in_place: bool = True
    of: int = 1
    n_slots: int = 1
    condition: str = "stress"
    reason: str = ""
    options: tuple[str, ...] = field(default=())

    @property
    def keeps_slope(self) -> bool:
        return not self.case.startswith(("pet", "pytomography", "nan", "nifti", "upside"))

    @property
    def label(self) -> str:
        return f"{self.case} {self.number + 1} of {self.of}" + " ".join(self.options)


def stated(**said: object) -> ReadingOptions:
    return ReadingOptions(stated=StatedGeometry(**said))  # type: ignore[arg-type]


AS_IT_IS = (
    Reading("frame_increment_pointer_absent.dcm", True, reason="FrameIncrementPointer"),
    Reading("modality_other.dcm", False),
    Reading("bytes_after_pixels.dcm", False),
    Reading("gated_called_ungated.dcm", False, scale=SLOT_SUM, n_slots=8),
    Reading("two_energy_windows.dcm", False, of=2),
    Reading("two_energy_windows.dcm", False, number=1, of=2, scale=0.5),
    Reading("time_slot_per_file", True, n_slots=8, reason="one gated study"),
    Reading("slice_per_file", False),
    Reading("pet_gated_slots_uncounted", False, n_slots=8),
    Reading("pet_gated_trigger_time_zero", True, n_slots=8, reason="TriggerTime"),
    Reading("pet_time_slot_per_series", False, n_slots=4, scale=4.0),
    Reading("pet_intercept_absent", False),
    Reading("pet_pytomography_slices", True, reason="SeriesType"),
    Reading("pytomography_single_file.dcm", True, reason="SliceVector"),
    Reading("pet_corrected_and_not_in_one_series", False, of=2),
    Reading("pet_corrected_and_not_in_one_series", False, number=1, of=2),
    Reading("three_kinds_in_one_series", False, of=6, condition="rest"),
    Reading("three_kinds_in_one_series", False, number=1, of=6, n_slots=8,
            scale=SLOT_SUM, condition="rest"),
    Reading("three_kinds_in_one_series", False, number=2, of=6, condition="rest"),
    Reading("three_kinds_in_one_series", False, number=3, of=6),
    Reading("three_kinds_in_one_series", False, number=4, of=6, n_slots=8, scale=SLOT_SUM),
    Reading("three_kinds_in_one_series", False, number=5, of=6),
    Reading("nan_outside_field.nii.gz", True, reason="NIfTI"),
    Reading("nifti_pair.hdr", True, reason="NIfTI"),
)  # fmt: skip
"""What is read without an option."""

WITH_AN_OPTION = (
    Reading(
        "position_and_orientation_absent.dcm", True, lies_in_place=False, reason="LPI",
        reading=stated(orientation="LPI"), options=("--orientation", "LPI"),
    ),
    Reading(
        "slice_spacing_empty.dcm", True, reason="-6.6 mm",
        reading=stated(slice_spacing_mm=-6.6), options=("--slice-spacing", "-6.6"),
    ),
    Reading(
        "slice_vector_descending.dcm", True, reason="LPI",
        reading=stated(orientation="LPI"), options=("--orientation", "LPI"),
    ),
    Reading(
        "pet_whole_body", True, reason="whole-body",
        reading=ReadingOptions(whole_body=True), options=("--whole-body",),
    ),
    Reading(
        "attenuation_map.dcm", True, lies_in_place=False, reason="attenuation map",
        reading=ReadingOptions(force_input=True), options=("--force-input",),
    ),
    Reading(
        "upside_down.nii.gz", True, lies_in_place=False, reason="flipped slices",
        reading=stated(flips={StoredAxis.SLICES}), options=("--flip", "slices"),
    ),
)  # fmt: skip
"""What is read with the option that a message names."""

REFUSED = {
    "position_and_orientation_absent.dcm": ("ImagePositionPatient", "--orientation LPI"),
    "slice_spacing_empty.dcm": ("SliceThickness (0018,0050) is 6.6 mm", "--slice-spacing -6.6"),
    "slice_vector_descending.dcm": ("SliceVector", "--orientation LPI"),
    "pet_whole_body": ("WHOLE BODY", "--whole-body"),
    "attenuation_map.dcm": ("attenuation map", "--force-input"),
    "metaimage.mha": ("MetaImage", "NIfTI"),
    "nrrd.nrrd": ("NRRD", "NIfTI"),
    "interfile.h33": ("Interfile", "DICOM"),
    "zipped.zip": ("ZIP", "unpack"),
}
"""What is refused: words that say why, and the way on."""

READ_WHOLE = frozenset({"upside_down.nii.gz", *(each.case for each in AS_IT_IS)})


@pytest.fixture(scope="session")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    writer = find_case_writer()
    if writer is None:
        pytest.skip("the writer of the cases, shared/cases/make_cases.py, is not here")
    folder = tmp_path_factory.mktemp("cases")
    write_reported_cases(writer, folder)
    return folder


@pytest.fixture(scope="session")
def demo() -> dict[str, PerfusionStudy]:
    return {
        condition: find_studies(DEMO / name).studies[0].load().study
        for condition, name in (("stress", "study.dcm"), ("rest", "rest.dcm"))
    }


def read_case(cases: Path, each: Reading) -> PerfusionStudy:
    found = find_studies(cases / each.case, options=each.reading)
    assert len(found.studies) == each.of
    return found.studies[each.number].load().study


def counts_where_the_demo_is(study: SpectVolume, demo: SpectVolume) -> np.ndarray:
    """Counts of a case at the patient positions of the demo's voxels; all must be voxels."""
    places = np.indices(demo.shape).reshape(3, -1).T
    index = apply_affine(invert_affine(study.patient_from_index) @ demo.patient_from_index, places)
    nearest = np.rint(index).astype(int)
    assert np.abs(index - nearest).max() < 0.01
    assert nearest.min() >= 0
    assert (nearest.max(axis=0) < study.shape).all()
    return study.counts[tuple(nearest.T)].reshape(demo.shape)


def assert_same_counts(found: np.ndarray, each: Reading, expected: np.ndarray) -> None:
    """Equal but for rounding; other formats than NM were written without Rescale Slope."""
    slope = 1.0 if each.keeps_slope else float(dcmread(DEMO / "study.dcm").RescaleSlope)
    scaled = expected * each.scale / slope
    np.testing.assert_allclose(found, scaled, atol=ROUNDED_COUNTS * scaled.max(), rtol=0)


def true_pose() -> RigidPose:
    record = json.loads((DEMO / "pose.json").read_text(encoding="utf-8"))
    return RigidPose(record["patient_from_cardiac"], record["center_mm"])


def as_one_line(text: str) -> str:
    return " ".join(text.split())


def label_of(each: object) -> str:
    return each.label if isinstance(each, Reading) else str(each)


def test_every_case_is_among_those_that_are_tried(cases: Path):
    written = {path.name for path in cases.iterdir()} - {"nifti_pair.img", "interfile.i33"}

    assert written == READ_WHOLE | set(REFUSED)


@pytest.mark.parametrize("each", AS_IT_IS, ids=label_of)
def test_counts_come_out_at_the_same_patient_positions(cases: Path, demo, each: Reading):
    expected = demo[each.condition].volume

    study = read_case(cases, each)

    found = counts_where_the_demo_is(study.volume, expected)
    inside = found > 0 if each.case.startswith("nan") else np.ones(found.shape, dtype=bool)
    assert_same_counts(found[inside], each, expected.counts[inside])


@pytest.mark.parametrize("each", AS_IT_IS, ids=label_of)
def test_time_slots_and_condition_are_kept(cases: Path, each: Reading):
    study = read_case(cases, each)

    assert (1 if study.gates is None else len(study.gates)) == each.n_slots
    says_nothing = each.case.endswith((".nii.gz", ".hdr")) or "pytomography_single" in each.case
    assert study.facts.condition is (
        StudyCondition.UNKNOWN if says_nothing else StudyCondition(each.condition)
    )


@pytest.mark.parametrize("each", [*AS_IT_IS, *WITH_AN_OPTION], ids=label_of)
def test_what_had_to_be_concluded_is_a_reason_to_look(cases: Path, each: Reading):
    reasons = reasons_of_the_source(read_case(cases, each))

    assert bool(reasons) is each.is_flagged
    assert each.reason in " ".join(reasons)


@pytest.mark.parametrize(
    "each", [each for each in WITH_AN_OPTION if each.lies_in_place], ids=label_of
)
def test_what_was_stated_puts_the_counts_where_they_belong(cases: Path, demo, each: Reading):
    expected = demo["stress"].volume

    found = counts_where_the_demo_is(read_case(cases, each).volume, expected)

    assert_same_counts(found, each, expected.counts)


@pytest.mark.parametrize(
    "each",
    [each for each in WITH_AN_OPTION if each.case.startswith(("position", "upside"))],
    ids=label_of,
)
def test_what_was_stated_turns_the_volume_as_the_patient_lay(cases: Path, demo, each: Reading):
    expected = demo["stress"].volume

    volume = read_case(cases, each).volume

    # The place is not known, but shifted to the demo's the volume is the demo's.
    shifted = volume.patient_from_index.copy()
    shifted[:3, 3] += expected.center_mm - volume.center_mm
    found = counts_where_the_demo_is(SpectVolume(volume.counts, shifted), expected)
    assert_same_counts(found, each, expected.counts)


@pytest.fixture(scope="session")
def demo_estimate():
    return reorient(DEMO / "study.dcm").estimate


@pytest.mark.parametrize(
    "each",
    [
        each
        for each in (*AS_IT_IS, *WITH_AN_OPTION)
        if each.lies_in_place and each.condition == "stress"
    ],
    ids=label_of,
)
def test_the_pose_is_that_of_the_demo(cases: Path, demo_estimate, each: Reading):
    truth = true_pose()
    study = read_case(cases, each)

    estimate = reorient(study).estimate

    from_demo = pose_errors(estimate.pose, demo_estimate.pose)
    from_truth = pose_errors(estimate.pose, truth)
    assert from_demo.center_mm < LIKE_THE_DEMO_MM
    assert from_demo.long_axis_deg < LIKE_THE_DEMO_DEG
    assert from_truth.center_mm < TRUE_CENTER_MM
    assert from_truth.long_axis_deg < TRUE_AXIS_DEG
    flag = QualityFlag.REVIEW if each.is_flagged else QualityFlag.ACCEPT
    assert estimate.quality.flag is flag


@pytest.mark.parametrize("each", WITH_AN_OPTION, ids=label_of)
def test_the_option_that_the_message_names_goes_on_and_flags(
    cases: Path, tmp_path: Path, shortaxis: Callable[..., Run], each: Reading
):
    ran = shortaxis(
        "reorient", cases / each.case, "--out", tmp_path / "out", "--json", *each.options
    )

    (made,) = ran.json["studies"]
    assert ran.code == 0, ran.err
    assert made["quality"]["flag"] == "review"
    assert each.reason in " ".join(made["quality"]["reasons"])


@pytest.mark.parametrize(("case", "words"), REFUSED.items(), ids=REFUSED)
def test_refusals_say_why_and_how_to_go_on(
    cases: Path, tmp_path: Path, shortaxis: Callable[..., Run], case: str, words: tuple[str, ...]
):
    ran = shortaxis("info", cases / case)

    said = as_one_line(ran.err)
    assert ran.code == 1
    for each in words:
        assert each in said


@pytest.mark.parametrize("case", sorted(REFUSED))
def test_info_and_reorient_refuse_in_the_same_words(
    cases: Path, tmp_path: Path, shortaxis: Callable[..., Run], case: str
):
    listed = shortaxis("info", cases / case, "--json")
    cut = shortaxis("reorient", cases / case, "--out", tmp_path / "out", "--json")

    assert listed.code == cut.code == 1
    assert listed.json == cut.json
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("case", sorted(READ_WHOLE))
def test_whatever_info_lists_can_be_read(cases: Path, case: str):
    found = find_studies(cases / case)

    for study in found.studies:
        loaded = study.load().study
        assert study.shape == loaded.volume.shape
        assert study.n_time_slots == (1 if loaded.gates is None else len(loaded.gates))
        assert set(study.notes) <= set(loaded.notes)


def test_a_volume_upside_down_is_flagged_with_what_to_check(cases: Path):
    estimate = reorient(cases / "upside_down.nii.gz").estimate

    assert estimate.quality.flag is not QualityFlag.ACCEPT
    assert "check on the picture" in " ".join(estimate.quality.reasons)


@pytest.mark.parametrize("is_corrected", [True, False])
def test_a_correction_is_chosen_by_its_option(
    cases: Path, tmp_path: Path, shortaxis: Callable[..., Run], is_corrected: bool
):
    word = "yes" if is_corrected else "no"

    ran = shortaxis(
        "reorient", cases / "pet_corrected_and_not_in_one_series", "--out", tmp_path / "out",
        "--json", "--corrected", word,
    )  # fmt: skip

    (made,) = ran.json["studies"]
    assert made["source"]["attenuation_corrected"] is is_corrected


def test_folders_tell_six_studies_of_one_series_apart(cases: Path):
    names = find_studies(cases / "three_kinds_in_one_series").folder_names()

    assert [name[3:] for name in names] == [
        "rest-corrected", "rest-uncorrected-gated", "rest-uncorrected",
        "stress-corrected", "stress-uncorrected-gated", "stress-uncorrected",
    ]  # fmt: skip


def test_voxels_outside_the_round_field_are_counted_in_a_note(cases: Path):
    notes = find_studies(cases / "nan_outside_field.nii.gz").studies[0].load().study.notes

    assert any("32160 of 122880 voxels" in note.text for note in notes)
