"""Results of a study into the server that it came from."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from uuid import uuid4

from shortaxis.errors import WebServerError
from shortaxis.web.address import WebAddress
from shortaxis.web.credentials import authorization_for, trusted_context
from shortaxis.web.failures import LOG_IN
from shortaxis.web.storing import StoreTarget, store_objects

__all__ = ["store_back"]

RETRY_DELAYS_S = (1.0, 4.0)


def store_back(
    address: WebAddress, paths: Sequence[Path], *, wait: Callable[[float], None] = time.sleep
) -> None:
    """Store objects, and try again after a fault: they have the same UIDs then, and are kept once.

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
    raise WebServerError(
        "the results are not stored in the DICOMweb server",
        path=address.shown,
        expected="the server's word that it has every object",
        found=reason,
        cause="a server that takes no objects by STOW-RS, or credentials that may only read",
        way_on="the results are in the folder; the same command again, with --force, stores what "
        f"is missing; or {LOG_IN}",
    )
