"""What version 2 of the presets draws patients from."""

from __future__ import annotations

from shortaxis.simulation.measured.hearts import sample_measured_heart
from shortaxis.simulation.measured.priors import MEASURED_POSE
from shortaxis.simulation.patients import Anatomy
from shortaxis.simulation.torsos import TorsoDraws

__all__ = ["MEASURED_ANATOMY"]

MEASURED_ANATOMY = Anatomy(
    MEASURED_POSE, sample_measured_heart, TorsoDraws.sample, wholly_inside=True
)
