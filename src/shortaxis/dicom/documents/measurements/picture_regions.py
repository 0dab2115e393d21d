"""Where on a stored picture a measurement is seen: viewers show what has a place on an image.

OHIF opens no report of measurements without coordinates, so every group of the report is outlined
on the picture of the polar maps (PS3.16 TID 1410, PS3.3 C.18.6).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydicom import Dataset

from shortaxis.dicom.carried.source_header import SourceHeader
from shortaxis.dicom.carried.source_references import instance_item
from shortaxis.dicom.documents.measurements import measurement_codes as codes
from shortaxis.dicom.documents.measurements.content_items import coded_item
from shortaxis.geometry.arrays import FloatArray
from shortaxis.spect.study import StudyCondition

__all__ = ["NO_REGIONS", "WHOLE_MAP", "PictureRegions", "Region"]

WHOLE_MAP = 0
"""In the place of the number of a segment."""

Region = tuple[StudyCondition | None, int]
"""Condition, None for what compares both, and number of the segment or `WHOLE_MAP`."""


@dataclass(frozen=True, eq=False)
class PictureRegions:
    """Outlines of measurements on a picture.

    Parameters
    ----------
    picture : SourceHeader
        Of the stored picture.
    outlines : mapping of Region to (point, 2) array
        Column and row in pixels, counted from the upper left corner of the picture; closed.
    """

    picture: SourceHeader = field(default_factory=SourceHeader, repr=False)
    outlines: Mapping[Region, FloatArray] = field(default_factory=dict, repr=False)

    def content_of(self, region: Region) -> list[Dataset]:
        """The outline of a measurement as a content item, with the picture; none if it has none."""
        outline = self.outlines.get(region)
        if outline is None or not self.picture.instances:
            return []
        item = coded_item("CONTAINS", "SCOORD", codes.IMAGE_REGION)
        item.GraphicType = "POLYLINE"
        item.GraphicData = [round(float(value), 2) for value in outline.ravel()]
        image = Dataset()
        image.RelationshipType, image.ValueType = "SELECTED FROM", "IMAGE"
        image.ReferencedSOPSequence = [instance_item(*self.picture.instances[0])]
        item.ContentSequence = [image]
        return [item]


NO_REGIONS = PictureRegions()
