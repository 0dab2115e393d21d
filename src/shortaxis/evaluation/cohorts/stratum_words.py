"""The strata of one exam in a few words."""

from __future__ import annotations

from collections.abc import Mapping

from shortaxis.evaluation.cohorts.exam_truth import Stratum

__all__ = ["stratum_words"]

TRUTH_VALUES = {
    "hot_organ": "hot organ at the heart",
    "small_heart": "small heart",
    "low_counts": "few counts",
    "extreme_pose": "extreme pose",
    "truncated": "cut by the field",
}


def stratum_words(strata: Mapping[str, Stratum]) -> str:
    """What kind of exam it is; what is usual goes without saying.

    Examples
    --------
    >>> stratum_words({"camera": "SIEMENS Biograph", "correction": "AC", "defect_part": 0.31,
    ...                "moved_mm": 0.0, "small_heart": True})
    'SIEMENS Biograph, attenuation corrected, defect of 31 % of the wall, small heart'
    """
    words = [str(strata["camera"])]
    if "review" in strata:
        words.append(f"{strata['review']} by the reviewer")
    if strata.get("correction") == "AC":
        words.append("attenuation corrected")
    if float(strata.get("defect_part", 0)) > 0:
        words.append(f"defect of {100 * float(strata['defect_part']):.0f} % of the wall")
    words += [meaning for name, meaning in TRUTH_VALUES.items() if strata.get(name)]
    if float(strata.get("moved_mm", 0)) > 0:
        words.append(f"moved by {float(strata['moved_mm']):.0f} mm")
    return ", ".join(words)
