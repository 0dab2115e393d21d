"""Ordered-subsets expectation maximisation (Hudson and Larkin, IEEE Trans Med Imaging 1994;13:601).

Scatter is added to the expected counts and never taken from the measured ones, which keeps their
statistics.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from shortaxis.geometry.arrays import CountsArray
from shortaxis.reconstruction.projector import Projector

__all__ = ["OrderedSubsets", "subset_views"]

MIN_SHARE = np.float32(1e-6)
"""Below this share of the highest expected counts, a bin tells nothing: no division by it."""

FADED_SHARE = np.float32(1e-12)
"""Below this share of the hottest voxel, activity is none: denormal numbers are slow."""

TINY = np.finfo(np.float32).tiny


def subset_views(angular_views: int, subsets: int) -> list[range]:
    """Views of each subset: every `subsets`-th view, in the order of their first.

    PyTomography takes them in this order, too; another order changes the noise of an image that
    is stopped early.

    Examples
    --------
    >>> [list(views) for views in subset_views(8, 4)]
    [[0, 4], [1, 5], [2, 6], [3, 7]]
    """
    return [range(offset, angular_views, subsets) for offset in range(subsets)]


def subsets_possible(angular_views: int, asked: int) -> int:
    """As many subsets as were asked for, but with two views in each at least.

    Examples
    --------
    >>> subsets_possible(60, 10), subsets_possible(30, 31)
    (10, 15)
    """
    return min(asked, max(angular_views // 2, 1))


class OrderedSubsets:
    """What the reconstructions of several time slots by one camera share.

    Parameters
    ----------
    projector : Projector
    angular_views : int
    bins : int
        Of a view.
    iterations, subsets : int
        More subsets than half of the views are as many as that.
    """

    def __init__(
        self, projector: Projector, angular_views: int, bins: int, iterations: int, subsets: int
    ) -> None:
        self._projector, self._iterations, self._bins = projector, iterations, bins
        self._parts = subset_views(angular_views, subsets_possible(angular_views, subsets))
        self._scales: list[CountsArray] = []

    @property
    def updates(self) -> int:
        """Of one reconstruction."""
        return self._iterations * len(self._parts)

    def reconstruct(
        self,
        rays: CountsArray,
        additive: CountsArray | None = None,
        tick: Callable[[], None] = lambda: None,
    ) -> CountsArray:
        """Columns whose expected counts fit the rays.

        Parameters
        ----------
        rays : (view * bin, slice) array
            Counts, not negative.
        additive : array of the same shape, optional
            Expected counts that do not come from the activity, such as scatter.
        tick : callable
            Called after each update.
        """
        measured = [self._rays_of(rays, views) for views in self._parts]
        known = [None if additive is None else self._rays_of(additive, views)
                 for views in self._parts]  # fmt: skip
        scales = self._sensitivities(rays.shape[1])
        columns = np.ones_like(scales[0])
        for _ in range(self._iterations):
            for views, counts, added, scale in zip(
                self._parts, measured, known, scales, strict=True
            ):
                expected = self._projector.apply(columns, views)
                if added is not None:
                    expected += added
                columns *= self._projector.adjoint(_ratio(counts, expected), views)
                columns *= scale
                columns[columns < FADED_SHARE * columns.max()] = 0
                tick()
        return columns

    def _rays_of(self, rays: CountsArray, views: range) -> CountsArray:
        return rays.reshape(-1, self._bins, rays.shape[1])[list(views)].reshape(-1, rays.shape[1])

    def _sensitivities(self, slices: int) -> list[CountsArray]:
        """Inverse of what each pixel gives to each subset."""
        if not self._scales:
            for views in self._parts:
                even = np.ones((len(views) * self._bins, slices), dtype=np.float32)
                seen = self._projector.adjoint(even, views)
                usable = seen > MIN_SHARE * seen.max()
                self._scales.append(np.where(usable, 1 / np.maximum(seen, TINY), np.float32(0)))
        return self._scales


def _ratio(measured: CountsArray, expected: CountsArray) -> CountsArray:
    lowest = max(MIN_SHARE * expected.max(), TINY)
    told = expected > lowest
    return np.divide(measured, expected, out=np.zeros_like(expected), where=told)
