"""Draw what is wrong with a heart: defects by artery, scars, and changes of size."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from shortaxis.anatomy.segments import Territory
from shortaxis.phantom.defects import PerfusionDefect, segment_defects
from shortaxis.simulation.draws import chosen

__all__ = ["Pathology", "sample_pathology"]

KINDS = ("normal", "single", "multiple", "scar", "aneurysm", "dilated", "hypertrophied", "small",
         "patches")  # fmt: skip

WEIGHTS = (
    (0.42, 0.2, 0.09, 0.1, 0.02, 0.06, 0.06, 0.05, 0.0),
    (0.2, 0.14, 0.12, 0.12, 0.06, 0.08, 0.08, 0.08, 0.12),
)
"""Of each kind, by spread: two of five referred patients are normal."""


@dataclass(frozen=True)
class Pathology:
    """Factors on a normal heart, and its defects."""

    size: float = 1.0
    width: float = 1.0
    wall: float = 1.0
    septal_excess_mm: float = 0.0
    contraction: float = 1.0
    aneurysm: bool = False
    reversible_part: float = 0.0
    defects: tuple[PerfusionDefect, ...] = field(default=())


def sample_pathology(rng: np.random.Generator, spread: int) -> Pathology:
    """Draw a kind and its details."""
    return _MAKERS[chosen(rng, KINDS, WEIGHTS[spread])](rng)


def _normal(rng: np.random.Generator) -> Pathology:
    return Pathology()


def _single(rng: np.random.Generator) -> Pathology:
    territory = chosen(rng, tuple(Territory), (0.4, 0.35, 0.25))
    return Pathology(
        defects=_part_of(territory, rng, severity=float(rng.uniform(0.25, 0.8))),
        reversible_part=float(chosen(rng, (0.0, 0.5, 1.0), (0.25, 0.35, 0.4))),
    )


def _multiple(rng: np.random.Generator) -> Pathology:
    count = int(rng.integers(2, 4))
    order = rng.permutation(len(Territory))[:count]
    territories = [tuple(Territory)[place] for place in order]
    defects = [
        defect
        for territory in territories
        for defect in _part_of(territory, rng, severity=float(rng.uniform(0.25, 0.85)))
    ]
    return Pathology(
        size=float(rng.uniform(1, 1.12)),
        contraction=float(rng.uniform(0.5, 1)),
        defects=tuple(defects),
        reversible_part=float(rng.uniform(0, 0.8)),
    )


def _scar(rng: np.random.Generator) -> Pathology:
    territory = chosen(rng, tuple(Territory), (0.45, 0.35, 0.2))
    return Pathology(
        size=float(rng.uniform(1, 1.15)),
        width=float(rng.uniform(1, 1.15)),
        contraction=float(rng.uniform(0.35, 0.8)),
        defects=_part_of(
            territory, rng, severity=float(rng.uniform(0.7, 0.95)), thinning=rng.uniform(0.2, 0.55)
        ),
    )


def _aneurysm(rng: np.random.Generator) -> Pathology:
    return Pathology(
        size=float(rng.uniform(1.02, 1.2)), contraction=float(rng.uniform(0.3, 0.7)), aneurysm=True
    )


def _dilated(rng: np.random.Generator) -> Pathology:
    return Pathology(
        size=float(rng.uniform(1.05, 1.2)),
        width=float(rng.uniform(1.05, 1.25)),
        wall=float(rng.uniform(0.75, 1)),
        contraction=float(rng.uniform(0.25, 0.6)),
    )


def _hypertrophied(rng: np.random.Generator) -> Pathology:
    septal = rng.random() < 0.35
    return Pathology(
        wall=float(rng.uniform(1.2, 1.5)),
        width=float(rng.uniform(0.92, 1.05)),
        septal_excess_mm=float(rng.uniform(2, 6)) if septal else 0.0,
    )


def _small(rng: np.random.Generator) -> Pathology:
    return Pathology(
        size=float(rng.uniform(0.78, 0.9)),
        width=float(rng.uniform(0.9, 1)),
        contraction=float(rng.uniform(1, 1.25)),
    )


def _patches(rng: np.random.Generator) -> Pathology:
    """Defects that no artery makes, for training: anywhere, of any size, up to half a heart."""
    defects = tuple(
        PerfusionDefect(
            angle_deg=float(rng.uniform(-180, 180)),
            height=float(rng.uniform(0, 1)),
            angular_extent_deg=float(rng.uniform(30, 220)),
            longitudinal_extent=float(rng.uniform(0.15, 1.2)),
            severity=float(rng.uniform(0.2, 1)),
            transmurality=float(rng.uniform(0.3, 1)),
            thinning=float(rng.uniform(0, 0.6)),
            edge_mm=float(rng.uniform(2, 15)),
        )
        for _ in range(rng.integers(1, 4))
    )
    return Pathology(defects=defects, reversible_part=float(rng.uniform(0, 1)))


def _part_of(
    territory: Territory, rng: np.random.Generator, severity: float, thinning: float = 0.0
) -> tuple[PerfusionDefect, ...]:
    """Some of the segments of an artery: the distal ones, or all of them."""
    segments = territory.value
    apical_first = sorted(segments, reverse=True)
    count = int(rng.integers(2, len(segments) + 1))
    return segment_defects(
        apical_first[:count],
        severity=severity,
        transmurality=float(rng.uniform(0.5, 1)),
        thinning=float(thinning),
        edge_mm=float(rng.uniform(4, 10)),
    )


_MAKERS = {
    "normal": _normal,
    "single": _single,
    "multiple": _multiple,
    "scar": _scar,
    "aneurysm": _aneurysm,
    "dilated": _dilated,
    "hypertrophied": _hypertrophied,
    "small": _small,
    "patches": _patches,
}
