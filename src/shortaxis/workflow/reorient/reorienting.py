"""Reorient one study: estimate the pose, then sample the three views in one step each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from shortaxis.anatomy.cardiac_views import CardiacView, view_grid
from shortaxis.dicom.carried.source_header import SourceHeader
from shortaxis.errors import OptionError
from shortaxis.geometry.affines import invert_affine
from shortaxis.geometry.arrays import CountsArray
from shortaxis.geometry.euler import with_conventional_roll
from shortaxis.geometry.grids import Grid
from shortaxis.geometry.pose import RigidPose
from shortaxis.geometry.resampling import VOXELS_AT_ONCE, resample
from shortaxis.geometry.trilinear import places_of_grid
from shortaxis.reorientation.beat_order import BACKWARDS, contraction_of_slots, read_beat
from shortaxis.reorientation.estimate import PoseEstimate
from shortaxis.reorientation.methods import METHODS, estimate_pose
from shortaxis.reorientation.pose_in_field import refuse_pose_outside
from shortaxis.spect.reading_notes import doubts
from shortaxis.spect.study import PerfusionStudy
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.reorient.options import ReorientOptions, RollConvention

__all__ = ["NOT_TRANSAXIAL_REASONS", "Reorientation", "reasons_of_the_source", "reorient_study"]

STACK_DEPTH_MM = 150.0
"""Apex to base of the largest ventricle (120 mm, FIELD prior) with 15 mm on either side."""

FIELD_OF_VIEW_MM = 180.0
"""Least width of a slice: the largest epicardial diameter and the neighbourhood."""

MIN_FIELD_MM = 100.0
"""The largest ventricle (mid-wall radius 42 mm) with its wall."""

MAX_TILT_DEG = 10.0
"""Transaxial slices are within a degree or two, those across a long axis are 30 or more away."""

ALONG_AXES_DEG = 2.0
"""Coronal and sagittal slices lie as exactly as transaxial ones; those across a heart do not."""

OBLIQUE_REASON = "the slices are oblique, perhaps reoriented already"

STORED_REASONS = {
    0: "the study is stored as sagittal slices, not as transaxial ones",
    1: "the study is stored as coronal slices, not as transaxial ones",
}
"""By the axis of the patient that the slices lie across."""

NOT_TRANSAXIAL_REASONS = (OBLIQUE_REASON, *STORED_REASONS.values())

TRANSAXIAL_REASON = "{}, but the slices lie transaxially: one of the two is wrong"

MAP_REASON = "{}: no tracer, and nothing to be scored"

BODY_PART_REASON = "the header says {}, not the heart"

MATRIX_SIZES = (64, 96, 128, 192, 256)


@dataclass(frozen=True, eq=False)
class Reorientation:
    """A reoriented study.

    `estimate` holds the anatomical pose and what is known about it, `pose` the pose that the
    slices were cut with (it differs by the roll convention). `views` are the ungated volumes
    ``(slice, row, column)``, `gated_views` every time slot ``(time_slot, slice, row, column)``
    on the same grids, cut when asked for, empty for an ungated study. `header` is the DICOM header
    of the source, None for other sources.
    """

    study: PerfusionStudy = field(repr=False)
    options: ReorientOptions
    estimate: PoseEstimate
    pose: RigidPose = field(repr=False)
    views: Mapping[CardiacView, SpectVolume] = field(repr=False)
    gated_views: Mapping[CardiacView, CountsArray] = field(repr=False)
    header: SourceHeader | None = field(default=None, repr=False)

    @property
    def short_axis(self) -> SpectVolume:
        """Short-axis slices, apex to base."""
        return self.views[CardiacView.SHORT_AXIS]

    @property
    def vertical_long_axis(self) -> SpectVolume:
        """Vertical long-axis slices, septum to lateral wall."""
        return self.views[CardiacView.VERTICAL_LONG_AXIS]

    @property
    def horizontal_long_axis(self) -> SpectVolume:
        """Horizontal long-axis slices, inferior to anterior wall."""
        return self.views[CardiacView.HORIZONTAL_LONG_AXIS]


def reorient_study(
    study: PerfusionStudy,
    options: ReorientOptions,
    given_pose: PoseEstimate | None = None,
    header: SourceHeader | None = None,
) -> Reorientation:
    """Cut a study into the three standard views.

    Parameters
    ----------
    study : PerfusionStudy
        A transaxial reconstruction; of a gated one the sum decides the pose of every gate.
    options : ReorientOptions
        Method, roll, grid and interpolation.
    given_pose : PoseEstimate, optional
        A pose made by hand or by another tool, used instead of an estimate.
    header : SourceHeader, optional
        Carried along for the DICOM series that will be written.

    Raises
    ------
    HeartNotFoundError
        If the estimator finds no left ventricle.
    PoseFileError
        If the given pose lies outside the volume.
    """
    volume = study.volume
    if given_pose is None:
        estimate = _estimated(study, options)
    else:
        estimate = given_pose
        refuse_pose_outside(volume, given_pose.pose)
    pose = _with_roll(estimate, options.roll)
    grids = {view: _grid(view, pose, volume, options) for view in CardiacView}
    return Reorientation(
        study=study,
        options=options,
        estimate=estimate,
        pose=pose,
        views={view: _sampled(volume, grid, options) for view, grid in grids.items()},
        gated_views=_gated_views(study, grids, options),
        header=header,
    )


def _with_roll(estimate: PoseEstimate, roll: RollConvention) -> RigidPose:
    if roll is RollConvention.CONVENTIONAL:
        return with_conventional_roll(estimate.pose)
    if not estimate.knows_roll:
        seeing = " and ".join(f"'{name}' is" for name, each in METHODS.items() if each.sees_roll)
        raise OptionError(
            "the anatomical roll is not known",
            expected="the conventional roll, or a pose that says how the septum lies",
            found=f"a pose by {estimate.method}, which does not see the septum",
            cause=f"--roll anatomical with a method that is blind to it; {seeing} not",
        )
    return estimate.pose


def _estimated(study: PerfusionStudy, options: ReorientOptions) -> PoseEstimate:
    """Estimate the pose; a doubt about grid, header or beat is a reason to review."""
    estimate = estimate_pose(study.volume, options.method, options.weights)
    reasons = [*reasons_of_the_source(study), *_reasons_of_the_beat(study, estimate)]
    return replace(estimate, quality=estimate.quality.with_reasons(*reasons))


def _reasons_of_the_beat(study: PerfusionStudy, estimate: PoseEstimate) -> list[str]:
    """Whether the time slots seem to run backwards where the heart was found."""
    if study.gates is None or estimate.extent is None:
        return []
    affine = study.volume.patient_from_index
    beat = read_beat(contraction_of_slots(study.gates, affine, estimate.pose, estimate.extent))
    return [BACKWARDS] if beat is not None and beat.runs_backwards else []


def reasons_of_the_source(study: PerfusionStudy) -> list[str]:
    """Doubts about grid and header."""
    part, declared = study.facts.foreign_body_part, study.facts.declared_view
    is_oblique = _tilt_deg(study.volume) > MAX_TILT_DEG
    checks = (
        (is_oblique, _oblique_reason(study)),
        (bool(declared) and not is_oblique, TRANSAXIAL_REASON.format(declared)),
        (bool(part), BODY_PART_REASON.format(part)),
    )
    named = [words for applies, words in checks if applies]
    if study.facts.named_attenuation_map:
        named.append(MAP_REASON.format(study.facts.named_attenuation_map))
    return [*named, *doubts(study.notes)]


def _oblique_reason(study: PerfusionStudy) -> str:
    """How slices that are not transaxial lie; those that are said to be reoriented are oblique."""
    steps = study.volume.patient_from_index[:3, :3] / study.volume.spacing_mm
    across = int(np.argmax(np.abs(np.cross(steps[:, 2], steps[:, 1]))))
    is_along = np.abs(steps).max(axis=0).min() >= np.cos(np.radians(ALONG_AXES_DEG))
    if study.facts.declared_view or not is_along:
        return OBLIQUE_REASON
    return STORED_REASONS.get(across, OBLIQUE_REASON)


def _tilt_deg(volume: SpectVolume) -> float:
    """Angle between the normal of the slices and the patient's z axis, 0 to 90 degrees."""
    _, down, right = volume.patient_from_index[:3, :3].T
    normal = np.cross(right, down)
    return float(np.degrees(np.arccos(min(abs(normal[2]) / np.linalg.norm(normal), 1.0))))


