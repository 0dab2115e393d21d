"""End to end: exams go to Orthanc, slices come back, and OHIF hangs them stress over rest."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from functools import partial
from io import BytesIO
from pathlib import Path

import numpy as np
import pydicom
import pytest
import yaml
from pydicom import Dataset
from pydicom.uid import generate_uid

pytest.importorskip("selenium", reason="a browser is driven by Selenium")
pytest.importorskip("pynetdicom", reason="the DICOM node needs pynetdicom")
pytest.importorskip("dicomweb_client", reason="DICOMweb as a source needs the extra web")

from selenium.webdriver import Chrome

from evidence.measuring.pictures.browser import chromium
from javascript import NODE, in_node
from ohif_browser import (
    Viewport,
    best_symmetry,
    masks_by_frame,
    open_studies,
    read_measurements,
)
from ohif_site import DEPLOYED, Site, find_ohif, running_site
from orthanc_server import OrthancServer, dicomweb_plugin, find_orthanc, running_orthanc
from raw_exams import write_raw_exam
from repository import DEMO, REPOSITORY
from service_peers import free_port, running_node, until
from shortaxis.anatomy.cardiac_views import CardiacView
from shortaxis.dicom.documents.document_facts import DocumentFacts
from shortaxis.dicom.documents.measurements.measurement_report import write_measurement_report
from shortaxis.dicom.documents.measurements.picture_regions import WHOLE_MAP, PictureRegions
from shortaxis.dicom.documents.measurements.ventricle_measurements import (
    StudyMeasurements,
    VentricleMeasurements,
)
from shortaxis.dicom.documents.secondary_capture import write_secondary_capture
from shortaxis.dicom.documents.segmentation.masks import Mask, Segmentation
from shortaxis.dicom.documents.segmentation.segmentation_object import write_segmentation
from shortaxis.dicom.elements.uids import random_uid
from shortaxis.dicom.elements.vocabulary import (
    REST_CODES,
    STRESS_CODES,
    VIEW_ABBREVIATIONS,
    VIEW_CODES,
)
from shortaxis.dicom.writing.derivation import Stamp
from shortaxis.spect.study import StudyCondition
from shortaxis.workflow.studies.finding import find_studies
from verb_run import Run

HOOK = REPOSITORY / "deploy" / "orthanc" / "shortaxis.lua"
PROTOCOL = "@shortaxis/stress-over-rest"
VIEWS = ("SA", "VLA", "HLA")

ROUTES = (
    '[[destinations]]\nname = "orthanc"\nae_title = "ORTHANC"\nhost = "127.0.0.1"\nport = {port}\n'
    '[routes]\naccepted = ["orthanc"]\nflagged = ["orthanc"]\n'
)

FACTS = DocumentFacts("ShortAxis report", "Research software.", "0.1.0")
PICTURE = np.full((32, 32, 3), 120, dtype=np.uint8)
MEASURED = StudyMeasurements(
    (
        VentricleMeasurements(
            condition=StudyCondition.STRESS,
            uptake_percent=dict.fromkeys(range(1, 18), 70.0),
            scores=dict.fromkeys(range(1, 18), 0) | {9: 3},
            is_by_normal_limits=True,
            length_mm=80.0,
        ),
    )
)

system = pytest.mark.system
has_archive = pytest.mark.skipif(
    find_orthanc() is None or dicomweb_plugin() is None or shutil.which("storescu") is None,
    reason="Orthanc, its DICOMweb plugin or dcmtk is not installed (make system-packages)",
)
has_viewer = pytest.mark.skipif(
    find_ohif() is None, reason="no Chromium, or OHIF is not unpacked (make ohif)"
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Chrome]:
    with chromium((1280, 900), "--disable-gpu") as opened:
        yield opened


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with running_site(find_ohif()) as running:
        yield running


@contextmanager
def archive_with_a_node(folder: Path) -> Iterator[OrthancServer]:
    """An Orthanc with the shipped script, and a node behind it."""
    port = free_port()
    node = {"AET": "SHORTAXIS", "Host": "127.0.0.1", "Port": port}
    configured = {
        "LuaScripts": [str(HOOK)],
        "StableAge": 1,
        "DicomModalities": {"shortaxis": node},
    }
    (folder / "orthanc").mkdir()
    with running_orthanc(folder / "orthanc", [dicomweb_plugin()], **configured) as orthanc:
        routes = ROUTES.format(port=orthanc.dicom_port)
        with running_node(folder, routes, port=port):
            yield orthanc


def raw_exams(folder: Path) -> list[Path]:
    """Projections of stress and rest, of one study; only their names say which is which."""
    study_uid = generate_uid()

    def named(dataset: Dataset, condition: StudyCondition) -> None:
        dataset.StudyInstanceUID = study_uid
        dataset.AcquisitionContextSequence = []
        dataset.SeriesDescription = f"{condition.value.upper()} MIBI"

    return [
        write_raw_exam(
            folder / f"{each.value}.dcm",
            change=partial(named, condition=each),
            uid_of=lambda name: generate_uid(),
        )
        for each in (StudyCondition.STRESS, StudyCondition.REST)
    ]


def slices_of(orthanc: OrthancServer) -> dict[str, Dataset]:
    """Series of ours that an archive has, by their UID."""
    files = [orthanc.get(f"/instances/{each}/file") for each in orthanc.get_json("/instances")]
    objects = [pydicom.dcmread(BytesIO(each)) for each in files]
    return {each.SeriesInstanceUID: each for each in objects if each.Manufacturer == "ShortAxis"}


def add_documents(orthanc: OrthancServer, folder: Path) -> dict[str, Path]:
    """A picture, measurements with places on it, and masks of the bundled study."""
    loaded = find_studies(DEMO / "study.dcm").studies[0].load()
    assert loaded.header is not None
    written = {name: folder / f"{name}.dcm" for name in ("picture", "measured", "wall")}
    new = [Stamp(number, random_uid, datetime(2024, 1, 2, 10, 15)) for number in (1, 2, 3)]
    of_study, volume = loaded.header, loaded.study.volume
    page = write_secondary_capture(written["picture"], PICTURE, of_study, FACTS, new[0])
    square = np.array([[2, 2], [20, 2], [20, 20], [2, 20], [2, 2]], dtype=float)
    regions = {(StudyCondition.STRESS, number): square for number in range(18)}
    places = PictureRegions(page, {**regions, (None, WHOLE_MAP): square})
    write_measurement_report(written["measured"], MEASURED, of_study, FACTS, new[1], places)
    wall = np.zeros(volume.shape, dtype=bool)
    wall[7, 20:25, 30], wall[9, 40, 30:36] = True, True
    mask = Mask("Wall", ("49848007", "SCT", "Left Ventricle Myocardium"), wall, (52.0, 62.0, 42.0))
    drawn = Segmentation("LV_WALL", volume.grid, (mask,), "ShortAxis network")
    write_segmentation(written["wall"], drawn, of_study, FACTS, new[2])
    for path in written.values():
        orthanc.post("/instances", path.read_bytes())
    return written


def require_measurements(groups: list[list[tuple[str, str]]]) -> None:
    """Every group has a place and is listed, and no score looks like another one."""
    told = [pair for group in groups for pair in group]
    assert len(groups) == 19
    assert ("Summed stress score, 17 segments", "3.00 {score}") in told
    # OHIF leaves out a value of 0, which the unit 1 would take the place of.
    scores = [value for label, value in told if label.startswith("Segment score")]
    assert sorted(scores) == [" {score}"] * 16 + ["3.00 {score}"]


def require_masks(shown: dict[int, set[tuple[int, int]]], path: Path) -> None:
    """Each voxel in the frame of the source that the segmentation, read by pydicom, names."""
    written = pydicom.dcmread(path)
    expected = {
        written.PerFrameFunctionalGroupsSequence[number]
        .DerivationImageSequence[0]
        .SourceImageSequence[0]
        .ReferencedFrameNumber: {(1, int(place)) for place in np.flatnonzero(frame)}
        for number, frame in enumerate(written.pixel_array)
    }
    assert sorted(expected) == [8, 9, 10]
    assert {frame: voxels for frame, voxels in shown.items() if voxels} == {
        frame: voxels for frame, voxels in expected.items() if voxels
    }


def require_stress_over_rest(viewports: list[Viewport], slices: dict[str, Dataset]) -> None:
    """Two rows of three views, each the middle slice of its series, and upright."""
    by_place = sorted(viewports, key=lambda each: (each.row, each.column))
    described = [str(slices[each.series_uid].SeriesDescription) for each in by_place]
    wanted = [f"ShortAxis {view} {state}" for state in ("stress", "rest") for view in VIEWS]
    assert [" ".join(each.split(":")[0].split()[:3]) for each in described] == wanted
    for each in viewports:
        frames = slices[each.series_uid].pixel_array
        assert abs(each.index - (len(frames) - 1) / 2) <= 1
        assert best_symmetry(each.picture, frames[each.index].astype(float)) == "upright turned 0"


@system
@has_archive
@has_viewer
@pytest.mark.parametrize("way", ["the script of Orthanc", "DICOMweb alone"])
def test_slices_come_back_and_hang_stress_over_rest_and_upright(
    way: str, browser: Chrome, site: Site, shortaxis: Callable[..., Run], tmp_path: Path
) -> None:
    with ExitStack() as running:
        if way == "DICOMweb alone":
            orthanc = running.enter_context(running_orthanc(tmp_path, [dicomweb_plugin()]))
            exams = [DEMO / "study.dcm", DEMO / "rest.dcm"]
        else:
            orthanc = running.enter_context(archive_with_a_node(tmp_path))
            exams = raw_exams(tmp_path)
        command = ["storescu", "-aec", "ORTHANC", "127.0.0.1", str(orthanc.dicom_port)]
        subprocess.run([*command, *map(str, exams)], check=True, capture_output=True)
        headers = [pydicom.dcmread(each, stop_before_pixels=True) for each in exams]
        uids = list(dict.fromkeys(each.StudyInstanceUID for each in headers))
        if way == "DICOMweb alone":
            root = f"dicomweb+http://127.0.0.1:{orthanc.http_port}/dicom-web/studies"
            for each in headers:
                study = f"{root}/{each.StudyInstanceUID}", "--series", each.SeriesInstanceUID
                out = tmp_path / each.SeriesInstanceUID
                assert shortaxis("reorient", *study, "--out", out, "--store-back").code == 0
        slices = until(lambda: len(found := slices_of(orthanc)) == 6 and found, 180)
        site.orthanc_port = orthanc.http_port

        documents = add_documents(orthanc, tmp_path) if way == "DICOMweb alone" else {}

        protocol, viewports = open_studies(browser, site.address, uids)
        if documents:
            require_measurements(read_measurements(browser))
            require_masks(masks_by_frame(browser), documents["wall"])

    assert protocol == PROTOCOL
    require_stress_over_rest(viewports, slices)


def test_the_extension_knows_the_codes_that_the_package_reads_and_writes() -> None:
    script = (DEPLOYED / "shortaxis.js").read_text("utf-8")
    views = dict(re.findall(r"(\d{9}): '(\w+)'", script))
    states = {
        name: re.findall(r"'([\w-]+)'", listed)
        for name, listed in re.findall(r"(stress|rest): \[(.*?)\]", script)
    }

    assert views == {code: VIEW_ABBREVIATIONS[view] for view, (code, _) in VIEW_CODES.items()}
    assert states == {"stress": list(STRESS_CODES), "rest": list(REST_CODES)}
    assert f"PROTOCOL = '{PROTOCOL}'" in script


@pytest.mark.skipif(NODE is None, reason="no Node to run the extension")
@pytest.mark.parametrize(
    ("code", "name", "shown"),
    [
        ("109092", "ShortAxis SA stress: STRESS MIBI", "SA rest"),
        (None, "ShortAxis SA stress: STRESS MIBI", "SA stress"),
        (None, "REVIEW ShortAxis SA rest anatomical: ONE DAY STRESS REST", "SA rest"),
        (None, "ShortAxis SA: ONE DAY STRESS REST", "SA alone"),
        (None, "STRESS SA", "SA alone"),
        (None, None, "SA alone"),
    ],
)
def test_exams_without_a_code_hang_by_the_words_that_slices_are_named_with(
    code: str | None, name: str | None, shown: str
) -> None:
    view, _ = VIEW_CODES[CardiacView.SHORT_AXIS]
    states = [] if code is None else [{"ConceptCodeSequence": [{"CodeValue": code}]}]
    instance = {
        "DetectorInformationSequence": [{"ViewCodeSequence": [{"CodeValue": view}]}],
        "AcquisitionContextSequence": states,
        "SeriesDescription": name,
    }

    extension = {DEPLOYED / "shortaxis.js": ["shownBy"]}
    assert in_node(extension, "shownBy(values)", {"instances": [instance]}) == shown


def test_the_files_beside_ohif_agree() -> None:
    configured = (DEPLOYED / "app-config.js").read_text("utf-8")
    recipe = (DEPLOYED / "Containerfile").read_text("utf-8")
    (service,) = yaml.safe_load((DEPLOYED / "compose.yml").read_text("utf-8"))["services"].values()

    assert "extensions: ['/shortaxis.js']" in configured
    assert f"hangingProtocol: {{ $set: ['{PROTOCOL}', 'default'] }}" in configured
    copied = re.findall(r"^COPY (.+) \S+$", recipe, re.MULTILINE)
    assert all((DEPLOYED / name).is_file() for names in copied for name in names.split())
    assert (
        DEPLOYED.parent / service["build"]["context"] / service["build"]["dockerfile"]
    ).is_file()
    assert set(service["depends_on"]) == {"orthanc"}
    assert re.fullmatch(r"[0-9a-f]{64}\n", (DEPLOYED / "SHA256").read_text("utf-8"))


@pytest.mark.system
@pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed")
def test_nginx_takes_its_file(tmp_path: Path) -> None:
    site = (DEPLOYED / "nginx.conf").read_text("utf-8").replace("orthanc:8042", "127.0.0.1:8042")
    whole = tmp_path / "nginx.conf"
    whole.write_text(f"pid {tmp_path}/pid;\nevents {{}}\nhttp {{\n{site}}}\n")

    command = ["nginx", "-t", "-q", "-e", str(tmp_path / "log"), "-c", str(whole)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (run.returncode, run.stderr) == (0, "")
