"""Draw what is wrong with a heart of version 2: what is hard, and how it moves.

The kinds of version 1, and besides them whole walls without uptake, thin scars, hypertrophy of
either ventricle, very small and very large hearts, balanced ischaemia, bundle branch block and
pacing. A wall that is scarred moves less, or outwards.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from shortaxis.anatomy.segments import Territory
from shortaxis.phantom.defects import PerfusionDefect, segment_defects
from shortaxis.phantom.regional_contraction import ContractionPatch, RegionalContraction
from shortaxis.simulation.draws import chosen
from shortaxis.simulation.pathologies import Pathology, sample_pathology

__all__ = ["MeasuredPathology", "sample_measured_pathology"]

KINDS = (
    "usual", "no_wall", "thin_scar", "right_hypertrophy", "left_hypertrophy", "tiny", "huge",
    "balanced", "bundle_branch_block", "paced",
)  # fmt: skip

WEIGHTS = (
    (0.74, 0.02, 0.04, 0.03, 0.03, 0.03, 0.03, 0.02, 0.04, 0.02),
    (0.5, 0.08, 0.08, 0.06, 0.06, 0.06, 0.05, 0.03, 0.05, 0.03),
)
"""Of each kind, by spread. `usual` is a draw of version 1."""

AKINETIC_FROM = 0.6
"""Severity of a defect at rest from which its wall moves less."""


@dataclass(frozen=True)
class MeasuredPathology:
    """A pathology of version 1, what it does to the right ventricle, and regional contraction.

    `right_width`, `right_wall` and `right_uptake` are factors; `stress_dilation` is how much larger
    the cavity is at stress than at rest.
    """

    left: Pathology
    contraction: RegionalContraction | None = None
    right_width: float = 1.0
    right_wall: float = 1.0
    right_uptake: float = 1.0
    stress_dilation: float = 1.0


def sample_measured_pathology(rng: np.random.Generator, spread: int) -> MeasuredPathology:
    """Draw a kind and its details."""
    kind = chosen(rng, KINDS, WEIGHTS[spread])
    if kind == "usual":
        left = sample_pathology(rng, spread)
        return MeasuredPathology(left, contraction=_of_scars(left, rng))
    return _MAKERS[kind](rng)


def _of_scars(left: Pathology, rng: np.random.Generator) -> RegionalContraction | None:
    """Scars move little; so does an aneurysm, which bulges."""
    scars = [
        each
        for each in left.defects
        if each.severity * (1 - left.reversible_part) * each.transmurality > AKINETIC_FROM
    ]
    patches = [_still(each, float(rng.uniform(-0.2, 0.6))) for each in scars]
    if left.aneurysm:
        patches.append(
            ContractionPatch(
                height=0.1,
                angular_extent_deg=360,
                longitudinal_extent=0.9,
                amplitude=float(rng.uniform(-0.4, 0.1)),
            )
        )
    return RegionalContraction(patches=tuple(patches)) if patches else None


def _still(defect: PerfusionDefect, amplitude: float) -> ContractionPatch:
    """A patch over a defect, as much larger as its smooth border takes away."""
    return ContractionPatch(
        angle_deg=defect.angle_deg,
        height=defect.height,
        angular_extent_deg=min(1.5 * defect.angular_extent_deg + 30, 360),
        longitudinal_extent=min(1.5 * defect.longitudinal_extent + 0.1, 2),
        amplitude=amplitude,
    )


def _no_wall(rng: np.random.Generator) -> MeasuredPathology:
    """The territory of an artery, or two, without any uptake."""
    count = 1 if rng.random() < 0.75 else 2
    order = rng.permutation(len(Territory))[:count]
    defects = [
        each
        for place in order
        for each in segment_defects(
            tuple(Territory)[place],
            severity=float(rng.uniform(0.9, 1.0)),
            thinning=float(rng.uniform(0.1, 0.6)),
            edge_mm=float(rng.uniform(3, 8)),
        )
    ]
    left = Pathology(
        size=float(rng.uniform(1, 1.2)),
        width=float(rng.uniform(1, 1.15)),
        contraction=float(rng.uniform(0.3, 0.7)),
        defects=tuple(defects),
    )
    return MeasuredPathology(left, contraction=_of_scars(left, rng))


def _thin_scar(rng: np.random.Generator) -> MeasuredPathology:
    """A scar of a wall half as thick, of any size."""
    defect = PerfusionDefect(
        angle_deg=float(rng.uniform(-180, 180)),
        height=float(rng.uniform(0.1, 0.8)),
        angular_extent_deg=float(rng.uniform(40, 150)),
        longitudinal_extent=float(rng.uniform(0.25, 0.8)),
        severity=float(rng.uniform(0.75, 1)),
        thinning=float(rng.uniform(0.4, 0.7)),
        edge_mm=float(rng.uniform(3, 10)),
    )
    left = Pathology(contraction=float(rng.uniform(0.5, 1)), defects=(defect,))
    return MeasuredPathology(left, contraction=_of_scars(left, rng))


def _right_hypertrophy(rng: np.random.Generator) -> MeasuredPathology:
    """Pressure or shunt: a wide, thick right ventricle that takes up nearly as much as the left."""
    width, wall, uptake = rng.uniform((1.1, 1.4, 1.3), (1.6, 2.4, 2.2)).tolist()
    size = float(rng.uniform(0.85, 1.0))
    return MeasuredPathology(
        Pathology(size=size), right_width=width, right_wall=wall, right_uptake=uptake
    )


def _left_hypertrophy(rng: np.random.Generator) -> MeasuredPathology:
    septal = float(rng.uniform(3, 10)) if rng.random() < 0.5 else 0.0
    left = Pathology(
        wall=float(rng.uniform(1.3, 1.7)),
        width=float(rng.uniform(0.95, 1.1)),
        septal_excess_mm=septal,
        contraction=float(rng.uniform(0.8, 1.2)),
    )
    return MeasuredPathology(left)


def _tiny(rng: np.random.Generator) -> MeasuredPathology:
    """Cavities of 20 ml and less at end systole, as in small women."""
    size, width = rng.uniform((0.68, 0.85), (0.82, 0.98)).tolist()
    left = Pathology(size=size, width=width, contraction=float(rng.uniform(1, 1.3)))
    return MeasuredPathology(left)


def _huge(rng: np.random.Generator) -> MeasuredPathology:
    """Cavities of up to 400 ml."""
    size, width, wall = rng.uniform((1.15, 1.15, 0.75), (1.3, 1.4, 1.0)).tolist()
    left = Pathology(size=size, width=width, wall=wall, contraction=float(rng.uniform(0.25, 0.6)))
    return MeasuredPathology(left, right_width=float(rng.uniform(1, 1.4)))


def _balanced(rng: np.random.Generator) -> MeasuredPathology:
    """All three arteries narrow: little to see in the pattern, a larger cavity at stress."""
    severity = float(rng.uniform(0.15, 0.4))
    defects = [
        each
        for territory in Territory
        for each in segment_defects(
            territory,
            severity=float(np.clip(severity + rng.normal(0, 0.06), 0.05, 0.6)),
            transmurality=float(rng.uniform(0.4, 1)),
            edge_mm=10.0,
        )
    ]
    left = Pathology(
        defects=tuple(defects),
        reversible_part=float(rng.uniform(0.7, 1)),
        contraction=float(rng.uniform(0.7, 1)),
    )
    return MeasuredPathology(left, stress_dilation=float(rng.uniform(1.02, 1.12)))


def _bundle_branch_block(rng: np.random.Generator) -> MeasuredPathology:
    """Left bundle branch block: septum early and weak, lateral wall late, septal counts low."""
    septum = PerfusionDefect(
        angle_deg=180.0,
        height=0.55,
        angular_extent_deg=float(rng.uniform(90, 140)),
        longitudinal_extent=float(rng.uniform(0.5, 0.9)),
        severity=float(rng.uniform(0.05, 0.4)),
        edge_mm=15.0,
    )
    weak = ContractionPatch(
        angle_deg=180.0, height=0.6, angular_extent_deg=200, longitudinal_extent=1.2,
        amplitude=float(rng.uniform(0.1, 0.8)), delay=float(rng.uniform(-0.05, 0.05)),
    )  # fmt: skip
    contraction = RegionalContraction(
        lateral_delay=float(rng.uniform(0.06, 0.2)),
        basal_delay=float(rng.uniform(-0.03, 0.08)),
        patches=(weak,),
    )
    left = Pathology(
        size=float(rng.uniform(1, 1.15)),
        width=float(rng.uniform(1, 1.15)),
        contraction=float(rng.uniform(0.4, 0.95)),
        defects=(septum,),
    )
    return MeasuredPathology(left, contraction=contraction)


def _paced(rng: np.random.Generator) -> MeasuredPathology:
    """Paced from the apex of the right ventricle: apex and inferior septum first, base last."""
    contraction = RegionalContraction(
        lateral_delay=float(rng.uniform(0.03, 0.14)), basal_delay=float(rng.uniform(0.05, 0.18))
    )
    left = Pathology(contraction=float(rng.uniform(0.4, 0.95)))
    return MeasuredPathology(left, contraction=contraction)


_MAKERS: dict[str, Callable[[np.random.Generator], MeasuredPathology]] = {
    "no_wall": _no_wall,
    "thin_scar": _thin_scar,
    "right_hypertrophy": _right_hypertrophy,
    "left_hypertrophy": _left_hypertrophy,
    "tiny": _tiny,
    "huge": _huge,
    "balanced": _balanced,
    "bundle_branch_block": _bundle_branch_block,
    "paced": _paced,
}
