"""``reconstruction.json``: what was read, how it was reconstructed, and what was noted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from shortaxis._version import __version__
from shortaxis.spect.reading_notes import doubts
from shortaxis.workflow.studies.raw_settings import RAW_SETTINGS
from shortaxis.workflow.studies.reconstructing import MadeStudy
from shortaxis.workflow.studies.record import NOTICE, source_values

__all__ = ["RECONSTRUCTION_SCHEMA", "build_reconstruction"]

RECONSTRUCTION_SCHEMA = "shortaxis/reconstruction/1"


def build_reconstruction(made: MadeStudy, files: Sequence[str] = ()) -> dict[str, Any]:
    """Plain values: source, acquisition, settings, motion, notes, files; no identifiers."""
    projections, motion = made.raw.projections, made.motion
    windows, slots, views, rows, bins = projections.counts.shape
    reasons = doubts(made.study.notes)
    return {
        "schema": RECONSTRUCTION_SCHEMA,
        "notice": NOTICE,
        "software": {"name": "shortaxis", "version": __version__},
        "source": source_values(made.study),
        "acquisition": {
            "views": views,
            "heads": projections.heads,
            "angles_deg": [round(angle, 3) for angle in projections.angles_deg],
            "radial_position_mm": (
                [round(each, 2) for each in projections.radial_position_mm]
                if made.raw.radius_is_known
                else None
            ),
            "rows": rows,
            "bins": bins,
            "pixel_mm": list(projections.pixel_mm),
            "axis_mm": list(projections.axis_mm) if made.raw.place_is_known else None,
            "time_slots": slots,
            "energy_windows_kev": [list(each) for each in projections.windows_kev[:windows]],
            "collimator": made.raw.collimator,
            "counts": int(projections.counts[0].sum(dtype="float64")),
        },
        "preset": made.preset,
        "settings": made.reconstructed.settings.to_dict(),
        "words": made.study.facts.reconstructed_here,
        RAW_SETTINGS: {
            "reconstruction": made.stated.to_dict(),
            "acquisition": made.raw.acquisition.to_dict(),
            "attenuation_map": made.reconstructed.settings.attenuation_corrected,
        },
        "motion": None
        if motion is None
        else {**motion.to_dict(), "is_corrected": made.is_motion_corrected},
        "quality": {"flag": "review" if reasons else "accept", "reasons": reasons},
        "notes": [note.text for note in made.study.notes],
        "files": list(files),
    }
