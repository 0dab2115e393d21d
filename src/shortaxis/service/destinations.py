"""Where results go: DICOM nodes and DICOMweb servers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from shortaxis.errors import OptionError
from shortaxis.service.ae_titles import require_ae_titles
from shortaxis.service.reception.limits import require_above_zero

__all__ = ["Destination", "Tls", "require_port"]

DESTINATION_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}", re.ASCII)


@dataclass(frozen=True)
class Tls:
    """Files, PEM. With `authority`, the other side must show a certificate signed by it."""

    certificate: Path
    key: Path
    authority: Path | None = None


@dataclass(frozen=True)
class Destination:
    """A DICOM node by title, host and port, or a DICOMweb server by `url`.

    `token_file` holds a bearer token for DICOMweb. With `storage_commitment`, results are sent when
    the DICOM node says that it keeps them; it is asked anew after `commitment_wait_s`.
    """

    name: str
    ae_title: str = ""
    host: str = ""
    port: int = 104
    calling_ae_title: str = ""
    timeout_s: float = 30.0
    tls: Tls | None = None
    url: str = ""
    token_file: Path | None = None
    storage_commitment: bool = False
    commitment_wait_s: float = 3600.0

    def __post_init__(self) -> None:
        if not DESTINATION_NAME.fullmatch(self.name):
            raise OptionError(
                "a destination cannot be called that",
                expected="letters, digits, - and _",
                found=self.name,
            )
        is_node = bool(self.ae_title and self.host)
        if is_node == bool(self.url):
            raise OptionError(
                f"destination {self.name} has no address",
                expected="ae_title and host, or url",
                found="both" if is_node else "neither",
            )
        if self.url and not self.url.startswith(("http://", "https://")):
            raise OptionError(
                f"the url of {self.name} is none", expected="http:// or https://", found=self.url
            )
        require_ae_titles(*filter(None, (self.ae_title, self.calling_ae_title)))
        require_port(self.port)
        require_above_zero(self, "timeout_s", "commitment_wait_s")
        if self.storage_commitment and self.url:
            raise OptionError(
                f"destination {self.name} cannot be asked for storage commitment",
                expected="a DICOM node by ae_title and host",
                found="a url",
                cause="a DICOMweb server names in its answer what it has stored",
                way_on="leave storage_commitment out",
            )


def require_port(port: int, lowest: int = 1) -> None:
    """Raise `OptionError` unless a port can be one."""
    if not lowest <= port <= 65535:
        raise OptionError("a port cannot be one", expected=f"{lowest} to 65535", found=str(port))
