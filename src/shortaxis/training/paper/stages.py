"""The paper's three stages of optimisation, as a table, and the beginning of one.

"We trained only the translation parameters in the first 80 epochs, only rotation parameters in the
81-160 epochs, and both translation and rotation parameters in the 161-200 epochs"; without stages
160 epochs for all together; Adam, 8 exams at a time (Zhu et al., arXiv 2208.03752, Methods).

Ours, where it is silent: a stage asks the blocks up to its own number, so nothing that has not been
trained moves an image; every stage begins with a fresh Adam at torch's own learning rate, which
falls to zero by a cosine within the stage. At a constant rate the weights outran the running
statistics of the batch normalisation: on drawn ellipsoids a rotation that was right to 1 degree of
azimuth in training was 10 degrees off in use; with the falling rate there was no difference.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import optim
from torch.optim.lr_scheduler import CosineAnnealingLR

from shortaxis.network.paper_networks import PaperNetwork

__all__ = [
    "BATCH",
    "LEARNING_RATE",
    "THREE_STAGES",
    "WITHOUT_STAGES",
    "PaperStage",
    "begin_stage",
    "stages_of",
]

BATCH = 8

LEARNING_RATE = 1e-3


@dataclass(frozen=True)
class PaperStage:
    """One stage.

    Parameters
    ----------
    name : str
        Names it in logs and checkpoints.
    epochs : int
        As published; a run may have fewer, in the same proportions.
    moving : tuple of str
        The CNNs whose weights change; all others are held still.
    loss_terms : tuple of str
        Those of `shortaxis.training.paper.losses.parameter_loss` that count.
    blocks : int
        How many of the network's blocks are asked, if it has so many.
    """

    name: str
    epochs: int
    moving: tuple[str, ...]
    loss_terms: tuple[str, ...]
    blocks: int


THREE_STAGES = (
    PaperStage("translation", 80, ("translation",), ("translation",), 1),
    PaperStage("rotation", 80, ("rotation",), ("rotation",), 2),
    PaperStage("both", 40, ("translation", "rotation"), ("translation", "rotation"), 3),
)

WITHOUT_STAGES = (PaperStage("all", 160, ("pose",), ("translation", "rotation"), 3),)


def stages_of(network: PaperNetwork) -> tuple[PaperStage, ...]:
    """The stages that a network is trained in."""
    return WITHOUT_STAGES if "pose" in network.cnns else THREE_STAGES


def begin_stage(
    network: PaperNetwork, stage: PaperStage, steps: int, learning_rate: float = LEARNING_RATE
) -> tuple[optim.Adam, CosineAnnealingLR]:
    """Hold still what the stage does not train, and give what moves the rest.

    Parameters
    ----------
    network : PaperNetwork
        To be trained.
    stage : PaperStage
        One of `stages_of` it.
    steps : int
        Of the whole stage.
    learning_rate : float
        At its beginning.

    Returns
    -------
    Adam, CosineAnnealingLR
        The optimiser, and its schedule, to be stepped after each step of it.

    Raises
    ------
    OptionError
        If the stage is not one of this network's.
    """
    network.let_move(stage.moving)
    moving = [parameter for parameter in network.parameters() if parameter.requires_grad]
    optimizer = optim.Adam(moving, lr=learning_rate)
    return optimizer, CosineAnnealingLR(optimizer, steps)
