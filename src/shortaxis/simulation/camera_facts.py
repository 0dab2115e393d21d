"""What the header of a simulated exam says of its camera and tracer."""

from __future__ import annotations

from shortaxis.camera.detector_angles import RAO_DEG
from shortaxis.dicom.writing.acquired.camera import CameraFacts, Radiopharmaceutical
from shortaxis.simulation.acquisition import Technique, Tracer
from shortaxis.simulation.scenario import ExamScenario

__all__ = ["RADIOPHARMACEUTICALS", "camera_facts", "window_kev"]

TECHNETIUM = ("72454006", "SCT", "^99m^Technetium")
TC_WINDOW = ("Tc99m", (126.4, 154.5))
PET_WINDOW = ("511 keV", (435.0, 585.0))

RADIOPHARMACEUTICALS = {
    Tracer.TC99M_SESTAMIBI: Radiopharmaceutical(
        ("404707004", "SCT", "Technetium (99m-Tc) sestamibi"), TECHNETIUM, *TC_WINDOW
    ),
    Tracer.TC99M_TETROFOSMIN: Radiopharmaceutical(
        ("404706008", "SCT", "Technetium (99m-Tc) tetrofosmin"), TECHNETIUM, *TC_WINDOW
    ),
    Tracer.TL201_CHLORIDE: Radiopharmaceutical(
        ("353842007", "SCT", "Thallium 201 chloride"),
        ("129501009", "SCT", "^201^Thallium"),
        "Tl201",
        (64.0, 80.0),
    ),
    Tracer.RB82_CHLORIDE: Radiopharmaceutical(
        ("129503007", "SCT", "Rubidium chloride Rb^82^"),
        ("79197006", "SCT", "^82^Rubidium"),
        *PET_WINDOW,
    ),
    Tracer.N13_AMMONIA: Radiopharmaceutical(
        ("129513004", "SCT", "Ammonia N^13^"), ("21576001", "SCT", "^13^Nitrogen"), *PET_WINDOW
    ),
}
"""Codes of CID 18, 25 and 4021."""


COLLIMATORS = {
    Technique.PARALLEL_HOLES.name: "PARA",
    Technique.MULTI_PINHOLE.name: "PINH",
    Technique.PET.name: "NONE",
}
"""Collimator Type (PS3.3 C.8.4.11)."""

ORBIT_DIRECTION = "CW"
"""Of the orbits of `shortaxis.simulation.parallel_camera`: from RAO over the front to LPO."""


def window_kev(scenario: ExamScenario) -> tuple[float, float]:
    """Limits of the energy window around the photopeak."""
    return RADIOPHARMACEUTICALS[Tracer[scenario.acquisition.tracer]].window_kev


def camera_facts(scenario: ExamScenario) -> CameraFacts:
    """Header facts of one scenario."""
    acquisition, reconstruction = scenario.acquisition, scenario.reconstruction
    maker, _, model = acquisition.camera.partition(" ")
    corrections = ["UNIF"]
    if reconstruction.attenuation_corrected:
        corrections.append("ATTN")
    if reconstruction.scatter_corrected:
        corrections.append("SCAT")
    parallel = acquisition.technique == Technique.PARALLEL_HOLES.name
    return CameraFacts(
        manufacturer=maker,
        model=model,
        radiopharmaceutical=RADIOPHARMACEUTICALS[Tracer[acquisition.tracer]],
        start_angle_deg=RAO_DEG if parallel else 0.0,
        scan_arc_deg=acquisition.scan_arc_deg if parallel else 0.0,
        n_views=acquisition.angular_views if parallel else 1,
        rotation_direction=ORBIT_DIRECTION,
        collimator=COLLIMATORS[acquisition.technique],
        corrections=tuple(corrections),
        kernel=reconstruction.post_filter.words[:16],
    )
