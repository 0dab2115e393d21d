"""Slices that are made again as they were: the same UIDs and time, if an archive has them."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from shortaxis.dicom.documents.object_origin import RepeatedOrigin
from shortaxis.dicom.elements.uids import UidGenerator
from shortaxis.files.staged_folder import refuse_existing
from shortaxis.workflow.reorient.outputs import OutputOptions, write_reorientation
from shortaxis.workflow.reorient.reorienting import Reorientation
from shortaxis.workflow.reorient.requests import ReorientRequest
from shortaxis.workflow.studies.finding import FoundStudy
from shortaxis.workflow.studies.formats import StudyFormat

__all__ = ["RepeatedSlices"]


@dataclass(frozen=True)
class RepeatedSlices:
    """A request whose slices are new objects only if nothing has made the same before.

    Parameters
    ----------
    request : ReorientRequest
        What the user asked for.
    origin : RepeatedOrigin
        Gives UIDs and the time.
    """

    request: ReorientRequest
    origin: RepeatedOrigin

    @property
    def names(self) -> Collection[str]:
        """Every file that it may write beside others of the same study."""
        return self.request.names

    @property
    def force(self) -> bool:
        """Whether earlier results are overwritten."""
        return self.request.force

    def make(self, found: FoundStudy, folder: Path) -> tuple[Reorientation, Sequence[Path]]:
        """Reorient one study, look at its slices in a folder that is removed, and write it.

        Raises
        ------
        ExistingOutputError
            Before any work, if results exist already and overwriting was not asked for.
        ShortAxisError
            As the request.
        """
        output = self.request.output or OutputOptions(formats=(found.native_format,))
        if StudyFormat.DICOM not in output.formats:
            return self.request.make(found, folder)
        if not self.force:
            # Before the server is asked: `write_reorientation` would tell at the end.
            refuse_existing(folder, self.names)
        made: list[Reorientation] = []
        with tempfile.TemporaryDirectory(prefix="shortaxis-") as name:
            look_at = Path(name)

            def write(uids: UidGenerator, now: datetime) -> None:
                slices = OutputOptions(uid_generator=uids, clock=lambda: now)
                look = replace(self.request, output=slices, review_sheet=False, force=True)
                made.append(look.make(found, look_at)[0])

            settled = self.origin.settled(look_at, write)
        output = replace(
            output,
            force=self.request.force,
            review_sheet=self.request.review_sheet,
            uid_generator=settled.uids,
            clock=settled.clock,
        )
        return made[0], write_reorientation(made[0], folder, output)
