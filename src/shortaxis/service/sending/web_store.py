"""Results to a DICOMweb server, as the settings of a node name it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from shortaxis.files.inputs.side_files import read_side_file
from shortaxis.service.destinations import Destination
from shortaxis.service.listener import tls_context
from shortaxis.web.storing import StoreTarget, store_objects

__all__ = ["send_to_web"]


def send_to_web(destination: Destination, paths: Sequence[Path], boundary: str) -> str:
    """Send objects to a destination with a `url`; returns why they are not all stored."""
    token, tls = destination.token_file, destination.tls
    target = StoreTarget(
        destination.url,
        "" if token is None else f"Bearer {read_side_file(token).strip()}",
        None if tls is None else tls_context(tls, is_server=False),
        destination.timeout_s,
    )
    return store_objects(target, paths, boundary)
