"""Reorient everything that was found under a path, study by study."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from shortaxis.errors import OptionError, OutputError, PoseFileError, ShortAxisError
from shortaxis.files.staged_folder import refuse_existing
from shortaxis.workflow.reorient.given_poses import read_pose_for
from shortaxis.workflow.reorient.options import ReorientOptions
from shortaxis.workflow.reorient.outputs import ALL_OUTPUT_NAMES, OutputOptions, write_reorientation
from shortaxis.workflow.reorient.reorienting import Reorientation, reorient_study
from shortaxis.workflow.studies.finding import FoundStudies, FoundStudy

__all__ = [
    "ReorientRequest",
    "StudyOutcome",
    "free_folders",
    "refuse_overwriting_sources",
    "reorient_found",
    "result_folders",
]


@dataclass(frozen=True)
class ReorientRequest:
    """What the user asked for, for every study alike.

    `output` None writes each study's slices in the format it is stored in.
    """

    reorient: ReorientOptions
    output: OutputOptions | None = None
    pose_path: Path | None = None
    force: bool = False

    def output_for(self, found: FoundStudy) -> OutputOptions:
        """Output options of one study."""
        chosen = self.output or OutputOptions(formats=(found.native_format,))
        return replace(chosen, force=self.force)


@dataclass(frozen=True, eq=False)
class StudyOutcome:
    """What became of one study: files and a reorientation, or an error."""

    found: FoundStudy
    folder: Path
    files: tuple[Path, ...] = ()
    reorientation: Reorientation | None = None
    error: ShortAxisError | None = None


def reorient_found(
    found: FoundStudies, out: Path, request: ReorientRequest
) -> Iterator[StudyOutcome]:
    """Reorient and write every study; one that fails does not stop the others.

    A single study is written directly into `out`, several into one folder each.

    Raises
    ------
    OptionError
        If one pose was given for several studies.
    ExistingOutputError
        Before any work, if results exist already and overwriting was not asked for.
    OutputError
        Before any work, if a result would overwrite a file that it is made from.
    """
    single = len(found.studies) == 1
    if request.pose_path is not None and not single:
        raise OptionError(
            "one pose cannot be applied to several studies",
            path=request.pose_path,
            expected="one study",
            found=f"{len(found.studies)} studies",
            cause="a folder was given; choose one study with --series",
        )
    folders = free_folders(found, out, ALL_OUTPUT_NAMES, force=request.force)
    for study, folder in zip(found.studies, folders, strict=True):
        yield _outcome(study, folder, request)


def free_folders(
    found: FoundStudies, out: Path, names: Collection[str], *, force: bool
) -> list[Path]:
    """Folders of the results, after a check which files of these `names` would overwrite.

    Raises
    ------
    ExistingOutputError
        If results exist already and `force` is off.
    OutputError
        If a result would overwrite a file that it is made from.
    """
    folders = result_folders(found, out)
    refuse_overwriting_sources(found, folders, names)
    if not force:
        for folder in folders:
            refuse_existing(folder, names)
    return folders


def result_folders(found: FoundStudies, out: Path) -> list[Path]:
    """Folders of the results: a single study directly into `out`, several into one folder each."""
    if len(found.studies) == 1:
        return [out]
    return [out / name for name in found.folder_names()]


def refuse_overwriting_sources(
    found: FoundStudies, folders: Sequence[Path], names: Collection[str]
) -> None:
    """Raise if a result of one of the `names` would overwrite a file that it is made from.

    Raises
    ------
    OutputError
        Naming the first such file.
    """
    results = {(folder / name).resolve() for folder in folders for name in names}
    for study in found.studies:
        for path in study.paths:
            if path.resolve() in results:
                raise OutputError(
                    "is a source and would be overwritten",
                    path=path,
                    expected="another folder for the results",
                    found=f"results that would be named {path.name} too",
                )


def _outcome(found: FoundStudy, folder: Path, request: ReorientRequest) -> StudyOutcome:
    try:
        loaded = found.load()
        given = request.pose_path and read_pose_for(loaded.study, request.pose_path)
        reorientation = reorient_study(loaded.study, request.reorient, given or None, loaded.header)
        files = write_reorientation(reorientation, folder, request.output_for(found))
    except ShortAxisError as error:
        pose_path = request.pose_path if isinstance(error, PoseFileError) else None
        return StudyOutcome(found, folder, error=error.at_path(pose_path or found.paths[0]))
    return StudyOutcome(found, folder, tuple(files), reorientation)
