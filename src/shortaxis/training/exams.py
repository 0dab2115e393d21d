"""Exams as training sees them: in memory, smoothed once for each block."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np

from shortaxis.errors import OptionError
from shortaxis.evaluation.cohorts.reviewed_exams import REVIEWED, ReviewedExam, read_reviewed_exam
from shortaxis.geometry.affines import apply_affine, invert_affine
from shortaxis.geometry.pose import RigidPose
from shortaxis.reorientation.network_grid import NetworkGrid, smoothed_for
from shortaxis.simulation.exam import Stratum
from shortaxis.simulation.exam_files import CohortFormat, StoredExam, exam_path, read_compact_exam
from shortaxis.simulation.scenario import PRESET_NUMBERS
from shortaxis.spect.volume import SpectVolume
from shortaxis.training.checks import require_choice, require_whole_number

__all__ = [
    "PosedExam",
    "SeedRange",
    "TrainingExam",
    "exams_made",
    "is_learnt_from",
    "load_exams",
    "training_exam",
]

Made = TypeVar("Made")

PosedExam = StoredExam | ReviewedExam
"""What can be learnt from: counts with a true pose, simulated or signed off by a reviewer."""

MAX_MOVED_MM = 8.0
"""Patients who moved more have two hearts; the mean pose in between is no truth to learn from."""

LEVEL_MM = 60.0

CLEAR_UPTAKE, LEAST_ROLL_WEIGHT = 0.3, 0.25
"""Uptake of a right ventricle, relative to the left one, from which it is seen well; the insertions
and the membranous gap are seen without."""


@dataclass(frozen=True, eq=False)
class TrainingExam:
    """Counts smoothed for the grid of a block, scaled so that the hot wall is 1, and the truth.

    `size_mm` is LV length and radius; ``volume`` holds float32 counts ``(slice, row, column)``.
    `roll_weight`, 0 to 1, is how much of the right ventricle can be seen: where there is nothing to
    see, an error of the roll teaches nothing.
    """

    volume: SpectVolume
    pose: RigidPose
    size_mm: tuple[float, float]
    roll_weight: float = 1.0


@dataclass(frozen=True)
class SeedRange:
    """Exams of one cohort's folder: a preset, ``first`` and the ``count`` seeds from there.

    The preset of studies that reviewers signed off is ``reviewed``; `preset_version` is that of
    simulated ones.

    Raises
    ------
    OptionError
        If the preset is unknown, or the seeds are none.
    """

    folder: Path
    preset: str
    first: int
    count: int
    preset_version: int = 1

    def __post_init__(self) -> None:
        require_choice("preset_version", str(self.preset_version), tuple(map(str, PRESET_NUMBERS)))
        known = PRESET_NUMBERS[self.preset_version]
        require_choice("preset", self.preset, (*known, REVIEWED))
        require_whole_number("first of a range of exams", self.first, 0)
        require_whole_number("count of a range of exams", self.count, 1)

    @property
    def seeds(self) -> range:
        """The seeds in order."""
        return range(self.first, self.first + self.count)

    @property
    def facts(self) -> dict[str, str | int]:
        """What a record of weights says of these exams; folders are nobody else's."""
        facts: dict[str, str | int] = {
            "preset": self.preset,
            "first": self.first,
            "count": self.count,
        }
        # Records of weights that learnt from version 1 were written before there was another.
        return facts if self.preset_version == 1 else {**facts, "version": self.preset_version}

    @property
    def paths(self) -> list[Path]:
        """Files of the exams, in the order of their seeds.

        Raises
        ------
        OptionError
            If any is missing, with the command that simulates it.
        """
        paths = [exam_path(self.folder, seed, CohortFormat.COMPACT) for seed in self.seeds]
        missing = [path for path in paths if not path.exists()]
        if missing:
            raise OptionError(
                "exams are missing",
                path=self.folder,
                expected=f"{self.count} exams from seed {self.first}",
                found=f"{self.count - len(missing)}; first missing: {missing[0].name}",
                cause=self._remedy,
            )
        return paths

    @property
    def _remedy(self) -> str:
        if self.preset == REVIEWED:
            return "shortaxis review export wrote fewer, or for another purpose"
        return (
            "the cohort was not simulated, or not to its end: shortaxis simulate "
            f"--preset {self.preset} --preset-version {self.preset_version} --format compact "
            f"--seed {self.first} --count {self.count} --out {self.folder}"
        )

    def posed(self) -> Iterator[PosedExam]:
        """Read exams of any kind one after the other, in the order of their seeds.

        Raises
        ------
        OptionError
            If any is missing, or is another exam than its file's name says.
        """
        for seed, path in zip(self.seeds, self.paths, strict=True):
            yield self.posed_exam(seed, path)

    def posed_exam(self, seed: int, path: Path) -> PosedExam:
        """Read the exam of one seed, of any kind, from its file.

        Raises
        ------
        OptionError
            If it is another exam.
        """
        if self.preset != REVIEWED:
            return self.exam(seed, path)
        exam = read_reviewed_exam(path)
        if exam.exam_seed != seed:
            raise self._another(path, seed, exam.exam_seed, REVIEWED)
        return exam

    def exams(self) -> Iterator[StoredExam]:
        """Read simulated exams one after the other, in the order of their seeds.

        Raises
        ------
        OptionError
            If any is missing, or is another exam than its file's name says.
        """
        for seed, path in zip(self.seeds, self.paths, strict=True):
            yield self.exam(seed, path)

    def exam(self, seed: int, path: Path) -> StoredExam:
        """Read the simulated exam of one seed from its file.

        Raises
        ------
        OptionError
            If it is another exam.
        """
        exam = read_compact_exam(path)
        found = exam.scenario
        wanted = (seed, self.preset, self.preset_version)
        if (found.exam_seed, found.preset, found.preset_version) != wanted:
            words = f"{found.preset}, version {found.preset_version}"
            raise self._another(path, seed, found.exam_seed, words)
        return exam

    def _another(self, path: Path, seed: int, found_seed: int, preset: str) -> OptionError:
        return OptionError(
            "is another exam",
            path=path,
            expected=f"seed {seed} of preset {self.preset}, version {self.preset_version}",
            found=f"seed {found_seed} of preset {preset}",
            cause="a renamed file, or a folder of another cohort; exams that are learnt "
            "from must not be those that are tested on",
        )


