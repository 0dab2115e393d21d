"""Run a training of the wall network to its end, or on from where it was stopped.

The samples of an epoch follow from its number alone, so a run that was stopped goes on with the
same ones.
"""

from __future__ import annotations

import contextlib
import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import DataLoader, Subset

from shortaxis._version import __version__
from shortaxis.errors import OptionError
from shortaxis.files.plain_json import OF_ANOTHER_SHAPE, write_json
from shortaxis.files.whole_files import written_whole
from shortaxis.network.wall import WallNetwork, WallSize
from shortaxis.training.loop import LAST_CHECKPOINT, trained_alone
from shortaxis.training.module import rate
from shortaxis.training.stage_facts import STAGE_FILE, require_same
from shortaxis.training.wall.config import WallSettings, WallTraining
from shortaxis.training.wall.exams import load_wall_exams
from shortaxis.training.wall.losses import wall_loss
from shortaxis.training.wall.samples import WallSample, WallSamples

__all__ = ["fresh_network", "read_wall_facts", "read_wall_network", "train_wall"]

LOG_FILE = "losses.csv"


def fresh_network(settings: WallSettings) -> WallNetwork:
    """The network of some settings, with weights by the seed."""
    torch.manual_seed(settings.seed)
    return WallNetwork(WallSize(channels=settings.channels, blocks=settings.blocks))


