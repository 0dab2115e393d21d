"""Moments at which a patient may move, as courses over the views."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shortaxis.geometry.arrays import FloatArray

__all__ = ["CREEP", "MotionEvent", "possible_jumps"]


APART = 0.4
"""Singular value, of the largest, of the directions that heads look in: 0.41 is 45 degrees."""

EDGE = 2
"""Steps at either end that a smooth course over the angle follows wherever they lie: third
differences (`angular_fit`) leave three views free. What noise and attenuation do there looks like a
jump."""


@dataclass(frozen=True)
class MotionEvent:
    """A jump before a step, or a creep from the first step to the last.

    A creep is looked for along the body alone: the heart creeps up after exercise as breathing
    calms down (Friedman et al., J Nucl Med 1989;30:1718).
    """

    step: int | None

    def seen_directions(self, steps: NDArray[np.int64], pixels: FloatArray) -> FloatArray:
        """Directions of motion that the views tell, ``(3, direction)``, unit vectors of LPS.

        Of a jump along the body, and across it those along the bins of the heads at that
        moment: one, or two if their angles differ. `pixels` is that of `pixels_from_patient`.
        """
        along = np.array([[0.0, 0.0, 1.0]])
        if self.step is None:
            return along.T
        _, told, across = np.linalg.svd(pixels[steps == self.step, 1, :2])
        kept = across[: len(told)][told > APART * told.max()]
        return np.concatenate([np.pad(kept, ((0, 0), (0, 1))), along]).T

    def course(self, steps: NDArray[np.int64]) -> FloatArray:
        """Part of the motion that lies behind at each of these steps."""
        if self.step is None:
            return np.asarray(steps / max(int(steps.max()), 1))
        return np.asarray(steps >= self.step, dtype=np.float64)


CREEP = MotionEvent(None)


def possible_jumps(steps: NDArray[np.int64]) -> list[MotionEvent]:
    """One before every step that has more than `EDGE` before it, and as many from it on."""
    return [MotionEvent(step) for step in range(EDGE + 1, int(steps.max()) + 1 - EDGE)]
