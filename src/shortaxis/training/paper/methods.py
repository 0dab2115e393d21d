"""What stands side by side in an experiment: the paper's columns, and what we set beside them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from shortaxis.network.paper_networks import PAPER_NETWORKS
from shortaxis.reorientation.methods import ELLIPSOID, NETWORK

__all__ = ["METHODS", "Kind", "PaperMethod"]


class Kind(Enum):
    """How a method comes to its poses."""

    NETWORK = "network"
    """One of the paper's networks, trained in the experiment."""
    CASCADE = "cascade"
    """Our localiser and refiner, trained on the same exams with as many samples."""
    INSTALLED = "installed"
    """A method of `shortaxis reorient` as it is installed; nothing is trained."""


@dataclass(frozen=True)
class PaperMethod:
    """One column of the experiment's Table 1.

    Parameters
    ----------
    title : str
        Its heading.
    kind : Kind
        How it comes to its poses.
    name : str
        Of `PAPER_NETWORKS`, or of a method of `shortaxis reorient`; empty for the cascade.
    has_compound_loss : bool
        Whether a network learns from `shortaxis.training.paper.losses.compound_loss`
        and not from the paper's loss.
    """

    title: str
    kind: Kind
    name: str = ""
    has_compound_loss: bool = False


OWN = "Our method"
"""What the paper calls its own, which is not ours."""

METHODS = {
    **{
        name: PaperMethod(record.title.replace(OWN, "Paper's method"), Kind.NETWORK, name)
        for name, record in PAPER_NETWORKS.items()
    },
    "cnn-stn-compound-loss": PaperMethod(
        "CNN+STN, compound loss", Kind.NETWORK, "cnn-stn", has_compound_loss=True
    ),
    "cascade": PaperMethod("ShortAxis, same samples", Kind.CASCADE),
    NETWORK.name: PaperMethod("ShortAxis, as installed", Kind.INSTALLED, NETWORK.name),
    ELLIPSOID.name: PaperMethod("Ellipsoid", Kind.INSTALLED, ELLIPSOID.name),
}
"""By name, in the order of the table: the six columns of the paper, and ours."""
