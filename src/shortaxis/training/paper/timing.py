"""What methods cost: parameters, minutes of training for an epoch, seconds for an exam.

All are measured side by side: every method once in each round, and of the rounds the median.
Steps of training are those of `shortaxis.training.paper.run`, without the reading of images;
networks predict one exam at a time, from the image on their grid. What is installed, and the
cascade, take an exam as it was acquired.
"""

from __future__ import annotations

import platform
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import torch
from torch import nn
from torch.utils.data import default_collate

from shortaxis._version import __version__
from shortaxis.files.plain_json import write_json
from shortaxis.reorientation.methods import estimate_pose, known_method
from shortaxis.reorientation.weights import BLOCKS, DEFAULT_WEIGHTS, find_weights, load_cascade
from shortaxis.simulation.exam_files import StoredExam
from shortaxis.training.config import Stage
from shortaxis.training.exams import training_exam
from shortaxis.training.losses import block_loss
from shortaxis.training.module import block_of, grid_of
from shortaxis.training.paper.cascade import cascade_stages
from shortaxis.training.paper.experiment import EXAMS_OF_A_PATIENT, PaperExperiment
from shortaxis.training.paper.images import PaperImages, paper_exam, with_both_channels
from shortaxis.training.paper.methods import METHODS, Kind
from shortaxis.training.paper.settings import PaperRun
from shortaxis.training.paper.stages import BATCH, PaperStage, begin_stage, stages_of
from shortaxis.training.samples import Samples

__all__ = ["TIMING_FILE", "measure_costs", "write_costs"]

TIMING_FILE = "timing.json"

ROUNDS = 5

Work = Callable[[], object]


@dataclass(frozen=True, eq=False)
class _Method:
    """What is timed of a method.

    ``steps`` are pieces of training, each with the number of times that an epoch has it.
    """

    parameters: int | None
    steps: tuple[tuple[Work, float], ...]
    predict: Work


def measure_costs(experiment: PaperExperiment, rounds: int = ROUNDS) -> dict[str, Any]:
    """Parameters, minutes for an epoch and seconds for an exam, by method.

    Parameters
    ----------
    experiment : PaperExperiment
        Its first fold gives the length of an epoch, its first test exam what is predicted.
    rounds : int
        After one that warms up.

    Returns
    -------
    dict
        As ``timing.json`` has it.
    """
    exam = experiment.test.exam(experiment.test.first, experiment.test.paths[0])
    patients = len(next(experiment.turns()).training)
    images = patients * EXAMS_OF_A_PATIENT * (1 + experiment.draws)
    timed = {name: _method(experiment, name, exam, images) for name in experiment.methods}
    seconds: dict[str, list[tuple[float, ...]]] = {name: [] for name in timed}
    for number in range(rounds + 1):
        for name, method in timed.items():
            taken = tuple(map(_seconds, [*(work for work, _ in method.steps), method.predict]))
            if number:
                seconds[name].append(taken)
    return {
        "software_version": __version__,
        "machine": f"{_device_name()}, {torch.get_num_threads()} threads",
        "exams_per_epoch": images,
        "rounds": rounds,
        "methods": {name: _facts(method, seconds[name]) for name, method in timed.items()},
    }


def write_costs(
    experiment: PaperExperiment, folder: Path, rounds: int = ROUNDS, threads: int = 0
) -> Path:
    """Write them as ``timing.json`` into the folder of an experiment.

    With so many threads of the CPU; 0: as many as there are.
    """
    if threads:
        torch.set_num_threads(threads)
    folder.mkdir(parents=True, exist_ok=True)
    return write_json(folder / TIMING_FILE, measure_costs(experiment, rounds))


def _facts(method: _Method, seconds: list[tuple[float, ...]]) -> dict[str, Any]:
    *steps, predict = [median(each) for each in zip(*seconds, strict=True)]
    epoch = sum(taken * times for taken, (_, times) in zip(steps, method.steps, strict=True))
    return {
        "parameters": method.parameters,
        "minutes_per_epoch": round(epoch / 60, 4) if steps else None,
        "prediction_s": round(predict, 5),
    }


def _seconds(work: Work) -> float:
    start = time.perf_counter()
    work()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter() - start


def _device_name() -> str:
    return torch.cuda.get_device_name() if torch.cuda.is_available() else platform.machine()


def _method(experiment: PaperExperiment, name: str, exam: StoredExam, images: int) -> _Method:
    kind = METHODS[name].kind
    if kind is Kind.NETWORK:
        return _network(experiment.run_of(name), exam, images)
    if kind is Kind.CASCADE:
        return _cascade(cascade_stages(images, experiment.precision, 0), exam, images)
    count = _installed_parameters() if known_method(METHODS[name].name).takes_weights else None
    return _Method(count, (), lambda: estimate_pose(exam.volume, METHODS[name].name))


def _network(run: PaperRun, exam: StoredExam, images: int) -> _Method:
    device = "cuda" if torch.cuda.is_available() else "cpu"
    network = run.fresh().to(device)
    image = PaperImages([paper_exam(exam, run.grid)], draws=0)[0]
    counts = image["counts"][None].to(device)
    batch = counts.expand(BATCH, -1, -1, -1, -1), image["parameters"].to(device).expand(BATCH, -1)
    stages = stages_of(network)
    epochs = sum(map(run.epochs_of, stages))

    def step_of(stage: PaperStage) -> Work:
        def step() -> None:
            optimizer, _ = begin_stage(network, stage, 1)
            network.train()
            seen = with_both_channels(batch[0])
            with _autocast(run.precision, device):
                estimate = network(seen, stage.blocks)
            torch.autograd.backward(run.loss(seen, estimate, batch[1], stage))
            optimizer.step()
            optimizer.zero_grad()

        return step

    @torch.inference_mode()
    def predict() -> None:
        network.eval()(with_both_channels(counts)).cpu()

    each = images // BATCH / epochs
    steps = tuple((step_of(stage), each * run.epochs_of(stage)) for stage in stages)
    return _Method(_count(network), steps, predict)


def _cascade(stages: tuple[Stage, ...], exam: StoredExam, images: int) -> _Method:
    blocks = {stage.block: block_of(stage).train() for stage in stages}

    def step_of(stage: Stage) -> Work:
        grid = grid_of(stage)
        samples = Samples(
            [training_exam(exam, grid)],
            grid,
            is_localiser=stage.block == BLOCKS[0],
            count=stage.batch,
            seed=0,
        )
        optimizer = torch.optim.AdamW(blocks[stage.block].parameters())

        def step() -> None:
            batch = default_collate([samples[number] for number in range(stage.batch)])
            with _autocast(stage.precision, "cpu"):
                output = blocks[stage.block](batch["counts"])
            torch.autograd.backward(block_loss(output, batch)["loss"])
            optimizer.step()
            optimizer.zero_grad()

        return step

    each = images / len(stages) / Stage.batch
    _, cascade = load_cascade(DEFAULT_WEIGHTS)
    return _Method(
        sum(map(_count, blocks.values())),
        tuple((step_of(stage), each) for stage in stages),
        lambda: cascade.find(exam.volume),
    )


def _autocast(precision: str, device: str) -> torch.autocast:
    return torch.autocast(device, torch.bfloat16, enabled=precision.startswith("bf16"))


def _count(network: nn.Module) -> int:
    return sum(each.numel() for each in network.parameters())


def _installed_parameters() -> int:
    blocks = find_weights(DEFAULT_WEIGHTS).values["blocks"]
    return sum(int(blocks[block]["parameters"]) for block in BLOCKS)
