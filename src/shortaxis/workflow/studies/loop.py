"""Work through everything that was found under a path, study by study."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from shortaxis.errors import OutputError, ShortAxisError
from shortaxis.files.staged_folder import refuse_existing
from shortaxis.workflow.studies.finding import FoundStudies, FoundStudy

__all__ = ["StudyOutcome", "StudyRequest", "outcomes_of"]

Result = TypeVar("Result")
MadeResult = TypeVar("MadeResult", covariant=True)


class StudyRequest(Protocol[MadeResult]):
    """What the user asked for, for every study alike."""

    @property
    def names(self) -> Collection[str]:
        """Every file that it may write beside others of the same study."""
        ...

    @property
    def force(self) -> bool:
        """Whether earlier results are overwritten."""
        ...

    def make(self, found: FoundStudy, folder: Path) -> tuple[MadeResult, Sequence[Path]]:
        """Read one study, make the result and write it into `folder`; the result and its files."""
        ...


@dataclass(frozen=True, eq=False)
class StudyOutcome(Generic[Result]):
    """What became of one study: files and a result, or an error."""

    found: FoundStudy
    folder: Path
    files: tuple[Path, ...] = ()
    result: Result | None = None
    error: ShortAxisError | None = None


def outcomes_of(
    found: FoundStudies, out: Path, request: StudyRequest[Result]
) -> Iterator[StudyOutcome[Result]]:
    """Do what is asked for with every study; one that fails does not stop the others.

    A single study is written directly into `out`, several into one folder each.

    Raises
    ------
    OutputError
        Before any work, if a result would overwrite a file that it is made from.
    ExistingOutputError
        Before any work, if results exist already and overwriting was not asked for.
    """
    single = len(found.studies) == 1
    folders = [out] if single else [out / name for name in found.folder_names()]
    results = {(folder / name).resolve() for folder in folders for name in request.names}
    for path in (path for study in found.studies for path in study.paths):
        if path.resolve() in results:
            raise _would_overwrite(path)
    for folder in folders if not request.force else ():
        refuse_existing(folder, request.names)
    for study, folder in zip(found.studies, folders, strict=True):
        try:
            result, files = request.make(study, folder)
        except ShortAxisError as error:
            yield StudyOutcome(study, folder, error=error.at_path(study.paths[0]))
        else:
            yield StudyOutcome(study, folder, tuple(files), result)


def _would_overwrite(path: Path) -> OutputError:
    return OutputError(
        "is a source and would be overwritten",
        path=path,
        expected="another folder for the results",
        found=f"results that would be named {path.name} too",
    )
