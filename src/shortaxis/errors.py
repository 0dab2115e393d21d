"""One root error and its named children.

Every error says what was expected, what was found and the likely cause, and names
the file where there is one. Children also inherit the built-in exception that a
Python programmer would expect, so ``except ValueError`` works as usual.
"""

from __future__ import annotations

from os import PathLike, fspath

__all__ = [
    "AlreadyReorientedError",
    "ArchiveError",
    "CountsError",
    "ExistingOutputError",
    "ExportError",
    "GeometryError",
    "HeartNotFoundError",
    "InputNotFoundError",
    "MissingExtraError",
    "OptionError",
    "OutputError",
    "PoseFileError",
    "ShortAxisError",
    "UnknownWeightsError",
    "UnreadableFileError",
    "UnsupportedObjectError",
    "WebServerError",
    "WorkerError",
]


class ShortAxisError(Exception):
    """Root of everything that ShortAxis raises on purpose.

    Parameters
    ----------
    summary : str
        What went wrong, in one sentence without the full stop.
    path : path-like, optional
        File or folder concerned.
    expected, found, cause : str, optional
        What was expected, what was found instead, and the likely cause.
    way_on : str, optional
        The option or step with which the user goes on.

    Examples
    --------
    >>> print(ShortAxisError("cannot read the slices", path="a.dcm", expected="50 frames",
    ...                      found="49 frames", cause="the file was cut short"))
    a.dcm: cannot read the slices.
      expected: 50 frames
      found: 49 frames
      likely cause: the file was cut short
    """

    def __init__(
        self,
        summary: str,
        *,
        path: str | PathLike[str] | None = None,
        expected: str | None = None,
        found: str | None = None,
        cause: str | None = None,
        way_on: str | None = None,
    ) -> None:
        self.summary = summary
        self.path = None if path is None else fspath(path)
        self.expected = expected
        self.found = found
        self.cause = cause
        self.way_on = way_on
        super().__init__(summary)

    def __str__(self) -> str:
        lead = f"{self.path}: " if self.path else ""
        rows = (
            ("expected", self.expected),
            ("found", self.found),
            ("likely cause", self.cause),
            ("to go on", self.way_on),
        )
        return f"{lead}{self.summary}." + "".join(
            f"\n  {name}: {text}" for name, text in rows if text
        )

    def at_path(self, path: str | PathLike[str]) -> ShortAxisError:
        """Name the file concerned, unless one is named already; returns self."""
        if self.path is None:
            self.path = fspath(path)
        return self

    def to_dict(self) -> dict[str, str | None]:
        """Fields as plain values, for machine-readable output."""
        return {
            "error": type(self).__name__,
            "summary": self.summary,
            "path": self.path,
            "expected": self.expected,
            "found": self.found,
            "cause": self.cause,
            "way_on": self.way_on,
        }


class InputNotFoundError(ShortAxisError, FileNotFoundError):
    """The input path does not exist, or holds nothing that can be used."""

    __str__ = ShortAxisError.__str__


class UnreadableFileError(ShortAxisError, ValueError):
    """The bytes are not the format they should be: not DICOM, truncated, no decoder."""


class UnsupportedObjectError(ShortAxisError, ValueError):
    """A valid object of a kind that cannot be reoriented: planar, projections, CT."""


class AlreadyReorientedError(UnsupportedObjectError):
    """The input says that it is a short-axis or long-axis series already."""


class GeometryError(ShortAxisError, ValueError):
    """Geometry that is missing, degenerate, mirrored or contradicts itself."""


class CountsError(ShortAxisError, ValueError):
    """Counts in which no heart can be: all zero, constant, not finite."""


class HeartNotFoundError(ShortAxisError, RuntimeError):
    """An estimator found nothing in the volume that could be a left ventricle."""


class ExportError(ShortAxisError, RuntimeError):
    """An exported network does not compute what the trained one does."""


class PoseFileError(ShortAxisError, ValueError):
    """A ``pose.json`` that does not hold a valid pose."""


class OptionError(ShortAxisError, ValueError):
    """An option outside its allowed values, or options that exclude each other."""


class UnknownWeightsError(OptionError):
    """The named network weights are not installed; with a path, the files there are damaged."""

    def at_path(self, path: str | PathLike[str]) -> ShortAxisError:
        """Leave the study out that was looked at: it is not to blame."""
        return self


class MissingExtraError(ShortAxisError, RuntimeError):
    """Packages of an extra are not installed."""


class OutputError(ShortAxisError, OSError):
    """The results cannot be written: no permission, disk full."""

    __str__ = ShortAxisError.__str__


class ExistingOutputError(OutputError, FileExistsError):
    """A result would overwrite a file and overwriting was not asked for."""


class WorkerError(ShortAxisError, RuntimeError):
    """Worker processes do not start, or what they are given ends every one of them."""


class ArchiveError(ShortAxisError, ConnectionError):
    """A DICOM archive that does not associate, or does not answer or do what it is asked."""

    __str__ = ShortAxisError.__str__


class WebServerError(ShortAxisError, ConnectionError):
    """A DICOMweb server that cannot be reached, refuses, or answers what is no answer."""

    __str__ = ShortAxisError.__str__
