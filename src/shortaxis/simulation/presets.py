"""Presets: what kind of exams are drawn.

``paper``: the protocol of Zhu et al., stress and rest of the same patients in turn. ``clinical``: a
mix of cameras, protocols and pathologies as hospitals have it. ``wide``: for training, beyond that
on every side. ``parallel``: of ``clinical`` what keeps its projections. ``mirrored``: clinical
exams, each reversed along one axis of the patient or more.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from shortaxis.errors import OptionError
from shortaxis.geometry.arrays import FloatArray
from shortaxis.phantom.phantom import Phantom
from shortaxis.simulation.acquisition import FieldOfView
from shortaxis.simulation.draws import Normal, Uniform, chosen
from shortaxis.simulation.gating import sample_gating
from shortaxis.simulation.measured.anatomy import MEASURED_ANATOMY
from shortaxis.simulation.measured.motions import sample_measured_motion
from shortaxis.simulation.measured.protocols import MEASURED_PROTOCOLS
from shortaxis.simulation.mirroring import MIRRORS
from shortaxis.simulation.patients import FIRST_ANATOMY, phantom_of, sample_patient
from shortaxis.simulation.priors import CLINICAL, WIDE
from shortaxis.simulation.protocols import (
    CLINICAL_PROTOCOLS,
    PAPER_PROTOCOL,
    Protocol,
    on_the_day,
    sample_protocol,
    vary_protocol,
)
from shortaxis.simulation.scenario import (
    CONDITIONS,
    LATEST_VERSION,
    PRESET_NUMBERS,
    ExamScenario,
)

__all__ = ["ANATOMIES", "PRESETS", "Preset", "require_preset", "sample_scenario"]


PARALLEL_PROTOCOLS = tuple(
    each for each in MEASURED_PROTOCOLS if each.acquisition.technique == "PARALLEL_HOLES"
)


@dataclass(frozen=True)
class Preset:
    """Which patients and protocols; `paired` exams 2n and 2n + 1 are stress and rest of one.

    `later` are the protocols from version 2 on, where they are others.
    """

    name: str
    spread: int
    protocols: tuple[Protocol, ...]
    paired: bool
    varied: bool = False
    mirrored: bool = False
    later: tuple[Protocol, ...] = ()

    def protocols_of(self, version: int) -> tuple[Protocol, ...]:
        """Protocols of a version: the same in all, or others from the second on."""
        return self.later if version > 1 and self.later else self.protocols


PRESETS = {
    preset.name: preset
    for preset in (
        Preset("paper", CLINICAL, (PAPER_PROTOCOL,), paired=True),
        Preset("clinical", CLINICAL, CLINICAL_PROTOCOLS, True, later=MEASURED_PROTOCOLS),
        Preset("wide", WIDE, CLINICAL_PROTOCOLS, False, True, later=MEASURED_PROTOCOLS),
        Preset("parallel", CLINICAL, PARALLEL_PROTOCOLS, paired=True),
        Preset("mirrored", CLINICAL, MEASURED_PROTOCOLS, paired=False, mirrored=True),
    )
}

ANATOMIES = {1: FIRST_ANATOMY, 2: MEASURED_ANATOMY}
"""What each version of the presets draws patients from. A version never changes once exams of it
were published; what is learnt about patients later makes a new one."""

VOXELS_MM = Uniform(3, 7)
MATRICES = (48, 64, 80, 96, 128)
CROPPED_PART = 0.25
"""Of wide exams: the field of view is cut close to the heart, or through it."""

MIN_FIELD_MM, MAX_FIELD_MM = 190.0, 430.0


def sample_scenario(
    preset: str,
    source: int | np.random.Generator,
    *,
    time_slots: int = 0,
    version: int = LATEST_VERSION,
) -> ExamScenario:
    """Draw one exam.

    Parameters
    ----------
    preset : {"paper", "clinical", "wide", "parallel", "mirrored"}
        What kind; the last two are not in version 1.
    source : int or generator
        The exam's seed: the same seed gives the same exam, whatever else was drawn before. A
        generator gives a seed.
    time_slots : int
        Gates of the cardiac cycle; 0 for an ungated study.
    version : int
        Version of the preset; the latest draws hearts as they were measured in patients.

    Raises
    ------
    OptionError
        For an unknown preset or version, or a negative seed.
    """
    require_preset(preset, version)
    seed = int(source.integers(2**31)) if isinstance(source, np.random.Generator) else int(source)
    if seed < 0:
        raise OptionError("a seed is negative", expected="0 or more", found=str(seed))
    kind = PRESETS[preset]
    patient = seed // 2 if kind.paired else seed
    number = PRESET_NUMBERS[version][preset]
    anatomy_rng, protocol_rng = (np.random.default_rng([number, part, patient]) for part in (1, 2))
    day, conduct = (np.random.default_rng([number, part, seed]) for part in (3, 6))
    condition = CONDITIONS[seed % 2] if kind.paired else CONDITIONS[int(day.integers(2))]
    drawn = sample_patient(anatomy_rng, kind.spread, ANATOMIES[version])
    phantom = phantom_of(drawn, condition, day)
    protocol, acquisition, reconstruction = sample_protocol(
        protocol_rng, kind.protocols_of(version)
    )
    acquisition = on_the_day(day, protocol, acquisition)
    if kind.varied:
        acquisition, reconstruction = vary_protocol(day, acquisition, reconstruction)
    if version > 1:
        acquisition = replace(acquisition, motion=sample_measured_motion(conduct, kind.spread))
    return ExamScenario(
        preset=preset,
        exam_seed=seed,
        patient=patient,
        condition=condition,
        phantom=phantom,
        acquisition=acquisition,
        reconstruction=reconstruction,
        field_of_view=_field(day, kind, protocol, phantom),
        time_slots=time_slots,
        preset_version=version,
        gating=sample_gating(conduct, kind.spread) if version > 1 and time_slots else None,
        mirror=str(chosen(day, MIRRORS, [1.0] * len(MIRRORS))) if kind.mirrored else "",
    )


def require_preset(preset: str, version: int) -> None:
    """Raise `OptionError` unless there is such a preset in this version."""
    if version not in ANATOMIES:
        raise OptionError(
            "unknown version of the presets",
            expected=" or ".join(map(str, ANATOMIES)),
            found=str(version),
        )
    known = PRESET_NUMBERS[version]
    if preset not in known:
        raise OptionError(
            "unknown preset",
            expected=f"{', '.join(known)} in version {version}",
            found=preset,
        )


def _field(
    rng: np.random.Generator, kind: Preset, protocol: Protocol, phantom: Phantom
) -> FieldOfView:
    slices = int(rng.integers(protocol.slices[0], protocol.slices[1] + 1))
    heart: FloatArray = phantom.pose.center_mm
    if protocol.heart_offset_mm is not None:
        offset = np.array([draw.sample(rng) for draw in protocol.heart_offset_mm])
        center = heart - offset
    else:
        # The axis of rotation passes near the middle of the body; slices are chosen by the heart.
        body = np.array(phantom.body_center_mm)
        center = body + rng.normal(0, (8, 8, 0))
        center[2] = heart[2] + Normal(0, 9, -25, 25).sample(rng)
    field = FieldOfView(
        slices=slices,
        matrix=protocol.matrix,
        pixel_mm=protocol.pixel_mm,
        slice_mm=protocol.slice_mm or protocol.pixel_mm,
        center_mm=(float(center[0]), float(center[1]), float(center[2])),
        negative_spacing=bool(rng.random() < 0.5),
    )
    fixed_grid = protocol.acquisition.technique == "MULTI_PINHOLE"
    return _any_field(rng, field, heart) if kind.varied and not fixed_grid else field


def _any_field(rng: np.random.Generator, field: FieldOfView, heart_mm: FloatArray) -> FieldOfView:
    """Any voxel size and matrix, around the heart, now and then cropped through it."""
    pixel_mm = VOXELS_MM.sample(rng)
    slice_mm = pixel_mm if rng.random() < 0.8 else VOXELS_MM.sample(rng)
    fitting = [size for size in MATRICES if MIN_FIELD_MM <= size * pixel_mm <= MAX_FIELD_MM]
    matrix = chosen(rng, fitting, [1.0] * len(fitting))
    depth_mm = Uniform(130, 260).sample(rng)
    spare_mm = np.array([matrix * pixel_mm, matrix * pixel_mm, depth_mm]) / 2 - 65
    if rng.random() < CROPPED_PART:
        spare_mm = spare_mm + 35
    reach = np.clip(spare_mm, 5, 70)
    center = heart_mm + rng.uniform(-1, 1, 3) * reach
    return FieldOfView(
        slices=max(int(depth_mm / slice_mm), 16),
        matrix=matrix,
        pixel_mm=pixel_mm,
        slice_mm=slice_mm,
        center_mm=(float(center[0]), float(center[1]), float(center[2])),
        negative_spacing=field.negative_spacing,
    )
