"""Which turn about the long axis slices and maps have."""

from __future__ import annotations

from enum import Enum
from typing import NoReturn

from shortaxis.errors import OptionError

__all__ = ["RollConvention"]


class RollConvention(Enum):
    """Which turn about the long axis the slices have.

    ``conventional`` keeps the anterior direction in the plane of the long axis and the
    superior direction, as two-angle reslicing does; ``anatomical`` puts the middle of the septum
    straight to the left. Any other word raises an `OptionError`.
    """

    CONVENTIONAL = "conventional"
    ANATOMICAL = "anatomical"

    @classmethod
    def _missing_(cls, value: object) -> NoReturn:
        allowed = " or ".join(convention.value for convention in cls)
        raise OptionError("unknown roll", expected=allowed, found=str(value))
