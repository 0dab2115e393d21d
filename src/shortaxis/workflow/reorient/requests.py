"""What ``shortaxis reorient`` is asked for, and how it is done with one study."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from shortaxis.errors import OptionError, PoseFileError
from shortaxis.workflow.reorient.free_memory import give_back_free_memory
from shortaxis.workflow.reorient.given_poses import read_pose_for
from shortaxis.workflow.reorient.options import ReorientOptions
from shortaxis.workflow.reorient.outputs import ALL_OUTPUT_NAMES, OutputOptions, write_reorientation
from shortaxis.workflow.reorient.reorienting import Reorientation, reorient_study
from shortaxis.workflow.studies.finding import FoundStudies, FoundStudy

__all__ = ["ReorientRequest", "one_pose_for_several"]


@dataclass(frozen=True)
class ReorientRequest:
    """What the user asked for, for every study alike.

    `output` None writes each study's slices in the format it is stored in; `pose_path` names a
    pose to apply instead of an estimate; without `review_sheet` none is drawn. Networks that no
    other study needs (`keeps_networks` False) are let go before results are written.
    """

    reorient: ReorientOptions
    output: OutputOptions | None = None
    pose_path: Path | None = None
    force: bool = False
    review_sheet: bool = True
    keeps_networks: bool = True

    names: ClassVar[Collection[str]] = ALL_OUTPUT_NAMES

    def make(self, found: FoundStudy, folder: Path) -> tuple[Reorientation, Sequence[Path]]:
        """Reorient one study and write it.

        Raises
        ------
        ShortAxisError
            One of its children, naming the pose where that is to blame.
        """
        loaded, given = found.load(), None
        try:
            if self.pose_path is not None:
                given = read_pose_for(loaded.study, self.pose_path)
            made = reorient_study(loaded.study, self.reorient, given, loaded.header)
        except PoseFileError as error:
            error.at_path(self.pose_path or found.paths[0])
            raise
        if not self.keeps_networks:
            _forget_networks()
        output = self.output or OutputOptions(formats=(found.native_format,))
        options = replace(output, force=self.force, review_sheet=self.review_sheet)
        return made, write_reorientation(made, folder, options)


def _forget_networks() -> None:
    """They take more memory than a study and its slices."""
    from shortaxis.reorientation.handedness_weights import forget_handedness
    from shortaxis.reorientation.weights import forget_cascades

    forget_cascades()
    forget_handedness()
    give_back_free_memory()


def one_pose_for_several(path: Path, found: FoundStudies) -> OptionError:
    """The error that says that the pose in a file belongs to one study."""
    return OptionError(
        "one pose cannot be applied to several studies",
        path=path,
        expected="one study",
        found=f"{len(found.studies)} studies",
        cause="a folder was given; choose one study with --series",
    )
