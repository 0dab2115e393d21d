"""The whole camera as one operator."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from shortaxis.camera.attenuation import Attenuation
from shortaxis.camera.collimator import Collimator, CollimatorDetectorResponse
from shortaxis.camera.filled_projection import FilledProjection
from shortaxis.camera.operators import ColumnOperator
from shortaxis.camera.orbits import Orbit
from shortaxis.camera.part_projection import PartProjection
from shortaxis.camera.rotation import ParallelProjection, Rotation
from shortaxis.camera.scatter import Scatter, ScatterModel
from shortaxis.camera.transaxial_grid import TransaxialGrid
from shortaxis.errors import OptionError

__all__ = ["SpectProjector"]


class SpectProjector(ColumnOperator):
    """Expected counts of an activity: rotation, attenuation, response and scatter.

    In: ``(slice, row, column)``, counts that a voxel would give to one view without attenuation.
    Out: ``(angular_view, slice, bin)``, expected counts. Each effect that is not given is left out.

    Parameters
    ----------
    grid : TransaxialGrid
        Voxels; bins are as wide as pixels.
    orbit : Orbit
        Angular views.
    attenuation_map_per_cm : (slice, row, column) tensor, optional
        Narrow-beam attenuation, 1/cm.
    collimator : Collimator, optional
        Blur that grows with distance.
    scatter : ScatterModel, optional
        Needs an attenuation map.
    dtype : torch.dtype
        float32 or float64.
    """

    def __init__(
        self,
        grid: TransaxialGrid,
        orbit: Orbit,
        attenuation_map_per_cm: Tensor | None = None,
        collimator: Collimator | None = None,
        scatter: ScatterModel | None = None,
        dtype: torch.dtype = torch.float32,
    ) -> None:
        super().__init__(grid.shape, grid.projection_shape(orbit.angular_views), dtype)
        if scatter is not None and attenuation_map_per_cm is None:
            raise OptionError("scatter without a body", expected="an attenuation map", found="none")
        self.grid = grid
        self._attenuation: Attenuation | None = None
        self._response: CollimatorDetectorResponse | None = None
        self._scatter: Scatter | None = None
        self._lines: ParallelProjection | None = None
        self._rotation = Rotation(grid, orbit.angles_deg, dtype)
        if attenuation_map_per_cm is not None:
            self._attenuation = Attenuation(self._rotation, attenuation_map_per_cm)
            if scatter is not None:
                self._scatter = Scatter(grid, self._attenuation, scatter)
        if collimator is not None:
            radii = orbit.radial_position_mm
            self._response = CollimatorDetectorResponse(grid, collimator, radii, dtype)
        if attenuation_map_per_cm is None and collimator is None:
            self._lines = ParallelProjection(grid, orbit.angles_deg, dtype)

    def subset(self, views: Sequence[int]) -> SpectProjector:
        """The same camera for some of the views; shares what was computed."""
        part = copy.copy(self)
        part.out_shape = self.grid.projection_shape(len(views))
        part._rotation = self._rotation.subset(views)
        part._attenuation = self._attenuation and self._attenuation.subset(views)
        part._response = self._response and self._response.subset(views)
        part._scatter = self._scatter and self._scatter.subset(views)
        part._lines = self._lines and self._lines.subset(views)
        return part

    def within_circle(self) -> SpectProjector:
        """The same camera, which may take voxels outside the circle of all views as empty.

        It does where lines alone are summed: there each voxel costs as much as any other.
        """
        part = copy.copy(self)
        part._lines = self._lines and self._lines.within_circle()
        return part

    def for_one_pass(self) -> SpectProjector:
        """The same camera, which keeps next to nothing for when a view is projected again."""
        part = copy.copy(self)
        part._attenuation = self._attenuation and self._attenuation.for_one_pass()
        part._response = self._response and self._response.for_one_pass()
        return part

    def without_scatter(self) -> SpectProjector:
        """The same camera if it could tell scattered photons; shares what was computed."""
        part = copy.copy(self)
        part._scatter = None
        return part

    def of_part(self) -> PartProjection:
        """The same camera for activity that fills a small part of the body.

        Raises
        ------
        OptionError
            If an effect is left out.
        """
        if self._attenuation is None or self._response is None or self._scatter is None:
            raise OptionError(
                "a part is projected with all effects",
                expected="attenuation, collimator and scatter",
                found="a camera without one of them",
            )
        return PartProjection(self._rotation, self._attenuation, self._response, self._scatter)

    def sensitivity(self) -> Tensor:
        """Counts that each voxel gives to all views, ``(slice, row, column)``."""
        return self.repeated_sensitivity().expand(self.in_shape)

    def repeated_sensitivity(self) -> Tensor:
        """Of one slice that is like all others, if lines alone are summed, else of all."""
        if self._lines is None:
            return self.adjoint(torch.ones(self.out_shape))
        lines = self._lines.of_one_slice()
        return lines.adjoint(torch.ones(lines.out_shape))

    def expected_scatter(self, x: Tensor) -> Tensor:
        """Part of the expected counts of `x` that arrives by scatter."""
        see = self._camera_of(self._rotation.to_columns(x.to(self.dtype)))
        seen = [see(view) for view in range(self.out_shape[0])]
        # To the precision of the counts, so that both together give all.
        return torch.stack([_all_of(*each) - each[0] for each in seen])

    def to_columns(self, volume: Tensor) -> Tensor:
        """``(slice, row, column)`` as ``(row * column, slice)``."""
        lines = self._lines
        return self._rotation.to_columns(volume) if lines is None else lines.to_columns(volume)

    def from_columns(self, columns: Tensor) -> Tensor:
        """The inverse of `to_columns`."""
        lines = self._lines
        return (
            self._rotation.from_columns(columns) if lines is None else lines.from_columns(columns)
        )

    def to_rays(self, projections: Tensor) -> Tensor:
        """As they are, ``(angular_view, slice, bin)``, unless lines alone are summed."""
        return projections if self._lines is None else self._lines.to_rays(projections)

    def from_rays(self, rays: Tensor) -> Tensor:
        """The inverse of `to_rays`."""
        return rays if self._lines is None else self._lines.from_rays(rays)

    def project(self, columns: Tensor) -> Tensor:
        """Expected rays."""
        if self._lines is not None:
            return self._lines.project(columns)
        see = self._camera_of(columns)
        return torch.stack([_all_of(*see(view)) for view in range(self.out_shape[0])])

    def project_back(self, rays: Tensor) -> Tensor:
        """Transpose of `project`."""
        if self._lines is not None:
            return self._lines.project_back(rays)
        columns = torch.zeros(self.grid.pixels**2, self.grid.slices, dtype=self.dtype)
        for view, projection in enumerate(rays):
            columns += self._rotation.turn_back(self._project_back(projection, view), view)
        return columns

    def _camera_of(self, columns: Tensor) -> Callable[[int], tuple[Tensor, Tensor | None]]:
        """Takes a view, gives its unscattered and scattered counts ``(slice, bin)``.

        One view at a time stays in the processor's cache.
        """
        if self._attenuation is None or self._response is None:
            return lambda view: self._project(columns, view)
        effects = self._rotation, self._attenuation, self._response, self._scatter
        return FilledProjection.of(columns, *effects).project

    def _project(self, columns: Tensor, view: int) -> tuple[Tensor, Tensor | None]:
        turned = self._rotation.turn(columns, view)
        arriving = turned
        if self._attenuation is not None:
            arriving = turned * self._attenuation.transmission(view)
        if self._response is not None:
            counts = self._response.apply_view(arriving, view)
        else:
            counts = arriving.sum(dim=0).T
        scatter = None if self._scatter is None else self._scatter.apply_view(turned, view)
        return counts, scatter

    def _project_back(self, projection: Tensor, view: int) -> Tensor:
        """Transpose of `_project` without the rotation: ``(depth, bin, slice)``."""
        if self._response is not None:
            turned = self._response.adjoint_view(projection, view)
        else:
            turned = projection.T.expand(self._rotation.out_shape[1:])
        if self._attenuation is not None:
            turned = turned * self._attenuation.transmission(view)
        if self._scatter is not None:
            turned = turned + self._scatter.adjoint_view(projection, view)
        return turned


def _all_of(counts: Tensor, scatter: Tensor | None) -> Tensor:
    return counts if scatter is None else counts + scatter
