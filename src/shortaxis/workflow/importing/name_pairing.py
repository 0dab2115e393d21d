"""Pair files by the identifiers in their names.

A name is taken apart into words and numbers. Words that say which of the two a file is, of which
batch, or that every name has, identify nobody and are left out. Two files are a pair if what is
left is the same, and no third file has it; first everything in the path is asked, then the name of
the file alone, then its numbers alone.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath

__all__ = ["NamedPairs", "Role", "pair_by_name", "role_of", "words_of"]

Role = str
"""``transaxial`` or ``short_axis``."""

ROLE_WORDS: dict[str, Role] = {
    **dict.fromkeys(("ori", "original", "origin", "transaxial", "transverse", "recon", "input",
                     "image", "images"), "transaxial"),
    **dict.fromkeys(("label", "labels", "sa", "sax", "short", "shortaxis", "reoriented", "target",
                     "reorient"), "short_axis"),
}  # fmt: skip
"""Words of paths that say what a file is; the authors' archives say ``Ori`` and ``label``."""

IDLE_WORDS = frozenset(("batch", "axis", "reorientation", "volume", "dcm", "nii", "gz", "mat",
                        "npy", "npz", "img", "zip", "data", "spect", "mpi"))  # fmt: skip

BATCH = re.compile(r"batch[\s_-]*\d+", re.IGNORECASE)

WORD = re.compile(r"[A-Za-z]+|\d+")

SUFFIXES = re.compile(r"(\.[A-Za-z][A-Za-z0-9]{0,4})+$")
"""What follows the name of a file; the numbers of a UID are no suffix."""

CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True)
class NamedPairs:
    """Pairs of indices (transaxial, short axis) by name, and the indices that are in none."""

    pairs: tuple[tuple[str, int, int], ...]
    unpaired: tuple[int, ...]


def words_of(text: str) -> list[str]:
    """Words and numbers of a name, in lower case, numbers without zeros in front.

    Examples
    --------
    >>> words_of("batch2/Pat_007_stress_Label.nii.gz")
    ['pat', '7', 'stress', 'label', 'nii', 'gz']
    """
    found = WORD.findall(CAMEL.sub(" ", BATCH.sub(" ", text)))
    return [str(int(word)) if word.isdigit() else word.lower() for word in found]


def role_of(path: PurePath) -> Role | None:
    """What a file is by the outermost part of its path that says it; None where none does.

    Examples
    --------
    >>> role_of(PurePath("reorientation_Ori/batch1/12.nii")), role_of(PurePath("12.nii"))
    ('transaxial', None)
    """
    for part in path.parts:
        roles = {ROLE_WORDS[word] for word in words_of(part) if word in ROLE_WORDS}
        if len(roles) == 1:
            return roles.pop()
    return None


def pair_by_name(paths: Sequence[PurePath], roles: Sequence[Role | None]) -> NamedPairs:
    """Pair files of the two roles; `paths` begin below what all of them lie in."""
    left = {index for index, role in enumerate(roles) if role is not None}
    pairs: list[tuple[str, int, int]] = []
    for key_of in (_whole_path, _file_name, _numbers):
        for key, transaxial, short_axis in _unique_pairs(paths, roles, left, key_of):
            pairs.append(("-".join(key), transaxial, short_axis))
            left -= {transaxial, short_axis}
    taken = {index for _, *both in pairs for index in both}
    unpaired = tuple(index for index in range(len(paths)) if index not in taken)
    return NamedPairs(tuple(sorted(_distinct_names(pairs))), unpaired)


def _whole_path(path: PurePath) -> tuple[str, ...]:
    return _identifying(path.parts)


def _file_name(path: PurePath) -> tuple[str, ...]:
    return _identifying(path.parts[-1:])


def _numbers(path: PurePath) -> tuple[str, ...]:
    return tuple(word for word in _identifying(path.parts[-1:]) if word.isdigit())


def _identifying(parts: Iterable[str]) -> tuple[str, ...]:
    words = [word for part in parts for word in words_of(SUFFIXES.sub("", part))]
    return tuple(word for word in words if word not in ROLE_WORDS and word not in IDLE_WORDS)


def _unique_pairs(
    paths: Sequence[PurePath],
    roles: Sequence[Role | None],
    left: Iterable[int],
    key_of: Callable[[PurePath], tuple[str, ...]],
) -> list[tuple[tuple[str, ...], int, int]]:
    groups: dict[Hashable, dict[Role, list[int]]] = defaultdict(lambda: defaultdict(list))
    for index in sorted(left):
        role = roles[index]
        if role is not None and key_of(paths[index]):
            groups[key_of(paths[index])][role].append(index)
    return [
        (key_of(paths[group["transaxial"][0]]), group["transaxial"][0], group["short_axis"][0])
        for group in groups.values()
        if len(group["transaxial"]) == len(group["short_axis"]) == 1
    ]


def _distinct_names(pairs: Sequence[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    """Names that no two pairs share: a number is put behind those that would."""
    seen: dict[str, int] = defaultdict(int)
    named = []
    for name, transaxial, short_axis in pairs:
        seen[name] += 1
        suffix = f"_{seen[name]}" if seen[name] > 1 else ""
        named.append((f"{name}{suffix}", transaxial, short_axis))
    return named
