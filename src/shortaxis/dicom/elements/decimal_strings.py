"""Numbers as decimal strings of at most 16 bytes (PS3.5 6.2)."""

from __future__ import annotations

import numpy as np
from pydicom.valuerep import format_number_as_ds

__all__ = ["decimals"]


def decimals(values: object) -> list[str]:
    """Decimal strings of several numbers, without negative zeros.

    Examples
    --------
    >>> decimals([1 / 3, -0.0])
    ['0.333333333', '0.0']
    """
    numbers = np.round(np.asarray(values, dtype=np.float64), 9) + 0.0
    return [format_number_as_ds(float(number)) for number in numbers]
