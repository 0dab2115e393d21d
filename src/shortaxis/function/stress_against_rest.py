"""How a ventricle beats under stress against how it beats at rest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shortaxis.function.measuring import LeftVentricularFunction

__all__ = ["FunctionChange", "function_change"]


@dataclass(frozen=True)
class FunctionChange:
    """Stress against rest, both gated.

    Parameters
    ----------
    ejection_fraction : float
        Stress minus rest, a part: below zero where it falls under stress.
    ejection_fraction_bound : float
        Of the difference, from the bounds of both, as if their errors were independent.
    end_diastolic_ratio, end_systolic_ratio : float
        Volumes under stress over those at rest: transient dilation of the gated cavity.
    end_diastolic_bound : float
        Of the ratio of the end-diastolic volumes, likewise.
    """

    ejection_fraction: float
    ejection_fraction_bound: float
    end_diastolic_ratio: float
    end_diastolic_bound: float
    end_systolic_ratio: float

    @property
    def is_fall(self) -> bool:
        """Whether the ejection fraction falls by more than its bound."""
        return self.ejection_fraction < -self.ejection_fraction_bound

    @property
    def is_dilation(self) -> bool:
        """Whether the end-diastolic volume grows by more than its bound."""
        return self.end_diastolic_ratio > 1 + self.end_diastolic_bound


def function_change(
    stress: LeftVentricularFunction, rest: LeftVentricularFunction
) -> FunctionChange:
    """Compare two exams of one patient."""
    both = (stress, rest)
    bound = np.linalg.norm([each.bounds["ejection_fraction"] for each in both])
    part = np.linalg.norm(
        [each.bounds["end_diastolic_ml"] / each.curve.end_diastolic_ml for each in both]
    )
    ratio = stress.curve.end_diastolic_ml / rest.curve.end_diastolic_ml
    return FunctionChange(
        stress.curve.ejection_fraction - rest.curve.ejection_fraction,
        float(bound),
        ratio,
        ratio * float(part),
        stress.curve.end_systolic_ml / rest.curve.end_systolic_ml,
    )
