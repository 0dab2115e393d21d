"""Orthanc with the shipped script: stable series go to the node, and slices come back, once."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

pytest.importorskip("pynetdicom", reason="the DICOM node needs pynetdicom")

from evidence.measuring.speed import node_peers
from orthanc_server import OrthancServer, dicomweb_plugin, find_orthanc, running_orthanc
from repository import DEMO, REPOSITORY
from service_peers import free_port, running_node, until
from shortaxis.service.settings import read_settings

DEPLOY = REPOSITORY / "deploy"
MAKER = "ShortAxis"
SCRIPT = DEPLOY / "orthanc" / "shortaxis.lua"

ROUTES = (
    "[work]\nreview_sheet = false\n"
    '[[destinations]]\nname = "orthanc"\nae_title = "ORTHANC"\nhost = "127.0.0.1"\nport = {port}\n'
    '[routes]\naccepted = ["orthanc"]\nflagged = ["orthanc"]\n'
)


def jobs(orthanc: OrthancServer, state: str) -> list[str]:
    return [
        each["Content"]["ParentResources"][0]
        for each in orthanc.get_json("/jobs?expand")
        if each["Type"] == "DicomModalityStore" and each["State"] == state
    ]


@pytest.mark.system
@pytest.mark.skipif(
    find_orthanc() is None, reason="Orthanc is not installed (make system-packages)"
)
def test_slices_come_back_once_though_the_node_was_down_at_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    node_port = free_port()
    configured = {
        "LuaScripts": [str(SCRIPT)],
        "StableAge": 1,
        "JobsHistorySize": 100,
        "DicomModalities": {
            "shortaxis": {"AET": "SHORTAXIS", "Host": "127.0.0.1", "Port": node_port}
        },
    }
    (tmp_path / "orthanc").mkdir()
    with running_orthanc(tmp_path / "orthanc", **configured) as orthanc:
        log = tmp_path / "orthanc" / "orthanc.log"
        sent = orthanc.post("/instances", (DEMO / "study.dcm").read_bytes())
        until(lambda: "was not taken and waits" in log.read_text())
        ports = iter([node_port, free_port()])
        monkeypatch.setattr(node_peers, "free_port", lambda: next(ports))
        with running_node(tmp_path, ROUTES.format(port=orthanc.dicom_port)):
            orthanc.post("/instances", (DEMO / "rest.dcm").read_bytes())
            until(lambda: log.read_text().count("is left alone") == 6)
        series = orthanc.get_json(f"/studies/{sent['ParentStudy']}/series")
        sent_series = jobs(orthanc, "Success")

    arrived = {each["ID"] for each in series if each["MainDicomTags"]["Manufacturer"] == MAKER}
    assert (len(series), len(arrived)) == (8, 6)
    assert sorted(sent_series) == sorted({each["ID"] for each in series} - arrived)


def test_the_files_of_the_deployment_agree() -> None:
    composed = yaml.safe_load((DEPLOY / "compose.yml").read_text("utf-8"))
    orthanc = json.loads((DEPLOY / "orthanc" / "orthanc.json").read_text("utf-8"))
    node = read_settings(DEPLOY / "orthanc" / "node.toml")
    services = composed["services"]

    assert all({"healthcheck", "restart", "build"} <= set(each) for each in services.values())
    for each in services.values():
        recipe = DEPLOY / each["build"]["context"] / each["build"]["dockerfile"]
        assert recipe.is_file()
    mounted = [volume.split(":")[0] for each in services.values() for volume in each["volumes"]]
    files = [each for each in mounted if each.startswith(".")]
    assert files
    assert all((DEPLOY / each).is_file() for each in files)
    assert set(mounted) - set(files) == set(composed["volumes"])
    assert "orthanc" in services
    assert services["orthanc"]["environment"]["SHORTAXIS_HOST"] in services
    (back,) = node.destinations.values()
    assert (back.host, back.ae_title, back.port) == (
        "orthanc", orthanc["DicomAet"], orthanc["DicomPort"],
    )  # fmt: skip
    modality = orthanc["DicomModalities"]["shortaxis"]
    assert (modality["AET"], modality["Port"]) == (node.node.ae_title, node.node.port)
    assert orthanc["DicomAet"] in node.node.calling_ae_titles
    assert f":{node.monitor.port}/health" in str(services["node"]["healthcheck"]["test"])
    recipe = (DEPLOY / "orthanc" / "Containerfile").read_text("utf-8")
    assert orthanc["LuaScripts"] == ["${SHORTAXIS_LUA:-/etc/orthanc/shortaxis.lua}"]
    assert "COPY orthanc.json shortaxis.lua /etc/orthanc/" in recipe


def test_who_runs_in_a_container_owns_its_volume() -> None:
    """A folder that the image lacks is made by root when a volume is put there."""
    composed = yaml.safe_load((DEPLOY / "compose.yml").read_text("utf-8"))
    named = tuple(composed["volumes"])

    for service in composed["services"].values():
        recipe = DEPLOY / service["build"]["context"] / service["build"]["dockerfile"]
        text = recipe.read_text("utf-8")
        (user,) = re.findall(r"^USER (\w+)$", text, re.MULTILINE)
        folders = [each.split(":")[1] for each in service["volumes"] if each.startswith(named)]
        made = (f"install --directory --owner {user}", f"--create-home {user}")
        assert folders
        assert re.findall(r"^VOLUME (.+)$", text, re.MULTILINE) == folders
        for folder in folders:
            lines = [line for line in text.splitlines() if folder in line]
            assert any(each in line for each in made for line in lines), folder


@pytest.mark.system
@pytest.mark.skipif(
    dicomweb_plugin() is None or find_orthanc() is None,
    reason="Orthanc and its DICOMweb plugin are not installed (make system-packages)",
)
def test_orthanc_starts_with_the_file_that_is_shipped(tmp_path: Path) -> None:
    shipped = json.loads((DEPLOY / "orthanc" / "orthanc.json").read_text("utf-8"))
    tested = ("HttpPort", "DicomPort")
    values = {name: value for name, value in shipped.items() if name not in tested}
    variables = {
        "ORTHANC_STORAGE": str(tmp_path / "db"),
        "SHORTAXIS_LUA": str(SCRIPT),
        "ORTHANC_PASSWORD": "four",
    }
    user = "shortaxis", "four"

    with running_orthanc(tmp_path, environment=variables, user=user, **values) as orthanc:
        modality = orthanc.get_json("/modalities/shortaxis/configuration")
        plugins = orthanc.get_json("/plugins")

    assert (modality["Host"], modality["Port"]) == ("127.0.0.1", 11112)
    assert "dicom-web" in plugins
    assert (tmp_path / "db").is_dir()
