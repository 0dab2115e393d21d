"""Find motion of the patient in projections.

Views go on smoothly over the angle; motion breaks that. Every moment is tried by least squares over
all views at once (`normal_equations`), the one that explains most is kept if its shift is large
enough, the views are shifted back by it, and the search goes on with what is left. What is too
small alone is judged once more beside the next.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import block_diag

from shortaxis.geometry.arrays import CountsArray, FloatArray
from shortaxis.reconstruction.checks import hottest_of_views, photopeak_views, require_counts
from shortaxis.reconstruction.motion.angular_fit import FARTHEST_STEP_DEG, order_of_angles
from shortaxis.reconstruction.motion.course import Jump, MotionFound
from shortaxis.reconstruction.motion.events import CREEP, MotionEvent, possible_jumps
from shortaxis.reconstruction.motion.normal_equations import (
    AXES,
    NormalEquations,
    Views,
    equations_of,
    solution,
)
from shortaxis.reconstruction.motion.view_shifts import (
    pixels_from_patient,
    shifted_views,
    steps_of_views,
)
from shortaxis.spect.projections import Projections

__all__ = ["find_motion"]

LIMIT = 0.8
"""Pixels: less is called still. Chosen on simulated exams from seed 6,500,000 on."""

RELATIVE_LIMIT = 0.3
"""Of the largest event: what is left of it must not count as another."""

FEWEST_STEPS = 8
"""Fewer have no neighbours to compare with."""

FEWEST_COUNTS = 10.0
"""Of the hottest pixels of a usual view: in less, noise is taken for motion."""

MOST_EVENTS = 4
COARSE_PIXELS, FINE_PIXELS = 2.0, 1.0
"""Blur of the first rounds, in which far shifts are found, and of the last."""

COARSE_ROUNDS, ROUNDS = 3, 8
CLOSE = 0.05
"""Pixels by which the last round may change."""


def find_motion(projections: Projections) -> MotionFound:
    """Look for jumps of the patient in all directions and for a creep along the body.

    Gated projections are summed over their time slots.

    Raises
    ------
    CountsError
        If there are no counts, or some that are negative or not finite.
    """
    require_counts(projections)
    search = _Search.of(projections)
    reasons = search.cannot_tell()
    if search.is_hopeless:
        return search.found(reasons)
    search.look()
    return search.found(reasons)


@dataclass(eq=False)
class _Search:
    """The events kept so far and how far they move the patient."""

    counts: CountsArray
    views: Views
    steps: NDArray[np.int64]
    pixels: FloatArray
    pixel_mm: float
    sees_creep: bool
    step_deg: float
    events: list[MotionEvent] = field(default_factory=list)
    shifts_mm: FloatArray = field(default_factory=lambda: np.zeros((0, AXES)))
    strongest: float = 0.0

    @classmethod
    def of(cls, projections: Projections) -> _Search:
        counts = photopeak_views(projections)
        _, closes, step_deg = order_of_angles(projections.angles_deg)
        return cls(
            counts,
            Views.of(projections, counts),
            steps_of_views(projections),
            pixels_from_patient(projections),
            max(projections.pixel_mm),
            projections.heads > 1 or closes,
            step_deg,
        )

    @property
    def number_of_steps(self) -> int:
        return int(self.steps.max()) + 1

    @property
    def hottest(self) -> float:
        """Counts of the hottest pixels of a usual view."""
        return float(np.median(hottest_of_views(self.counts)))

    @property
    def is_hopeless(self) -> bool:
        return bool(self._why_hopeless())

    def cannot_tell(self) -> str:
        """What would not be seen, in words."""
        why = self._why_hopeless()
        if why:
            return f"any motion, since {why}"
        if not self.sees_creep:
            return "a creep, since no view of the end lies beside one of the beginning"
        return ""

    def _why_hopeless(self) -> str:
        if self.number_of_steps < FEWEST_STEPS:
            return f"there are {self.number_of_steps} steps"
        if self.step_deg > FARTHEST_STEP_DEG:
            return f"views lie {self.step_deg:.0f} degrees apart"
        if self.hottest < FEWEST_COUNTS:
            return f"the hottest pixels of a view hold {self.hottest:.0f} counts"
        return ""

    def look(self) -> None:
        """Keep what explains most, one after the other, until two are too small.

        One alone may be half of a stay elsewhere: either jump hides part of the other, as long as
        that is not fitted along.
        """
        for _ in range(MOST_EVENTS):
            self.events.append(self._best_event())
            self.shifts_mm = np.vstack([self.shifts_mm, np.zeros(AXES)])
            self._refine()
            if np.count_nonzero(self._sizes() < self._limit()) > 1:
                break
        self._settle()

    def _settle(self) -> None:
        """Leave out what is too small, the smallest first: fitted without it, others may grow."""
        while self.events:
            sizes = self._sizes()
            self.strongest = float(sizes.max())
            least = int(np.argmin(sizes))
            if sizes[least] >= self._limit():
                break
            self._keep(np.arange(len(sizes)) != least)
            self._refine()

    def found(self, reasons: str) -> MotionFound:
        course = self._course_mm()[: self.number_of_steps]
        jumps = [
            Jump(event.step, (float(x), float(y), float(z)))
            for event, (x, y, z) in zip(self.events, self.shifts_mm, strict=True)
            if event.step is not None
        ]
        creeps = [
            shift for event, shift in zip(self.events, self.shifts_mm, strict=True)
            if event.step is None
        ]  # fmt: skip
        x, y, z = creeps[0] if creeps else (0.0, 0.0, 0.0)
        return MotionFound(
            course_mm=course - course.mean(axis=0),
            jumps=tuple(sorted(jumps, key=lambda jump: jump.step)),
            creep_mm=(float(x), float(y), float(z)),
            pixel_mm=self.pixel_mm,
            score=self.strongest,
            limit=LIMIT,
            cannot_tell=reasons,
        )

    def _limit(self) -> float:
        """Of an event that is kept, pixels."""
        return max(LIMIT, RELATIVE_LIMIT * float(self._sizes().max(initial=0.0)))

    def _sizes(self) -> FloatArray:
        """Of each event, pixels."""
        return np.asarray(np.linalg.norm(self.shifts_mm, axis=1) / self.pixel_mm)

    def _keep(self, kept: NDArray[np.bool_]) -> None:
        self.events = [event for event, one in zip(self.events, kept, strict=True) if one]
        self.shifts_mm = self.shifts_mm[kept]

    def _course_mm(self) -> FloatArray:
        """Shift at each view, ``(view, 3)``."""
        if not self.events:
            return np.zeros((len(self.steps), AXES))
        courses = np.array([event.course(self.steps) for event in self.events])
        return courses.T @ self.shifts_mm

    def _equations(self, blur_pixels: float) -> NormalEquations:
        back = -np.einsum("vij,vj->vi", self.pixels, self._course_mm())
        return equations_of(self.views, shifted_views(self.counts, back), blur_pixels)

    def _best_event(self) -> MotionEvent:
        """What explains most of what is not smooth."""
        possible = possible_jumps(self.steps) + ([CREEP] if self.sees_creep else [])
        others = [event for event in possible if event not in self.events]
        courses = np.array([event.course(self.steps) for event in others])
        right, matrices = self._equations(COARSE_PIXELS).of_each_course(courses)
        told = []
        for event, one, matrix in zip(others, right, matrices, strict=True):
            basis, is_motion = self._basis([event])
            told.append(solution(basis.T @ one, basis.T @ matrix @ basis, is_motion)[1])
        return others[int(np.argmax(told))]

    def _refine(self) -> None:
        """Shift the views back and look what is left, until nothing changes."""
        if not self.events:
            return
        courses = np.array([event.course(self.steps) for event in self.events])
        for turn in range(ROUNDS):
            coarse = turn < COARSE_ROUNDS
            equations = self._equations(COARSE_PIXELS if coarse else FINE_PIXELS)
            change = self._change(*equations.of_courses(courses))
            self.shifts_mm = self.shifts_mm + change
            if not coarse and np.abs(change).max() < CLOSE * self.pixel_mm:
                break

    def _change(self, right: FloatArray, matrix: FloatArray) -> FloatArray:
        """Of the shift of each event, ``(event, 3)`` mm."""
        basis, is_motion = self._basis(self.events)
        size = right.size
        found, _ = solution(
            basis.T @ right.ravel(), basis.T @ matrix.reshape(size, size) @ basis, is_motion
        )
        change = basis[:, is_motion] @ found
        return np.asarray(change.reshape(right.shape)[:, :AXES])

    def _basis(self, events: list[MotionEvent]) -> tuple[FloatArray, NDArray[np.bool_]]:
        """From what is fitted to three motions and the changes of brightness of each event.

        The second array says which of what is fitted is motion.
        """
        heads = self.views.fields.shape[-1] - AXES
        parts = [event.seen_directions(self.steps, self.pixels) for event in events]
        blocks = [block_diag(part, np.eye(heads)) for part in parts]
        kinds = [np.arange(block.shape[1]) < block.shape[1] - heads for block in blocks]
        return np.asarray(block_diag(*blocks)), np.concatenate(kinds)
