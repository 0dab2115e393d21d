"""Types of the arrays that cross rooms."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["CountsArray", "FloatArray"]

FloatArray = NDArray[np.float64]
"""Coordinates and matrices: always float64."""

CountsArray = NDArray[np.float32]
"""Counts of a volume: always float32."""
