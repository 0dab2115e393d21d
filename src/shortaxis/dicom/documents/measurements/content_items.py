"""Items of the content tree of a structured report (PS3.3 C.17.3)."""

from __future__ import annotations

from collections.abc import Sequence

from pydicom import Dataset
from pydicom.valuerep import format_number_as_ds

from shortaxis.dicom.elements.code_items import code_item

__all__ = [
    "Code",
    "code_content",
    "coded_item",
    "container",
    "number_content",
    "text_content",
    "uid_content",
]

Code = tuple[str, str, str]
"""Code Value, Coding Scheme Designator and Code Meaning."""


def container(
    relationship: str, concept: Code, children: Sequence[Dataset], template: str = ""
) -> Dataset:
    """A heading with what stands under it, by a template of the mapping resource DCMR."""
    item = coded_item(relationship, "CONTAINER", concept, children)
    item.ContinuityOfContent = "SEPARATE"
    if template:
        used = Dataset()
        used.MappingResource, used.TemplateIdentifier = "DCMR", template
        item.ContentTemplateSequence = [used]
    return item


def code_content(
    relationship: str, concept: Code, value: Code, children: Sequence[Dataset] = ()
) -> Dataset:
    """A concept with a coded value."""
    item = coded_item(relationship, "CODE", concept, children)
    item.ConceptCodeSequence = [code_item(*value)]
    return item


def text_content(relationship: str, concept: Code, value: str) -> Dataset:
    """A concept with a text."""
    item = coded_item(relationship, "TEXT", concept)
    item.TextValue = value
    return item


def uid_content(relationship: str, concept: Code, value: str) -> Dataset:
    """A concept with a UID."""
    item = coded_item(relationship, "UIDREF", concept)
    item.UID = value
    return item


def number_content(
    concept: Code, value: float, unit: Code, children: Sequence[Dataset] = ()
) -> Dataset:
    """A measured value with its unit; it is always contained (C.18.1)."""
    item = coded_item("CONTAINS", "NUM", concept, children)
    measured = Dataset()
    is_whole = float(value).is_integer()
    measured.NumericValue = str(int(value)) if is_whole else format_number_as_ds(float(value))
    measured.MeasurementUnitsCodeSequence = [code_item(*unit)]
    item.MeasuredValueSequence = [measured]
    return item


def coded_item(
    relationship: str, value_type: str, concept: Code, children: Sequence[Dataset] = ()
) -> Dataset:
    """An item of any value type, without its value; the root of a tree has no relationship."""
    item = Dataset()
    if relationship:  # the root has none
        item.RelationshipType = relationship
    item.ValueType = value_type
    item.ConceptNameCodeSequence = [code_item(*concept)]
    if children:
        item.ContentSequence = list(children)
    return item
