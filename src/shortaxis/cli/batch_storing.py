"""Results of a batch into the servers that their studies came from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import typer

from shortaxis.cli.web_source import LocalSource, client_of
from shortaxis.errors import ShortAxisError, WebServerError
from shortaxis.web.address import WebAddress, is_web_address, read_address

__all__ = ["StoredBatch", "require_addresses", "store_batch"]

FAILURES_IN_A_ROW = 3
"""After which a server is not asked to take further results."""

NOT_TRIED = "not tried, since several in a row were not stored"

MOST_NAMED = 10


@dataclass
class StoredBatch:
    """How many objects were stored, how many were there already, and which studies' are not there.

    `not_stored` has the keys of studies by their numbers, from 1, in the order of the table;
    `fault` is why, for the first of them. `columns` holds what the table says, by keys of studies.
    """

    n_studies: int
    counts: Counter[str] = field(default_factory=Counter)
    not_stored: dict[int, str] = field(default_factory=dict)
    fault: ShortAxisError | None = None
    columns: dict[str, dict[str, Any]] = field(default_factory=dict)

    def took(self, key: str, counts: Mapping[str, int]) -> None:
        """Note objects of a study that the server has now."""
        self.counts.update(counts)
        column = self.columns.setdefault(key, {"stored_back": 0})
        column["stored_back"] += sum(counts.values())

    def took_not(self, number: int, key: str, reason: str) -> None:
        """Note that objects of a study are not there."""
        self.not_stored[number] = key
        self.columns.setdefault(key, {"stored_back": 0})["store_error"] = reason

    def rows(self, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Rows of the table with what became of their results."""
        return [{**row, **self.columns.get(row["key"], {})} for row in rows]

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        counts = {name: self.counts[name] for name in ("stored", "stored_already")}
        return {**counts, "not_stored": list(self.not_stored.values())}

    @property
    def words(self) -> str:
        """For people."""
        now, before = (self.counts[name] for name in ("stored", "stored_already"))
        return f"{now} DICOM results stored back, {before} there already"

    @property
    def error(self) -> WebServerError | None:
        """One error for all studies; None if every object is there."""
        if self.fault is None:
            return None
        numbers = [str(each) for each in self.not_stored]
        named = ", ".join(numbers[:MOST_NAMED]) + (", ..." if len(numbers) > MOST_NAMED else "")
        return WebServerError(
            f"results of {len(numbers)} of {self.n_studies} studies (number {named}) are not "
            f"stored in the DICOMweb server, among them one for this: {self.fault.summary}",
            path=self.fault.path,
            expected=self.fault.expected,
            found=self.fault.found,
            cause=self.fault.cause,
            way_on="run the same command again: what is made is kept, and what is missing is "
            "stored",
        )


def require_addresses(inputs: Sequence[Path], *, deidentify: bool) -> None:
    """Find out before any work that results would have no place to go back to.

    Raises
    ------
    typer.BadParameter
        If an input is a path, or the results lose what says where they belong.
    """
    if not all(map(is_web_address, inputs)):
        raise typer.BadParameter("INPUT is no address of DICOMweb", param_hint="--store-back")
    if deidentify:
        raise typer.BadParameter(
            "results without identifiers belong to no study of the server",
            param_hint="--store-back",
        )


def store_batch(
    records: Sequence[Mapping[str, Any]],
    out: Path,
    addresses: Mapping[Path, Path],
    progress: Callable[[int, int], None],
) -> StoredBatch:
    """Store DICOM results of all studies that came out; one that fails does not stop the others.

    Parameters
    ----------
    records : sequence of dict
        Of all studies.
    out : Path
        Folder of the batch.
    addresses : mapping of Path to Path
        Addresses by the folders into which their studies were brought.
    progress : callable
        Is called with (done, total).
    """
    stored, in_a_row = StoredBatch(len(records)), 0
    for number, record in enumerate(records, start=1):
        try:
            if in_a_row < FAILURES_IN_A_ROW:
                for paths in _results(record, out):
                    stored.took(record["key"], _stored(record, paths, addresses))
                    in_a_row = 0
            elif any(_results(record, out)):
                stored.took_not(number, record["key"], NOT_TRIED)
        except ShortAxisError as error:
            in_a_row += 1
            stored.fault = stored.fault or error
            stored.took_not(number, record["key"], error.summary)
        progress(number, len(records))
    return stored


def _results(record: Mapping[str, Any], out: Path) -> Iterator[list[Path]]:
    """DICOM files of a study: its slices, and the report that it is the first exam of."""
    from shortaxis.workflow.batch.reporting import REPORTS_FOLDER
    from shortaxis.workflow.batch.study_record import STUDIES_FOLDER

    key = record["key"]
    folders = [] if record.get("error") else [out / STUDIES_FOLDER / key]
    if str(record.get("report")).startswith(f"{REPORTS_FOLDER}/"):
        folders.append(out / REPORTS_FOLDER / key)
    yield from filter(None, (sorted(folder.glob("*.dcm")) for folder in folders))


def _stored(
    record: Mapping[str, Any], paths: Sequence[Path], addresses: Mapping[Path, Path]
) -> dict[str, int]:
    from shortaxis.dicom.documents.object_origin import RepeatedOrigin
    from shortaxis.web.earlier_results import EarlierResults
    from shortaxis.web.settling import settle

    # Folders of study and series, and the file. An earlier run may have asked by another query.
    kept_as = Path(*Path(record["path"]).parts[-3:])
    address, source = next(
        (typed, folder / kept_as)
        for folder, typed in addresses.items()
        if (folder / kept_as).is_file()
    )
    study = WebAddress(read_address(address).root, record["study_uid"])
    earlier = EarlierResults(client_of(study))
    settle(paths, source, RepeatedOrigin(earlier.made_at))
    return LocalSource(source, earlier, quiet=True).store(paths)["stored_back"]
