"""A client of QIDO-RS and WADO-RS (PS3.18 10.4 and 10.6) that tries again, and says one error."""

from __future__ import annotations

import logging
import re
import ssl
import time
import warnings
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import requests
from dicomweb_client import DICOMwebClient

from shortaxis.dicom.carried.equipment import SOFTWARE
from shortaxis.dicom.elements.part10 import quiet_pydicom
from shortaxis.dicom.elements.uids import is_usable_uid
from shortaxis.errors import ShortAxisError
from shortaxis.files.inputs.input_size import largest_input_bytes
from shortaxis.web import failures
from shortaxis.web.address import WebAddress
from shortaxis.web.session import AnswerTooLargeError, AnswerTooSlowError, web_session

__all__ = ["ListedObject", "WebClient"]

RETRY_DELAYS_S = (0.5, 2.0, 6.0)
"""Between one try and the next: a server that restarts takes longer, and a batch can be resumed."""

PAGE = 200
"""Results that are asked for at a time: servers cut longer lists short, and not all say so."""

MOST_PAGES = 1000

TRANSIENT = (408, 429, 500, 502, 503, 504)
"""HTTP statuses after which the same request may succeed (RFC 9110 15.5, 15.6; RFC 6585 4)."""

IMAGES = ("NM", "PT")
"""Modalities of the series that are fetched: nothing else holds a perfusion study."""

STUDY, SERIES, OBJECT, MODALITY = "0020000D", "0020000E", "00080018", "00080060"
MANUFACTURER, DESCRIPTION = "00080070", "0008103E"

END_RESULT = re.compile(rf"(REVIEW )?{SOFTWARE} ")
"""What names of slices and reports of ours start with."""

Series = Mapping[str, Any]
"""One that is listed, as DICOM JSON (PS3.18 F.2)."""

LOGGERS = ("dicomweb_client", "dicomweb_client.web", "urllib3", "retrying")


@dataclass(frozen=True)
class ListedObject:
    """An object that a server says it has."""

    series_uid: str
    sop_instance_uid: str


@dataclass
class WebClient:
    """A server as a source of studies.

    `wait` passes the time between tries, seconds.
    """

    address: WebAddress
    authorization: str
    trusted: ssl.SSLContext
    timeout_s: float = 30.0
    wait: Callable[[float], None] = field(default=time.sleep, kw_only=True, repr=False)

    def studies(self) -> list[str]:
        """Study Instance UIDs that answer the query of the address.

        Raises
        ------
        WebServerError
            If there is none, or the server does not answer as it should.
        """
        wanted = dict(self.address.query)
        found = self._all_pages(
            "query for studies", STUDY, "search_for_studies", search_filters=wanted
        )
        uids = [_value(each, STUDY) for each in found]
        if not uids:
            raise failures.nothing_there(self.address)
        return uids

    def objects(self, study_uid: str) -> list[ListedObject]:
        """NM and PET objects of a study, as the server lists them now; it may have none.

        Slices and reports that this software has made are left out, where the server tells whose
        its series are and has others.
        """
        return self._listed(study_uid, _worth_fetching)

    def objects_of(self, study_uid: str, series_uids: Collection[str]) -> list[ListedObject]:
        """Objects of whatever kind that the server lists in these series now, if it has them."""
        return self._listed(
            study_uid, lambda found: [each for each in found if _value(each, SERIES) in series_uids]
        )

    def _listed(
        self, study_uid: str, wanted_of: Callable[[Sequence[Series]], Sequence[Series]]
    ) -> list[ListedObject]:
        series = self._all_pages(
            "list of series",
            SERIES,
            "search_for_series",
            study_instance_uid=study_uid,
            fields=["Manufacturer"],
        )
        listed = []
        for uid in (_value(each, SERIES) for each in wanted_of(series)):
            objects = self._all_pages(
                "list of objects",
                OBJECT,
                "search_for_instances",
                study_instance_uid=study_uid,
                series_instance_uid=uid,
            )
            listed += [ListedObject(uid, _value(one, OBJECT)) for one in objects]
        return listed

    def retrieve(self, study_uid: str, listed: ListedObject) -> Any:  # noqa: ANN401 - pydicom's
        """Read one object, in the transfer syntax that the server keeps it in."""
        wanted = {
            "study_instance_uid": study_uid,
            "series_instance_uid": listed.series_uid,
            "sop_instance_uid": listed.sop_instance_uid,
        }
        return self._asked("retrieval", "retrieve_instance", wanted)

    def _all_pages(
        self,
        step: str,
        key: str,
        name: str,
        **wanted: Any,  # noqa: ANN401 - as the client has them
    ) -> list[Mapping[str, Any]]:
        """All results, each once: some servers ignore the offset, and begin again without end."""
        found: dict[str, Mapping[str, Any]] = {}
        for _ in range(MOST_PAGES):
            asked = {**wanted, "limit": PAGE, "offset": len(found)}
            results = self._asked(step, name, asked)
            new = {_uid(self.address, step, each, key): each for each in self._list(step, results)}
            if new.keys() <= found.keys():
                break
            found |= new
        return list(found.values())

    def _list(self, step: str, results: object) -> Iterable[Any]:
        if not isinstance(results, list):
            raise failures.no_sense(self.address, step, type(results).__name__)
        return results

    def _asked(self, step: str, name: str, wanted: Mapping[str, Any]) -> Any:  # noqa: ANN401
        """Ask, and after a fault that may pass ask again."""
        for delay_s in (*RETRY_DELAYS_S, None):
            try:
                with self._client() as client:
                    return self._told(step, partial(getattr(client, name), **wanted))
            except _MayPassError as error:
                if delay_s is None:
                    raise error.told from None
                self.wait(delay_s)
        raise AssertionError

    @contextmanager
    def _client(self) -> Iterator[DICOMwebClient]:
        session = web_session(
            self.authorization, self.trusted, self.timeout_s, largest_input_bytes()
        )
        with session, _quiet():
            client = DICOMwebClient(
                self.address.root, session, permissive_uid=True, timeout=self.timeout_s
            )
            client.set_http_retry_params(retry=False)
            yield client

    def _told(self, step: str, ask: Callable[[], Any]) -> Any:  # noqa: ANN401 - JSON or a data set
        try:
            return ask()
        except requests.exceptions.SSLError:
            raise failures.not_trusted(self.address) from None
        except requests.TooManyRedirects:
            raise failures.redirected(self.address, step) from None
        except requests.HTTPError as error:
            status = 0 if error.response is None else error.response.status_code
            told = failures.failed_with_status(self.address, step, status)
            raise (_MayPassError(told) if status in TRANSIENT else told) from None
        except (requests.Timeout, AnswerTooSlowError):
            raise _MayPassError(failures.too_slow(self.address, step)) from None
        except (
            requests.exceptions.ChunkedEncodingError,
            requests.exceptions.ContentDecodingError,
        ):
            told = failures.incomplete(self.address, step, "an answer that ends in the middle")
            raise _MayPassError(told) from None
        except requests.ConnectionError as error:
            told = failures.unreachable(self.address, _reason(error))
            raise _MayPassError(told) from None
        except AnswerTooLargeError:
            most = largest_input_bytes() // 10**6
            raise failures.no_sense(self.address, step, f"more than {most} MB") from None
        except ShortAxisError:
            raise
        except Exception as error:  # what is no DICOM raises anything
            raise failures.no_sense(self.address, step, type(error).__name__) from None