def load_exams(
    ranges: Iterable[SeedRange], grid: NetworkGrid, threads: int = 1
) -> list[TrainingExam]:
    """Read exams of all ranges, without those whose patient moved much.

    The order does not depend on the number of threads, which decompress and smooth side by side.
    """
    return exams_made(ranges, partial(training_exam, grid=grid), threads)


def exams_made(
    ranges: Iterable[SeedRange], made: Callable[[PosedExam], Made], threads: int = 1
) -> list[Made]:
    """What is made of the exams of all ranges, without those whose patient moved much."""

    def loaded(one: SeedRange, seed: int, path: Path) -> tuple[Made, ...]:
        exam = one.posed_exam(seed, path)
        return (made(exam),) if is_learnt_from(exam.strata) else ()

    with ThreadPoolExecutor(threads) as pool:
        return [
            each
            for one in ranges
            for found in pool.map(partial(loaded, one), one.seeds, one.paths)
            for each in found
        ]


def is_learnt_from(strata: Mapping[str, Stratum]) -> bool:
    """Whether the patient of an exam with these strata lay still enough, as far as is known."""
    return float(strata.get("moved_mm", 0.0)) <= MAX_MOVED_MM


def training_exam(exam: PosedExam, grid: NetworkGrid) -> TrainingExam:
    """Smooth and scale one exam."""
    smooth = smoothed_for(exam.volume, grid.spacing_mm)
    volume = SpectVolume(smooth.counts / _level(smooth, exam.pose), smooth.patient_from_index)
    return TrainingExam(volume, exam.pose, exam.size_mm, _roll_weight(exam))


def _roll_weight(exam: PosedExam) -> float:
    """From the uptake of the right ventricle's wall; 1 where it is not known."""
    if not isinstance(exam, StoredExam):
        return 1.0
    heart = exam.scenario.phantom.heart
    seen = heart.right_ventricle.uptake / CLEAR_UPTAKE if heart.has_right_ventricle else 0.0
    return min(max(seen, LEAST_ROLL_WEIGHT), 1.0)


def _level(volume: SpectVolume, pose: RigidPose) -> np.float32:
    """Mean of the hottest 2 % within 60 mm of the heart's centre; above zero."""
    center = apply_affine(invert_affine(volume.patient_from_index), pose.center_mm)
    reach = np.ceil(LEVEL_MM / volume.spacing_mm)
    low = np.maximum(np.floor(center - reach), 0).astype(int)
    high = np.maximum(np.ceil(center + reach), 1).astype(int)
    window = volume.counts[tuple(slice(a, b) for a, b in zip(low, high, strict=True))]
    hottest = max(window.size // 50, 1)
    level = np.partition(window, -hottest, axis=None)[-hottest:].mean()
    return np.float32(max(level, 1e-6))
