"""What a study holds as a hash: the same for the same counts, another one for any other."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shortaxis.spect.content import content_sha256, counts_sha256
from shortaxis.spect.study import AcquisitionFacts, Modality, PerfusionStudy, StudyCondition
from shortaxis.spect.volume import SpectVolume

COUNTS = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
AFFINE = np.array([[0, 0, 6.4, -3], [0, 6.4, 0, 5], [-6.4, 0, 0, 7], [0, 0, 0, 1]])
VOLUME = SpectVolume(COUNTS, AFFINE)
GATES = np.stack([COUNTS, 2 * COUNTS])


def moved_mm(millimetres: float) -> SpectVolume:
    affine = AFFINE.copy()
    affine[2, 3] += millimetres
    return SpectVolume(COUNTS, affine)


def test_the_hash_is_that_of_shape_affine_and_counts_in_this_order() -> None:
    words = b"(2, 3, 4)" + AFFINE.astype("<f4").tobytes() + COUNTS.astype("<f4").tobytes()

    assert counts_sha256(VOLUME) == hashlib.sha256(words).hexdigest()


@given(st.integers(0, 23), st.sampled_from([-1.0, 1.0, 0.001]))
def test_any_changed_voxel_is_another_content(index: int, by: float) -> None:
    changed = COUNTS.copy()
    changed.flat[index] += by

    assert counts_sha256(SpectVolume(changed, AFFINE)) != counts_sha256(VOLUME)


@pytest.mark.parametrize(
    "other",
    [
        SpectVolume(COUNTS.reshape(4, 3, 2), AFFINE),
        SpectVolume(COUNTS[::-1], AFFINE),
        moved_mm(0.01),
        SpectVolume(COUNTS, AFFINE * [[1], [1], [-1], [1]]),
    ],
    ids=["another shape", "turned counts", "shifted", "mirrored"],
)
def test_another_geometry_is_another_content(other: SpectVolume) -> None:
    assert counts_sha256(other) != counts_sha256(VOLUME)


def test_rounding_of_a_machine_and_the_sign_of_zero_are_no_other_geometry() -> None:
    rounded = AFFINE * (1 + 1e-15)
    rounded[rounded == 0] = -0.0

    assert counts_sha256(SpectVolume(COUNTS, rounded)) == counts_sha256(VOLUME)


@pytest.mark.parametrize(
    "changes",
    [
        {"condition": StudyCondition.REST},
        {"patient_sex": "F"},
        {"nuclide": "Tl-201"},
        {"attenuation_corrected": True},
        {"modality": Modality.PET},
        {"energy_window": "photopeak"},
        {"foreign_body_part": "KIDNEY"},
        {"declared_view": "Series Description says SA"},
        {"named_attenuation_map": "Series Description says MUMAP"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_what_changes_an_answer_is_another_content(changes: dict[str, Any]) -> None:
    said = AcquisitionFacts(condition=StudyCondition.STRESS, attenuation_corrected=False)
    study = PerfusionStudy(VOLUME, facts=said)

    other = replace(study, facts=replace(said, **changes))

    assert content_sha256(other) != content_sha256(study)


def test_uids_and_descriptions_are_no_other_content() -> None:
    facts = AcquisitionFacts(series_description="one", sop_instance_uids=("1.2",), camera="A")
    other = AcquisitionFacts(series_description="two", sop_instance_uids=("1.3",), camera="B")

    assert content_sha256(PerfusionStudy(VOLUME, facts=facts)) == content_sha256(
        PerfusionStudy(VOLUME, facts=other)
    )


def test_time_slots_in_another_order_are_another_content_with_the_same_sum() -> None:
    total = SpectVolume(GATES.sum(axis=0), AFFINE)
    study, other = PerfusionStudy(total, GATES), PerfusionStudy(total, GATES[::-1])

    assert counts_sha256(study.volume) == counts_sha256(other.volume)
    assert len({content_sha256(each) for each in (study, other, PerfusionStudy(total))}) == 3
