"""The header attributes of a simulated camera: collimator, rotation, energy window and tracer."""

from __future__ import annotations

from dataclasses import dataclass

from pydicom import Dataset

from shortaxis.dicom.elements.code_items import code_item
from shortaxis.dicom.elements.decimal_strings import decimals

__all__ = ["CameraFacts", "Radiopharmaceutical", "add_camera"]


@dataclass(frozen=True)
class Radiopharmaceutical:
    """Tracer and nuclide as (code, scheme, meaning), and the energy window in keV."""

    tracer_code: tuple[str, str, str]
    nuclide_code: tuple[str, str, str]
    window_name: str
    window_kev: tuple[float, float]


@dataclass(frozen=True)
class CameraFacts:
    """What the header says of the camera and its protocol.

    `collimator` is a Collimator Type (PS3.3 C.8.4.11), `rotation_direction` CC where angles grow
    and CW where they fall (C.8.4.12), `corrections` are Corrected Image values (C.8.4.9), `kernel`
    is the post-filter in words.
    """

    manufacturer: str
    model: str
    radiopharmaceutical: Radiopharmaceutical
    start_angle_deg: float
    scan_arc_deg: float
    n_views: int
    rotation_direction: str = "CW"
    collimator: str = "PARA"
    frame_duration_ms: int = 25_000
    corrections: tuple[str, ...] = ("UNIF",)
    kernel: str = ""


def add_camera(dataset: Dataset, camera: CameraFacts) -> None:
    """Add everything but the detector item, which holds the geometry too."""
    dataset.Manufacturer, dataset.ManufacturerModelName = camera.manufacturer, camera.model
    dataset.CorrectedImage = list(camera.corrections)
    dataset.ConvolutionKernel = camera.kernel
    dataset.RotationInformationSequence = [_rotation(camera)]
    dataset.NumberOfRotations = 1
    tracer = camera.radiopharmaceutical
    dataset.EnergyWindowInformationSequence = [_energy_window(tracer)]
    dataset.NumberOfEnergyWindows = 1
    drug = Dataset()
    drug.RadionuclideCodeSequence = [code_item(*tracer.nuclide_code)]
    drug.RadiopharmaceuticalCodeSequence = [code_item(*tracer.tracer_code)]
    dataset.RadiopharmaceuticalInformationSequence = [drug]


def _energy_window(tracer: Radiopharmaceutical) -> Dataset:
    window, limits = Dataset(), Dataset()
    limits.EnergyWindowLowerLimit, limits.EnergyWindowUpperLimit = decimals(tracer.window_kev)
    window.EnergyWindowRangeSequence = [limits]
    window.EnergyWindowName = tracer.window_name
    return window


def _rotation(camera: CameraFacts) -> Dataset:
    rotation = Dataset()
    rotation.StartAngle, rotation.ScanArc, rotation.AngularStep = decimals(
        (camera.start_angle_deg, camera.scan_arc_deg, camera.scan_arc_deg / camera.n_views)
    )
    rotation.RotationDirection = camera.rotation_direction
    rotation.ActualFrameDuration = camera.frame_duration_ms
    rotation.NumberOfFramesInRotation = camera.n_views
    return rotation
