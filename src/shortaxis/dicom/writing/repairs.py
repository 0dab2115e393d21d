"""What of a source is not taken over as it stands, in words for people."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["REPAIRS", "Repair"]


@dataclass(frozen=True)
class Repair:
    """One thing in a source that is not taken over as it stands."""

    attribute: str
    found: str
    written: str


REPAIRS = (
    Repair(
        "Study Instance UID (0020,000D), Frame of Reference UID (0020,0052)",
        "empty, longer than 64 characters, or not of digits and dots",
        "new ones, the same for all views; any other stays, even if a part has a leading zero",
    ),
    Repair(
        "Dates and times but the birth date",
        "with separators, such as 2023.01.02 and 12:30:00",
        "without them",
    ),
    Repair(
        "Counts Accumulated (0018,0070)",
        "those of the whole source",
        "empty; slices hold a part of them",
    ),
    Repair(
        "Data Information Sequence (0054,0063)",
        "several R-R intervals, which are summed",
        "one, with the lowest and highest R-R value and all beats acquired; without what differs",
    ),
    Repair(
        "Items of Contributing Equipment Sequence (0018,A001)",
        "without manufacturer or purpose",
        "dropped",
    ),
    Repair(
        "Patient Position (0018,5100)",
        "beside Patient Orientation Code Sequence, which PS3.3 C.7.3.1 forbids",
        "dropped; spelled in Patient Orientation and Patient Gantry Relationship codes",
    ),
    Repair(
        "Patient Orientation, Modifier and Gantry Relationship codes",
        "retired SRT codes, or none but a Patient Position",
        "the SCT codes of CID 19, 20 and 21; codes in SCT stay as they are",
    ),
    Repair(
        "Number of Rotations (0054,0051)",
        "missing",
        "1, as PS3.3 C.8.4.8 has it for reconstructions",
    ),
    Repair(
        "Actual Frame Duration (0018,1242)",
        "beside the frames, where it belongs to planar images",
        "dropped there; kept inside Rotation Information Sequence",
    ),
    Repair(
        "Rotation Information Sequence (0054,0052)",
        "an item without all its required attributes",
        "without items; kept if complete",
    ),
    Repair(
        "Administration Route Code, Intervention Drug Information and other optional sequences",
        "present without items",
        "dropped",
    ),
    Repair(
        "Image Position and Orientation (Patient), Spacing Between Slices",
        "of the source; negative spacing in many files",
        "of the slices, spacing positive, inside Detector Information Sequence",
    ),
    Repair(
        "Items of code and context sequences",
        "without the attributes that make them a code or a statement",
        "dropped",
    ),
    Repair(
        "De-identification Method (0012,0063)",
        "Patient Identity Removed is YES, and nothing says how",
        "Not recorded in the source",
    ),
    Repair(
        "Series Description (0008,103E)",
        "names the patient, holds control characters, or is too long",
        "the view and condition alone, or shortened",
    ),
    Repair(
        "Energy Window Information Sequence (0054,0012)",
        "missing in a PET source",
        "one window named 511 keV, without limits",
    ),
    Repair(
        "Counts and windows per frame, private attributes, attributes of no NM module",
        "of the source's frames, or of its manufacturer",
        "dropped",
    ),
    Repair(
        "Any attribute with a value that its type does not allow",
        "invalid characters, length or number",
        "dropped, or left empty where it must be present; identity attributes are never changed",
    ),
)
"""What is repaired or dropped, for people who wonder where an attribute went."""
