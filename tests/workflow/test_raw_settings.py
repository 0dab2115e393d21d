"""How a laboratory reconstructs, stated in a file once, and taken by every verb and the node."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from pydicom import Dataset

from raw_exams import write_raw_exam
from shortaxis.errors import OptionError, ShortAxisError, UnreadableFileError
from shortaxis.service.reading_rules import ReadingRules
from shortaxis.spect.reading_options import ReadingOptions
from shortaxis.spect.stated_acquisition import StatedAcquisition
from shortaxis.spect.stated_reconstruction import StatedReconstruction
from shortaxis.workflow.studies.finding import find_studies
from shortaxis.workflow.studies.raw_settings import read_raw_settings
from verb_run import Run

Verb = Callable[..., Run]

LABORATORY = """
[reconstruction]
method = "fbp"
cutoff = 1
cutoff_unit = "nyquist"
motion = "ignore"

[acquisition]
start_angles_deg = [225, 135.0]
radius_mm = 240
"""


def written(folder: Path, text: str, name: str = "laboratory.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def without_start(dataset: Dataset) -> None:
    """A camera that never says where it begins."""
    del dataset.RotationInformationSequence[0].StartAngle
    for item in dataset.DetectorInformationSequence:
        if "StartAngle" in item:
            del item.StartAngle


def test_a_file_states_a_reconstruction_and_an_acquisition(tmp_path: Path) -> None:
    reconstruction, acquisition = read_raw_settings(written(tmp_path, LABORATORY))

    assert reconstruction == StatedReconstruction(
        method="fbp", cutoff=1.0, cutoff_unit="nyquist", motion="ignore"
    )
    assert acquisition == StatedAcquisition((225.0, 135.0), radius_mm=240.0)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[reconstruction", "is no file of raw settings"),
        ("[collimator]", "unknown table"),
        ("reconstruction = 3", "a table is none"),
        ("[reconstruction]\nzoom = 2", "unknown setting"),
        ("[reconstruction]\ncutoff = '0.5'", "cutoff is of another kind"),
        ("[reconstruction]\niterations = 2.5", "iterations is of another kind"),
        ("[reconstruction]\nsubsets = true", "subsets is of another kind"),
        ("[reconstruction]\npreset = 'best'", "unknown preset"),
        ("[reconstruction]\nmotion = 'hide'", "unknown handling of motion"),
        ("[reconstruction]\ncutoff = -1", "cutoff_per_cm out of range"),
        ("[acquisition]\nstart_angles_deg = 225", "start_angles_deg is of another kind"),
        ("[acquisition]\nstart_angles_deg = ['left']", "start_angles_deg is of another kind"),
        ("[acquisition]\nradius_mm = 5", "stated radius is impossible"),
    ],
)
def test_what_means_nothing_is_refused_and_the_file_is_named(
    tmp_path: Path, text: str, words: str
) -> None:
    path = written(tmp_path, text)

    with pytest.raises(ShortAxisError, match=words) as caught:
        read_raw_settings(path)

    assert caught.value.path == str(path)
    assert caught.value.expected


@pytest.mark.parametrize(
    ("record", "kind", "words"),
    [
        ({"schema": "shortaxis/report/1"}, UnreadableFileError, "holds no raw settings"),
        ([], UnreadableFileError, "holds no raw settings"),
        ({"raw_settings": {"attenuation_map": True}}, OptionError, "correct attenuation"),
    ],
)
def test_a_record_without_settings_for_all_is_refused_with_a_way_on(
    tmp_path: Path, record: object, kind: type[ShortAxisError], words: str
) -> None:
    path = written(tmp_path, json.dumps(record), "reconstruction.json")

    with pytest.raises(kind, match=words) as caught:
        read_raw_settings(path)

    assert "shortaxis reconstruct" in (caught.value.way_on or "")


def test_the_options_of_a_reconstruction_are_used_again(tmp_path: Path, shortaxis: Verb) -> None:
    exam = write_raw_exam(tmp_path / "raw.dcm")
    options = ("--method", "fbp", "--filter", "hann", "--cutoff", "0.7", "--motion", "ignore")
    first, again = tmp_path / "first", tmp_path / "again"
    shortaxis("reconstruct", exam, "-o", first, *options, "--radius", "200")

    run = shortaxis(
        "reconstruct", exam, "-o", again, "--raw-settings", first / "reconstruction.json",
        "--cutoff", "0.6",
    )  # fmt: skip

    assert run.code == 0, run.err
    before, after = (
        json.loads((out / "reconstruction.json").read_text()) for out in (first, again)
    )
    assert before["settings"]["post_filter"].pop("cutoff_per_cm") == 0.7
    # What is typed goes before what the file says.
    assert after["settings"]["post_filter"].pop("cutoff_per_cm") == 0.6
    assert after["settings"] == before["settings"]
    assert after["raw_settings"]["acquisition"] == {"radius_mm": 200}


def test_a_camera_that_never_says_where_it_begins_is_reoriented_as_stated(
    tmp_path: Path, shortaxis: Verb
) -> None:
    exam = write_raw_exam(tmp_path / "raw.dcm", change=without_start)
    text = "[reconstruction]\nmotion = 'ignore'\npreset = 'fbp'\n"
    bare = written(tmp_path, text, "bare.toml")
    stated = written(tmp_path, text + "[acquisition]\nstart_angles_deg = [225]\n")

    refused = shortaxis("reorient", exam, "-o", tmp_path / "none", "--raw-settings", bare)
    run = shortaxis("reorient", exam, "-o", tmp_path / "out", "--raw-settings", stated)

    assert refused.code != 0
    assert "--start-angle 225" in refused.err
    assert run.code == 0, run.err
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert report["source"]["reconstructed_here"].startswith("FBP")
    assert any("start angle 225 degrees" in each for each in report["quality"]["reasons"])


def test_python_reads_as_stated(tmp_path: Path) -> None:
    exam = write_raw_exam(tmp_path / "raw.dcm")
    stated = StatedReconstruction(method="fbp", motion="ignore")

    (found,) = find_studies(exam, options=ReadingOptions(reconstruction=stated)).studies

    assert (found.load().study.facts.reconstructed_here or "").startswith("FBP")


def test_a_node_reads_the_file_once(tmp_path: Path) -> None:
    path = written(tmp_path, LABORATORY)
    rules = ReadingRules(raw_settings=str(path))

    path.unlink()

    assert rules.options.reconstruction.method == "fbp"
    assert rules.options.acquisition.radius_mm == 240
    with pytest.raises(ShortAxisError, match="does not exist"):
        ReadingRules(raw_settings=str(path))
