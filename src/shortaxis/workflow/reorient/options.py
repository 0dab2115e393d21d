"""How a study is to be reoriented, validated where it is born."""

from __future__ import annotations

from dataclasses import dataclass

from shortaxis.errors import OptionError
from shortaxis.geometry.resampling import INTERPOLATION_ORDERS
from shortaxis.reorientation.methods import DEFAULT_METHOD
from shortaxis.reorientation.roll import RollConvention
from shortaxis.workflow.studies.formats import StudyFormat

__all__ = ["OUTPUT_FORMATS", "ReorientOptions", "RollConvention"]

OUTPUT_FORMATS = tuple(StudyFormat)

SPACING_LIMITS_MM = (1.0, 15.0)
SIZE_LIMITS = (16, 512)


@dataclass(frozen=True)
class ReorientOptions:
    """Choices for one reorientation.

    Parameters
    ----------
    method : str
        Name of the estimator, as `shortaxis.reorientation.methods.method_names` gives them.
    weights : str or None
        Installed network weights by name, or a folder with weights; None takes the default ones.
    roll : RollConvention or str
        Turn about the long axis of the slices.
    spacing_mm : float or None
        Voxel size of the slices, 1-15 mm; None takes the pixel size of the input.
    size : int or None
        Rows and columns of the slices, 16-512; None takes 64, 96, 128 ... so that at least
        180 mm are seen.
    interpolation : {"linear", "cubic"}
        How counts are sampled, once, from the original voxels.

    Raises
    ------
    OptionError
        For any value outside its limits.
    """

    method: str = DEFAULT_METHOD
    weights: str | None = None
    roll: RollConvention = RollConvention.CONVENTIONAL
    spacing_mm: float | None = None
    size: int | None = None
    interpolation: str = "linear"

    def __post_init__(self) -> None:
        object.__setattr__(self, "roll", RollConvention(self.roll))
        if self.interpolation not in INTERPOLATION_ORDERS:
            raise OptionError(
                "unknown interpolation",
                expected=" or ".join(INTERPOLATION_ORDERS),
                found=str(self.interpolation),
            )
        if self.spacing_mm is not None:
            _check_limits("spacing", self.spacing_mm, SPACING_LIMITS_MM, "mm")
        if self.size is not None:
            _check_limits("size", self.size, SIZE_LIMITS, "voxels")


def _check_limits(name: str, value: float, limits: tuple[float, float], unit: str) -> None:
    if not isinstance(value, int | float):
        raise OptionError(f"{name} is no number", expected=f"a number of {unit}", found=repr(value))
    if not limits[0] <= value <= limits[1]:
        raise OptionError(
            f"{name} is out of range",
            expected=f"{limits[0]:g} to {limits[1]:g} {unit}",
            found=f"{value:g} {unit}",
        )
