"""What version 2 of the presets draws patients from."""

from __future__ import annotations

from shortaxis.simulation.measured.hearts import sample_measured_heart
from shortaxis.simulation.measured.priors import MEASURED_POSE
from shortaxis.simulation.measured.torsos import sample_measured_torso
from shortaxis.simulation.patients import Anatomy

__all__ = ["MEASURED_ANATOMY"]

MEASURED_ANATOMY = Anatomy(
    MEASURED_POSE, sample_measured_heart, sample_measured_torso, wholly_inside=True
)