def train_wall(
    config: WallTraining,
    folder: Path,
    *,
    start: Path | None = None,
    epochs: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Path:
    """Train the network; a folder with a checkpoint goes on from it, with the same samples.

    Parameters
    ----------
    config : WallTraining
        Exams and settings.
    folder : Path
        Of the run: ``stage.json`` says what it was begun with, ``last.ckpt`` is the checkpoint and
        ``losses.csv`` has a row an epoch.
    start : Path, optional
        Folder of another run, whose network this one begins with; to go on, name it again.
    epochs : int, optional
        Stop after so many epochs in all; a later call goes on.
    progress : callable, optional
        Is told how many epochs of how many are done.

    Returns
    -------
    Path
        The last checkpoint.

    Raises
    ------
    OptionError
        If exams are missing, or not those of their range, the run was begun with others, or the
        network to start with is of another size.
    OutputError
        If another process trains in the same folder.
    """
    config.require_exams(("train",))
    settings, checkpoint = config.settings, folder / LAST_CHECKPOINT
    facts = {"package": __version__, **config.facts}
    if start is not None:
        facts["start"] = _start_facts(start)
    if checkpoint.exists():
        require_same(folder, facts, read_wall_facts(folder))
    folder.mkdir(parents=True, exist_ok=True)
    with trained_alone(folder):
        if not checkpoint.exists():
            write_json(folder / STAGE_FILE, facts)
        run = _Run(settings, checkpoint)
        if start is not None and not checkpoint.exists():
            run.begin_with(start)
        last = settings.epochs if epochs is None else min(epochs, settings.epochs)
        if run.epoch < last:
            samples = WallSamples(
                load_wall_exams(config.train),
                settings.epochs * settings.epoch_samples,
                settings.seed,
                tone=settings.tone,
                far=settings.far,
            )
        while run.epoch < last:
            losses = run.one_epoch(samples)
            _log(folder / LOG_FILE, run.epoch, losses)
            run.save(checkpoint)
            if progress is not None:
                progress(run.epoch, last)
    return checkpoint


def read_wall_facts(folder: Path) -> dict[str, Any]:
    """What a run was begun with.

    Raises
    ------
    OptionError
        If the folder does not say it.
    """
    path = folder / STAGE_FILE
    try:
        facts: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        WallSettings(**facts["settings"])
        return facts
    except (OSError, *OF_ANOTHER_SHAPE) as error:
        raise OptionError(
            "does not say what the training was begun with",
            path=path,
            expected="settings and exams, written before training begins",
            found=f"{type(error).__name__}: {error}",
            cause="a checkpoint that was copied without this file",
            way_on="train in another folder",
        ) from error


def read_wall_network(folder: Path) -> WallNetwork:
    """The network of a run's last checkpoint, set to evaluate.

    Raises
    ------
    OptionError
        If it was not trained to the end.
    """
    settings = WallSettings(**read_wall_facts(folder)["settings"])
    checkpoint = folder / LAST_CHECKPOINT
    run = _Run(settings, checkpoint)
    if run.epoch < settings.epochs:
        raise OptionError(
            "the wall network has not been trained to its end",
            path=checkpoint,
            expected=f"{settings.epochs} epochs",
            found=f"{run.epoch}",
            way_on="train it on with the same configuration and folder",
        )
    return run.network.eval()


def _start_facts(folder: Path) -> dict[str, Any]:
    """Which run another one begins with, and how far it had come."""
    facts = read_wall_facts(folder)
    epochs = torch.load(folder / LAST_CHECKPOINT, map_location="cpu", weights_only=True)["epoch"]
    return {**facts, "epochs": epochs}


class _Run:
    """Network, optimiser and the epochs behind them."""

    def __init__(self, settings: WallSettings, checkpoint: Path) -> None:
        self.settings = settings
        self.network = fresh_network(settings)
        kernels = [each for each in self.network.parameters() if each.ndim > 1]
        others = [each for each in self.network.parameters() if each.ndim <= 1]
        self.optimizer = torch.optim.AdamW(
            [
                {"params": kernels, "weight_decay": settings.weight_decay},
                {"params": others, "weight_decay": 0.0},
            ],
            lr=settings.learning_rate,
        )
        self.epoch = 0
        if checkpoint.exists():
            state = torch.load(checkpoint, map_location="cpu", weights_only=True)
            self.network.load_state_dict(state["network"])
            self.optimizer.load_state_dict(state["optimizer"])
            self.epoch = state["epoch"]

    def begin_with(self, folder: Path) -> None:
        """Take over the network of another run, not how it was learnt."""
        path = folder / LAST_CHECKPOINT
        state = torch.load(path, map_location="cpu", weights_only=True)
        try:
            self.network.load_state_dict(state["network"])
        except RuntimeError as error:
            raise OptionError(
                "the network to start with is of another size",
                path=path,
                expected=f"{self.settings.channels} channels, {self.settings.blocks} blocks",
                found=str(read_wall_facts(folder)["settings"]),
                way_on="take the size of that run into the configuration",
            ) from error

    def one_epoch(self, samples: WallSamples) -> dict[str, float]:
        """Learn from the samples of the next epoch; the mean of every term of the loss."""
        self.network.train()
        sums: dict[str, float] = {}
        batches = list(self._batches(samples))
        for number, batch in enumerate(_loaded(samples, batches)):
            done = (self.epoch + number / len(batches)) / self.settings.epochs
            for group in self.optimizer.param_groups:
                group["lr"] = self.settings.learning_rate * max(rate(done), 1e-3)
            with self._autocast():
                output = self.network(batch["counts"], batch["context"])
            terms = wall_loss(output, batch)
            self.optimizer.zero_grad()
            terms["loss"].backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(self.network.parameters(), 5.0)
            self.optimizer.step()
            for name, value in terms.items():
                sums[name] = sums.get(name, 0.0) + float(value.detach()) / len(batches)
        self.epoch += 1
        return sums

    def save(self, checkpoint: Path) -> None:
        """Write the state whole."""
        state = {
            "network": self.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "epoch": self.epoch,
        }
        with written_whole(checkpoint) as partial, partial.open("wb") as file:
            torch.save(state, file)

    def _batches(self, samples: WallSamples) -> Iterator[range]:
        size = self.settings.epoch_samples
        first = self.epoch * size
        for start in range(first, first + size, self.settings.batch):
            yield range(start, start + self.settings.batch)

    def _autocast(self) -> contextlib.AbstractContextManager[Any]:
        if self.settings.precision == "32-true":
            return contextlib.nullcontext()
        return torch.autocast("cpu", dtype=torch.bfloat16)


def _loaded(samples: WallSamples, batches: list[range]) -> Iterator[WallSample]:
    numbers = Subset(samples, range(batches[0].start, batches[-1].stop))
    yield from DataLoader(numbers, batch_size=len(batches[0]))


def _log(path: Path, epoch: int, losses: dict[str, float]) -> None:
    is_new = not path.exists()
    with path.open("a", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        if is_new:
            writer.writerow(["epoch", *losses])
        writer.writerow([epoch, *(f"{value:.4f}" for value in losses.values())])
