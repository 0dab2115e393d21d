"""An Orthanc on loopback for the length of a test."""

from __future__ import annotations

import base64
import json
import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

START_SECONDS = 30.0


@dataclass(frozen=True)
class OrthancServer:
    """Ports of a running server."""

    http_port: int
    dicom_port: int
    user: tuple[str, str] | None = None

    def get(self, path: str) -> bytes:
        return self._request(path, None)

    def get_json(self, path: str) -> Any:
        return json.loads(self.get(path))

    def post(self, path: str, body: bytes) -> Any:
        return json.loads(self._request(path, body))

    def put(self, path: str, body: bytes) -> None:
        self._request(path, body, "PUT")

    def delete(self, path: str) -> None:
        self._request(path, None, "DELETE")

    def _request(self, path: str, body: bytes | None, method: str | None = None) -> bytes:
        url = f"http://127.0.0.1:{self.http_port}{path}"
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        request = urllib.request.Request(url, data=body, method=method)
        if self.user is not None:
            joined = ":".join(self.user).encode()
            request.add_header("Authorization", "Basic " + base64.b64encode(joined).decode())
        with opener.open(request, timeout=30) as answer:
            return answer.read()


def find_orthanc() -> str | None:
    return shutil.which("Orthanc") or shutil.which("Orthanc", path="/usr/sbin")


def dicomweb_plugin() -> Path | None:
    """The plugin of Debian's package orthanc-dicomweb."""
    path = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")
    return path if path.exists() else None


@contextmanager
def running_orthanc(
    folder: Path,
    plugins: Sequence[Path] = (),
    environment: Mapping[str, str] = MappingProxyType({}),
    user: tuple[str, str] | None = None,
    **more: Any,
) -> Iterator[OrthancServer]:
    """Start Orthanc with a storage in `folder`, wait until it answers, stop it at the end.

    `more` is added to its configuration, `environment` to the variables that it sees, and `user`
    asks it with a password.
    """
    server = OrthancServer(_free_port(), _free_port(), user)
    configuration = folder / "orthanc.json"
    configuration.write_text(
        json.dumps({
            "Name": "test",
            "StorageDirectory": str(folder / "storage"),
            "IndexDirectory": str(folder / "index"),
            "Plugins": [str(each) for each in plugins],
            "HttpPort": server.http_port,
            "DicomPort": server.dicom_port,
            "DicomAet": "ORTHANC",
            "DicomCheckCalledAet": False,
            "RemoteAccessAllowed": False,
            "AuthenticationEnabled": False,
            "DicomAlwaysAllowStore": True,
            **more,
        })
    )  # fmt: skip
    program = find_orthanc()
    assert program is not None
    with (folder / "orthanc.log").open("wb") as log:
        variables = {**os.environ, **environment}
        process = subprocess.Popen(
            [program, str(configuration)], stdout=log, stderr=log, env=variables
        )
        try:
            _wait_until_up(server, process, folder / "orthanc.log")
            yield server
        finally:
            process.terminate()
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(timeout=15)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_up(server: OrthancServer, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"Orthanc ended: {log.read_text()[-2000:]}")
        try:
            server.get("/system")
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(f"Orthanc did not answer: {log.read_text()[-2000:]}")
