"""What the sources of one revision answer, a line of JSON for each study that is asked for.

`same_answers` starts this module with the sources of either revision. Lines of its input are names
of cases: ``exam:KIND:SEED`` for one that is simulated here, ``file:PATH`` for what lies there.
Answers are compared as text, so that every digit counts; identifiers that are drawn anew at every
run are left out, and so are folders of this machine.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pydicom

import shortaxis
from evidence.measuring.robustness.patient_courses import moving_exam
from evidence.measuring.speed.ratio_studies import write_pet
from shortaxis.errors import HeartNotFoundError, ShortAxisError
from shortaxis.geometry.pose import RigidPose
from shortaxis.nifti.writing import write_nifti
from shortaxis.reorientation.estimate import PoseEstimate
from shortaxis.reorientation.methods import estimate_pose
from shortaxis.reorientation.network_estimate import measured_estimate
from shortaxis.simulation.exam import SimulatedExam
from shortaxis.simulation.exam_files import CohortFormat, write_exam
from shortaxis.simulation.presets import sample_scenario
from shortaxis.simulation.simulating import simulate
from shortaxis.spect.reading_options import AS_STORED, RawProjections
from shortaxis.spect.study import PerfusionStudy
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.consistency.measuring import measure_study_consistency
from shortaxis.workflow.consistency.options import ConsistencyOptions
from shortaxis.workflow.consistency.record import build_consistency_record
from shortaxis.workflow.quantify.function_record import function_record
from shortaxis.workflow.quantify.quantifying import QuantifyOptions, quantify_study
from shortaxis.workflow.quantify.record import build_quantification
from shortaxis.workflow.reorient.options import ReorientOptions
from shortaxis.workflow.reorient.record import build_report
from shortaxis.workflow.reorient.reorienting import Reorientation, reorient_study
from shortaxis.workflow.studies.finding import FoundStudy, find_studies

Answer = dict[str, Any]

READING = replace(AS_STORED, whole_body=True, raw=RawProjections.ALL)
"""Takes what can be taken without a person."""

PET_SHAPE, PET_MM = (90, 200, 200), 1.9
"""Small enough to be averaged."""

TIME_SLOTS = 8

CUT_MM = (25.0, 90.0)
"""From the middle of the heart to where a side of the field is cut, drawn for each."""

MOTIONS = 3

DRAWN_ANEW = ("UI", "DA", "TM", "DT")
"""Value representations of what a written object holds of the moment it was written at."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sources", type=Path)
    parser.add_argument("--quantify", action="store_true", help="every fourth study, too")
    arguments = parser.parse_args()
    if not Path(shortaxis.__file__).is_relative_to(arguments.sources):
        parser.error(f"the package was taken from elsewhere than {arguments.sources}")
    for number, line in enumerate(sys.stdin):
        with tempfile.TemporaryDirectory() as folder:
            further = arguments.quantify and number % 4 == 0
            answer = answer_of(line.strip(), Path(folder), further=further)
            told = json.dumps(answer, sort_keys=True, default=str).replace(folder, "")
        sys.stdout.write(told + "\n")
        sys.stdout.flush()


def answer_of(case: str, folder: Path, *, further: bool) -> Answer:
    """All that is answered about a case; `further` asks for what is measured of its wall, too."""
    kind, _, name = case.partition(":")
    if kind == "file":
        return {"studies": studies_of(Path(name), folder, further=further)}
    preset, _, seed = name.partition(":")
    path, exam = KINDS[preset](int(seed), folder)
    gates = None if exam.gates is None else hash_of(exam.gates)
    counts = {"counts": hash_of(exam.volume.counts), "gates": gates, "truth": plain_pose(exam.pose)}
    return {"exam": counts, "studies": studies_of(path, folder, further=further)}


def studies_of(path: Path, folder: Path, *, further: bool) -> Answer:
    """Answers about every study under a path; what is refused, and in which words."""
    try:
        found = find_studies(path, options=READING)
    except ShortAxisError as error:
        return {"refused": words_of(error)}
    names = found.folder_names()
    answers = {
        name: study_answer(study, folder / "out" / name, further=further)
        for name, study in zip(names, found.studies, strict=True)
    }
    return {"studies": answers, "skipped": [item.reason for item in found.skipped]}


def study_answer(found: FoundStudy, out: Path, *, further: bool) -> Answer:
    """Pose, flag, bounds, measures, slices and files of one study."""
    try:
        loaded = found.load()
        study = loaded.study
        answer: Answer = {
            "volume": hash_of(study.volume.counts, study.volume.patient_from_index),
            "gates": None if study.gates is None else hash_of(study.gates),
            "notes": [str(each) for each in study.notes],
            "measures": measures_of(study.volume),
            "ellipsoid": ellipsoid_of(study.volume),
        }
        if further:
            answer |= further_answers(study)
        made = reorient_study(study, ReorientOptions(), None, loaded.header)
    except ShortAxisError as error:
        return {"refused": words_of(error)}
    return answer | {
        "report": build_report(made) | {"software": None},
        "estimate": plain_estimate(made.estimate),
        "slices": {
            view.name: hash_of(cut.counts, cut.patient_from_index)
            for view, cut in made.views.items()
        },
        "files": files_of(made, out),
    }


def words_of(error: ShortAxisError) -> list[str]:
    return [type(error).__name__, str(error)]


