"""Statuses of DIMSE responses that say more than a number."""

from __future__ import annotations

from pydicom import Dataset

__all__ = ["commented_status"]


def commented_status(status: int, comment: str) -> Dataset:
    """A status and its Error Comment, an LO value of at most 64 characters (PS3.7 C.1)."""
    made = Dataset()
    made.Status = status
    made.ErrorComment = comment[:64]
    return made
