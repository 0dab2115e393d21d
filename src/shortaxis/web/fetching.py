"""A study of a DICOMweb server as files in a folder: all of it, whole, or an error."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from pathlib import Path

from shortaxis.dicom.elements.attributes import text_of
from shortaxis.dicom.elements.part10 import write_dataset
from shortaxis.dicom.elements.uids import hashed_name
from shortaxis.dicom.reading.pixels.completeness import announced_bytes
from shortaxis.errors import ShortAxisError, WebServerError
from shortaxis.files.privacy import private_folder
from shortaxis.files.staged_folder import remove_unfinished
from shortaxis.files.whole_files import remove_partial, written_whole
from shortaxis.web import failures
from shortaxis.web.address import WebAddress
from shortaxis.web.client import ListedObject, WebClient

__all__ = ["fetch_one", "fetch_query", "fetch_study", "folder_for"]

ROUNDS = 3
"""How often a study that changes while it is read is looked at again."""

FAILURES_IN_A_ROW = 3
"""After which a server is not asked for further studies."""

Progress = Callable[[int, int], None]


def fetch_study(
    client: WebClient,
    study_uid: str,
    folder: Path,
    progress: Progress = lambda done, total: None,
) -> int:
    """Bring the NM and PET objects of a study into a folder.

    What the folder holds of it already is not fetched again. Names of files and folders stand for
    UIDs and say none.

    Returns
    -------
    int
        How many objects it has.

    Raises
    ------
    WebServerError
        If it is not there, does not come whole, or the server does not answer as it should.
    OSError
        If it cannot be written.
    """
    listed = client.objects(study_uid)
    for _ in range(ROUNDS):
        if not listed:
            raise failures.nothing_there(client.address)
        _remove_others(folder, listed)
        for number, each in enumerate(listed, start=1):
            _bring(client, study_uid, each, folder)
            progress(number, len(listed))
        before, listed = listed, client.objects(study_uid)
        if set(before) == set(listed):
            return len(listed)
    raise failures.incomplete(
        client.address, "it changes while it is read", "other objects at each look"
    )


def fetch_query(
    client: WebClient, folder: Path, progress: Progress = lambda done, total: None
) -> Iterator[ShortAxisError | None]:
    """Bring every study that answers the query into a folder of its own below `folder`.

    A study is there whole or not at all; those of an earlier run are compared with what the server
    lists now. Yields one value a study: why it did not come, or None.

    Raises
    ------
    WebServerError
        If the query itself fails or finds nothing, or if several studies in a row do not come.
    """
    studies = client.studies()
    _ready(folder)
    in_a_row = 0
    for number, uid in enumerate(studies, start=1):
        error = _failure_of(client, uid, folder)
        in_a_row = in_a_row + 1 if error else 0
        if error is not None and in_a_row == FAILURES_IN_A_ROW:
            raise error
        yield error
        progress(number, len(studies))


def fetch_one(client: WebClient, folder: Path) -> None:
    """Bring the study of the address into a folder of its own below `folder`, whole or not at all.

    Raises
    ------
    WebServerError
        As `fetch_study`.
    """
    _ready(folder)
    uid = client.address.study_uid
    _fetch_whole(client, uid, folder / hashed_name(uid))


def folder_for(address: WebAddress, folder: Path) -> Path:
    """A folder below `folder` for what one address gives, named without what it says."""
    wanted = [address.root, address.study_uid, *map("=".join, sorted(address.query.items()))]
    return folder / hashed_name("\n".join(wanted))


def _ready(folder: Path) -> None:
    """Make the folder, and remove what a killed run was writing there."""
    private_folder(folder)
    remove_unfinished(folder)


def _failure_of(client: WebClient, uid: str, folder: Path) -> ShortAxisError | None:
    try:
        _fetch_whole(client, uid, folder / hashed_name(uid))
    except WebServerError as error:
        return error
    return None


def _fetch_whole(client: WebClient, uid: str, folder: Path) -> None:
    if folder.is_dir() and _names_in(folder) == _names_of(client.objects(uid)):
        return
    with written_whole(folder) as partial:
        private_folder(partial)
        fetch_study(client, uid, partial)


def _bring(client: WebClient, study_uid: str, listed: ListedObject, folder: Path) -> None:
    path = folder / _name_of(listed)
    if path.is_file():
        return
    dataset = client.retrieve(study_uid, listed)
    found = tuple(text_of(dataset, name) for name in ("StudyInstanceUID", "SOPInstanceUID"))
    if found != (study_uid, listed.sop_instance_uid):
        raise failures.no_sense(client.address, "retrieval", "another object than was asked for")
    # A message that ends early is none to the client: it takes what came for the whole.
    announced, came = announced_bytes(dataset), len(dataset.get("PixelData", b""))
    if came < announced:
        raise failures.incomplete(
            client.address, "retrieval", f"{came} of {announced} bytes of pixels"
        )
    private_folder(path.parent)
    write_dataset(path, dataset)


def _remove_others(folder: Path, listed: Collection[ListedObject]) -> None:
    """Remove what the server lists no more."""
    for name in _names_in(folder) - _names_of(listed):
        remove_partial(folder / name)


def _names_in(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.glob("*/*.dcm")}


def _names_of(listed: Collection[ListedObject]) -> set[str]:
    return {_name_of(each) for each in listed}


def _name_of(listed: ListedObject) -> str:
    return f"{hashed_name(listed.series_uid)}/{hashed_name(listed.sop_instance_uid)}.dcm"
