"""The cascade at work: find the heart in the whole field, then look closer, again and again.

Every look samples the volume itself where the pose so far puts the grid (a spatial transformer),
so nothing is lost to interpolation however often the pose is refined.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.spatial.transform import Rotation

from shortaxis.geometry.arrays import CountsArray, FloatArray
from shortaxis.geometry.mean_pose import mean_pose
from shortaxis.geometry.pose import RigidPose, compose
from shortaxis.geometry.pose_errors import geodesic_angle_deg
from shortaxis.inference.onnx_session import BlockPrediction
from shortaxis.reorientation.network_grid import NetworkGrid, smoothed_for
from shortaxis.spect.volume import SpectVolume

__all__ = ["Block", "Cascade", "Refinement"]


@dataclass(frozen=True, eq=False)
class Block:
    """A network and the grid that it looks at."""

    grid: NetworkGrid
    predict: Callable[[CountsArray], BlockPrediction]

    def look(self, smooth: SpectVolume, frames: Sequence[RigidPose]) -> list[Look]:
        """Look at a volume, smoothed for this grid, in several frames at once."""
        crops = [self.grid.normalised(self.grid.sampled(smooth, frame.matrix)) for frame in frames]
        seen = self.predict(np.stack(crops))
        return [
            Look(
                pose=compose(frame, _pose(seen.rotation[i], seen.center_mm[i])),
                spread=np.exp(seen.log_spread[i].astype(np.float64)),
                size_mm=np.exp(seen.log_size[i].astype(np.float64)),
                presence=float(seen.presence[i]),
            )
            for i, frame in enumerate(frames)
        ]


@dataclass(frozen=True, eq=False)
class Look:
    """What one look says, in the patient.

    `spread` are the expected errors (degrees, degrees, mm), `size_mm` LV length and radius,
    `presence` the log odds that this is a left ventricle.
    """

    pose: RigidPose
    spread: FloatArray
    size_mm: FloatArray
    presence: float


@dataclass(frozen=True, eq=False)
class Refinement:
    """The refined pose and how it came about.

    `looks` are the last ones, from several starts around the pose; `steps` the lengths of the steps
    on the way there, in degrees and mm.
    """

    pose: RigidPose
    looks: tuple[Look, ...] = field(repr=False)
    steps: tuple[tuple[float, float], ...]

    @property
    def presence(self) -> float:
        """Mean log odds that this is a left ventricle."""
        return float(np.mean([look.presence for look in self.looks]))

    @property
    def spread(self) -> FloatArray:
        """Expected errors of long axis and roll (degrees) and of the centre (mm)."""
        mean: FloatArray = np.mean([look.spread for look in self.looks], axis=0)
        return mean

    @property
    def size_mm(self) -> FloatArray:
        """LV length and radius."""
        mean: FloatArray = np.mean([look.size_mm for look in self.looks], axis=0)
        return mean


@dataclass(frozen=True, eq=False)
class Cascade:
    """Localiser and refiner."""

    localiser: Block
    refiner: Block

    def find(self, volume: SpectVolume) -> Refinement:
        """Pose of the left ventricle, or of what looks most like one.

        A field that is a little larger than the localiser's is searched in its middle first, and
        to its edges only where no heart shows there.
        """
        coarse = smoothed_for(volume, self.localiser.grid.spacing_mm)
        fine = smoothed_for(volume, self.refiner.grid.spacing_mm)
        middle = window_frames(volume, self.localiser.grid, UNSEEN_MM)
        found = self._found_from(coarse, fine, middle)
        everywhere = window_frames(volume, self.localiser.grid)
        if found.presence >= LIKELY_PRESENCE or len(everywhere) == len(middle):
            return found
        wider = self._found_from(coarse, fine, everywhere)
        return max(found, wider, key=lambda each: each.presence)

    def _found_from(
        self, coarse: SpectVolume, fine: SpectVolume, windows: Sequence[RigidPose]
    ) -> Refinement:
        """Refine what the localiser finds in the window where it looks most like a heart."""
        starts = [look.pose for look in self.localiser.look(coarse, windows)]
        if len(starts) > 1:
            looks = self.refiner.look(fine, starts)
            starts = [max(looks, key=lambda look: look.presence).pose]
        return self.refine(fine, starts[0])

    def refine(self, fine: SpectVolume, start: RigidPose) -> Refinement:
        """Look again from each new pose until it rests, then once more from places around it."""
        pose, steps = start, []
        for _ in range(MAX_STEPS):
            last, pose = pose, self.refiner.look(fine, [pose])[0].pose
            steps.append(_step(last, pose))
            if steps[-1][0] < RESTING_DEG and steps[-1][1] < RESTING_MM:
                break
        looks = self.refiner.look(fine, [compose(pose, around) for around in AROUND])
        return Refinement(mean_pose([look.pose for look in looks]), tuple(looks), tuple(steps))


MAX_STEPS = 4
RESTING_DEG, RESTING_MM = 8.0, 6.0
"""A step shorter than this is followed by no other. On selection exams the mean over `AROUND` is
as good after it as after one more."""

AROUND = tuple(
    RigidPose(Rotation.from_rotvec(turn_deg, degrees=True).as_matrix(), np.array(shift_mm))
    for turn_deg, shift_mm in (
        ((7.0, 4.0, 4.0), (-3.0, 1.5, 1.5)),
        ((-4.0, -7.0, 4.0), (1.5, 3.0, -3.0)),
        ((-3.0, 3.0, -8.0), (1.5, -4.5, 1.5)),
    )
)
"""Three starts around a pose, in the cardiac frame; their turns and shifts add up to none."""


UNSEEN_MM = 45.0
"""What a first look may miss at each end of a field: a heart there would be cut by the edge."""

LIKELY_PRESENCE = 5.0
"""Log odds from which on a heart is not looked for elsewhere; hearts of calibration exams have more
than 7."""


def window_frames(
    volume: SpectVolume, grid: NetworkGrid, unseen_mm: float = 0.0
) -> list[RigidPose]:
    """Frames of the localiser, in the patient's directions, that together see all of a volume.

    One window in the middle where the volume, less `unseen_mm` at each end, fits into the grid;
    otherwise as many as overlap by half.
    """
    index_extent = np.array(volume.shape) - 1
    extent_mm = np.abs(volume.patient_from_index[:3, :3]) @ index_extent - 2 * unseen_mm
    window_mm = grid.size * grid.spacing_mm
    centers = [
        _window_centers(middle, length, window_mm)
        for middle, length in zip(volume.center_mm, extent_mm, strict=True)
    ]
    mesh = np.stack(np.meshgrid(*centers, indexing="ij"), axis=-1).reshape(-1, 3)
    return [RigidPose(np.eye(3), center) for center in mesh]


def _window_centers(middle: float, length_mm: float, window_mm: float) -> FloatArray:
    beyond = length_mm - window_mm
    if beyond <= 0:
        return np.array([middle])
    count = int(np.ceil(beyond / (window_mm / 2))) + 1
    centers: FloatArray = middle + np.linspace(-beyond / 2, beyond / 2, count)
    return centers


def _step(first: RigidPose, second: RigidPose) -> tuple[float, float]:
    apart_mm = float(np.linalg.norm(first.center_mm - second.center_mm))
    return geodesic_angle_deg(first, second), apart_mm


def _pose(rotation: CountsArray, center_mm: CountsArray) -> RigidPose:
    """Pose from float32, whose rounding is removed."""
    left, _, right = np.linalg.svd(rotation.astype(np.float64))
    return RigidPose(left @ right, center_mm.astype(np.float64))
