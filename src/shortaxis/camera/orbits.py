"""Where the heads of the camera stand.

Angles are those of DICOM (Start Angle, NM Detector Module, PS3.3 C.8.4.11): zero degrees at
the patient's back, growing from the back towards the patient's left. So 90 is left lateral, 180
anterior, 270 right lateral; LPO is 45, LAO 135, RAO 225, RPO 315.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from shortaxis.camera.detector_angles import RAO_DEG
from shortaxis.camera.transaxial_grid import TransaxialGrid
from shortaxis.errors import GeometryError, OptionError

__all__ = ["Orbit", "body_contour_radii_mm"]

ROTATION_SIGN = {"CC": 1.0, "CW": -1.0}
"""Rotation Direction (PS3.3 C.8.4.12): CC for angles that grow, CW for angles that fall."""

BODY_PER_CM = 0.02
"""Attenuation above which a voxel is body: half that of lung, 0.04 to 0.05 per cm."""


@dataclass(frozen=True)
class Orbit:
    """Angular views of one acquisition.

    Parameters
    ----------
    start_angle_deg : float
        Angle of the first view, 0 at the patient's back, 90 at the patient's left.
    scan_arc_deg : float
        Arc covered, in (0, 360]; views are ``scan_arc_deg / angular_views`` apart, so the last
        view is one step short of the end of the arc.
    radial_position_mm : sequence of float
        Distance from the axis of rotation to the collimator's face, one for each view.
    rotation_direction : {"CC", "CW"}
        CC: angles grow (back to left); CW: angles fall.
    """

    start_angle_deg: float
    scan_arc_deg: float
    radial_position_mm: tuple[float, ...]
    rotation_direction: str = "CC"

    def __post_init__(self) -> None:
        radii = tuple(float(radius) for radius in self.radial_position_mm)
        object.__setattr__(self, "radial_position_mm", radii)
        if not radii or not all(math.isfinite(radius) and radius > 0 for radius in radii):
            raise GeometryError(
                "not an orbit",
                expected="a radial position above 0 mm for each view",
                found=f"{len(radii)} positions",
            )
        if not 0 < self.scan_arc_deg <= 360:
            raise OptionError(
                "scan arc out of range",
                expected="above 0, at most 360 degrees",
                found=f"{self.scan_arc_deg:g}",
            )
        if self.rotation_direction not in ROTATION_SIGN:
            raise OptionError(
                "unknown rotation direction",
                expected=" or ".join(ROTATION_SIGN),
                found=self.rotation_direction,
            )

    @classmethod
    def circular(
        cls, start_angle_deg: float, scan_arc_deg: float, angular_views: int, radius_mm: float
    ) -> Orbit:
        """All views at one radius, angles growing."""
        return cls(start_angle_deg, scan_arc_deg, (radius_mm,) * angular_views)

    @classmethod
    def cardiac(cls, radial_position_mm: Sequence[float]) -> Orbit:
        """180 degrees from RAO over anterior and left to LPO, one view for each radius."""
        return cls(RAO_DEG, 180.0, tuple(radial_position_mm), "CW")

    @property
    def angular_views(self) -> int:
        """Number of views."""
        return len(self.radial_position_mm)

    @property
    def angles_deg(self) -> tuple[float, ...]:
        """Angle of each view, in [0, 360)."""
        step = ROTATION_SIGN[self.rotation_direction] * self.scan_arc_deg / self.angular_views
        return tuple(
            (self.start_angle_deg + view * step) % 360 for view in range(self.angular_views)
        )

    def with_radii(self, radial_position_mm: Sequence[float]) -> Orbit:
        """The same angles at other distances."""
        if len(radial_position_mm) != self.angular_views:
            raise GeometryError(
                "radii do not fit the orbit",
                expected=f"{self.angular_views}",
                found=f"{len(radial_position_mm)}",
            )
        return Orbit(
            self.start_angle_deg,
            self.scan_arc_deg,
            tuple(radial_position_mm),
            self.rotation_direction,
        )


def body_contour_radii_mm(
    attenuation_map_per_cm: Tensor,
    grid: TransaxialGrid,
    angles_deg: Sequence[float],
    clearance_mm: float,
) -> tuple[float, ...]:
    """Radial position of a flat head that clears the body by `clearance_mm`, for each angle.

    The head is wider than the body, so it is held off by the part of the body that reaches
    farthest towards it in any slice: the support function of the outline.

    Parameters
    ----------
    attenuation_map_per_cm : (slice, row, column) tensor
        Linear attenuation, 1/cm; more than 0.02 is body.
    """
    rows, columns = torch.nonzero((attenuation_map_per_cm > BODY_PER_CM).any(dim=0), as_tuple=True)
    if not len(rows):
        raise GeometryError(
            "no body to follow",
            expected=f"attenuation above {BODY_PER_CM:g} per cm",
            found=f"at most {float(attenuation_map_per_cm.max()):g}",
            cause="an attenuation map in other units than 1/cm",
        )
    position = grid.centered_mm()
    y, x = position[rows], position[columns]
    edge_mm = grid.pixel_mm / 2
    radii = []
    for angle in torch.deg2rad(torch.tensor(angles_deg, dtype=torch.float64)):
        reach = (x * angle.sin() + y * angle.cos()).max()
        corner = edge_mm * (angle.sin().abs() + angle.cos().abs())
        radii.append(float(reach + corner) + clearance_mm)
    return tuple(radii)
