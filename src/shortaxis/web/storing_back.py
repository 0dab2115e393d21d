"""Results of a study into the server that it came from."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from uuid import uuid4

from shortaxis.dicom.elements.attributes import text_of
from shortaxis.dicom.elements.part10 import read_dataset
from shortaxis.errors import WebServerError
from shortaxis.web.address import WebAddress
from shortaxis.web.client import ListedObject, WebClient
from shortaxis.web.credentials import authorization_for, trusted_context
from shortaxis.web.failures import LOG_IN
from shortaxis.web.storing import StoreTarget, store_objects

__all__ = ["store_back"]

RETRY_DELAYS_S = (1.0, 4.0)


def store_back(
    address: WebAddress, paths: Sequence[Path], *, wait: Callable[[float], None] = time.sleep
) -> None:
    """Store objects, and try again after a fault: they have the same UIDs then, and are kept once.

    Some servers refuse what they have already, from a try whose answer was lost or from somebody
    else who made the same. So what is refused to the end is looked for there.

    Parameters
    ----------
    address : WebAddress
        Where the study came from.
    paths : sequence of Path
        DICOM files.
    wait : callable
        Passes the time between tries, seconds.

    Raises
    ------
    WebServerError
        If the server does not say that it has every one of them.
    """
    target = StoreTarget(address.root, authorization_for(address), trusted_context())
    reason = ""
    for delay_s in (*RETRY_DELAYS_S, None):
        reason = store_objects(target, paths, f"shortaxis-{uuid4().hex}")
        if not reason:
            return
        if delay_s is not None:
            wait(delay_s)
    if _has_all(address, paths):
        return
    raise WebServerError(
        "the results are not stored in the DICOMweb server",
        path=address.shown,
        expected="the server's word that it has every object",
        found=reason,
        cause="a server that takes no objects by STOW-RS, or credentials that may only read",
        way_on="the results are in the folder; the same command again, with --force, stores what "
        f"is missing; or {LOG_IN}",
    )


def _has_all(address: WebAddress, paths: Sequence[Path]) -> bool:
    """Whether the server lists every one of them now."""
    client = WebClient(address, authorization_for(address), trusted_context())
    ours = {_listed(path) for path in paths}
    try:
        there = client.objects_of(address.study_uid, {each.series_uid for each in ours})
    except WebServerError:
        return False
    return ours.issubset(there)


def _listed(path: Path) -> ListedObject:
    dataset = read_dataset(path, with_pixels=False)
    return ListedObject(*(text_of(dataset, f"{each}InstanceUID") for each in ("Series", "SOP")))
