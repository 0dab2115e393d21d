"""Noise of a reconstructed image: correlated, and larger where counts are.

For cameras whose projections are not simulated. Two facts are kept. The noise of iterative
reconstruction grows with the counts, after many iterations in proportion to them (Barrett, Wilson,
Tsui, Phys Med Biol 1994;39:833); that of filtered back projection is much the same everywhere. And
its spectrum is that of the ramp times the square of what smooths the image: few slow waves, many
at the scale of the resolution, none below it (Riederer, Pelc, Chesler, Phys Med Biol 1978;23:446).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from shortaxis.camera.filters import FrequencyWindow, Gaussian, check_cutoff
from shortaxis.errors import CountsError, OptionError

__all__ = ["ImageNoise", "sample_blotches", "sample_noisy_image", "sample_texture", "with_waves"]

MARGIN = 16
"""Voxels added so that opposite edges, neighbours for the Fourier transform, are unlike."""


@dataclass(frozen=True)
class ImageNoise:
    """How much noise, and how coarse.

    Parameters
    ----------
    relative_sd : float
        Standard deviation at the reference level, as a share of it.
    exponent : float
        ``sd = relative_sd * reference * (counts / reference) ** exponent``: 1 for many iterations,
        0 for noise that is the same everywhere. With 0.5, background of a tenth of the heart has
        three times its relative noise, about as in 530c studies.
    window : FrequencyWindow
        What smooths the image. Texture of 530c studies stays alike over 8 to 12 mm.
    knee_per_cm : float
        Transaxial frequency at which the ramp has cut the power to a half; 0 for no ramp.
    """

    relative_sd: float
    exponent: float = 0.5
    window: FrequencyWindow = Gaussian(14.0)  # noqa: RUF009 - frozen
    knee_per_cm: float = 0.1

    def __post_init__(self) -> None:
        limits = {"relative_sd": (0, 10), "exponent": (0, 1), "knee_per_cm": (0, 10)}
        for name, (lowest, highest) in limits.items():
            value = getattr(self, name)
            if not lowest <= value <= highest:
                raise OptionError(
                    f"{name} out of range", expected=f"{lowest} to {highest}", found=f"{value:g}"
                )

    def amplitude(self, transaxial_per_cm: Tensor, axial_per_cm: Tensor) -> Tensor:
        """Root of the power spectrum at frequencies in cycles per cm."""
        gain = self.window.gain(torch.hypot(transaxial_per_cm, axial_per_cm))
        if self.knee_per_cm == 0:
            return gain
        return gain * (transaxial_per_cm / (transaxial_per_cm + self.knee_per_cm)).sqrt()


def sample_noisy_image(
    expected: Tensor,
    voxel_mm: Sequence[float],
    noise: ImageNoise,
    reference: float,
    generator: torch.Generator | np.random.Generator,
) -> Tensor:
    """An image with noise, none of it below zero.

    Parameters
    ----------
    expected : (slice, row, column) tensor
        Image without noise; stays zero where it is zero.
    voxel_mm : (slice, row, column)
        Spacing.
    reference : float
        Counts that `noise` is relative to, such as those of the myocardium.
    """
    waves = sample_texture(expected.shape, voxel_mm, noise, generator)
    return with_waves(expected, waves, noise, reference)


def with_waves(expected: Tensor, waves: Tensor, noise: ImageNoise, reference: float) -> Tensor:
    """Add waves of `sample_texture` as large as `noise` says, with nothing below zero."""
    if not reference > 0:
        raise CountsError("no reference", expected="counts above zero", found=f"{reference:g}")
    level = (expected.clamp(min=0) / reference) ** noise.exponent
    noisy = expected + noise.relative_sd * reference * level * waves.to(expected.dtype)
    return torch.where(expected > 0, noisy.clamp(min=0), expected)


def sample_texture(
    shape: Sequence[int],
    voxel_mm: Sequence[float],
    noise: ImageNoise,
    generator: torch.Generator | np.random.Generator,
) -> Tensor:
    """Waves of mean 0 and variance 1 with the noise's spectrum, ``(slice, row, column)``."""
    check_cutoff(voxel_mm, noise.window)
    padded = [size + MARGIN for size in shape]
    axial, row, column = (
        torch.fft.fftfreq(size, spacing / 10, dtype=torch.float64)
        for size, spacing in zip(padded, voxel_mm, strict=True)
    )
    transaxial = torch.hypot(row[:, None], column[None, :])
    amplitude = noise.amplitude(
        transaxial[None], axial[:, None, None].expand(-1, *transaxial.shape)
    )
    # In place, and from one array to the next: whole-body fields of PET have four million voxels.
    waves = torch.fft.fftn(_standard_normal(padded, generator)).mul_(amplitude)
    level = amplitude.square_().mean().sqrt()
    waves = torch.fft.ifftn(waves).real
    texture: Tensor = waves[tuple(slice(size) for size in shape)] / level
    return texture


def sample_blotches(
    shape: Sequence[int],
    voxel_mm: Sequence[float],
    spread: float,
    generator: torch.Generator | np.random.Generator,
    size_mm: float = 20.0,
) -> Tensor:
    """Factors of mean 1, log-normal with this spread of the logarithm, alike over `size_mm`."""
    texture = ImageNoise(relative_sd=1.0, window=Gaussian(size_mm), knee_per_cm=0.0)
    waves = sample_texture(shape, voxel_mm, texture, generator)
    return torch.exp(spread * waves - spread**2 / 2)


def _standard_normal(
    shape: Sequence[int], generator: torch.Generator | np.random.Generator
) -> Tensor:
    if isinstance(generator, torch.Generator):
        return torch.randn(*shape, generator=generator, dtype=torch.float64)
    return torch.from_numpy(generator.standard_normal(tuple(shape)))
