"""The cascade at work: find the heart in the whole field, then refine its pose in several passes.

Every pass samples the volume itself where the pose so far puts the grid (a spatial transformer),
so nothing is lost to interpolation however often the pose is refined.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from shortaxis.geometry.arrays import CountsArray, FloatArray
from shortaxis.geometry.mean_pose import mean_pose
from shortaxis.geometry.pose import RigidPose, compose
from shortaxis.geometry.pose_errors import geodesic_angle_deg
from shortaxis.geometry.turns import turn_about
from shortaxis.inference.onnx_session import BlockPrediction
from shortaxis.reorientation.judgement import default_judgement
from shortaxis.reorientation.network_grid import NetworkGrid, SmoothedVolume
from shortaxis.spect.volume import SpectVolume

__all__ = ["Block", "BlockEstimate", "Cascade", "Refinement"]


@dataclass(frozen=True, eq=False)
class Block:
    """A network and the grid that it is shown."""

    grid: NetworkGrid
    predict: Callable[[CountsArray], BlockPrediction]

    def estimate(self, smooth: SpectVolume, frames: Sequence[RigidPose]) -> list[BlockEstimate]:
        """One pass over a volume, smoothed for this grid, in several frames at once."""
        crops = [self.grid.normalised(self.grid.sampled(smooth, frame.matrix)) for frame in frames]
        predicted = self.predict(np.stack(crops))
        return [
            BlockEstimate(
                pose=compose(frame, _pose(predicted.rotation[i], predicted.center_mm[i])),
                spread=np.exp(predicted.log_spread[i].astype(np.float64)),
                size_mm=np.exp(predicted.log_size[i].astype(np.float64)),
                presence=float(predicted.presence[i]),
            )
            for i, frame in enumerate(frames)
        ]


@dataclass(frozen=True, eq=False)
class BlockEstimate:
    """What one pass gives, in the patient.

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

    `estimates` are those of the last pass, from perturbed starts around the pose; `steps` the
    lengths of the steps on the way there, in degrees and mm.
    """

    pose: RigidPose
    estimates: tuple[BlockEstimate, ...] = field(repr=False)
    steps: tuple[tuple[float, float], ...]

    @property
    def presence(self) -> float:
        """Mean log odds that this is a left ventricle."""
        return float(np.mean([each.presence for each in self.estimates]))

    @property
    def spread(self) -> FloatArray:
        """Expected errors of long axis and roll (degrees) and of the centre (mm)."""
        mean: FloatArray = np.mean([each.spread for each in self.estimates], axis=0)
        return mean

    @property
    def size_mm(self) -> FloatArray:
        """LV length and radius."""
        mean: FloatArray = np.mean([each.size_mm for each in self.estimates], axis=0)
        return mean


@dataclass(frozen=True, eq=False)
class Cascade:
    """Localiser and refiner.

    `searched_on_below` are log odds of a ventricle, as the weights' record has them: with less, a
    heart is looked for in all of a large field.
    """

    localiser: Block
    refiner: Block
    searched_on_below: float = field(
        default_factory=lambda: default_judgement().presence.searched_on_below
    )

    def find(self, volume: SpectVolume, smoothed: SmoothedVolume | None = None) -> Refinement:
        """Pose of the left ventricle, or of what is most like one.

        A field that is a little larger than the localiser's is searched in its middle first, and
        to its edges only where no heart shows there. `smoothed` keeps what is smoothed on the way
        for others.
        """
        smoothed = smoothed or SmoothedVolume(volume)
        coarse = smoothed.at(self.localiser.grid.spacing_mm)
        fine = smoothed.at(self.refiner.grid.spacing_mm)
        middle = window_frames(volume, self.localiser.grid, UNSEEN_MM)
        found = self._found_from(coarse, fine, middle)
        everywhere = window_frames(volume, self.localiser.grid)
        if found.presence >= self.searched_on_below or len(everywhere) == len(middle):
            return found
        wider = self._found_from(coarse, fine, everywhere)
        return max(found, wider, key=lambda each: each.presence)

    def _found_from(
        self, coarse: SpectVolume, fine: SpectVolume, windows: Sequence[RigidPose]
    ) -> Refinement:
        """Refine what the localiser finds in the window that is most like a heart."""
        starts = [each.pose for each in self.localiser.estimate(coarse, windows)]
        if len(starts) > 1:
            estimates = self.refiner.estimate(fine, starts)
            starts = [max(estimates, key=lambda each: each.presence).pose]
        return self.refine(fine, starts[0])

    def refine(self, fine: SpectVolume, start: RigidPose) -> Refinement:
        """Estimate from each new pose until it converges, then once from perturbed starts."""
        pose, steps = start, []
        for _ in range(MAX_STEPS):
            last, pose = pose, self.refiner.estimate(fine, [pose])[0].pose
            steps.append(_step(last, pose))
            turn_deg, shift_mm = steps[-1]
            if turn_deg < CONVERGENCE_TOLERANCE_DEG and shift_mm < CONVERGENCE_TOLERANCE_MM:
                break
        starts = [compose(pose, perturbed) for perturbed in PERTURBED_STARTS]
        estimates = self.refiner.estimate(fine, starts)
        mean = mean_pose([each.pose for each in estimates])
        return Refinement(mean, tuple(estimates), tuple(steps))


MAX_STEPS = 4
CONVERGENCE_TOLERANCE_DEG, CONVERGENCE_TOLERANCE_MM = 8.0, 6.0
"""A step shorter than this is followed by no other. On selection exams the mean over
`PERTURBED_STARTS` is as good after it as after one more."""

PERTURBED_STARTS = tuple(
    RigidPose(turn_about(np.deg2rad(turn_deg)), np.array(shift_mm))
    for turn_deg, shift_mm in (
        ((7.0, 4.0, 4.0), (-3.0, 1.5, 1.5)),
        ((-4.0, -7.0, 4.0), (1.5, 3.0, -3.0)),
        ((-3.0, 3.0, -8.0), (1.5, -4.5, 1.5)),
    )
)
"""Three starts around a pose, in the cardiac frame; their turns and shifts add up to none."""


UNSEEN_MM = 45.0
"""What a first search may miss at each end of a field: a heart there would be cut by the edge."""


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
