"""What training gave; all of it starts with the folder of a run, which takes hours."""

from __future__ import annotations

from evidence.registry.result import Cohort, Result
from evidence.registry.rows.rooms import PAPER, PHYSICS, POSE

__all__ = ["ROWS"]

WORKS = "docs/explanation/how-the-network-works.md"
EXPERIMENT = "docs/experiment.md"
FOLDER = "evidence/measuring/training"
TRAINED = (*POSE, *PHYSICS, *PAPER)

ROWS = (
    Result(
        "training",
        "What did each stage of the installed weights reach, from how many samples?",
        f"{FOLDER}/training_results.py",
        TRAINED,
        (WORKS, "docs/explanation/model-card.md"),
        1,
        by_hand="the folder of `shortaxis train configs/default.toml`",
    ),
    Result(
        "heads",
        "Which way to give a pose is better, trained alike?",
        f"{FOLDER}/training_results.py",
        TRAINED,
        (WORKS,),
        1,
        by_hand="the folder of `shortaxis train configs/heads.toml`",
    ),
    Result(
        "paper-cpu",
        "How do the paper's networks and ours compare, trained on the same exams?",
        f"{FOLDER}/experiment_results.py",
        TRAINED,
        (EXPERIMENT,),
        1,
        cohorts=(Cohort("paper", 8_700_000, 92),),
        by_hand="the folder of `shortaxis experiment run configs/paper-cpu.toml`",
        stored="paper-cpu/experiment.json",
    ),
    Result(
        "augmentation_gap",
        "Does a network that learnt from augmented images know exams as they are?",
        f"{FOLDER}/augmentation_gap.py",
        TRAINED,
        (EXPERIMENT,),
        10,
        by_hand="folders of `shortaxis experiment run configs/paper-cpu.toml` at two revisions",
    ),
)  # fmt: skip
