"""How well a number tells two kinds of exams apart."""

from __future__ import annotations

import numpy as np
from scipy import stats

from shortaxis.geometry.arrays import FloatArray

__all__ = ["roc_area"]

BoolArray = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]


def roc_area(values: FloatArray, truth: BoolArray) -> float:
    """Probability that an exam with a defect has the larger value; ties count half."""
    ranks = stats.rankdata(values)
    positive, negative = int(truth.sum()), int((~truth).sum())
    return float((ranks[truth].sum() - positive * (positive + 1) / 2) / (positive * negative))
