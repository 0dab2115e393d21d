"""How an exam is acquired, reconstructed and stored, as plain parameters."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

import numpy as np

from shortaxis.errors import OptionError
from shortaxis.geometry.affines import affine_from_axes
from shortaxis.geometry.grids import Grid
from shortaxis.phantom.ranges import ADDED, added, check_parameters
from shortaxis.simulation.pinhole_effects import PinholeEffects

__all__ = [
    "Acquisition",
    "FieldOfView",
    "PatientMotion",
    "PostFilter",
    "Reconstruction",
    "Technique",
    "Tracer",
]


def _check_whole(name: str, value: float) -> None:
    if not isinstance(value, int):
        raise OptionError(
            f"{name} is no whole number", expected="a whole number", found=repr(value)
        )


def _check(name: str, value: float, lowest: float, highest: float) -> None:
    if not lowest <= value <= highest:
        raise OptionError(
            f"{name} is out of range", expected=f"{lowest:g} to {highest:g}", found=f"{value:g}"
        )


class Technique(Enum):
    """How counts become an image: by projections, or directly in the image domain."""

    PARALLEL_HOLES = "parallel holes"
    MULTI_PINHOLE = "multi-pinhole"
    PET = "PET"


class Tracer(Enum):
    """Tracer, with its photon energy in keV."""

    TC99M_SESTAMIBI = ("Tc-99m sestamibi", 140.5)
    TC99M_TETROFOSMIN = ("Tc-99m tetrofosmin", 140.5)
    TL201_CHLORIDE = ("Tl-201 chloride", 72.0)
    RB82_CHLORIDE = ("Rb-82 chloride", 511.0)
    N13_AMMONIA = ("N-13 ammonia", 511.0)

    @property
    def label(self) -> str:
        """Name for people."""
        return self.value[0]

    @property
    def energy_kev(self) -> float:
        """Energy of most photons in the window."""
        return self.value[1]


@dataclass(frozen=True)
class PatientMotion:
    """How a patient moves during the views: once, or little by little.

    `shift_mm` towards the head, `left_mm` to the patient's left and `back_mm` to the back, after a
    part of the views; if `is_creep`, evenly from the first view to the last.
    """

    shift_mm: float = 0.0
    after_part: float = 0.5
    left_mm: float = added(0.0, -30, 30)
    back_mm: float = added(0.0, -30, 30)
    is_creep: bool = field(default=False, metadata={ADDED: True})

    def __post_init__(self) -> None:
        check_parameters(self)
        _check("shift_mm", self.shift_mm, -40, 40)
        _check("after_part", self.after_part, 0.05, 0.95)

    @property
    def distance_mm(self) -> float:
        """How far the patient lies from the start in the end."""
        return float(np.linalg.norm((self.left_mm, self.back_mm, self.shift_mm)))


@dataclass(frozen=True)
class Acquisition:
    """Camera, tracer, orbit and counts.

    Parameters
    ----------
    camera : str
        Maker and model, as the header will name them.
    technique, tracer : str
        Names of `Technique` and `Tracer` members.
    scan_arc_deg : float
        180 (RAO to LPO) or 360; parallel holes only, as are the next three.
    angular_views : int
        Views over the arc.
    heads : int
        Which share the views and take theirs at the same time; two of 180 degrees at right angles.
    clearance_mm : float
        From the body to the collimator.
    follows_body : bool
        Body contour, or a circle around it.
    general_purpose : bool
        Collimator for counts instead of resolution.
    counts : float
        Highest expected counts of the myocardium in one bin of one view (parallel holes), or its
        counts over the variance in one voxel of the image (others): noise falls with its root.
    motion : PatientMotion
        Parallel holes only.
    pinhole : PinholeEffects
        Multi-pinhole only.
    """

    camera: str
    technique: str = Technique.PARALLEL_HOLES.name
    tracer: str = Tracer.TC99M_SESTAMIBI.name
    scan_arc_deg: float = 180.0
    angular_views: int = 64
    heads: int = 2
    clearance_mm: float = 25.0
    follows_body: bool = False
    general_purpose: bool = False
    counts: float = 120.0
    motion: PatientMotion = PatientMotion()
    pinhole: PinholeEffects = PinholeEffects()  # noqa: RUF009 - frozen

    def __post_init__(self) -> None:
        for name, kind in (("technique", Technique), ("tracer", Tracer)):
            if getattr(self, name) not in kind.__members__:
                raise OptionError(
                    f"unknown {name}",
                    expected=", ".join(kind.__members__),
                    found=str(getattr(self, name)),
                )
        if self.scan_arc_deg not in (180.0, 360.0):
            raise OptionError(
                "unknown scan arc", expected="180 or 360", found=f"{self.scan_arc_deg:g}"
            )
        _check("angular_views", self.angular_views, 15, 180)
        _check_whole("angular_views", self.angular_views)
        _check_whole("heads", self.heads)
        if self.heads < 1 or self.angular_views % self.heads:
            raise OptionError(
                "heads do not share the views evenly",
                expected=f"a divisor of {self.angular_views} views",
                found=f"{self.heads} heads",
            )
        _check("clearance_mm", self.clearance_mm, 5, 120)
        _check("counts", self.counts, 1, 1e5)

    @property
    def energy_kev(self) -> float:
        """Photon energy of the tracer."""
        return Tracer[self.tracer].energy_kev


@dataclass(frozen=True)
class PostFilter:
    """``butterworth`` (cutoff in cycles/cm, order), ``hanning`` (cutoff), ``gaussian`` (FWHM)."""

    kind: str = "butterworth"
    cutoff_per_cm: float = 0.45
    order: float = 8.0
    fwhm_mm: float = 8.0

    def __post_init__(self) -> None:
        if self.kind not in ("none", "butterworth", "hanning", "gaussian"):
            raise OptionError(
                "unknown filter", expected="none, butterworth, hanning or gaussian", found=self.kind
            )
        _check("cutoff_per_cm", self.cutoff_per_cm, 0.05, 3)
        _check("order", self.order, 1, 20)
        _check("fwhm_mm", self.fwhm_mm, 1, 30)

    @property
    def words(self) -> str:
        """For Convolution Kernel."""
        if self.kind == "none":
            return "no filter"
        if self.kind == "gaussian":
            return f"Gaussian {self.fwhm_mm:.3g} mm"
        order = f" order {self.order:.3g}" if self.kind == "butterworth" else ""
        return f"{self.kind.capitalize()} {self.cutoff_per_cm:.3g}/cm{order}"


@dataclass(frozen=True)
class Reconstruction:
    """``osem``, ``fbp``, or ``image`` where the camera is simulated in the image domain."""

    method: str = "osem"
    iterations: int = 3
    subsets: int = 10
    attenuation_corrected: bool = False
    scatter_corrected: bool = False
    resolution_modelled: bool = False
    post_filter: PostFilter = PostFilter()

    def __post_init__(self) -> None:
        if self.method not in ("osem", "fbp", "image"):
            raise OptionError(
                "unknown reconstruction", expected="osem, fbp or image", found=self.method
            )
        _check("iterations", self.iterations, 1, 30)
        _check_whole("iterations", self.iterations)
        _check("subsets", self.subsets, 1, 64)
        _check_whole("subsets", self.subsets)
        corrected = self.attenuation_corrected or self.scatter_corrected or self.resolution_modelled
        if self.method == "fbp" and corrected:
            raise OptionError(
                "filtered back projection corrects nothing",
                expected="no corrections",
                found="attenuation or scatter correction, or resolution modelling",
            )

    @property
    def words(self) -> str:
        """For Series Description and headers."""
        if self.method == "osem":
            return f"OSEM {self.iterations}i{self.subsets}s"
        return self.method.upper()


@dataclass(frozen=True)
class FieldOfView:
    """The stored volume: upright in LPS, columns to the left, rows to the back.

    Parameters
    ----------
    slices, matrix : int
        Slices; rows and columns.
    pixel_mm, slice_mm : float
        Voxel size in the slice and along the body.
    center_mm : (x, y, z)
        Geometric centre, LPS mm.
    negative_spacing : bool
        Slices are stored from head to feet.
    """

    slices: int = 32
    matrix: int = 64
    pixel_mm: float = 6.4
    slice_mm: float = 6.4
    center_mm: tuple[float, float, float] = (0.0, 0.0, 0.0)
    negative_spacing: bool = False

    def __post_init__(self) -> None:
        _check("slices", self.slices, 8, 256)
        _check_whole("slices", self.slices)
        _check("matrix", self.matrix, 16, 512)
        _check_whole("matrix", self.matrix)
        _check("pixel_mm", self.pixel_mm, 1, 15)
        _check("slice_mm", self.slice_mm, 1, 15)
        center = tuple(float(each) for each in self.center_mm)
        if len(center) != 3 or not np.isfinite(center).all():
            raise OptionError(
                "center_mm is no point", expected="three finite numbers", found=str(center)
            )
        object.__setattr__(self, "center_mm", center)

    @property
    def grid(self) -> Grid:
        """Grid with slices towards the head; the file may store them the other way round."""
        shape = (self.slices, self.matrix, self.matrix)
        spacing = np.array([self.slice_mm, self.pixel_mm, self.pixel_mm])
        half = spacing * (np.array(shape) - 1) / 2
        origin = np.array(self.center_mm) - half[::-1]
        return Grid(shape, affine_from_axes([(0, 0, 1), (0, 1, 0), (1, 0, 0)], spacing, origin))
