"""Photons lost on the way to the detector."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence

from torch import Tensor

from shortaxis.camera.kept import Kept
from shortaxis.camera.operators import ViewOperator
from shortaxis.camera.rotation import Rotation
from shortaxis.errors import CountsError, GeometryError

__all__ = ["Attenuation"]

KEPT_BYTES = 150_000_000
"""Of transmissions: a reconstruction, which needs them again and again, has less. Those of a wide
body would take up to twice as much, and are needed once or twice: `Attenuation.for_one_pass`."""

MAX_PER_CM = 1.0
"""Bone is 0.28 per cm at 140 keV and 0.4 at 70 keV (NIST XCOM); more is another unit."""


class Attenuation(ViewOperator):
    """Narrow-beam transmission from the centre of each voxel to the detector.

    ``exp(-integral of mu)`` along the straight line to the detector, with half of the voxel's
    own attenuation. In and out: ``(angular_view, depth, bin, slice)``.

    Parameters
    ----------
    rotation : Rotation
        Views that the transmission is computed for.
    attenuation_map_per_cm : (slice, row, column) tensor
        Linear attenuation of the photons, 1/cm (water: 0.154 at 140 keV).
    """

    def __init__(self, rotation: Rotation, attenuation_map_per_cm: Tensor) -> None:
        super().__init__(rotation.out_shape, rotation.out_shape, rotation.dtype)
        _check_map(attenuation_map_per_cm, rotation)
        columns = rotation.to_columns(attenuation_map_per_cm.to(rotation.dtype))
        self._rotation, self._path = rotation, columns * rotation.grid.pixel_cm
        self._views: Sequence[int] = range(self.in_shape[0])
        self._are_kept, self._kept = True, _room_for(KEPT_BYTES)
        self.is_anywhere = columns.numpy().any(axis=1)
        """Whether any slice attenuates, ``(row * column,)``."""

    def subset(self, views: Sequence[int]) -> Attenuation:
        """The same for some of the views, sharing memory."""
        part = self._copy_for(views)
        part._views = [self._views[view] for view in views]
        return part

    def for_one_pass(self) -> Attenuation:
        """The same, which keeps no transmission but the last."""
        part = copy.copy(self)
        part._are_kept, part._kept = False, _room_for(0)
        return part

    def transmission(self, view: int) -> Tensor:
        """Part of each voxel's photons that arrives, ``(depth, bin, slice)``, in (0, 1]."""
        place = self._views[view]
        return self._kept.get(place, lambda: _lost(self._rotation.turn(self._path, place)).exp_())

    def transmission_at(
        self, places: Tensor, depths: slice, view: int, turn: Callable[[Tensor], Tensor]
    ) -> Tensor:
        """`transmission` at some turned pixels alone, ``(place, slice)``.

        Parameters
        ----------
        places : (place,) tensor
            Turned pixels, ``depth * bin``.
        depths : slice
            Of these; nothing before them attenuates.
        turn : callable
            `Rotation.turn` of this view, or the same by fewer pixels.
        """
        if self._are_kept:
            return self.transmission(view).flatten(0, 1).index_select(0, places)
        lost = _lost(turn(self._path)[depths])
        within = places - depths.start * self._rotation.grid.pixels
        return lost.flatten(0, 1).index_select(0, within).exp_()

    def apply_view(self, x: Tensor, view: int) -> Tensor:
        """One view, ``(depth, bin, slice)``."""
        return x * self.transmission(view)

    def adjoint_view(self, y: Tensor, view: int) -> Tensor:
        """The same: the matrix is diagonal."""
        return y * self.transmission(view)


def _room_for(most_bytes: int) -> Kept[Tensor]:
    return Kept(most_bytes, lambda each: each.nbytes)


def _lost(turned: Tensor) -> Tensor:
    """Logarithm of the transmission."""
    return turned.cumsum(dim=0).sub_(turned, alpha=0.5).neg_()


def _check_map(attenuation_map_per_cm: Tensor, rotation: Rotation) -> None:
    if tuple(attenuation_map_per_cm.shape) != rotation.in_shape:
        raise GeometryError(
            "attenuation map does not fit the volume",
            expected=f"shape {rotation.in_shape}",
            found=f"shape {tuple(attenuation_map_per_cm.shape)}",
        )
    lowest, highest = float(attenuation_map_per_cm.min()), float(attenuation_map_per_cm.max())
    if not (lowest >= 0 and highest <= MAX_PER_CM):
        raise CountsError(
            "not an attenuation map",
            expected=f"0 to {MAX_PER_CM:g} per cm",
            found=f"{lowest:g} to {highest:g}",
            cause="Hounsfield units, or 1/m",
        )
