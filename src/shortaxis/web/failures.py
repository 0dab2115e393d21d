"""What went wrong with a server, told as one error: which step, which server, and the way on.

What libraries say is not passed on: it quotes URLs with identifiers of studies and patients.
"""

from __future__ import annotations

from shortaxis.errors import ShortAxisError, WebServerError
from shortaxis.web.address import WebAddress
from shortaxis.web.credentials import AUTHORITY, PASSWORD, TOKEN_FILE, USER

__all__ = [
    "failed_with_status",
    "incomplete",
    "no_sense",
    "not_known",
    "not_trusted",
    "nothing_there",
    "redirected",
    "too_slow",
    "unreachable",
]

LOG_IN = (
    f"name a token in {TOKEN_FILE}, or {USER} and {PASSWORD}, or the host in a netrc file; they "
    "must be allowed to do it"
)


def unreachable(address: WebAddress, found: str) -> ShortAxisError:
    """No connection."""
    return WebServerError(
        "the DICOMweb server cannot be reached",
        path=address.shown,
        expected="a server at this address",
        found=found,
        cause="a mistyped host or port, a server that is down, or a firewall",
        way_on="correct the address, or try again later",
    )


def not_trusted(address: WebAddress) -> ShortAxisError:
    """A certificate that nobody vouches for, or of another host."""
    return WebServerError(
        "the certificate of the DICOMweb server cannot be trusted",
        path=address.shown,
        expected="a certificate for this host, signed by an authority that is trusted here",
        found="another one, an expired one, or no TLS at all",
        cause="an authority of the hospital's own, a mistyped host, or somebody in between",
        way_on=f"name the certificates of that authority in {AUTHORITY}; checks cannot be left out",
    )


def too_slow(address: WebAddress, step: str) -> ShortAxisError:
    """Silence, or drips."""
    return WebServerError(
        f"the DICOMweb server answers too slowly: {step}",
        path=address.shown,
        expected="an answer that comes to an end",
        found="none in time",
        cause="a busy server, or a slow line",
        way_on="try again later; what a batch has fetched stays",
    )


def redirected(address: WebAddress, step: str) -> ShortAxisError:
    """A server that sends us elsewhere."""
    return WebServerError(
        f"the DICOMweb server points to another address: {step}",
        path=address.shown,
        expected="an answer from this address",
        found="a redirect, which is not followed",
        cause="a page to log in, or a service that has moved",
        way_on=f"give the address that it moved to; or {LOG_IN}",
    )


def failed_with_status(address: WebAddress, step: str, status: int) -> ShortAxisError:
    """An HTTP status that is no success."""
    if status in (401, 403):
        return WebServerError(
            f"the DICOMweb server refuses who asks: {step}",
            path=address.shown,
            expected="credentials that the server knows",
            found=f"HTTP status {status}",
            cause="none were stated, they are wrong, or they may not do this",
            way_on=LOG_IN,
        )
    cause = (
        "a wrong root of the service, or a study that is gone"
        if status == 404
        else "the server is busy or has a fault"
        if status >= 500 or status == 429
        else "the server does not take what was asked for"
    )
    return WebServerError(
        f"the DICOMweb server does not do it: {step}",
        path=address.shown,
        expected="HTTP status 200",
        found=f"HTTP status {status}",
        cause=cause,
        way_on="open the address in a browser, or ask who runs the server",
    )


def no_sense(address: WebAddress, step: str, found: str) -> ShortAxisError:
    """An answer that is something else than DICOM."""
    return WebServerError(
        f"the answer of the DICOMweb server makes no sense: {step}",
        path=address.shown,
        expected="DICOM, or DICOM JSON",
        found=found,
        cause="another kind of server, a page to log in, or a proxy in between",
        way_on="check the root of the service; docs/how-to/dicomweb.md lists common ones",
    )


def not_known(address: WebAddress, fault: ShortAxisError) -> ShortAxisError:
    """A server that does not tell what it has of the results."""
    return WebServerError(
        "the results are not stored in the DICOMweb server, which does not tell what it has of "
        f"them: {fault.summary}",
        path=address.shown,
        expected=fault.expected,
        found=fault.found,
        cause=fault.cause,
        way_on="the results are in the folder; the same command again, with --force, stores what "
        "is missing",
    )


def incomplete(address: WebAddress, step: str, found: str) -> ShortAxisError:
    """A study that does not come whole."""
    return WebServerError(
        f"the study does not come whole: {step}",
        path=address.shown,
        expected="every object of the study that the server lists, whole",
        found=found,
        cause="a connection that ends early, or a study that is being changed or sent there",
        way_on="try again when the study is complete",
    )


def nothing_there(address: WebAddress) -> ShortAxisError:
    """A query without results, or a study that is not there."""
    study = bool(address.study_uid)
    return WebServerError(
        "the study is not there" if study else "no study answers the query",
        path=address.shown,
        expected="a study with NM or PET images" if study else "studies with NM or PET images",
        found="none",
        cause="a mistyped UID, or credentials that may not see it"
        if study
        else "a query that is too narrow, or credentials that may not see the studies",
        way_on="look it up in the archive" if study else "widen the query",
    )
