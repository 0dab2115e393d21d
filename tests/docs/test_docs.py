"""The documentation says what the code does, and its links lead somewhere."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path

import numpy as np
import pytest

from doc_tables import table_below
from drawn_heart import draw_study, transaxial_grid, usual_pose
from evidence.measuring.pose.demo_study import measure
from evidence.pages.blocks import block_text, pages_with_blocks, with_results
from evidence.pages.values.benchmarks import part_text
from evidence.recording.aims import compared_with_aims
from repository import DOCS, REPOSITORY
from shortaxis.anatomy.cardiac_views import CardiacView, Wall
from shortaxis.geometry.cube_symmetries import FLIPS, ORDERS, WayRound
from shortaxis.geometry.euler import PoseParameters, pose_from_parameters
from shortaxis.geometry.pose import RigidPose
from shortaxis.inference.weights_record import WeightsRecord
from shortaxis.reorientation.estimate import PoseUncertainty
from shortaxis.reorientation.handedness import Handedness
from shortaxis.reorientation.handedness_words import handedness_record
from shortaxis.reorientation.pose_record import (
    POSE_SCHEMA,
    estimate_from_record,
    parse_pose_json,
    record_from_estimate,
)

PAGES = sorted(DOCS.rglob("*.md"))
PROSE = [*PAGES, *(REPOSITORY / f"{name}.md" for name in ("README", "CHANGELOG", "CONTRIBUTING"))]
PROSE += [REPOSITORY / "CITATION.cff", REPOSITORY / "mkdocs.yml"]
SOURCES = sorted((DOCS / "figures").glob("*.py"))
PICTURES = sorted(DOCS.rglob("*.png"))
END_OF_PNG = b"IEND\xae\x42\x60\x82"
"""The last chunk of the format and its checksum."""

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#{1,6} +(.+?)\s*$", re.MULTILINE)
FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)

# Spelled apart, so that this file does not hold what it looks for.
FORBIDDEN = [
    r"\b" + "A" + r"I\b",
    "artificial" + " intelligence",
    r"\bag" + r"ents?\b",
    r"\bL" + r"LM",
    "language" + " model",
    "ant" + "hropic",
    "cl" + "aude",
    "chat" + "gpt",
    "co" + "pilot",
    r"\bissue #?\d",
    r"\bTO" + r"DO\b",
    "FIX" + "ME",
]
MACHINE_PATHS = re.compile(r"(?<![\w.])/(?:home|root|work|tmp|Users|mnt)/|[A-Z]:\\\\")


def name_of(path: Path) -> str:
    return path.relative_to(REPOSITORY).as_posix()


def text_without_code(page: Path) -> str:
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def anchors_of(page: Path) -> set[str]:
    headings = HEADING.findall(text_without_code(page))
    return {
        re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", heading).strip().lower())
        for heading in headings
    }


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_relative_link_and_image_leads_to_something(page: Path) -> None:
    for target in LINK.findall(text_without_code(page)):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page

        assert file.is_file(), f"{target} leads nowhere"
        if anchor:
            assert anchor in anchors_of(file), f"{target} names no heading"


@pytest.mark.parametrize("picture", PICTURES, ids=name_of)
def test_every_picture_is_whole(picture: Path) -> None:
    assert picture.read_bytes().endswith(END_OF_PNG), "it was copied while it was written"


def test_every_page_is_in_the_navigation() -> None:
    navigation = (REPOSITORY / "mkdocs.yml").read_text(encoding="utf-8").split("\nnav:")[1]

    listed = set(re.findall(r"[\w/-]+\.md", navigation))

    assert listed == {page.relative_to(DOCS).as_posix() for page in PAGES}


def test_no_setting_of_the_site_is_given_twice() -> None:
    """The last one would count, and nobody would say so."""
    lines = (REPOSITORY / "mkdocs.yml").read_text(encoding="utf-8").splitlines()
    settings = [line.split(":")[0] for line in lines if re.match(r"\w+:", line)]

    assert len(settings) == len(set(settings))


def test_every_page_is_reached_by_links_from_the_first_one() -> None:
    reached, waiting = set(), [DOCS / "index.md"]
    while waiting:
        page = waiting.pop()
        reached.add(page)
        targets = (target.partition("#")[0] for target in LINK.findall(text_without_code(page)))
        pages = {(page.parent / path).resolve() for path in targets if path.endswith(".md")}
        waiting += [each for each in pages if each.is_file() and each not in reached]

    assert sorted(map(name_of, reached)) == list(map(name_of, PAGES))


def test_the_first_page_links_every_other_page_itself() -> None:
    targets = LINK.findall(text_without_code(DOCS / "index.md"))

    linked = {(DOCS / target.partition("#")[0]).resolve() for target in targets}

    assert [name_of(page) for page in PAGES if page not in {DOCS / "index.md", *linked}] == []


@pytest.mark.parametrize(
    "page",
    [REPOSITORY / "CONTRIBUTING.md", DOCS / "explanation" / "rooms.md"],
    ids=lambda page: page.name,
)
def test_every_room_and_sub_room_is_named(page: Path) -> None:
    package = REPOSITORY / "src" / "shortaxis"
    rooms = {path.parent.name for path in package.glob("*/__init__.py")}
    rooms |= {path.parent.name for path in package.glob("*/*/__init__.py")} | {"errors"}

    named = set(re.findall(r"\w+", " ".join(re.findall(r"`[^`\n]+`", page.read_text("utf-8")))))

    assert len(rooms) > 30
    assert sorted(rooms - named) == []


@pytest.mark.parametrize("path", [*PROSE, *SOURCES], ids=name_of)
def test_no_page_names_a_machine_or_its_own_making(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert not MACHINE_PATHS.search(text)
    for pattern in FORBIDDEN:
        assert not re.search(pattern, text, re.IGNORECASE if pattern[0] != "\\" else 0), pattern


def test_nothing_is_loaded_from_elsewhere() -> None:
    settings = (REPOSITORY / "mkdocs.yml").read_text(encoding="utf-8")

    assert "font: false" in settings
    assert "http" not in settings


def test_the_licence_is_the_whole_apache_licence() -> None:
    text = (REPOSITORY / "LICENSE").read_text(encoding="utf-8")

    assert "Version 2.0, January 2004" in text
    assert "9. Accepting Warranty or Additional Liability." in text
    assert text.rstrip().endswith("limitations under the License.")


def test_the_citation_names_the_current_version() -> None:
    from shortaxis._version import __version__

    text = (REPOSITORY / "CITATION.cff").read_text(encoding="utf-8")

    assert re.search(r"^version: (.+)$", text, re.MULTILINE)[1] == __version__
    assert "cff-version: 1.2.0" in text


def test_the_changelog_has_an_entry_for_the_current_version() -> None:
    from shortaxis._version import __version__

    assert f"## [{__version__}]" in (REPOSITORY / "CHANGELOG.md").read_text(encoding="utf-8")


THREATS = DOCS / "explanation" / "threat-model.md"
PROMISES = re.findall(r"^### (Of .+)$", THREATS.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("heading", PROMISES)
def test_every_promise_of_the_threat_model_has_a_test_and_a_figure(heading: str) -> None:
    for promise, tests, figure in table_below(THREATS, heading):
        named = re.findall(r"`([^`]+)`", tests)

        assert named, promise
        assert figure, promise
        for each in named:
            assert "\ndef test_" in (REPOSITORY / each).read_text(encoding="utf-8"), each


FRAMES = DOCS / "explanation" / "frames.md"


def test_the_table_of_views_is_the_table_in_the_code() -> None:
    documented = {row[0]: row[1:4] for row in table_below(FRAMES, "Three views")}

    assert documented == {
        view.title: [
            axis_word(axis) for axis in (view.axes.row, view.axes.column, view.axes.stacking)
        ]
        for view in CardiacView
    }


def test_the_words_for_the_screen_are_the_walls_in_the_code() -> None:
    for title, *_, words in table_below(FRAMES, "Three views"):
        view = next(view for view in CardiacView if view.title == title)
        walls = {side: wall.label.lower() for side, wall in view.axes.walls().items()}
        sides, stack = words.split("; ")

        assert stack == f"{walls['first']} to {walls['last']}"
        for phrase in sides.split(", "):
            wall, side = phrase.split()
            assert walls["top" if side == "up" else side] == wall


def axis_word(axis: tuple[int, int, int]) -> str:
    index = int(np.flatnonzero(axis)[0])
    return f"{'+' if axis[index] > 0 else '-'}{'xyz'[index]}_c"


def test_the_table_of_cardiac_axes_is_the_table_in_the_code() -> None:
    walls = {"septum": Wall.SEPTAL, "lateral wall": Wall.LATERAL, "apex": Wall.APEX}
    walls |= {"anterior wall": Wall.ANTERIOR, "inferior wall": Wall.INFERIOR, "base": Wall.BASE}

    for name, source, target in table_below(FRAMES, "Three frames"):
        direction = tuple(int(letter == name[1]) for letter in "xyz")

        assert walls[target].value == direction
        assert walls[source].value == tuple(-component for component in direction)


def test_the_worked_example_holds() -> None:
    pose = pose_from_parameters(PoseParameters(0, 0, 0, alpha=20, beta=0, theta=45), (0, 0, 0))
    directions = (pose.apex_direction, *pose.patient_from_cardiac.T[:2])

    for (_, numbers, _), direction in zip(
        table_below(FRAMES, "Worked example"), directions, strict=True
    ):
        documented = [float(number.replace("−", "-")) for number in numbers.strip("()").split(",")]
        np.testing.assert_allclose(documented, direction, atol=0.005)


def test_more_beta_turns_the_short_axis_picture_anticlockwise() -> None:
    at_zero, turned = (
        pose_from_parameters(PoseParameters(0, 0, 0, alpha=20, beta=beta, theta=45), (0, 0, 0))
        for beta in (0, 10)
    )
    right_on_screen_before = at_zero.to_patient([1, 0, 0])

    x, y, _ = turned.to_cardiac(right_on_screen_before)

    assert np.rad2deg(np.arctan2(-y, x)) == pytest.approx(10)  # y_c is down on the screen


def test_each_cell_of_the_advice_on_correcting_a_pose_has_the_right_sign() -> None:
    def apex(**angles: float) -> np.ndarray:
        parameters = {"alpha": 20.0, "beta": 0.0, "theta": 45.0} | angles
        return pose_from_parameters(PoseParameters(0, 0, 0, **parameters), (0, 0, 0)).apex_direction

    assert apex(theta=50.0)[0] > apex()[0]  # more to the patient's left
    assert apex(alpha=25.0)[2] < apex()[2]  # more towards the feet


JSON_BLOCKS = [
    pytest.param(block, id=f"{name_of(page)}-{number}")
    for page in PAGES
    for number, block in enumerate(
        re.findall(r"^```json\n(.*?)^```", page.read_text(encoding="utf-8"), re.M | re.S)
    )
]

CENTER_OF_THE_DEMO_VOLUME = (10, -20, 0)


@pytest.mark.parametrize("block", JSON_BLOCKS)
def test_every_pose_in_the_documentation_is_accepted(block: str) -> None:
    estimate = estimate_from_record(parse_pose_json(block), CENTER_OF_THE_DEMO_VOLUME)

    # The reference's examples are one pose in two spellings; the tutorial's is the demo study's.
    examples = ((48, -44, 6), (72, -47, -16))
    assert any(np.allclose(estimate.pose.center_mm, center) for center in examples)


def test_the_full_example_has_the_fields_of_the_record() -> None:
    page = (DOCS / "reference" / "pose-json.md").read_text(encoding="utf-8")
    example = json.loads(re.search(r"```json\n(.*?)```", page, re.S)[1])
    pose = RigidPose(np.eye(3), (0, 0, 0))
    from shortaxis.reorientation.estimate import PoseEstimate

    written = record_from_estimate(PoseEstimate(pose, "ellipsoid"), (0, 0, 0), "", "0" * 64)

    assert example["schema"] == POSE_SCHEMA
    assert field_names(example) == field_names(written)


def test_the_table_of_fields_names_every_field_of_the_record() -> None:
    page = DOCS / "reference" / "pose-json.md"
    documented = set()
    for field, *_ in table_below(page, "pose.json"):
        names = re.findall(r"`([^`]+)`", field)
        prefix = names[0].rpartition(".")[0]
        documented |= {name if "." in name or not prefix else f"{prefix}.{name}" for name in names}

    expected = {"schema", "center_mm", "patient_from_cardiac", "method", "quality.flag"}
    expected |= {"quality.reasons", "source.sop_instance_uid", "source.counts_sha256"}
    for group, kind in (
        ("parameters", PoseParameters),
        ("uncertainty", PoseUncertainty),
        ("weights", WeightsRecord),
    ):
        expected |= {f"{group}.{field.name}" for field in dataclasses.fields(kind)}
    doubted = Handedness(1.0, -3.0, 4.0, WayRound(ORDERS[0], FLIPS[1]))
    expected |= {f"handedness.{name}" for name in handedness_record(doubted)}
    assert documented == expected


def field_names(record: dict[str, object]) -> dict[str, object]:
    return {
        key: sorted(value) if isinstance(value, dict) else None for key, value in record.items()
    }


@pytest.mark.parametrize(
    "verb",
    [
        "reorient",
        "reconstruct",
        "info",
        "quantify",
        "wall",
        "report",
        "review open",
        "review export",
        "serve open",
        "serve status",
        "serve retry",
        "serve purge",
        "batch",
        "normals build",
        "experiment run",
        "experiment time",
        "experiment report",
        "consistency",
        "simulate",
        "evaluate",
        "train",
        "train-wall",
        "weights",
        "annotate",
        "import-miilab",
        "import-physionet",
    ],
)
def test_the_table_of_options_is_that_of_the_command_line(verb: str) -> None:
    import typer

    from shortaxis.cli import main

    command = typer.main.get_command(main.app)
    for part in verb.split():
        command = command.commands[part]
    expected = {
        option
        for parameter in command.params
        for option in parameter.opts
        if parameter.param_type_name == "option" and option != "--help"
    }

    # What needs no name has none in its heading.
    heading = f"shortaxis {verb.removesuffix(' open')}"
    rows = table_below(DOCS / "reference" / "cli.md", heading)
    documented = {name for row in rows for name in re.findall(r"`(-[\w-]*)`", row[0])}

    assert documented == expected


def test_the_tables_of_columns_are_those_that_are_read_and_written() -> None:
    from shortaxis.workflow.annotation.pairs import COLUMNS
    from shortaxis.workflow.annotation.record import CSV_COLUMNS
    from shortaxis.workflow.importing.miilab import INDEX_COLUMNS as PAIRS
    from shortaxis.workflow.importing.physionet import INDEX_COLUMNS as STUDIES

    page = DOCS / "how-to" / "your-own-data.md"
    for heading, columns in (
        ("Columns of the table", COLUMNS),
        ("Columns of annotations.csv", CSV_COLUMNS),
        ("Columns of index.csv", PAIRS),
        ("Columns of the index", STUDIES),
    ):
        rows = table_below(page, heading)
        assert rows == [[f"`{name}`", meaning] for name, meaning in columns.items()]


def test_the_table_of_files_names_everything_that_can_be_written() -> None:
    from shortaxis.workflow.reorient import outputs

    rows = table_below(DOCS / "reference" / "cli.md", "Files in OUT")

    assert {row[0].strip("`") for row in rows} == set(outputs.ALL_OUTPUT_NAMES)


def test_the_table_of_the_report_names_its_fields() -> None:
    from shortaxis.spect.volume import SpectVolume
    from shortaxis.workflow import python_api as api
    from shortaxis.workflow.reorient.record import build_report

    counts = np.random.default_rng(0).poisson(5, (20, 20, 20))
    pose = RigidPose(np.eye(3), (57, 57, 57))
    result = api.reorient(SpectVolume(counts, np.diag([6.0, 6.0, 6.0, 1.0])), pose=pose)

    rows = table_below(DOCS / "reference" / "cli.md", "report.json")

    documented = {name for row in rows for name in re.findall(r"`(\w+)`", row[0])}
    assert documented == set(build_report(result))


def test_the_table_of_the_reconstruction_names_its_fields(tmp_path: Path) -> None:
    from raw_exams import write_raw_exam
    from shortaxis.dicom.reading.projections import read_projections
    from shortaxis.workflow.reconstruct.record import build_reconstruction
    from shortaxis.workflow.studies.finding import find_studies
    from shortaxis.workflow.studies.reconstructing import (
        Making,
        MotionHandling,
        study_of_projections,
    )

    (found,) = find_studies(write_raw_exam(tmp_path / "raw.dcm")).studies
    making = Making("fbp", motion=MotionHandling.IGNORE)
    made = study_of_projections(read_projections(found.series), making)
    rows = table_below(DOCS / "reference" / "cli.md", "reconstruction.json")

    documented = {name for row in rows for name in re.findall(r"`(\w+)`", row[0])}
    assert documented == set(build_reconstruction(made))


def test_the_table_of_the_quantification_names_its_fields() -> None:
    from drawn_study import study_volume
    from shortaxis.spect.study import PerfusionStudy
    from shortaxis.workflow.quantify.quantifying import QuantifyOptions, quantify_study
    from shortaxis.workflow.quantify.record import build_quantification

    quantified = quantify_study(PerfusionStudy(study_volume()), QuantifyOptions())
    record = build_quantification(quantified)
    documented = fields_documented("quantification.json")
    assert {name.split(".")[0] for name in documented} == set(record)
    for name in documented - set(record):
        group, _, field = name.partition(".")
        assert field in record[group], name
    for group in {name.split(".")[0] for name in documented - set(record)}:
        told = {name.partition(".")[2] for name in documented if name.startswith(f"{group}.")}
        assert told == set(record[group])
    assert fields_documented("scores") == {*record["scores"], "bands_percent"}


def test_every_file_of_a_report_is_named() -> None:
    from shortaxis.workflow.study_report.writing import REPORT_NAMES

    rows = table_below(DOCS / "how-to" / "report.md", "Report a stress and a rest exam")
    assert {name for row in rows for name in re.findall(r"`([\w.]+)`", row[0])} == {*REPORT_NAMES}


def fields_documented(heading: str) -> set[str]:
    rows = table_below(DOCS / "reference" / "quantification-files.md", heading)
    return {name for row in rows for name in re.findall(r"`([\w.]+)`", row[0])}


def test_the_tables_of_the_consistency_record_name_its_fields() -> None:
    from shortaxis.spect.study import PerfusionStudy
    from shortaxis.workflow.consistency.measuring import measure_study_consistency
    from shortaxis.workflow.consistency.options import ConsistencyOptions
    from shortaxis.workflow.consistency.record import build_consistency_record

    study = PerfusionStudy(draw_study(transaxial_grid(), usual_pose(transaxial_grid())))
    record = build_consistency_record(
        measure_study_consistency(study, ConsistencyOptions(motions=1))
    )

    page = DOCS / "reference" / "cli.md"
    rows = table_below(page, "consistency.json")
    documented = {name for row in rows for name in re.findall(r"`(\w+)`", row[0])}
    assert documented == set(record)
    text = page.read_text(encoding="utf-8").split("have the same entries:")[1]
    entries = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|", text, re.MULTILINE)
    named = {name for entry in entries for name in re.findall(r"`(\w+)`", entry)}
    assert set(record["resampled"]) <= named


def test_the_view_codes_are_those_that_are_written() -> None:
    codes = {
        row[0]: row[1:] for row in table_below(DOCS / "explanation" / "dicom.md", "View codes")
    }

    # DICOM PS3.16 CID 26.
    assert {name: code for name, (code, _) in codes.items()} == {
        CardiacView.SHORT_AXIS.value: "103340004",
        CardiacView.VERTICAL_LONG_AXIS.value: "131185001",
        CardiacView.HORIZONTAL_LONG_AXIS.value: "131186000",
    }
    from pydicom.sr.codedict import codes as dictionary

    meanings = {code.value: code.meaning.lower() for code in cid_26(dictionary)}
    for code, meaning in codes.values():
        assert meaning.lower() in meanings[code]


def test_the_refused_kinds_are_those_in_the_code() -> None:
    from shortaxis.dicom.elements.vocabulary import NM_REFUSED, PET_REFUSED

    rows = table_below(DOCS / "explanation" / "dicom.md", "What is refused, and why")
    documented = {(kind, value.strip("`")): why for kind, value, why in rows}

    expected = {("NM", value): why for value, why in NM_REFUSED.items()}
    expected |= {("PET", value): why for value, why in PET_REFUSED.items()}
    assert documented == expected


def test_the_kinds_that_are_read_are_those_in_the_code() -> None:
    from shortaxis.dicom.elements.vocabulary import NM_RECONSTRUCTIONS, PET_SERIES_TYPES

    rows = table_below(DOCS / "explanation" / "dicom.md", "What is read")
    documented = {value.strip("`"): "time slots" in result for _, value, result in rows}

    assert documented == {**NM_RECONSTRUCTIONS, **PET_SERIES_TYPES}


def cid_26(dictionary: object) -> list[object]:
    group = dictionary.cid26
    return [getattr(group, keyword) for keyword in group.dir()]


RUNNABLE = re.compile(r"<!-- runnable -->\n```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
PAGES_THAT_RUN = [page for page in PAGES if "<!-- runnable -->" in page.read_text("utf-8")]


@pytest.fixture
def folder_of_the_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, demo_study_path: Path
) -> Path:
    """A working folder with the demo study, and a drawn one as NIfTI with its transform."""
    from drawn_study import study_pose, study_volume
    from shortaxis.geometry.itk_transform import pose_to_itk_transform
    from shortaxis.nifti.writing import write_nifti

    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "study.dcm").write_bytes(demo_study_path.read_bytes())
    volume = study_volume()
    write_nifti(tmp_path / "study.nii.gz", volume.counts, volume.patient_from_index)
    transform = pose_to_itk_transform(study_pose())
    (tmp_path / "transform.tfm").write_text(transform, encoding="ascii")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("page", PAGES_THAT_RUN, ids=name_of)
def test_the_python_of_a_page_runs_from_top_to_bottom(
    page: Path, folder_of_the_reader: Path
) -> None:
    blocks = RUNNABLE.findall(page.read_text(encoding="utf-8"))
    namespace: dict[str, object] = {}

    for block in blocks:
        exec(compile(block, name_of(page), "exec"), namespace)  # noqa: S102 - our own pages

    assert blocks


def test_the_transform_resamples_the_study_to_our_short_axis(folder_of_the_reader: Path) -> None:
    import SimpleITK as sitk

    from drawn_study import study_pose, study_volume
    from shortaxis.anatomy.cardiac_views import view_grid

    page = DOCS / "how-to" / "open-in-3d-slicer.md"
    namespace: dict[str, object] = {}
    block = RUNNABLE.findall(page.read_text(encoding="utf-8"))[0]
    exec(block, namespace)  # noqa: S102 - our own pages
    theirs = sitk.GetArrayFromImage(namespace["short_axis"])

    grid = view_grid(CardiacView.SHORT_AXIS, study_pose(), (40, 64, 64), 4.0)
    ours = study_volume().resampled(grid).counts

    near = np.s_[8:32, 16:48, 16:48]  # the edges of the field are filled differently
    np.testing.assert_allclose(theirs[near], ours[near], atol=0.01 * ours.max())


def test_the_table_of_repairs_is_that_of_the_writer() -> None:
    from shortaxis.dicom.writing.repairs import REPAIRS

    rows = table_below(
        DOCS / "explanation" / "dicom.md", "Source attributes that are repaired or dropped"
    )

    assert rows == [[repair.attribute, repair.found, repair.written] for repair in REPAIRS]


def test_the_table_of_reasons_is_that_of_the_limits() -> None:
    from shortaxis.reorientation.quality import LIMITS

    rows = table_below(
        DOCS / "explanation" / "how-the-ellipsoid-works.md", "When the flag is REVIEW"
    )

    assert [row[:2] for row in rows] == [[limit.reason, limit.measure.value] for limit in LIMITS]
    for row, limit in zip(rows, LIMITS, strict=True):
        assert limit.lowest == float("-inf") or f"{limit.lowest:g}" in row[2]
        assert limit.highest == float("inf") or f"{limit.highest:g}" in row[2]


def test_the_table_of_the_networks_reasons_is_that_of_its_limits() -> None:
    from shortaxis.reorientation.weights import DEFAULT_WEIGHTS, find_weights

    limits = find_weights(DEFAULT_WEIGHTS).judgement.limits

    page = DOCS / "explanation" / "how-the-network-works.md"
    rows = table_below(page, "When the flag is REVIEW")

    assert [row[:2] for row in rows] == [[limit.reason, limit.measure.value] for limit in limits]
    for row, limit in zip(rows, limits, strict=True):
        assert limit.lowest == float("-inf") or f"{limit.lowest:g}" in row[2]
        assert limit.highest == float("inf") or f"{limit.highest:g}" in row[2]


def test_tables_of_training_show_what_is_stored() -> None:
    errors = {"long_axis_deg": [2.04, 7.5], "roll_deg": [4, 12], "center_mm": [1.5, 4.25]}
    stage = {"samples": 4096, "hours": 1.26, "parameters": 123456, **errors}
    stored = {
        "heads": {"samples": 50000, "stages": {"landmarks": stage}},
        "training": {
            "stages": {"refiner": stage},
            "exams": {"wide": 840, "clinical": 1280},
            "processor": "a processor",
        },
    }

    heads = block_text("heads", stored.get)
    assert "| landmarks | 123,456 | 2.0 / 7.5° | 4.0 / 12.0° |" in heads
    text = block_text("training", stored.get)
    assert "840 of `wide` and 1,280 of `clinical`" in text
    assert "on a processor in 1.3 hours" in text
    assert "| refiner | 4,096 | 2.0 / 7.5° |" in text
    stored.clear()
    assert block_text("heads", stored.get) == block_text("training", stored.get) == ""


def test_the_numbers_of_the_tutorial_are_those_of_a_run(demo_study_path: Path) -> None:
    """Up to the rounding of another processor; ``evidence run demo_study`` stores them."""
    import shortaxis

    measured = {"demo_study": measure(shortaxis.reorient(demo_study_path))}
    page = (DOCS / "tutorials" / "first-study.md").read_text(encoding="utf-8")
    written = page.split("<!-- demo study: start -->")[1].split("<!-- demo study: end -->")[0]
    written = written.split("*Stale")[0].strip()
    run = block_text("demo study", measured.get)

    number = re.compile(r"-?\d+\.\d")
    assert number.sub("", written) == number.sub("", run)
    np.testing.assert_allclose(
        [float(each) for each in number.findall(written)],
        [float(each) for each in number.findall(run)],
        atol=0.25,
    )


@pytest.mark.parametrize("page", pages_with_blocks(), ids=lambda page: page.name)
def test_the_numbers_of_a_page_are_the_stored_results(page: Path) -> None:
    text = page.read_text(encoding="utf-8")

    assert with_results(text) == text, "mend it with: python -m evidence pages"


def test_an_aim_is_reached_or_missed() -> None:
    record = {
        "aims": {"cascade_s": 0.06, "help_s": 0.4, "base_install_mb": 400.0},
        "medians": {"cascade_s": 0.143, "help_s": 0.069},
    }

    assert list(compared_with_aims(record)) == [
        ("cascade_s", "143 ms", "60 ms", "missed"),
        ("help_s", "69 ms", "400 ms", "reached"),
    ]


def test_no_failure_at_all_is_shown_with_how_many_there_could_be() -> None:
    # Wilson's interval ends at z^2 / (n + z^2) for no hits; 46 of 1,000 is 3.5 to 6.1 %.
    none = {"hits": 0, "total": 1000, "part": 0.0, "low": 0.0, "high": 1.96**2 / (1000 + 1.96**2)}
    some = {"hits": 46, "total": 1000, "part": 0.046, "low": 0.0346, "high": 0.0608}

    assert part_text(none) == "0 of 1,000 (at most 0.4 %)"
    assert part_text(some) == "46 of 1,000 (4.6 %, 3.5 to 6.1 %)"


def test_every_stored_result_tells_how_it_was_made() -> None:
    for path in (REPOSITORY / "evidence" / "results").glob("*.json"):
        record = json.loads(path.read_text(encoding="utf-8"))
        assert record["command"].startswith("python ")
        assert len(record["git_revision"]) == 40
        assert record["git_changed_files"] == []


def test_the_tables_of_the_file_of_a_node_are_what_is_read() -> None:
    from shortaxis.service import destinations, settings

    page = DOCS / "reference" / "node-toml.md"
    parts = {
        "node": settings.Node,
        "studies": settings.Studies,
        "work": settings.Work,
        "destinations": destinations.Destination,
        "routes": settings.Routes,
        "sending": settings.RetryDelays,
        "retention": settings.Retention,
        "monitor": settings.Monitor,
    }
    for heading, kind in parts.items():
        rows = table_below(page, heading)
        documented = {name for row in rows for name in re.findall(r"`(\w+)`", row[0])}
        known = {field.name: field.default for field in dataclasses.fields(kind)}
        assert documented == set(known), heading
        for row in rows:
            (name,) = re.findall(r"`(\w+)`", row[0])[:1]
            default = known[name]
            if isinstance(default, bool):
                assert row[1] == f"`{str(default).lower()}`", name
            elif isinstance(default, int | float) and "," not in row[0]:
                assert float(row[1]) == default, name


def test_the_examples_of_a_node_are_valid(tmp_path: Path) -> None:
    from shortaxis.service.settings import read_settings

    found = read_settings(REPOSITORY / "deploy" / "node.toml")
    assert found.node.ae_title == "SHORTAXIS"
    assert found.routes.accepted == ("pacs",)
    orthanc = json.loads((REPOSITORY / "deploy" / "orthanc" / "orthanc.json").read_text("utf-8"))
    modality = orthanc["DicomModalities"]["shortaxis"]
    assert (modality["AET"], modality["Port"]) == (found.node.ae_title, found.node.port)
    unit = (REPOSITORY / "deploy" / "shortaxis-node.service").read_text("utf-8")
    assert "shortaxis serve /etc/shortaxis/node.toml" in unit


def test_the_columns_of_a_batch_are_documented() -> None:
    from shortaxis.workflow.batch.tables import COLUMNS

    rows = table_below(DOCS / "reference" / "batch-files.md", "results.parquet")
    documented = [name for row in rows for name in re.findall(r"`(\w+)`", row[0])]
    assert documented == list(COLUMNS)