class _MayPassError(Exception):
    """A fault after which it is worth to ask again."""

    def __init__(self, told: ShortAxisError) -> None:
        super().__init__()
        self.told = told


@contextmanager
def _quiet() -> Iterator[None]:
    """Let libraries say nothing: they log URLs, which hold identifiers."""
    loggers = [logging.getLogger(name) for name in LOGGERS]
    levels = [each.level for each in loggers]
    with quiet_pydicom(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for each in loggers:
            each.setLevel(logging.CRITICAL + 1)
        try:
            yield
        finally:
            for each, level in zip(loggers, levels, strict=True):
                each.setLevel(level)


def _worth_fetching(series: Sequence[Series]) -> Sequence[Series]:
    images = [each for each in series if _value(each, MODALITY) in (*IMAGES, "")]
    others = [each for each in images if not _is_end_result(each)]
    return others or images


def _is_end_result(series: Series) -> bool:
    """Slices or a report of ours, by maker and name; what we reconstruct is named otherwise."""
    is_ours = _value(series, MANUFACTURER) == SOFTWARE
    return is_ours and END_RESULT.match(_value(series, DESCRIPTION)) is not None


def _value(result: Mapping[str, Any], tag: str) -> str:
    """First value of an attribute of DICOM JSON (PS3.18 F.2); empty where it has none."""
    values = result.get(tag, {}).get("Value") or [""]
    return str(values[0])


def _uid(address: WebAddress, step: str, result: object, tag: str) -> str:
    try:
        uid = _value(result, tag)  # type: ignore[arg-type] # or whatever came
    except (AttributeError, TypeError, KeyError, IndexError):
        uid = ""
    if not is_usable_uid(uid):
        raise failures.no_sense(address, step, "a result without its UID")
    return uid


def _reason(error: Exception) -> str:
    """What the system said, not what the library says of it, which holds the URL."""
    seen: BaseException | None = error
    while seen is not None:
        for each in (seen, *seen.args, getattr(seen, "reason", None)):
            if isinstance(each, OSError) and not isinstance(each, requests.RequestException):
                return each.strerror or type(each).__name__
        seen = seen.__cause__ or seen.__context__
    return "no connection"
