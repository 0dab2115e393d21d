"""Objects with UIDs of chance get those that follow from what they hold, before they are stored.

So a server has them once, whoever makes them, and where.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from shortaxis.dicom.documents.object_origin import RepeatedOrigin
from shortaxis.dicom.elements.attributes import text_of
from shortaxis.dicom.elements.part10 import read_dataset, write_dataset
from shortaxis.dicom.elements.uids import UidGenerator
from shortaxis.dicom.writing.object_header import local_time
from shortaxis.files.whole_files import write_whole

__all__ = ["settle"]

FRAME = "FrameOfReferenceUID"

TRACKING_UID = "112040"
"""Code of the name of a measurement in a structured report (PS3.16 annex D)."""

TIMED = ("Series", "Content", "InstanceCreation")
"""What has the time at which an object was made (`object_header`)."""


def settle(paths: Sequence[Path], source: Path, origin: RepeatedOrigin) -> None:
    """Give objects of ours, in place, the UIDs and the time that `origin` has for them.

    They are those that the objects had got if they had been written with it. Settled again, they
    are the same.

    Parameters
    ----------
    paths : sequence of Path
        All DICOM files of one result: slices of an exam, or documents of a report.
    source : Path
        A file of what they were made of.
    origin : RepeatedOrigin
        Knows what was made before.

    Raises
    ------
    UnreadableFileError
        If a file is damaged.
    OSError
        If a file cannot be written; each is as before then, or settled.
    """
    frame = text_of(read_dataset(source, with_pixels=False), FRAME)
    ordered = sorted(paths, key=_series_number)
    with tempfile.TemporaryDirectory(prefix="shortaxis-") as name:
        folder = Path(name)

        def write(uids: UidGenerator, now: datetime) -> None:
            datasets = [read_dataset(path, with_pixels=True) for path in ordered]
            names = {uid: uids() for uid in _made_uids(datasets, frame)}
            for path, dataset in zip(ordered, datasets, strict=True):
                _rename(dataset, names)
                _set_time(dataset, now)
                write_dataset(folder / path.name, dataset)

        origin.write(folder, write)
        for path in ordered:
            content = (folder / path.name).read_bytes()
            if content != path.read_bytes():
                write_whole(path, content)


def _series_number(path: Path) -> int:
    return int(text_of(read_dataset(path, with_pixels=False), "SeriesNumber"))


def _made_uids(datasets: Iterable[Any], source_frame: str) -> list[str]:
    """UIDs that are not of the source, each once, in the order in which they were made."""
    objects = [
        uid
        for dataset in datasets
        for uid in (
            text_of(dataset, "SOPInstanceUID"),
            text_of(dataset, "SeriesInstanceUID"),
            *_tracking_uids(dataset),
        )
    ]
    frames = [text_of(dataset, FRAME) for dataset in datasets if FRAME in dataset]
    return list(dict.fromkeys([*(uid for uid in frames if uid != source_frame), *objects]))


def _tracking_uids(item: Any) -> Iterator[str]:  # noqa: ANN401 - pydicom's
    for each in item.get("ContentSequence") or ():
        if "UID" in each and each.ConceptNameCodeSequence[0].CodeValue == TRACKING_UID:
            yield text_of(each, "UID")
        yield from _tracking_uids(each)


def _rename(dataset: Any, names: dict[str, str]) -> None:  # noqa: ANN401 - pydicom's
    for element in dataset.iterall():
        if element.VR == "UI" and element.value in names:
            element.value = names[element.value]
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID


def _set_time(dataset: Any, now: datetime) -> None:  # noqa: ANN401 - pydicom's
    local = local_time(dataset, now)
    for kind in TIMED:
        setattr(dataset, f"{kind}Date", f"{local:%Y%m%d}")
        setattr(dataset, f"{kind}Time", f"{local:%H%M%S}")
    # The last that contributed is this software.
    dataset.ContributingEquipmentSequence[-1].ContributionDateTime = f"{local:%Y%m%d%H%M%S}"
