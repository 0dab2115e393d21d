"""Who asks a DICOMweb server: a token or a password, from the environment or a netrc file."""

from __future__ import annotations

import base64
import netrc
import os
import ssl
from collections.abc import Mapping
from pathlib import Path

from shortaxis.errors import OptionError
from shortaxis.files.inputs.side_files import read_side_file
from shortaxis.web.address import WebAddress

__all__ = ["AUTHORITY", "PASSWORD", "TOKEN_FILE", "USER", "authorization_for", "trusted_context"]

TOKEN_FILE = "SHORTAXIS_DICOMWEB_TOKEN_FILE"  # noqa: S105 - a name
"""A variable that names a file with a bearer token."""

USER, PASSWORD = "SHORTAXIS_DICOMWEB_USER", "SHORTAXIS_DICOMWEB_PASSWORD"
"""Variables for HTTP Basic authentication."""

AUTHORITY = "SHORTAXIS_DICOMWEB_CA"
"""A variable that names the certificates of those whom to trust, PEM, instead of the system's."""

NETRC = "NETRC"
"""A variable that names another netrc file, as curl and requests know it."""


def authorization_for(address: WebAddress, environment: Mapping[str, str] = os.environ) -> str:
    """Value of the header ``Authorization``; empty where nobody said who asks.

    A token file is taken before user and password, and these before the entry of the host in a
    netrc file. An entry ``default`` is meant for no server in particular, and is not taken.

    Raises
    ------
    OptionError
        If a file cannot be read, or if they would travel in the clear to another machine.
    """
    found = _stated(environment) or _of_netrc(address.host, environment)
    if found and not address.is_secured and not address.is_of_this_machine:
        raise OptionError(
            "a password or a token would travel in the clear",
            path=address.shown,
            expected="dicomweb+https, where credentials are stated",
            found="dicomweb+http to another machine",
            way_on="use https, or take the credentials of this server out of environment and netrc",
        )
    return found


def trusted_context(environment: Mapping[str, str] = os.environ) -> ssl.SSLContext:
    """TLS 1.2 or later with all checks on (PS3.15 B.9).

    Raises
    ------
    OptionError
        If the file of certificates cannot be read.
    """
    named = environment.get(AUTHORITY) or None
    try:
        context = ssl.create_default_context(cafile=named)
    except OSError as error:
        raise OptionError(
            f"the certificates that {AUTHORITY} names cannot be read",
            path=named,
            expected="a PEM file",
            found=error.strerror or type(error).__name__,
        ) from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _stated(environment: Mapping[str, str]) -> str:
    token_file = environment.get(TOKEN_FILE)
    if token_file:
        try:
            return f"Bearer {read_side_file(Path(token_file)).strip()}"
        except (OSError, UnicodeDecodeError) as error:
            raise _unreadable(TOKEN_FILE, error) from error
    user = environment.get(USER)
    return _basic(user, environment.get(PASSWORD, "")) if user else ""


def _of_netrc(host: str, environment: Mapping[str, str]) -> str:
    named = environment.get(NETRC)
    path = Path(named) if named else Path.home() / ".netrc"
    if not path.is_file():
        return ""
    try:
        entry = netrc.netrc(str(path)).hosts.get(host)
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable("the netrc file", error) from error
    except netrc.NetrcParseError as error:
        # Not what it says, which may quote a password.
        raise OptionError(
            "the netrc file cannot be understood",
            path=path,
            expected="lines such as: machine pacs.example login USER password PASSWORD",
            found=f"something else in line {error.lineno}",
        ) from None
    return _basic(entry[0], entry[2]) if entry else ""


def _basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode("ascii")


def _unreadable(what: str, error: Exception) -> OptionError:
    return OptionError(
        f"{what} cannot be read",
        expected="a file that may be read",
        found=getattr(error, "strerror", None) or type(error).__name__,
    )
