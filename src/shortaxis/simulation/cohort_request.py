"""Which exams a cohort has."""

from __future__ import annotations

from dataclasses import dataclass

from shortaxis.errors import OptionError
from shortaxis.simulation.exam_files import CohortFormat, cohort_format
from shortaxis.simulation.presets import require_preset
from shortaxis.simulation.scenario import LATEST_VERSION, TIME_SLOTS

__all__ = ["CohortRequest"]


@dataclass(frozen=True)
class CohortRequest:
    """Exams ``first_seed`` to ``first_seed + count - 1`` of a preset, in one format.

    With `projections`, ``dicom`` exams of cameras with parallel holes hold what was counted, too.
    """

    preset: str
    count: int
    first_seed: int
    format: CohortFormat = CohortFormat.DICOM
    time_slots: int = 0
    preset_version: int = LATEST_VERSION
    projections: bool = False

    def __post_init__(self) -> None:
        require_preset(self.preset, self.preset_version)
        object.__setattr__(self, "format", cohort_format(self.format))
        if self.projections and self.format is not CohortFormat.DICOM:
            raise OptionError(
                "projections are stored as DICOM only",
                expected="--projections with --format dicom",
                found=f"--format {self.format}",
            )
        if self.count < 1:
            raise OptionError("no exams", expected="a count of 1 or more", found=str(self.count))
        if self.first_seed < 0:
            raise OptionError(
                "a seed is negative", expected="0 or more", found=str(self.first_seed)
            )
        if self.time_slots not in TIME_SLOTS:
            raise OptionError(
                "time slots out of range", expected="0, or 4 to 32", found=str(self.time_slots)
            )

    @property
    def seeds(self) -> range:
        """Seeds of the exams."""
        return range(self.first_seed, self.first_seed + self.count)
