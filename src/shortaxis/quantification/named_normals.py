"""Names that stand for normal limits, apart from what reads them: options are shown without it."""

from __future__ import annotations

__all__ = ["DEFAULT_NORMALS", "FIXED_BANDS"]

DEFAULT_NORMALS = "simulated-clinical"
FIXED_BANDS = "fixed-bands"
"""In the place of limits: scores by fixed bands of uptake, for those who ask for them."""
