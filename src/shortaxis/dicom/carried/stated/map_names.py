"""Whether a header names its volume an attenuation map."""

from __future__ import annotations

from itertools import pairwise

from pydicom import Dataset

from shortaxis.dicom.elements.attributes import items_of, label, text_of
from shortaxis.dicom.elements.vocabulary import SERIES_TEXTS
from shortaxis.dicom.elements.wording import words_in

__all__ = ["named_attenuation_map"]

MAP_WORDS = frozenset({
    "mumap", "mumaps", "umap", "umaps", "acmap", "acmaps", "ctacmap", "attmap", "attnmap",
    "ctmumap",
})  # fmt: skip
"""Whole words, without accents, that name an attenuation map."""

MAP_PHRASES = frozenset({
    ("attenuation", "map"), ("attenuation", "maps"), ("atten", "map"), ("attn", "map"),
    ("att", "map"), ("ac", "map"), ("ac", "maps"), ("ctac", "map"), ("ctac", "maps"),
    ("mu", "map"), ("mu", "maps"), ("u", "map"), ("transmission", "map"), ("correction", "map"),
})  # fmt: skip
"""Two neighbouring words that do; ``CTAC`` alone is an image that was corrected by CT."""


def named_attenuation_map(dataset: Dataset) -> str:
    """Where a header calls its volume an attenuation map, in words of our own; else empty.

    Consoles give such maps the type and the tracer of the study that they correct, so only names
    tell (series descriptions, and ``ATTENUATION MAPS`` for a radiopharmaceutical on Xeleris).
    """
    places = [(dataset, keyword) for keyword in SERIES_TEXTS]
    for item in items_of(dataset, "RadiopharmaceuticalInformationSequence"):
        places.append((item, "Radiopharmaceutical"))
    for place, keyword in places:
        if _names_a_map(text_of(place, keyword)):
            return f"{label(keyword)} says attenuation map"
    return ""


def _names_a_map(text: str) -> bool:
    words = words_in(text)
    return bool(MAP_WORDS.intersection(words) or MAP_PHRASES.intersection(pairwise(words)))
