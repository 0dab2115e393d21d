"""What a reorientation follows from besides the study: made with anything else, it is another."""

from __future__ import annotations

from shortaxis._version import __version__
from shortaxis.inference.weights_record import find_stored_weights
from shortaxis.reorientation.methods import require_method
from shortaxis.reorientation.weights import DEFAULT_WEIGHTS
from shortaxis.workflow.reorient.options import ReorientOptions

__all__ = ["made_with"]


def made_with(options: ReorientOptions) -> dict[str, object]:
    """Version, method, weights and slices as plain values, to be compared with those of before.

    Weights are told by the SHA-256 of their record, which names those of their files: a name or a
    folder may hold others by now.

    Raises
    ------
    UnknownWeightsError
        If the weights are not there.
    OptionError, MissingExtraError
        As `require_method`: whoever asks is about to do many studies.
    """
    weights = ""
    if require_method(options.method).takes_weights:
        weights = find_stored_weights(options.weights or DEFAULT_WEIGHTS).record.sha256
    return {
        "software": __version__,
        "method": options.method,
        "weights_sha256": weights,
        "roll": options.roll.value,
        "spacing_mm": options.spacing_mm,
        "size": options.size,
        "interpolation": options.interpolation,
    }
