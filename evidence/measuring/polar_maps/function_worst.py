"""Pictures of the gated exams whose ejection fraction was found worst.

``python -m evidence run function_worst -- [--cohorts FOLDER] [--pictures FOLDER]`` draws the
function sheets of the exams that the result `function` names.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from tempfile import TemporaryDirectory

from evidence.measuring.polar_maps.function import GATED_400
from evidence.measuring.polar_maps.gated_exams import GatedExam
from evidence.recording.options import add_cohorts, add_pictures
from evidence.recording.pictures import keep_picture
from evidence.recording.record import store_pictures
from evidence.registry.places import IMAGES, results_folder
from shortaxis.spect.study import AcquisitionFacts, PerfusionStudy
from shortaxis.workflow.drawing.png import png_of
from shortaxis.workflow.quantify.function_sheet import draw_function_sheet
from shortaxis.workflow.quantify.function_study import function_of


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add_cohorts(parser)
    add_pictures(parser)
    asked = parser.parse_args()
    folder = asked.pictures or IMAGES
    named = json.loads((results_folder() / "function.json").read_text(encoding="utf-8"))["worst"]
    made = []
    for number, each in enumerate(named, start=1):
        exam = GATED_400.exam(asked.cohorts, each["seed"])
        made.append(draw(exam, folder / f"function-worst-{number}.png"))
    store_pictures("function_worst", made, GATED_400.first)


def draw(exam: GatedExam, picture: Path) -> Path:
    """The sheet of one exam along the pose that is found."""
    study = PerfusionStudy(exam.stored.volume, exam.gates, AcquisitionFacts())
    pose = exam.estimate.pose
    function = function_of(study, pose, pose, "onset")
    if function is None:
        raise SystemExit("no time slots")
    with TemporaryDirectory() as folder:
        sheet = Path(folder) / "sheet.png"
        sheet.write_bytes(png_of(draw_function_sheet(study, function)))
        keep_picture(sheet, picture)
    return picture


if __name__ == "__main__":
    main()
