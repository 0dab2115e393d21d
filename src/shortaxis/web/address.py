"""Addresses of DICOMweb, as they are typed: one study, or a query for many."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from urllib.parse import parse_qsl, urlsplit

from shortaxis.errors import OptionError

__all__ = ["WebAddress", "is_web_address", "read_address"]

# A path keeps one of the two slashes.
SCHEME = re.compile(r"dicomweb\+(https?):/+(?=[^/])", re.IGNORECASE)

EXPECTED = (
    "dicomweb+https://HOST/ROOT/studies/UID for one study, or "
    "dicomweb+https://HOST/ROOT/studies?ModalitiesInStudy=NM&StudyDate=20260101-20260131 for many"
)

OURS = ("limit", "offset", "includefield")
"""What this client asks for itself."""


@dataclass(frozen=True)
class WebAddress:
    """A server and what is wanted of it.

    Parameters
    ----------
    root : str
        URL of the service without ``/studies`` and without a slash at its end.
    study_uid : str
        Study Instance UID; empty where a query names the studies.
    query : mapping of str to str
        Attributes and the values that they shall have (PS3.18 8.3.4).
    """

    root: str
    study_uid: str = ""
    query: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)

    @property
    def host(self) -> str:
        """Name or address of the machine, in small letters."""
        return urlsplit(self.root).hostname or ""

    @property
    def is_secured(self) -> bool:
        """Whether the connection is TLS."""
        return self.root.startswith("https:")

    @property
    def is_of_this_machine(self) -> bool:
        """Whether nothing leaves this machine on the way."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    @property
    def shown(self) -> str:
        """What logs and errors may say: the server, and neither UID nor what was looked for."""
        return f"{self.root}/studies" + ("/..." if self.study_uid else "?...")


def is_web_address(path: Path) -> bool:
    """Whether what was typed as a path is an address of DICOMweb.

    Examples
    --------
    >>> is_web_address(Path("dicomweb+https://pacs.example/rs/studies/1.2"))
    True
    >>> is_web_address(Path("studies/1.2"))
    False
    """
    return SCHEME.match(path.as_posix()) is not None


def read_address(path: Path) -> WebAddress:
    """Take an address apart.

    Raises
    ------
    OptionError
        If it names no host, neither a study nor a query, or a password.

    Examples
    --------
    >>> read_address(Path("dicomweb+https://pacs.example/rs/studies/1.2")).root
    'https://pacs.example/rs'
    >>> dict(read_address(Path("dicomweb+http://[::1]:8042/rs/studies?ModalitiesInStudy=NM")).query)
    {'ModalitiesInStudy': 'NM'}
    """
    typed = SCHEME.sub(lambda found: f"{found[1].lower()}://", path.as_posix(), count=1)
    try:
        parts = urlsplit(typed)
        port = parts.port
    except ValueError as error:
        raise _no_address("a host or port that is none") from error
    if parts.username is not None or parts.password is not None:
        raise OptionError(
            "an address of DICOMweb holds no user and no password",
            expected=EXPECTED,
            found="a user before the host",
            cause="others see command lines, and shells keep them",
            way_on="name them in the environment or in a netrc file: docs/how-to/dicomweb.md",
        )
    before, _, study = parts.path.rstrip("/").rpartition("/studies")
    if not parts.hostname or not (before or parts.path.startswith("/studies")):
        raise _no_address("no host, or no /studies in its path")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    root = f"{parts.scheme}://{host}{'' if port is None else f':{port}'}{before}"
    return _checked(root, study, parts.query)


def _checked(root: str, study: str, query: str) -> WebAddress:
    # The command line reads addresses, and that room loads pydicom.
    from shortaxis.dicom.elements.uids import is_usable_uid

    wanted = dict(parse_qsl(query, keep_blank_values=True))
    uid = study.removeprefix("/")
    if bool(uid) == bool(wanted):
        raise _no_address("a study and a query" if uid else "neither a study nor a query")
    if uid and not is_usable_uid(uid):
        raise _no_address("a study whose UID is none")
    for name in OURS:
        if name in wanted:
            raise _no_address(f"{name}, which is asked for page by page anyway")
    return WebAddress(root, uid, MappingProxyType(wanted))


def _no_address(found: str) -> OptionError:
    return OptionError("the address of DICOMweb is none", expected=EXPECTED, found=found)