def measures_of(volume: SpectVolume) -> Answer | str:
    """Everything that the flag is judged by."""
    try:
        _, measures = measured_estimate(volume)
    except HeartNotFoundError as error:
        return str(error)
    return {measure.key: float(value).hex() for measure, value in measures.items()}


def ellipsoid_of(volume: SpectVolume) -> Answer | str:
    try:
        return plain_estimate(estimate_pose(volume, "ellipsoid"))
    except HeartNotFoundError as error:
        return str(error)


def plain_estimate(estimate: PoseEstimate) -> Answer:
    """Every digit of it; what has no numbers in arrays is written out."""
    quality, bounds, extent = estimate.quality, estimate.uncertainty, estimate.extent
    return {**plain_pose(estimate.pose), "said": [str(each) for each in (quality, bounds, extent)]}


def plain_pose(pose: RigidPose) -> Answer:
    return {"axes": pose.patient_from_cardiac.tolist(), "center_mm": pose.center_mm.tolist()}


def further_answers(study: PerfusionStudy) -> Answer:
    """What goes on from the pose: how it follows motions, polar map, scores and function."""
    options = ConsistencyOptions(motions=MOTIONS)
    try:
        consistency = build_consistency_record(measure_study_consistency(study, options))
        quantified = quantify_study(study, QuantifyOptions())
        function = quantified.function
    except ShortAxisError as error:
        return {"further": words_of(error)}
    return {
        "consistency": consistency | {"software": None},
        "quantified": build_quantification(quantified) | {"software": None},
        "polar_map": hash_of(quantified.traced.polar_map.counts),
        "function": None if function is None else function_record(function),
    }


def files_of(made: Reorientation, out: Path) -> Answer:
    """Hashes of everything that is written but reports, whose content is compared itself."""
    formats = ["nifti"] if made.header is None else ["dicom", "nifti"]
    written = shortaxis.write(made, out, formats=formats, review_sheet=False)
    return {
        path.name: object_hash(path)
        if path.suffix == ".dcm"
        else sha256(path.read_bytes()).hexdigest()
        for path in sorted(written)
        if path.name != "report.json"
    }


def object_hash(path: Path) -> str:
    """Of all elements of a DICOM object but those that are drawn anew at every run."""
    dataset = pydicom.dcmread(path)
    dataset.walk(_without_what_is_drawn_anew)
    return sha256(dataset.to_json(bulk_data_threshold=2**40).encode()).hexdigest()


def _without_what_is_drawn_anew(dataset: pydicom.Dataset, element: pydicom.DataElement) -> None:
    if element.VR in DRAWN_ANEW:
        del dataset[element.tag]


def hash_of(*arrays: np.ndarray) -> str:
    """Of type, shape and every bit of arrays."""
    found = sha256()
    for each in arrays:
        found.update(f"{each.dtype} {each.shape}".encode())
        found.update(np.ascontiguousarray(each).tobytes())
    return found.hexdigest()


# Exams


def _stored(exam: SimulatedExam, folder: Path) -> tuple[Path, SimulatedExam]:
    return write_exam(exam, folder, CohortFormat.DICOM) / "study.dcm", exam


def _of_preset(preset: str, time_slots: int = 0) -> Callable[[int, Path], Any]:
    def make(seed: int, folder: Path) -> tuple[Path, SimulatedExam]:
        return _stored(simulate(sample_scenario(preset, seed, time_slots=time_slots)), folder)

    return make


def _moving(seed: int, folder: Path) -> tuple[Path, SimulatedExam]:
    return _stored(moving_exam("clinical", seed), folder)


def _as_pet(seed: int, folder: Path) -> tuple[Path, SimulatedExam]:
    path, exam = _of_preset("clinical")(seed, folder)
    write_pet(folder / "pet", path, PET_SHAPE, PET_MM)
    return folder / "pet", exam


def _cut(seed: int, folder: Path) -> tuple[Path, SimulatedExam]:
    """A side of the field passes through the heart or close by, as a NIfTI file."""
    exam = simulate(sample_scenario("clinical", seed))
    volume, rng = exam.volume, np.random.default_rng(seed)
    index = np.linalg.solve(volume.patient_from_index, [*exam.pose.center_mm, 1.0])[:3]
    axis, side = int(rng.integers(3)), int(rng.integers(2))
    away = float(rng.uniform(*CUT_MM)) / volume.spacing_mm[axis]
    place = int(np.clip(index[axis] + (away if side else -away), 0, volume.shape[axis]))
    kept = [slice(None)] * 3
    kept[axis] = slice(None, place) if side else slice(place, None)
    affine = volume.patient_from_index.copy()
    affine[:3, 3] += affine[:3, axis] * (0 if side else place)
    path = folder / "cut.nii.gz"
    write_nifti(path, volume.counts[tuple(kept)], affine)
    return path, exam


def _raw(seed: int, folder: Path) -> tuple[Path, SimulatedExam]:
    exam = simulate(sample_scenario("parallel", seed), scatter_windows=True)
    path = write_exam(exam, folder, CohortFormat.DICOM, with_projections=True)
    # The slices of the simulator are another study.
    (path / "study.dcm").unlink()
    return path, exam


KINDS: dict[str, Callable[[int, Path], tuple[Path, SimulatedExam]]] = {
    "clinical": _of_preset("clinical"),
    "wide": _of_preset("wide"),
    "moving": _moving,
    "pet": _as_pet,
    "gated": _of_preset("clinical", TIME_SLOTS),
    "cut": _cut,
    "raw": _raw,
}


if __name__ == "__main__":
    main()
