"""Settings that suit kinds of cameras and tracers: choices of ours, see the documentation."""

from __future__ import annotations

from dataclasses import dataclass

from shortaxis.reconstruction.post_filters import PostFilter
from shortaxis.reconstruction.settings import ReconstructionSettings

__all__ = ["PRESETS", "Preset"]


@dataclass(frozen=True)
class Preset:
    """Settings and what they are for, in one line."""

    settings: ReconstructionSettings
    purpose: str


PRESETS = {
    "standard": Preset(
        ReconstructionSettings(),
        "Tc-99m through high-resolution holes, no corrections",
    ),
    "general-purpose": Preset(
        ReconstructionSettings(post_filter=PostFilter(cutoff_per_cm=0.36)),
        "Tc-99m through general-purpose holes: more counts, and blur that leaves less to see",
    ),
    "gated": Preset(
        ReconstructionSettings(post_filter=PostFilter(cutoff_per_cm=0.35)),
        "gated Tc-99m: fewer counts in each slot, a lower cutoff",
    ),
    "thallium": Preset(
        ReconstructionSettings(post_filter=PostFilter(cutoff_per_cm=0.32)),
        "Tl-201: fewer counts and more scatter, a lower cutoff",
    ),
    "fbp": Preset(
        ReconstructionSettings(method="fbp", post_filter=PostFilter(cutoff_per_cm=0.35)),
        "filtered backprojection, as older normal limits were made",
    ),
    "resolution-recovery": Preset(
        ReconstructionSettings(
            iterations=8, collimator="LEHR", post_filter=PostFilter(cutoff_per_cm=0.5)
        ),
        "half-count or half-time Tc-99m with LEHR holes",
    ),
}
