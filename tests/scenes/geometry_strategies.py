"""Hypothesis strategies for poses and grids."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from shortaxis.geometry.affines import affine_from_axes
from shortaxis.geometry.euler import PoseParameters
from shortaxis.geometry.pose import RigidPose

angles_deg = st.floats(-179.0, 179.0)
lengths_mm = st.floats(-150.0, 150.0)
points_mm = st.tuples(lengths_mm, lengths_mm, lengths_mm).map(np.array)

# Uniform over all rotations: four independent normals give a uniform unit quaternion.
rotations = st.integers(0, 2**32 - 1).map(
    lambda seed: Rotation.random(random_state=np.random.default_rng(seed)).as_matrix()
)
poses = st.builds(RigidPose, rotations, points_mm)

parameters = st.builds(
    PoseParameters,
    x_m=lengths_mm,
    y_m=lengths_mm,
    z_m=lengths_mm,
    alpha=st.floats(-89.0, 89.0),
    beta=angles_deg,
    theta=angles_deg,
)


@st.composite
def affines(draw: st.DrawFn) -> np.ndarray:
    """Rectangular grids in any orientation, of either handedness."""
    axes = draw(rotations).T.copy()
    if draw(st.booleans()):
        axes[0] *= -1
    spacing_mm = [draw(st.floats(1.0, 8.0)) for _ in range(3)]
    return affine_from_axes(axes, spacing_mm, draw(points_mm))
