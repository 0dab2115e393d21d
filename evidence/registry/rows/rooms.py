"""Rooms that results depend on together."""

from __future__ import annotations

__all__ = ["BEAT", "EVALUATION", "METHODS", "PAPER", "PHYSICS", "POLAR_MAPS", "POSE", "READING", "SPACE",
           "VERBS", "WALL"]  # fmt: skip

SPACE = ("geometry", "anatomy", "spect")
"""Frames, axes and volumes."""

POSE = (*SPACE, "inference", "reorientation")
"""What finds a pose in a volume."""

BEAT = "reorientation/beat_order.py"
"""What judges the order of time slots."""

METHODS = (*POSE, "workflow/reorient")
"""The same by the name of a method."""

READING = ("dicom/elements", "dicom/carried", "dicom/reading", "nifti", "workflow/studies")
"""What reads a study."""

PHYSICS = (*SPACE, "phantom", "camera", "simulation")
"""What simulates an exam."""

WALL = ("ventricle", "inference/installed_weights/ventricle")
"""What draws the wall, and with which network."""

POLAR_MAPS = ("quantification", "workflow/quantify")

EVALUATION = ("evaluation/cohorts", "evaluation/poses", "evaluation/scores")

PAPER = ("network", "training")

VERBS = ("cli", "files", "dicom", "workflow/drawing", "workflow/review_sheet")
"""What a command does besides: it writes and draws."""
