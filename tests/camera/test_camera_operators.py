"""Every operator of the camera has an exact adjoint, and says what does not fit."""

from __future__ import annotations

from collections.abc import Callable

import pytest

torch = pytest.importorskip("torch", reason="the camera needs torch")

from camera_scenes import SMALL, SPARSE_ORBIT, seeded, water  # noqa: E402
from shortaxis.camera.attenuation import Attenuation  # noqa: E402
from shortaxis.camera.collimator import LEHR_140_KEV, CollimatorDetectorResponse  # noqa: E402
from shortaxis.camera.detector_binning import DetectorBinning  # noqa: E402
from shortaxis.camera.field_of_view import FieldSelection, RoundField  # noqa: E402
from shortaxis.camera.hot_rim import HotRim  # noqa: E402
from shortaxis.camera.image_domain import (  # noqa: E402
    AttenuationImprint,
    MultiPinholeCamera,
    PetCamera,
)
from shortaxis.camera.operators import (  # noqa: E402
    ComposedOperator,
    LinearOperator,
    adjoint_mismatch,
)
from shortaxis.camera.projector import SpectProjector  # noqa: E402
from shortaxis.camera.resolution import SpatialResolution, pinhole_fwhm_mm  # noqa: E402
from shortaxis.camera.rotation import ParallelProjection, Rotation  # noqa: E402
from shortaxis.camera.scatter import Scatter, ScatterModel  # noqa: E402
from shortaxis.camera.transaxial_grid import TransaxialGrid  # noqa: E402
from shortaxis.errors import GeometryError, OptionError  # noqa: E402

FINE = TransaxialGrid(slices=9, pixels=18, pixel_mm=20 / 3, slice_mm=16 / 3)
FIELD_GRID = TransaxialGrid(slices=4, pixels=8, pixel_mm=10.0, slice_mm=8.0)
ANGLES = SPARSE_ORBIT.angles_deg
RADII = SPARSE_ORBIT.radial_position_mm


def rotation(dtype: torch.dtype) -> Rotation:
    return Rotation(SMALL, ANGLES, dtype)


def attenuation(dtype: torch.dtype) -> Attenuation:
    return Attenuation(rotation(dtype), water(SMALL))


def response(dtype: torch.dtype) -> CollimatorDetectorResponse:
    return CollimatorDetectorResponse(SMALL, LEHR_140_KEV, RADII, dtype)


def scatter(dtype: torch.dtype) -> Scatter:
    return Scatter(SMALL, attenuation(dtype), ScatterModel())


def projector(dtype: torch.dtype) -> SpectProjector:
    return SpectProjector(SMALL, SPARSE_ORBIT, water(SMALL), LEHR_140_KEV, ScatterModel(), dtype)


def selection(dtype: torch.dtype) -> FieldSelection:
    return FieldSelection(SMALL, FIELD_GRID, (1, 2, 3), RoundField(40, 14, 60), dtype)


def rim(dtype: torch.dtype) -> HotRim:
    gain = torch.rand(FIELD_GRID.shape, generator=seeded(5))
    return HotRim(SMALL, selection(dtype), gain)


def pinhole(dtype: torch.dtype) -> MultiPinholeCamera:
    imprint = AttenuationImprint(SMALL, water(SMALL), dtype=dtype)
    return MultiPinholeCamera(imprint, resolution(dtype), selection(dtype), rim(dtype))


def resolution(dtype: torch.dtype) -> SpatialResolution:
    return SpatialResolution(SMALL, pinhole_fwhm_mm(SMALL, (5, 10)), dtype=dtype)


OPERATORS: dict[str, Callable[[torch.dtype], LinearOperator]] = {
    "rotation": rotation,
    "parallel projection": lambda dtype: ParallelProjection(SMALL, ANGLES, dtype),
    "attenuation": attenuation,
    "collimator-detector response": response,
    "scatter": scatter,
    "composition": lambda dtype: ComposedOperator(
        response(dtype), attenuation(dtype), rotation(dtype)
    ),
    "projector": projector,
    "projector without response": lambda dtype: SpectProjector(
        SMALL, SPARSE_ORBIT, water(SMALL), dtype=dtype
    ),
    "projector without effects": lambda dtype: SpectProjector(SMALL, SPARSE_ORBIT, dtype=dtype),
    "subset of the projector": lambda dtype: projector(dtype).subset([1, 4]),
    "detector binning": lambda dtype: DetectorBinning(FINE, SMALL, 3, dtype),
    "varying resolution": resolution,
    "attenuation imprint": lambda dtype: AttenuationImprint(SMALL, water(SMALL), dtype=dtype),
    "field selection": selection,
    "hot rim": rim,
    "multi-pinhole camera": pinhole,
    "PET camera": lambda dtype: PetCamera(SMALL, dtype=dtype),
}


