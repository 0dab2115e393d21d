"""Linear operators with `in_shape`, `out_shape`, `apply` and `adjoint`, as in parallelproj.

A physical effect of the camera is a matrix ``A``, never stored as one. `apply` gives ``A x``
and `adjoint` gives ``A.T y``, exactly: ``<A x, y> = <x, A.T y>`` to rounding. Operators run on
the CPU, outside automatic differentiation, in the precision they were made with.
"""

from __future__ import annotations

import copy
import itertools
import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Self

import numpy as np
import torch
from torch import Tensor

from shortaxis.errors import GeometryError, OptionError

__all__ = [
    "ColumnOperator",
    "ComposedOperator",
    "LinearOperator",
    "ViewOperator",
    "adjoint_mismatch",
    "numpy_type",
]


class LinearOperator(ABC):
    """A matrix that is applied but not stored.

    Parameters
    ----------
    in_shape, out_shape : tuple of int
        Shapes of what `apply` takes and gives; `adjoint` goes the other way.
    dtype : torch.dtype
        float32 or float64; inputs are converted.
    """

    def __init__(
        self,
        in_shape: Sequence[int],
        out_shape: Sequence[int],
        dtype: torch.dtype = torch.float32,
    ) -> None:
        if dtype not in (torch.float32, torch.float64):
            raise OptionError(
                "unknown precision", expected="torch.float32 or torch.float64", found=str(dtype)
            )
        self.in_shape = tuple(int(size) for size in in_shape)
        self.out_shape = tuple(int(size) for size in out_shape)
        self.dtype = dtype

    def apply(self, x: Tensor) -> Tensor:
        """``A x``: from `in_shape` to `out_shape`."""
        return self._apply(_checked(x, self.in_shape, self.dtype))

    def adjoint(self, y: Tensor) -> Tensor:
        """``A.T y``: from `out_shape` to `in_shape`."""
        return self._adjoint(_checked(y, self.out_shape, self.dtype))

    @abstractmethod
    def _apply(self, x: Tensor) -> Tensor: ...

    @abstractmethod
    def _adjoint(self, y: Tensor) -> Tensor: ...


class ViewOperator(LinearOperator):
    """An operator that treats each angular view, the first axis on both sides, by itself.

    One view at a time stays in the processor's cache: this is what makes the projector fast.
    """

    @abstractmethod
    def apply_view(self, x: Tensor, view: int) -> Tensor:
        """`apply` for one view, without the first axis and without checks."""

    @abstractmethod
    def adjoint_view(self, y: Tensor, view: int) -> Tensor:
        """Transpose of `apply_view`."""

    @abstractmethod
    def subset(self, views: Sequence[int]) -> Self:
        """The same operator for some of the views, sharing memory."""

    def _apply(self, x: Tensor) -> Tensor:
        return torch.stack([self.apply_view(part, view) for view, part in enumerate(x)])

    def _adjoint(self, y: Tensor) -> Tensor:
        return torch.stack([self.adjoint_view(part, view) for view, part in enumerate(y)])

    def _copy_for(self, views: Sequence[int]) -> Self:
        part = copy.copy(self)
        part.in_shape = (len(views), *self.in_shape[1:])
        part.out_shape = (len(views), *self.out_shape[1:])
        return part


class ColumnOperator(LinearOperator):
    """An operator with an order of its own for voxels and bins, which it computes in.

    Who applies it again and again stays in that order, between `to_columns` or `to_rays` before
    and `from_columns` or `from_rays` after.
    """

    @abstractmethod
    def to_columns(self, volume: Tensor) -> Tensor:
        """A volume, in the operator's own order."""

    @abstractmethod
    def from_columns(self, columns: Tensor) -> Tensor:
        """The inverse of `to_columns`."""

    @abstractmethod
    def to_rays(self, projections: Tensor) -> Tensor:
        """Projections, in the operator's own order."""

    @abstractmethod
    def from_rays(self, rays: Tensor) -> Tensor:
        """The inverse of `to_rays`."""

    @abstractmethod
    def project(self, columns: Tensor) -> Tensor:
        """`apply`, from columns to rays and without checks."""

    @abstractmethod
    def project_back(self, rays: Tensor) -> Tensor:
        """Transpose of `project`."""

    def _apply(self, x: Tensor) -> Tensor:
        return self.from_rays(self.project(self.to_columns(x)))

    def _adjoint(self, y: Tensor) -> Tensor:
        return self.from_columns(self.project_back(self.to_rays(y)))


class ComposedOperator(LinearOperator):
    """A chain of operators, read from right to left like a product of matrices."""

    def __init__(self, *operators: LinearOperator) -> None:
        if not operators:
            raise OptionError("nothing to compose", expected="at least one operator", found="none")
        for left, right in itertools.pairwise(operators):
            if left.in_shape != right.out_shape:
                raise GeometryError(
                    "operators do not fit together",
                    expected=f"an operator that gives shape {left.in_shape}",
                    found=f"{type(right).__name__} gives {right.out_shape}",
                )
        super().__init__(operators[-1].in_shape, operators[0].out_shape, operators[0].dtype)
        self.operators = operators

    def _apply(self, x: Tensor) -> Tensor:
        for operator in reversed(self.operators):
            x = operator.apply(x)
        return x

    def _adjoint(self, y: Tensor) -> Tensor:
        for operator in self.operators:
            y = operator.adjoint(y)
        return y


def adjoint_mismatch(operator: LinearOperator, generator: torch.Generator) -> float:
    """``|<A x, y> - <x, A.T y>| / (|A x| |y|)`` for one random pair; rounding error if exact."""
    x = torch.rand(operator.in_shape, generator=generator, dtype=torch.float64)
    y = torch.rand(operator.out_shape, generator=generator, dtype=torch.float64)
    applied = operator.apply(x.to(operator.dtype)).double()
    returned = operator.adjoint(y.to(operator.dtype)).double()
    difference = float((applied * y).sum() - (x * returned).sum())
    return abs(difference) / float(applied.norm() * y.norm())


def numpy_type(dtype: torch.dtype) -> type[np.float32] | type[np.float64]:
    """The same precision in numpy."""
    return np.float64 if dtype == torch.float64 else np.float32


def _checked(values: Tensor, shape: tuple[int, ...], dtype: torch.dtype) -> Tensor:
    if tuple(values.shape) != shape:
        raise GeometryError(
            "array does not fit the operator",
            expected=f"shape {shape}",
            found=f"shape {tuple(values.shape)}",
            cause=None if math.prod(shape) != values.numel() else "axes in another order",
        )
    return values.detach().to(dtype)