def _grid(
    view: CardiacView, pose: RigidPose, volume: SpectVolume, options: ReorientOptions
) -> Grid:
    spacing_mm = options.spacing_mm or round(float(volume.spacing_mm[2]), 4)
    size = options.size or next(
        (size for size in MATRIX_SIZES if size * spacing_mm >= FIELD_OF_VIEW_MM), MATRIX_SIZES[-1]
    )
    if size * spacing_mm < MIN_FIELD_MM:
        raise OptionError(
            "the slices would cut off the heart",
            expected=f"size x spacing of at least {MIN_FIELD_MM:g} mm",
            found=f"{size} x {spacing_mm:g} mm = {size * spacing_mm:g} mm",
        )
    slices = int(np.ceil(STACK_DEPTH_MM / spacing_mm))
    return view_grid(view, pose, (slices, size, size), spacing_mm)


def _sampled(volume: SpectVolume, grid: Grid, options: ReorientOptions) -> SpectVolume:
    counts = _counts_on(volume, grid, options)
    counts.flags.writeable = False
    return SpectVolume(counts, grid.patient_from_index)


def _counts_on(volume: SpectVolume, grid: Grid, options: ReorientOptions) -> CountsArray:
    sampled = resample(volume.counts, volume.patient_from_index, grid, options.interpolation)
    # A cubic spline overshoots beside sharp edges; counts that were never negative stay so.
    if options.interpolation != "linear" and volume.counts.min() >= 0:
        np.maximum(sampled, 0, out=sampled)
    return sampled


