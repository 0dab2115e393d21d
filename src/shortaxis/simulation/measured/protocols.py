"""Protocols that version 2 adds: what hospitals make of few views, many iterations, long fields.

Few views under filtered back projection streak; resolution recovery that is carried far overshoots
at edges; full circles and fine stored pixels are common; a PET of the whole body holds the heart
somewhere in a long field.
"""

from __future__ import annotations

from dataclasses import replace

from shortaxis.simulation.acquisition import Acquisition, PostFilter, Reconstruction
from shortaxis.simulation.draws import LogUniform, Normal, Uniform
from shortaxis.simulation.protocols import CLINICAL_PROTOCOLS, PET_TRACERS, TC99M, Protocol

__all__ = ["MEASURED_PROTOCOLS"]

ADDED_PROTOCOLS = (
    Protocol(
        # As the raw study of GhasemHajianfar/RIMD-DLAC-SPECT-MPI: 30 views of 6 degrees, 6.8 mm.
        0.08,
        Acquisition("GE Infinia", angular_views=30, clearance_mm=25),
        Reconstruction("fbp", post_filter=PostFilter("butterworth", 0.5, 8)),
        TC99M, Normal(130, 40, 50, 260), 64, 6.8, (26, 40),
    ),
    Protocol(
        0.08,
        Acquisition("SIEMENS Symbia", angular_views=64, clearance_mm=22, follows_body=True),
        Reconstruction("osem", 10, 8, attenuation_corrected=True, scatter_corrected=True,
                       resolution_modelled=True, post_filter=PostFilter("gaussian", fwhm_mm=5.5)),
        TC99M, Normal(160, 45, 60, 320), 64, 6.6, (26, 40),
    ),
    Protocol(
        0.04,
        Acquisition("Mediso AnyScan", scan_arc_deg=360, angular_views=64, clearance_mm=25,
                    follows_body=True),
        Reconstruction("fbp", post_filter=PostFilter("butterworth", 0.45, 6)),
        TC99M, Normal(130, 40, 50, 260), 64, 6.4, (26, 40),
    ),
    Protocol(
        # Stored at half the camera's pixel, as some consoles do.
        0.06,
        Acquisition("Philips BrightView", angular_views=64, clearance_mm=22, follows_body=True),
        Reconstruction("osem", 4, 8, resolution_modelled=True,
                       post_filter=PostFilter("hanning", 0.8)),
        TC99M, Normal(140, 45, 50, 300), 128, 3.3, (48, 72),
        heart_offset_mm=(Normal(30, 15, -10, 70), Normal(-20, 15, -60, 20),
                         Normal(0, 14, -35, 35)),
    ),
    Protocol(
        0.03,
        Acquisition("SIEMENS Biograph", "PET"),
        Reconstruction("image", attenuation_corrected=True, scatter_corrected=True,
                       post_filter=PostFilter("gaussian", fwhm_mm=6)),
        PET_TRACERS, LogUniform(60, 600), 128, 4.1, (90, 140), slice_mm=4.0,
        heart_offset_mm=(Normal(40, 15, 0, 75), Normal(-25, 15, -60, 10), Uniform(-140, 140)),
    ),
)  # fmt: skip

MEASURED_PROTOCOLS = (
    *(replace(each, weight=each.weight * 0.71) for each in CLINICAL_PROTOCOLS),
    *ADDED_PROTOCOLS,
)
"""Shares of version 1 make room for those that are added."""
