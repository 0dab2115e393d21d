"""What a document about a study is, apart from what it holds."""

from __future__ import annotations

from dataclasses import dataclass

from shortaxis.dicom.carried.equipment import SOFTWARE
from shortaxis.dicom.carried.source_header import SourceHeader
from shortaxis.dicom.elements.wording import printable_ascii
from shortaxis.dicom.writing.derivation import REVIEW, flag_and_reasons
from shortaxis.errors import OptionError

__all__ = ["DocumentFacts"]

FLAGS = ("accept", REVIEW)


@dataclass(frozen=True)
class DocumentFacts:
    """Title and description of a document, and the sources beside the one whose study it joins.

    Nothing in it, nor in the document, may name the patient: the objects say so.

    Parameters
    ----------
    title : str
        Such as ``ShortAxis report``.
    description : str
        One or more sentences: what it shows, and that this is research software.
    software_version : str
        Of ShortAxis.
    quality_flag : {"accept", "review"}
        Whether anything shown asks for a look.
    reasons : tuple of str
        Those of the flag.
    other_sources : tuple of SourceHeader
        Such as that of rest beside that of stress, of the same study or of another one.
    referenced : tuple of SourceHeader
        What the document also refers to, such as earlier exams: it tells nothing else of them.

    Raises
    ------
    OptionError
        If there is no title, or no such flag.
    """

    title: str
    description: str
    software_version: str
    quality_flag: str = "accept"
    reasons: tuple[str, ...] = ()
    other_sources: tuple[SourceHeader, ...] = ()
    referenced: tuple[SourceHeader, ...] = ()

    def __post_init__(self) -> None:
        if not self.title.strip() or self.quality_flag not in FLAGS:
            raise OptionError(
                "the document is not described",
                expected=f"a title, and a flag that is {' or '.join(FLAGS)}",
                found=f"the title {self.title!r} and the flag {self.quality_flag!r}",
            )

    @property
    def full_title(self) -> str:
        """The title in ASCII, preceded by REVIEW where the flag says so, as that of slices."""
        title = printable_ascii(self.title).replace("\\", "/")
        return f"REVIEW {title}" if self.quality_flag == REVIEW else title

    def words(self, longest: int) -> str:
        """What made the document, its flag and the reasons, and its description, in ASCII.

        Where all of it is longer than `longest` characters, reasons are cut.
        """
        made = f"{printable_ascii(self.title)} by {SOFTWARE} {self.software_version}. "
        flag = f"Quality flag {flag_and_reasons(self.quality_flag, self.reasons)}"
        description = f". {printable_ascii(self.description)}"
        room = max(longest - len(made) - len(description), 0)
        return f"{made}{flag[:room]}{description}"[:longest]
