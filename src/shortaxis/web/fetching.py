"""A study of a DICOMweb server as files in a folder: all of it, whole, or an error."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from pathlib import Path

from shortaxis.dicom.elements.attributes import text_of
from shortaxis.dicom.elements.part10 import write_dataset
from shortaxis.dicom.elements.uids import hashed_name
from shortaxis.dicom.reading.pixels.completeness import refuse_short_files
from shortaxis.errors import UnreadableFileError, WebServerError
from shortaxis.files.privacy import private_folder
from shortaxis.files.whole_files import remove_partial, written_whole
from shortaxis.web import failures
from shortaxis.web.client import ListedObject, WebClient

__all__ = ["fetch_query", "fetch_study"]

ROUNDS = 3
"""How often a study that changes while it is read is looked at again."""

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
) -> Iterator[Exception | None]:
    """Bring every study that answers the query into a folder of its own below `folder`.

    A study is there whole or not at all; those of an earlier run are compared with what the server
    lists now. Yields one value a study: why it did not come, or None.

    Raises
    ------
    WebServerError
        If the query itself fails, or finds nothing.
    """
    studies = client.studies()
    private_folder(folder)
    for number, uid in enumerate(studies, start=1):
        try:
            _fetch_whole(client, uid, folder / hashed_name(uid))
        except (WebServerError, UnreadableFileError) as error:
            yield error
        else:
            yield None
        progress(number, len(studies))


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
    private_folder(path.parent)
    write_dataset(path, dataset)
    try:
        refuse_short_files([path], [dataset])
    except UnreadableFileError as error:
        remove_partial(path)
        raise failures.incomplete(client.address, "retrieval", error.found or "less") from None


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
