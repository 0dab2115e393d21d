"""How hospitals acquire and reconstruct: one row a protocol."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from shortaxis.simulation.acquisition import (
    Acquisition,
    PatientMotion,
    PostFilter,
    Reconstruction,
)
from shortaxis.simulation.draws import Draw, LogUniform, Normal, Uniform, chosen
from shortaxis.simulation.pinhole_effects import sample_pinhole_effects

__all__ = [
    "CLINICAL_PROTOCOLS",
    "PAPER_PROTOCOL",
    "Protocol",
    "on_the_day",
    "sample_protocol",
    "vary_protocol",
]

MOTION_PART = (0.06, 0.12)
"""Patients who move once, by a centimetre or so, by spread."""


@dataclass(frozen=True)
class Protocol:
    """A camera with its usual settings.

    `weight` is its share among hospitals; `tracers` are drawn alike; `counts` as in `Acquisition`;
    `matrix`, `pixel_mm`, `slices` describe the stored field, which `heart_offset_mm` places: the
    centre of the left ventricle from the middle of the field, or None for a field that is
    centred on the axis of rotation.
    """

    weight: float
    acquisition: Acquisition
    reconstruction: Reconstruction
    tracers: tuple[str, ...]
    counts: Draw
    matrix: int
    pixel_mm: float
    slices: tuple[int, int]
    slice_mm: float | None = None
    heart_offset_mm: tuple[Draw, Draw, Draw] | None = None
    cutoff_per_cm: Draw | None = None
    """Where a source leaves it open; else the reconstruction's own, a little up or down."""


TC99M = ("TC99M_SESTAMIBI", "TC99M_TETROFOSMIN")
TL201 = ("TL201_CHLORIDE",)
PET_TRACERS = ("RB82_CHLORIDE", "N13_AMMONIA")

PAPER_PROTOCOL = Protocol(
    # Zhu et al. 2022: dual head, 180 degrees, 32 steps of 25 s, OSEM 3 x 10; "0.3 cycles/mm"
    # is above the Nyquist frequency of 6.4 mm voxels, so cycles/cm it must be; 0.3 to 0.5 is usual.
    1.0,
    Acquisition("Philips CardioMD", angular_views=64, clearance_mm=25, counts=150),
    Reconstruction("osem", 3, 10, post_filter=PostFilter("butterworth", 0.3, 10)),
    ("TC99M_SESTAMIBI",),
    Normal(150, 45, 60, 300),
    64, 6.4, (22, 36),
    cutoff_per_cm=Uniform(0.3, 0.5),
)  # fmt: skip

OFFSETS_530C = (Normal(-6, 10, -30, 22), Normal(18, 16, -20, 48), Normal(0, 8, -22, 22))
"""Four studies of a Discovery NM 530c have -20..0, -1..43 and -6..9 mm."""

CLINICAL_PROTOCOLS = (
    replace(PAPER_PROTOCOL, weight=0.14),
    Protocol(
        0.18,
        Acquisition("SIEMENS Symbia", angular_views=64, clearance_mm=22, follows_body=True),
        Reconstruction("fbp", post_filter=PostFilter("butterworth", 0.42, 5)),
        TC99M + TL201, Normal(150, 45, 50, 300), 64, 6.6, (26, 40),
    ),
    Protocol(
        0.16,
        Acquisition("SIEMENS Symbia", angular_views=64, clearance_mm=22, follows_body=True),
        Reconstruction("osem", 4, 8, resolution_modelled=True,
                       post_filter=PostFilter("gaussian", fwhm_mm=9)),
        TC99M, Normal(140, 45, 50, 300), 64, 6.6, (26, 40),
    ),
    Protocol(
        0.12,
        Acquisition("GE Infinia", angular_views=60, clearance_mm=25),
        Reconstruction("osem", 2, 10, attenuation_corrected=True, scatter_corrected=True,
                       resolution_modelled=True, post_filter=PostFilter("butterworth", 0.4, 10)),
        TC99M, Normal(140, 45, 50, 300), 64, 6.8, (26, 40),
    ),
    Protocol(
        0.08,
        Acquisition("GE Infinia", angular_views=60, clearance_mm=25),
        Reconstruction("osem", 2, 10, post_filter=PostFilter("hanning", 0.72)),
        TC99M + TL201, Normal(140, 45, 50, 300), 64, 6.4, (24, 40),
    ),
    Protocol(
        0.06,
        Acquisition("Mediso AnyScan", scan_arc_deg=360, angular_views=96, clearance_mm=25,
                    follows_body=True),
        Reconstruction("osem", 4, 12, post_filter=PostFilter("butterworth", 0.5, 8)),
        TC99M, Normal(120, 40, 40, 260), 72, 6.0, (28, 44),
    ),
    Protocol(
        0.2,
        Acquisition("GE Discovery NM 530c", "MULTI_PINHOLE"),
        Reconstruction("image", post_filter=PostFilter("gaussian", fwhm_mm=12.5)),
        TC99M, LogUniform(50, 800), 70, 4.0, (50, 50), heart_offset_mm=OFFSETS_530C,
    ),
    Protocol(
        0.06,
        Acquisition("SIEMENS Biograph", "PET"),
        Reconstruction("image", attenuation_corrected=True, scatter_corrected=True,
                       post_filter=PostFilter("gaussian", fwhm_mm=7)),
        PET_TRACERS, LogUniform(80, 900), 84, 4.0, (45, 47),
        heart_offset_mm=(Normal(40, 15, 0, 75), Normal(-25, 15, -60, 10), Normal(0, 14, -35, 35)),
    ),
)  # fmt: skip


