"""Two exams of one heart under the same condition, in two positions of the patient, together.

What attenuates moves when a patient turns over or sits up; a defect does not. Supine the diaphragm
takes counts from the inferior wall, prone the anterior wall lies on the table. So a place counts as
abnormal where both exams say so, each by its own limits, and as the less severe of the two says
(after Nishina et al., J Nucl Med 2006;47:51, who quantify prone exams where the supine one is
abnormal).
"""

from __future__ import annotations

import numpy as np

from shortaxis.errors import GeometryError
from shortaxis.quantification.scored_map import ScoredMap

__all__ = ["abnormal_in_both"]


def abnormal_in_both(first: ScoredMap, second: ScoredMap) -> ScoredMap:
    """Scores of what is abnormal in both exams, on the map of the first.

    Raises
    ------
    GeometryError
        If the maps are of two shapes.
    """
    if first.scores.shape != second.scores.shape:
        raise GeometryError(
            "the maps of two positions do not fit",
            expected=f"shape {first.scores.shape}",
            found=f"shape {second.scores.shape}",
        )
    return ScoredMap(first.polar_map, np.minimum(first.scores, second.scores))
