"""Hypothesis strategies for phantoms: every bounded field anywhere in its range."""

from __future__ import annotations

from dataclasses import fields

from hypothesis import strategies as st

from shortaxis.errors import ShortAxisError
from shortaxis.geometry.euler import rotation_from_angles
from shortaxis.geometry.pose import RigidPose
from shortaxis.phantom.defects import PerfusionDefect
from shortaxis.phantom.heart import (
    ApicalAneurysm,
    BloodPools,
    Heart,
    HeartMotion,
    LeftVentricle,
    RegionalUptake,
    RightVentricle,
)
from shortaxis.phantom.organs import (
    Arms,
    Breasts,
    Diaphragm,
    Liver,
    Lungs,
    Respiration,
    Skeleton,
    Stomach,
)
from shortaxis.phantom.phantom import Phantom
from shortaxis.phantom.ranges import RANGE
from shortaxis.phantom.torso import Torso


def bounded_values(kind: type) -> st.SearchStrategy[dict[str, float]]:
    return st.fixed_dictionaries(
        {
            each.name: st.floats(*map(float, each.metadata[RANGE]))
            for each in fields(kind)
            if RANGE in each.metadata
        }
    )


@st.composite
def phantoms(draw: st.DrawFn) -> Phantom | None:
    """A phantom, or None where the values drawn exclude each other."""
    shape = draw(bounded_values(LeftVentricle))
    # The wall leaves a cavity, as it must.
    shape["wall_mm"] = min(shape["wall_mm"], 0.5 * shape["radius_mm"])
    shape["septal_excess_mm"] = min(shape["septal_excess_mm"], 0.2 * shape["radius_mm"])
    right = draw(bounded_values(RightVentricle))
    right["apex_height"] = min(right["apex_height"], shape["widest_height"] - 0.1)
    motion = draw(bounded_values(HeartMotion))
    motion["base_excursion_mm"] = min(motion["base_excursion_mm"], 0.2 * shape["length_mm"])
    aneurysm = draw(st.none() | bounded_values(ApicalAneurysm).map(lambda v: ApicalAneurysm(**v)))
    uptake = RegionalUptake(**draw(bounded_values(RegionalUptake)))
    defects = draw(st.lists(bounded_values(PerfusionDefect), max_size=3))
    angles = [draw(st.floats(low, high)) for low, high in ((-20, 60), (-30, 30), (-10, 70))]
    kinds = {
        "arms": Arms,
        "breasts": Breasts,
        "lungs": Lungs,
        "diaphragm": Diaphragm,
        "skeleton": Skeleton,
        "liver": Liver,
        "stomach": Stomach,
        "respiration": Respiration,
    }
    parts = {name: kind(**draw(bounded_values(kind))) for name, kind in kinds.items()}
    try:
        heart = Heart(
            left_ventricle=LeftVentricle(**shape, regional_uptake=uptake, aneurysm=aneurysm),
            right_ventricle=RightVentricle(**right),
            blood=BloodPools(**draw(bounded_values(BloodPools))),
            motion=HeartMotion(**motion),
            defects=tuple(PerfusionDefect(**values) for values in defects),
            has_right_ventricle=draw(st.booleans()),
        )
        center = (draw(st.floats(20, 70)), draw(st.floats(-45, -10)), draw(st.floats(-30, 30)))
        pose = RigidPose(rotation_from_angles(*angles), center)
        return Phantom(heart, Torso(**parts), pose)
    except ShortAxisError:
        return None