def _gated_views(
    study: PerfusionStudy, grids: Mapping[CardiacView, Grid], options: ReorientOptions
) -> Mapping[CardiacView, CountsArray]:
    return {} if study.gates is None else CutSlots(study, grids, options)


class CutSlots(Mapping[CardiacView, CountsArray]):
    """Every time slot of each view, ``(time_slot, slice, row, column)``, cut when asked for.

    Nothing is kept: the slots of three views are as large as those of the study.
    """

    def __init__(
        self, study: PerfusionStudy, grids: Mapping[CardiacView, Grid], options: ReorientOptions
    ) -> None:
        self._gates, self._grids, self._options = study.gate_volumes(), grids, options

    def __getitem__(self, view: CardiacView) -> CountsArray:
        """Cut the slots of a view."""
        grid = self._grids[view]
        cut = np.empty((len(self._gates), *grid.shape), dtype=np.float32)
        if self._options.interpolation == "linear":
            _cut_alike(cut, self._gates, grid)
        else:
            for slot, gate in zip(cut, self._gates, strict=True):
                slot[:] = _counts_on(gate, grid, self._options)
        return cut

    def __iter__(self) -> Iterator[CardiacView]:
        """Views in their order."""
        return iter(self._grids)

    def __len__(self) -> int:
        """How many views there are."""
        return len(self._grids)


def _cut_alike(cut: CountsArray, gates: Sequence[SpectVolume], grid: Grid) -> None:
    """Sample slots on one grid, as `resample` does; where voxels lie is found once for all."""
    index_from_grid = invert_affine(gates[0].patient_from_index) @ grid.patient_from_index
    slices, *plane = grid.shape
    at_once = max(VOXELS_AT_ONCE // (plane[0] * plane[1]), 1)
    for first in range(0, slices, at_once):
        slab = cut[:, first : first + at_once]
        shape = (slab.shape[1], plane[0], plane[1])
        places = places_of_grid(gates[0].shape, index_from_grid, shape, "zero", first)
        for slot, gate in zip(slab, gates, strict=True):
            slot[:] = places.counts(gate.counts)
