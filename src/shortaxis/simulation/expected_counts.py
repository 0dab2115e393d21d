"""What a camera with parallel holes is to count of every time slot, before chance."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from shortaxis.camera.detector_binning import rebin_projections
from shortaxis.camera.noise import scale_to_maximum
from shortaxis.camera.projector import SpectProjector
from shortaxis.camera.rotation import ParallelProjection
from shortaxis.geometry.arrays import FloatArray
from shortaxis.simulation.drawn_slots import DrawnSlots
from shortaxis.simulation.gated_slots import gated
from shortaxis.simulation.motion_course import seen_shifted, shifted
from shortaxis.simulation.parallel_camera import (
    ParallelCamera,
    body_voxels,
    camera_around,
    cropped_to_detector,
    grid_of,
)
from shortaxis.simulation.scenario import ExamScenario

__all__ = ["ExpectedCounts", "expected_counts"]


@dataclass(frozen=True, eq=False)
class ExpectedCounts:
    """What is expected of every time slot, in the detector's bins.

    Parameters
    ----------
    camera : ParallelCamera
        Around the patient.
    attenuation_per_cm : (slice, row, column) tensor
        On the voxels of the detector.
    counts : list of (angular_view, slice, bin) tensors
        Of the photopeak.
    known_scatter : list of (angular_view, slice, bin) tensors or of None
        What a perfect correction takes away, of a patient who lies still; None if none is made.
    scatter : list of (angular_view, slice, bin) tensors or of None
        Part of `counts` that arrives by scatter, if it was asked for.
    """

    camera: ParallelCamera
    attenuation_per_cm: Tensor
    counts: list[Tensor]
    known_scatter: list[Tensor | None]
    scatter: list[Tensor | None]


def expected_counts(
    scenario: ExamScenario,
    course_mm: FloatArray,
    *,
    with_scatter: bool = False,
    moves_body: bool = False,
) -> ExpectedCounts:
    """Project every time slot. The projector, which is large, ends here.

    Parameters
    ----------
    scenario : ExamScenario
        Of a camera with parallel holes.
    course_mm : (step, 3) array
        Where the patient lies at every step, LPS mm.
    with_scatter : bool
        Whether scatter is wanted apart, too.
    moves_body : bool
        Whether attenuation goes along the course with the activity, or stays where it is.
    """
    body = body_voxels(scenario)
    slots = DrawnSlots(scenario, grid_of(body, scenario))
    maps = iter(slots)
    first = next(maps)
    camera = camera_around(scenario, body, first.attenuation_per_cm)
    projector = SpectProjector(
        body, camera.orbit, first.attenuation_per_cm, camera.collimator, camera.scatter
    ).for_one_pass()
    scene = _Scene(
        scenario, camera, projector, course_mm, slots.myocardium, with_scatter, moves_body
    )
    activities = (each.activity for each in chain([first], maps))
    project = scene.at_once if scenario.slots_at_once else scene.one_by_one
    expected = list(project(activities))
    return ExpectedCounts(
        camera,
        cropped_to_detector(first.attenuation_per_cm, camera),
        list(gated(scenario.gating, [each.counts for each in expected])),
        list(gated(scenario.gating, [each.known_scatter for each in expected])),
        list(gated(scenario.gating, [each.scatter for each in expected])),
    )


class _Slot(NamedTuple):
    """Of one time slot, as in `ExpectedCounts`."""

    counts: Tensor
    known_scatter: Tensor | None
    scatter: Tensor | None


@dataclass(frozen=True, eq=False)
class _Scene:
    """A patient who lies along a course before a camera."""

    scenario: ExamScenario
    camera: ParallelCamera
    projector: SpectProjector
    course_mm: FloatArray
    myocardium: Callable[[], Tensor]
    with_scatter: bool
    moves_body: bool

    def one_by_one(self, activities: Iterator[Tensor]) -> Iterator[_Slot]:
        """Project every time slot for itself; the first sets the scale of all."""
        share = 0.0
        for activity in activities:
            wide = self._counts(activity)
            share = share or self._share(wide)
            yield self._slot(activity, wide, share)

    def at_once(self, activities: Iterator[Tensor]) -> Iterator[_Slot]:
        """Project the first time slot, and of the others what is not as in the first."""
        first, *others = activities
        wide = self._counts(first)
        share = self._share(wide)
        slot = self._slot(first, wide, share)
        yield slot
        changes = torch.stack([(each - first) * share for each in others])
        part = self.projector.of_part()

        def seen(place: FloatArray, views: list[int]) -> Tensor:
            return part.project(torch.stack([self._moved(each, place) for each in changes]), views)

        moving = self._along_course(seen)
        still = moving
        if slot.known_scatter is not None and self.course_mm.any():
            still = seen(np.zeros(3), list(range(len(moving))))
        for more, more_if_still in zip(moving.unbind(2), still.unbind(2), strict=True):
            yield _Slot(
                slot.counts + self._binned(more[:, 0]),
                self._more_scatter(slot.known_scatter, more_if_still),
                self._more_scatter(slot.scatter, more),
            )

    def _more_scatter(self, first: Tensor | None, more: Tensor) -> Tensor | None:
        return None if first is None else first + self._binned(more[:, 1])

    def _slot(self, activity: Tensor, wide: Tensor, share: float) -> _Slot:
        """One time slot of which all that is counted is known."""
        known, scatter = None, None
        if self.scenario.reconstruction.scatter_corrected:
            known = self._binned(self.projector.expected_scatter(activity * share))
        if self.with_scatter:
            scattered = self._along_course(
                lambda place, views: self.projector.subset(views).expected_scatter(
                    self._moved(activity, place)
                )
            )
            scatter = self._binned(scattered * share)
        return _Slot(self._binned(wide * share), known, scatter)

    def _counts(self, activity: Tensor) -> Tensor:
        return self._along_course(
            lambda place, views: self.projector.subset(views).apply(self._moved(activity, place))
        )

    def _along_course(self, see: Callable[[FloatArray, list[int]], Tensor]) -> Tensor:
        """What every view sees of the activity where it lies by then, ``(angular_view, ...)``.

        All heads take their views at the same time.
        """
        views = self.projector.out_shape[0]
        course = np.tile(self.course_mm, (views // len(self.course_mm), 1))
        if self.moves_body:
            body = self.camera.body
            still = see(np.zeros(3), list(range(views)))
            pixel_mm = (body.slice_mm, body.pixel_mm)
            return seen_shifted(still, course, self.camera.orbit.angles_deg, pixel_mm)
        places, place_of = np.unique(course, axis=0, return_inverse=True)
        times = [np.flatnonzero(place_of.ravel() == number) for number in range(len(places))]
        seen = [see(place, then.tolist()) for place, then in zip(places, times, strict=True)]
        return torch.cat(seen)[np.argsort(np.concatenate(times))]

    def _moved(self, activity: Tensor, place_mm: FloatArray) -> Tensor:
        return shifted(activity, place_mm, self.camera.body.voxel_mm)

    def _binned(self, projections: Tensor) -> Tensor:
        return rebin_projections(projections, self.camera.body, self.camera.detector)

    def _share(self, expected: Tensor) -> float:
        """From activity to counts of one slot: all give the myocardium's hottest bin `counts`."""
        scenario, camera = self.scenario, self.camera
        lines = ParallelProjection(camera.body, camera.orbit.angles_deg)
        seen = lines.apply(self.myocardium())
        scaled = scale_to_maximum(expected, scenario.acquisition.counts, seen)
        return float(scaled.max() / expected.max()) / max(scenario.time_slots, 1)
