"""What the paper's networks learn from (Zhu et al., arXiv 2208.03752, equations 1 to 3).

The mean absolute error of the translations and the mean square error of the rotations, joined by an
empirical weight whose value the paper does not give, nor the units that it belongs to. Here errors
are in units of 10 mm and 10 degrees, and the weight is 1: so large, both cost the same.
"""

from __future__ import annotations

from collections.abc import Collection

from torch import Tensor

from shortaxis.network.six_parameters import unit_of_parameters
from shortaxis.network.spatial_transformer import ViewGrid, sample_short_axis
from shortaxis.training.checks import require_choice

__all__ = ["LOSS_TERMS", "ROTATION_WEIGHT", "compound_loss", "parameter_loss"]

LOSS_TERMS = ("translation", "rotation")

ROTATION_WEIGHT = 1.0
"""The paper's mu, of equation 3."""

IMAGE_WEIGHT = 1.0
"""Of the images' discrepancy in `compound_loss`; ours."""


def parameter_loss(
    estimate: Tensor,
    truth: Tensor,
    terms: Collection[str] = LOSS_TERMS,
    rotation_weight: float = ROTATION_WEIGHT,
) -> dict[str, Tensor]:
    """Terms of the paper's loss, and the sum of the wanted ones under ``loss``.

    Parameters
    ----------
    estimate, truth : (batch, 6) tensors
        Six parameters, mm and degrees.
    terms : collection of str
        Of `LOSS_TERMS`, those that count; all are given.
    rotation_weight : float
        The paper's mu.

    Returns
    -------
    dict of str to scalar tensor
        Without units: ``translation`` (equation 1), ``rotation`` (equation 2), before weighting,
        and ``loss`` (equation 3).

    Raises
    ------
    OptionError
        If a term is not known, or none is wanted.
    """
    for term in terms or [""]:
        require_choice("term of the loss", term, LOSS_TERMS)
    errors = _errors(estimate, truth)
    translation = errors[:, :3].abs().mean()
    rotation = errors[:, 3:].square().mean()
    weighted = {"translation": translation, "rotation": rotation_weight * rotation}
    total = sum((weighted[term] for term in terms), start=errors.new_zeros(()))
    return {"translation": translation, "rotation": rotation, "loss": total}


def compound_loss(
    estimate: Tensor,
    truth: Tensor,
    images: Tensor,
    grid: ViewGrid,
    image_weight: float = IMAGE_WEIGHT,
) -> dict[str, Tensor]:
    """A loss in the manner of Zhang et al. 2021 (EJNMMI, automatic reorientation of cardiac SPECT).

    Of theirs only a sentence could be read: "a novel compound loss function which balanced the
    parametric similarity and penalized discrepancy of the prediction and training dataset"
    (abstract). Our reading: the mean square error of all six parameters, and the mean
    square difference of the images reoriented by estimate and truth, as a part of the mean
    square of the latter.

    Parameters
    ----------
    estimate, truth : (batch, 6) tensors
        Six parameters, mm and degrees.
    images : (batch, channel, slice, row, column) tensor
        What the network saw; the first channel counts.
    grid : ViewGrid
        Of the images.
    image_weight : float
        Of the second term.

    Returns
    -------
    dict of str to scalar tensor
        ``parameters``, ``images``, before weighting, and ``loss``.
    """
    counts = images[:, :1].float()
    wanted = sample_short_axis(counts, grid, truth)
    apart = sample_short_axis(counts, grid, estimate) - wanted
    squares = wanted.square().mean(dim=(1, 2, 3, 4)).clamp_min(MIN_SQUARE)
    terms = {
        "parameters": _errors(estimate, truth).square().mean(),
        "images": (apart.square().mean(dim=(1, 2, 3, 4)) / squares).mean(),
    }
    terms["loss"] = terms["parameters"] + image_weight * terms["images"]
    return terms


MIN_SQUARE = 1e-6
"""Of normalised counts; keeps the quotient finite for an empty field of view."""


def _errors(estimate: Tensor, truth: Tensor) -> Tensor:
    """In units of 10 mm and 10 degrees; float32 even under autocast."""
    errors = estimate.float() - truth.float()
    return errors / unit_of_parameters(errors)
