"""Whether a network that learnt from augmented images knows exams as they are.

``python -m evidence run augmentation_gap -- RUN@REVISION... --config FILE [--method NAME] [--fold
N]``: errors of a trained network of each run on new images and on the exams' own ones, of exams
that it learnt from and of those that it was validated on. Runs are folders of ``shortaxis
experiment run`` with their prepared images; the revision is that of the package that made images
and trained. Stored in ``augmentation_gap.json``.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from torch.utils.data import Subset

from evidence.recording.record import store_result
from shortaxis.training.paper.experiment import (
    EXAMS_OF_A_PATIENT,
    PARAMETERS,
    PaperExperiment,
    fold_folder,
    read_experiment,
)
from shortaxis.training.paper.prepared import PreparedImages
from shortaxis.training.paper.run import predicted, trained_network
from shortaxis.training.paper.running import PREPARED_FOLDER

EXAMS, NEW_IMAGES = 80, 3
"""Of each kind that are looked at, and new images of each."""


def measure(experiment: PaperExperiment, run: Path, method: str, number: int) -> dict[str, Any]:
    fold = next(each for each in experiment.turns() if each.number == number)
    images = PreparedImages(run / PREPARED_FOLDER / "learning")
    network = trained_network(experiment.run_of(method), run / method / fold_folder(fold))
    found = {}
    for exams, patients in (("learnt from", fold.training), ("validated on", fold.validation)):
        places = [
            place
            for place, seed in enumerate(images.seeds)
            if seed // EXAMS_OF_A_PATIENT in set(patients)
        ][:EXAMS]
        for kind, draws in (("own images", range(1)), ("new images", range(1, 1 + NEW_IMAGES))):
            chosen = [place * images.each + draw for place in places for draw in draws]
            estimates, truths = predicted(network, Subset(images, chosen))
            errors = np.abs(estimates - truths).mean(axis=0)
            correlations = [
                float(np.corrcoef(truths[:, place], estimates[:, place])[0, 1])
                for place in range(len(PARAMETERS))
            ]
            found[f"{exams}, {kind}"] = {
                "images": len(chosen),
                "mean_error": dict(zip(PARAMETERS, errors.tolist(), strict=True)),
                "r": dict(zip(PARAMETERS, correlations, strict=True)),
            }
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", nargs="+", metavar="RUN@REVISION")
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--cohorts", type=Path, default=Path("cohorts"))
    parser.add_argument("--method", default="cnn-stn-three-stages")
    parser.add_argument("--fold", type=int, default=1)
    asked = parser.parse_args()
    experiment = read_experiment(asked.config, asked.cohorts)
    runs = []
    for one in asked.runs:
        folder, _, revision = one.rpartition("@")
        errors = measure(experiment, Path(folder), asked.method, asked.fold)
        runs.append({"trained_at": revision, "errors": errors})
        print(runs[-1])
    store_result("augmentation_gap", {"method": asked.method, "runs": runs}, experiment.seed)


if __name__ == "__main__":
    main()