def sample_protocol(
    rng: np.random.Generator, protocols: tuple[Protocol, ...]
) -> tuple[Protocol, Acquisition, Reconstruction]:
    """Draw a protocol with its tracer and filter, as one hospital has it."""
    protocol = chosen(rng, protocols, [each.weight for each in protocols])
    tracer = chosen(rng, protocol.tracers, [1.0] * len(protocol.tracers))
    reconstruction = _as_some_hospital_does(rng, protocol)
    # Thallium gives fewer photons for the dose, and a collimator that lets more of them through.
    acquisition = replace(
        protocol.acquisition, tracer=tracer, general_purpose=tracer == "TL201_CHLORIDE"
    )
    return protocol, acquisition, reconstruction


def on_the_day(
    rng: np.random.Generator, protocol: Protocol, acquisition: Acquisition
) -> Acquisition:
    """Draw what differs between two exams of one patient: dose, motion, artefacts."""
    thallium = acquisition.tracer == "TL201_CHLORIDE"
    return replace(
        acquisition,
        counts=protocol.counts.sample(rng) * (0.45 if thallium else 1.0),
        motion=_motion(rng, 0, acquisition),
        pinhole=sample_pinhole_effects(rng),
    )


def _as_some_hospital_does(rng: np.random.Generator, protocol: Protocol) -> Reconstruction:
    """Filter and iterations around the protocol's: no two hospitals have them alike.

    Where a camera is simulated in the image, its filter stands for everything that they vary.
    """
    reconstruction = protocol.reconstruction
    post_filter = reconstruction.post_filter
    cutoff = protocol.cutoff_per_cm
    varied = replace(
        post_filter,
        cutoff_per_cm=(
            cutoff.sample(rng) if cutoff else post_filter.cutoff_per_cm * rng.uniform(0.85, 1.25)
        ),
        fwhm_mm=post_filter.fwhm_mm * rng.uniform(0.75, 1.3),
    )
    if protocol is PAPER_PROTOCOL or reconstruction.method != "osem":
        return replace(reconstruction, post_filter=varied)
    iterations = max(reconstruction.iterations + int(rng.integers(-1, 3)), 2)
    return replace(reconstruction, iterations=iterations, post_filter=varied)


def vary_protocol(
    rng: np.random.Generator, acquisition: Acquisition, reconstruction: Reconstruction
) -> tuple[Acquisition, Reconstruction]:
    """Change every setting beyond what any hospital does, for training."""
    # With fewer counts, or with all that blurs at its worst, nobody could tell where hearts point.
    fewest = 20 if acquisition.technique == "PARALLEL_HOLES" else 35
    varied = replace(
        acquisition,
        counts=LogUniform(fewest, 900).sample(rng),
        clearance_mm=Uniform(8, 60).sample(rng),
        follows_body=bool(rng.random() < 0.5),
        general_purpose=bool(rng.random() < 0.3),
        angular_views=int(chosen(rng, (30, 32, 48, 60, 64), (1, 1, 1, 2, 2))),
        motion=_motion(rng, 1, acquisition),
    )
    kind = str(chosen(rng, ("butterworth", "gaussian", "hanning"), (3, 2, 1)))
    # A Hanning window is down to a half at half of its cutoff.
    cutoff = Uniform(0.55, 1.2) if kind == "hanning" else Uniform(0.3, 0.7)
    post_filter = PostFilter(
        kind,
        cutoff_per_cm=cutoff.sample(rng),
        order=Uniform(3, 12).sample(rng),
        fwhm_mm=Uniform(4, 13).sample(rng),
    )
    if reconstruction.method == "image":
        width = Uniform(5, 16).sample(rng)
        return varied, replace(reconstruction, post_filter=PostFilter("gaussian", fwhm_mm=width))
    method = chosen(rng, ("osem", "osem", "fbp"), (1, 1, 1))
    corrected = bool(method == "osem" and rng.random() < 0.3)
    return varied, Reconstruction(
        method=method,
        iterations=int(rng.integers(1, 6)),
        subsets=int(rng.integers(4, 11)),
        attenuation_corrected=corrected,
        scatter_corrected=corrected,
        resolution_modelled=bool(method == "osem" and rng.random() < 0.3),
        post_filter=post_filter,
    )


def _motion(rng: np.random.Generator, spread: int, acquisition: Acquisition) -> PatientMotion:
    moves = rng.random() < MOTION_PART[spread]
    if not moves or acquisition.technique != "PARALLEL_HOLES":
        return PatientMotion()
    shift = Normal(0, 9, -25, 25).sample(rng)
    return PatientMotion(shift, Uniform(0.2, 0.8).sample(rng))
