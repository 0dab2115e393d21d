"""The installed handedness network on drawn and real studies, in every mirrored world."""

from __future__ import annotations

from pathlib import Path

import pytest

from drawn_study import study_volume
from evidence.measuring.robustness.mirrored_worlds import (
    AS_STORED,
    EXCHANGED,
    MIRRORED,
    MIRRORED_WORLDS,
    MirroredWorld,
)
from evidence.measuring.robustness.world_sources import real_paths, real_source
from repository import DEMO
from shortaxis.reorientation.network_estimate import measured_estimate
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.studies.finding import find_studies

RIGHT = next(world for world in MIRRORED_WORLDS if world.group == AS_STORED)
SEVEN = [world for world in MIRRORED_WORLDS if world.group == MIRRORED]
FIVE = [world for world in MIRRORED_WORLDS if world.group == EXCHANGED]


@pytest.fixture(scope="module")
def demo() -> SpectVolume:
    return find_studies(DEMO / "study.dcm").studies[0].load().study.volume


@pytest.fixture(scope="module")
def real_volumes(real_data_dir: Path) -> list[SpectVolume]:
    return [real_source(path).volume for path in real_paths(real_data_dir)]


def reasons_in(world: MirroredWorld, volume: SpectVolume) -> list[str]:
    """Reasons of a volume in a world that speak of an exchange."""
    estimate, _ = measured_estimate(world.change(volume, volume.center_mm))
    return [each for each in estimate.quality.reasons if "look exchanged: state" in each]


def test_there_are_seven_mirrored_worlds_and_five_other_orders() -> None:
    assert len(SEVEN) == 7
    assert len(FIVE) == 5


def test_the_right_world_is_not_doubted(demo: SpectVolume) -> None:
    assert reasons_in(RIGHT, demo) == []
    assert reasons_in(RIGHT, study_volume()) == []


@pytest.mark.parametrize("world", SEVEN, ids=lambda world: world.name)
def test_the_demo_study_in_a_mirrored_world_is_for_review_with_the_sides_named(
    demo: SpectVolume, world: MirroredWorld
) -> None:
    (reason,) = reasons_in(world, demo)

    assert reason.startswith(f"{world.name} look exchanged: state --flip ")


@pytest.mark.parametrize("world", FIVE, ids=lambda world: world.name)
def test_the_demo_study_with_exchanged_axes_is_for_review(
    demo: SpectVolume, world: MirroredWorld
) -> None:
    assert reasons_in(world, demo)


@pytest.mark.parametrize("number", range(5))
def test_a_real_study_is_right_as_it_is_and_told_in_every_mirrored_world(
    real_volumes: list[SpectVolume], number: int
) -> None:
    volume = real_volumes[number]

    told = {world.name: reasons_in(world, volume) for world in (RIGHT, *SEVEN)}

    assert told.pop(RIGHT.name) == []
    assert all(told.values()), told
