"""Store what an experiment has come to, for the repository and the docs.

``python -m evidence run paper-cpu -- RUN --config FILE --revision REV`` copies from the folder of
an experiment, of which ``shortaxis experiment report`` has been made: predictions, what was watched
in training, costs and tables; and pictures into ``docs/images``. The revision is that of the
package that trained.
"""

from __future__ import annotations

import argparse
import csv
import json
import shutil
import subprocess
from pathlib import Path

from evidence.recording.pictures import keep_picture
from evidence.recording.record import provenance
from evidence.registry.places import IMAGES, REPOSITORY, results_folder
from evidence.registry.rooms import rooms_at
from evidence.registry.table import RESULTS

NAME = "paper-cpu"

PICTURES = (
    "curves",
    "figure3-cnn-stn-three-stages",
    "figure4",
    "figure5-cnn-stn-three-stages",
    "figure6",
    "figure7",
)

COLOURFUL = ("figure6",)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--revision", required=True)
    arguments = parser.parse_args()
    target = (results_folder() / RESULTS[NAME].file).parent
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    copy_predictions(arguments.run, target)
    report = arguments.run / "report"
    for path in sorted(report.iterdir()):
        if path.suffix in (".csv", ".md", ".tex"):
            shutil.copyfile(path, target / path.name)
    for name in PICTURES:
        if (report / f"{name}.png").exists():
            picture = IMAGES / f"experiment-{name}.png"
            keep_picture(report / f"{name}.png", picture, all_colours=name in COLOURFUL)
    write_record(arguments, target)


def copy_predictions(run: Path, target: Path) -> None:
    for path in sorted(run.glob("*/*/predictions.csv")):
        own = target / path.parent.relative_to(run)
        own.mkdir(parents=True)
        shutil.copyfile(path, own / path.name)
        for log in sorted(path.parent.glob("*/logs/*/metrics.csv")):
            watched = own / log.relative_to(path.parent)
            watched.parent.mkdir(parents=True)
            copy_watched(log, watched)
    if (run / "timing.json").exists():
        shutil.copyfile(run / "timing.json", target / "timing.json")


def copy_watched(log: Path, target: Path) -> None:
    """The lines of a log that were written after an epoch."""
    with log.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        names = reader.fieldnames or []
        rows = [row for row in reader if any(row[name] for name in names if "watch" in name)]
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def write_record(arguments: argparse.Namespace, target: Path) -> None:
    config = arguments.config.as_posix()
    revision = subprocess.run(
        ["git", "-C", str(REPOSITORY), "rev-parse", arguments.revision],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    text = (REPOSITORY / config).read_text(encoding="utf-8")
    seed = next(line.split("=")[1].strip() for line in text.splitlines() if line.startswith("seed"))
    trained = sorted(path.parent for path in target.glob("*/*/predictions.csv"))
    facts = provenance(NAME, int(seed))
    record = {
        "command": f"shortaxis experiment run {config} --out RUN --cohorts ../cohorts",
        "stored_with": facts["command"],
        "seed": facts["seed"],
        "git_revision": revision,
        "git_changed_files": [],
        "rooms": rooms_at(revision, RESULTS[NAME].rooms),
        "weights": None,
        "python": facts["python"],
        "processor": facts["processor"],
        "trained": [path.relative_to(target).as_posix() for path in trained],
    }
    (target / "experiment.json").write_text(json.dumps(record, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