@pytest.mark.parametrize("name", OPERATORS)
@pytest.mark.parametrize(
    ("dtype", "tolerance"), [(torch.float64, 1e-13), (torch.float32, 1e-6)], ids=["64", "32"]
)
def test_the_adjoint_is_the_transpose(name: str, dtype: torch.dtype, tolerance: float) -> None:
    operator = OPERATORS[name](dtype)

    mismatches = [adjoint_mismatch(operator, seeded(seed)) for seed in range(3)]

    assert max(mismatches) < tolerance
    x = torch.rand(operator.in_shape, dtype=dtype, generator=seeded())
    assert operator.apply(x).dtype == dtype
    assert operator.apply(x).norm() > 0


def test_the_mismatch_of_a_wrong_adjoint_is_seen() -> None:
    class Mirrored(ParallelProjection):
        def _adjoint(self, y: torch.Tensor) -> torch.Tensor:
            return super()._adjoint(y.flip(-1))

    assert adjoint_mismatch(Mirrored(SMALL, [30.0], torch.float64), seeded()) > 1e-3


def test_the_projector_is_the_chain_of_its_parts() -> None:
    dtype = torch.float64
    x = torch.rand(SMALL.shape, generator=seeded(), dtype=dtype)
    primary = ComposedOperator(response(dtype), attenuation(dtype), rotation(dtype))
    scattered = ComposedOperator(scatter(dtype), rotation(dtype))

    counts = projector(dtype).apply(x)

    torch.testing.assert_close(counts, primary.apply(x) + scattered.apply(x))


def test_a_subset_gives_the_counts_of_its_views() -> None:
    x = torch.rand(SMALL.shape, generator=seeded())
    whole = projector(torch.float32)

    part = whole.subset([3, 0])

    assert part.out_shape == (2, SMALL.slices, SMALL.pixels)
    torch.testing.assert_close(part.apply(x), whole.apply(x)[[3, 0]])


def test_the_projector_without_effects_sums_along_depth() -> None:
    x = torch.rand(SMALL.shape, generator=seeded(), dtype=torch.float64)

    counts = SpectProjector(SMALL, SPARSE_ORBIT, dtype=torch.float64).apply(x)

    summed = rotation(torch.float64).apply(x).sum(dim=1).transpose(1, 2)
    torch.testing.assert_close(counts, summed)


def test_an_array_of_another_shape_is_refused_with_both_shapes() -> None:
    operator = rotation(torch.float32)

    with pytest.raises(GeometryError, match=r"\(6, 12, 12\)") as caught:
        operator.apply(torch.zeros(12, 12, 6))

    assert caught.value.cause == "axes in another order"


def test_operators_that_do_not_fit_are_not_composed() -> None:
    with pytest.raises(GeometryError, match="fit together"):
        ComposedOperator(rotation(torch.float32), rotation(torch.float32))
    with pytest.raises(OptionError, match="compose"):
        ComposedOperator()


def test_half_precision_is_refused() -> None:
    with pytest.raises(OptionError, match="precision"):
        Rotation(SMALL, ANGLES, torch.float16)


def test_expected_scatter_is_what_is_counted_less_what_would_be_without_it() -> None:
    whole = projector(torch.float32)
    x = torch.rand(SMALL.shape, generator=seeded(8))

    expected = whole.expected_scatter(x)

    # To the last bit: simulated exams depend on it.
    assert torch.equal(expected, whole.apply(x) - whole.without_scatter().apply(x))
    assert float(expected.min()) > 0


def test_scatter_needs_a_body() -> None:
    with pytest.raises(OptionError, match="scatter"):
        SpectProjector(SMALL, SPARSE_ORBIT, scatter=ScatterModel())
