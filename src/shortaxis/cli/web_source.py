"""Studies that are named by an address of DICOMweb instead of a path."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from shortaxis.cli.counted import counted
from shortaxis.cli.extras import needs_extra
from shortaxis.cli.progress import progress_bar
from shortaxis.errors import OptionError, ShortAxisError, WebServerError
from shortaxis.web.address import WebAddress, is_web_address, read_address

if TYPE_CHECKING:
    from shortaxis.dicom.documents.object_origin import RepeatedOrigin
    from shortaxis.web.client import WebClient
    from shortaxis.web.earlier_results import EarlierResults

__all__ = [
    "LocalSource",
    "StoreBack",
    "client_of",
    "fetched_inputs",
    "forget_fetched",
    "local_source",
    "local_sources",
    "not_all_fetched",
]

StoreBack = Annotated[
    bool,
    typer.Option(
        "--store-back",
        help="Store the DICOM results in the DICOMweb server that INPUT names, too.",
    ),
]


@dataclass(frozen=True)
class LocalSource:
    """Where a study lies here, and what its server has of its results, if they go back there."""

    path: Path
    earlier: EarlierResults | None = None
    quiet: bool = False

    @property
    def object_origin(self) -> RepeatedOrigin | None:
        """What gives UIDs to results that go back: those they had, if they were made before."""
        if self.earlier is None:
            return None
        from shortaxis.dicom.documents.object_origin import RepeatedOrigin

        return RepeatedOrigin(self.earlier.made_at)

    def store(self, files: Iterable[Path]) -> dict[str, dict[str, int]]:
        """Store the DICOM objects among some files where the study came from, if that was asked.

        Returns
        -------
        dict
            For JSON: ``stored_back``, how many were stored now and how many were there before;
            nothing if that was not asked.

        Raises
        ------
        WebServerError
            If they are not all stored; sent again, they are stored once.
        """
        if self.earlier is None:
            return {}
        paths = [path for path in files if path.suffix == ".dcm"]
        missing = self.earlier.missing(paths) if paths else []
        there = len(paths) - len(missing)
        if there and not self.quiet:
            typer.echo(f"{there} of {len(paths)} DICOM results were stored already.", err=True)
        if missing:
            from shortaxis.web.storing_back import store_back

            store_back(self.earlier.client.address, missing)
        return {"stored_back": {"stored": len(missing), "stored_already": there}}


@contextmanager
def local_source(
    path: Path, *, store_back: bool = False, quiet: bool = False
) -> Iterator[LocalSource]:
    """Give the path as it is, or bring the study that it names into a private folder.

    That folder is removed at the end of the block, however it ends.

    Raises
    ------
    OptionError
        If the address is none, or names many studies.
    WebServerError
        If the study does not come whole.
    MissingExtraError
        If the extra ``web`` is not installed.
    """
    if not is_web_address(path):
        if store_back:
            raise typer.BadParameter("INPUT is no address of DICOMweb", param_hint="--store-back")
        yield LocalSource(path)
        return
    address = read_address(path)
    if not address.study_uid:
        raise OptionError(
            "a query names many studies",
            path=address.shown,
            expected="the address of one study",
            found="a query",
            way_on="shortaxis batch takes queries",
        )
    client = client_of(address)
    from shortaxis.web.fetching import fetch_study

    with tempfile.TemporaryDirectory(prefix="shortaxis-") as name:
        folder = Path(name)
        with progress_bar("Fetching", quiet=quiet) as update:
            fetch_study(client, address.study_uid, folder, update)
        try:
            earlier = _earlier_results(client) if store_back else None
            yield LocalSource(folder, earlier, quiet)
        except ShortAxisError as error:
            if error.path is not None and Path(error.path).is_relative_to(folder):
                # It is gone when this is read.
                error.path = address.shown
            raise


@contextmanager
def local_sources(
    paths: Sequence[Path | None], *, quiet: bool = False
) -> Iterator[list[Path | None]]:
    """Where each of some studies lies here, as `local_source` brings it; None stays None.

    Raises
    ------
    OptionError, WebServerError, MissingExtraError
        As `local_source`.
    """
    with ExitStack() as stack:
        yield [
            path if path is None else stack.enter_context(local_source(path, quiet=quiet)).path
            for path in paths
        ]


def fetched_inputs(
    inputs: Sequence[Path], out: Path, *, quiet: bool
) -> tuple[list[Path], list[ShortAxisError]]:
    """Inputs of a batch, with those that are addresses brought into a folder of the results.

    What an earlier run has brought is not fetched again.

    Returns
    -------
    list of Path
        Where everything lies here.
    list of ShortAxisError
        Why studies did not come, one each.

    Raises
    ------
    OptionError, WebServerError, MissingExtraError
        As `local_source`, and if a query finds nothing.
    """
    local: list[Path] = []
    failed: list[ShortAxisError] = []
    for path in inputs:
        if not is_web_address(path):
            local.append(path)
            continue
        address = read_address(path)
        client = client_of(address)
        from shortaxis.web.fetching import fetch_one, fetch_query, folder_for
        from shortaxis.workflow.batch.batch_folder import FETCHED_FOLDER

        folder = folder_for(address, out / FETCHED_FOLDER)
        with progress_bar("Fetching studies", quiet=quiet) as update:
            if address.study_uid:
                fetch_one(client, folder)
            else:
                failed += filter(None, fetch_query(client, folder, update))
        local.append(folder)
    return local, failed


def forget_fetched(out: Path) -> None:
    """Remove what was brought for a batch: results without identifiers shall stand alone."""
    from shortaxis.workflow.batch.batch_folder import FETCHED_FOLDER

    shutil.rmtree(out / FETCHED_FOLDER, ignore_errors=True)


def not_all_fetched(failed: Sequence[ShortAxisError]) -> WebServerError | None:
    """The error at the end of a batch for which some studies did not come; None if all did."""
    if not failed:
        return None
    first = failed[0]
    return WebServerError(
        f"{counted(len(failed), 'studies')} of the query did not come, among them one for this: "
        f"{first.summary}",
        path=first.path,
        expected=first.expected,
        found=first.found,
        cause=first.cause,
        way_on="run the same command again: what came is kept",
    )


def _earlier_results(client: WebClient) -> EarlierResults:
    from shortaxis.web.earlier_results import EarlierResults

    return EarlierResults(client)


def client_of(address: WebAddress) -> WebClient:
    """A client for a server, with the credentials that are stated for it.

    Raises
    ------
    MissingExtraError
        If the extra ``web`` is not installed.
    OptionError
        If credentials cannot be read.
    """
    from shortaxis.web.credentials import authorization_for, trusted_context

    with needs_extra("web"):
        from shortaxis.web.client import WebClient
    return WebClient(address, authorization_for(address), trusted_context())
