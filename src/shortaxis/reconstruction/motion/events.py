"""Moments at which a patient may move, as courses over the views."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shortaxis.geometry.arrays import FloatArray

__all__ = ["CREEP", "MotionEvent", "possible_jumps"]


@dataclass(frozen=True)
class MotionEvent:
    """A jump before a step, or a creep from the first step to the last.

    A creep is looked for along the body alone: the heart creeps up after exercise as breathing
    calms down (Friedman et al., J Nucl Med 1989;30:1718).
    """

    step: int | None

    def is_fitted(self, parameters: int) -> NDArray[np.bool_]:
        """Which of the parameters x, y, z and the changes of brightness are looked for."""
        fitted = np.ones(parameters, dtype=bool)
        fitted[:2] = self.step is not None
        return fitted

    def course(self, steps: NDArray[np.int64]) -> FloatArray:
        """Part of the motion that lies behind at each of these steps."""
        if self.step is None:
            return np.asarray(steps / max(int(steps.max()), 1))
        return np.asarray(steps >= self.step, dtype=np.float64)


CREEP = MotionEvent(None)


def possible_jumps(steps: NDArray[np.int64]) -> list[MotionEvent]:
    """One before every step but the first."""
    return [MotionEvent(step) for step in range(1, int(steps.max()) + 1)]
