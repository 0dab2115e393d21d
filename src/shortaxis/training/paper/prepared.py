"""Images of an experiment, made once and kept on disk, for all its networks and folds.

The paper, too, makes its 15,621 images before anything is split; what the folds share is the law
that new parameters are drawn from. Counts are kept as float16: they are normalised, and its eleven
bits are finer than their noise.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.utils.data import Dataset, Subset

from shortaxis.files.folder_lock import locked_folder
from shortaxis.files.plain_json import write_json
from shortaxis.files.staged_folder import remove_unfinished
from shortaxis.files.whole_files import written_whole
from shortaxis.geometry.arrays import CountsArray
from shortaxis.network.spatial_transformer import ViewGrid
from shortaxis.training.exams import SeedRange
from shortaxis.training.paper.images import PaperImage, PaperImages, paper_exam

__all__ = ["PreparedImages", "prepare_images"]

COUNTS_FILE, PARAMETERS_FILE, FACTS_FILE = "counts.npy", "parameters.npy", "images.json"

LOCK_FILE = ".images.lock"


class PreparedImages(Dataset[PaperImage]):
    """Images on disk: of every exam its own and, after it, the new ones.

    Parameters
    ----------
    folder : Path
        Written by `prepare_images`.
    in_memory : bool
        Whether all counts are read at once, and not each image when it is asked for.
    """

    def __init__(self, folder: Path, *, in_memory: bool = False) -> None:
        self.counts = np.load(folder / COUNTS_FILE, mmap_mode=None if in_memory else "r")
        self.parameters = np.load(folder / PARAMETERS_FILE)
        facts = json.loads((folder / FACTS_FILE).read_text(encoding="utf-8"))
        self.seeds: list[int] = [facts["first"] + place for place in range(facts["count"])]
        self.each = 1 + int(facts["draws"])

    def __len__(self) -> int:
        return len(self.counts)

    def __getitem__(self, number: int) -> PaperImage:
        # A copy, since what is mapped cannot be written to; float16 until it is where it is used.
        counts = torch.from_numpy(np.array(self.counts[number]))
        return {"counts": counts[None], "parameters": torch.from_numpy(self.parameters[number])}

    def of_exams(self, seeds: Collection[int]) -> Subset[PaperImage]:
        """All images of these exams."""
        return self._subset(seeds, range(self.each))

    def own_of_exams(self, seeds: Collection[int]) -> Subset[PaperImage]:
        """The exams' own images alone, in the order of their seeds."""
        return self._subset(seeds, range(1))

    def _subset(self, seeds: Collection[int], draws: range) -> Subset[PaperImage]:
        wanted = set(seeds)
        places = [place for place, seed in enumerate(self.seeds) if seed in wanted]
        return Subset(self, [place * self.each + draw for place in places for draw in draws])


def prepare_images(  # noqa: PLR0913 - all of one place
    exams: SeedRange,
    grid: ViewGrid,
    draws: int,
    seed: int,
    folder: Path,
    *,
    workers: int = 1,
    in_memory: bool = False,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> PreparedImages:
    """Make the images of exams, or take those that a folder holds of the same ones.

    Parameters
    ----------
    exams : SeedRange
        The exams.
    grid : ViewGrid
        Of the images.
    draws, seed : int
        As of `PaperImages`.
    folder : Path
        Gets the files; all appear together.
    workers : int
        Threads that make images. The result does not depend on it.
    in_memory : bool
        As of `PreparedImages`.
    progress : callable, optional
        Told how many exams of how many are done.

    Raises
    ------
    OutputError
        If another process prepares images beside these.
    """
    facts = {
        **exams.facts,
        "shape": list(grid.shape),
        "spacing_mm": grid.spacing_mm,
        "draws": draws,
        "seed": seed,
    }
    if _facts_of(folder) != facts:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with locked_folder(folder.parent, LOCK_FILE, "another process prepares images there"):
            # Of a run that was killed; and the disk may not have room for the images twice.
            remove_unfinished(folder.parent)
            shutil.rmtree(folder, ignore_errors=True)
            with written_whole(folder) as partial_folder:
                partial_folder.mkdir()
                posed = [paper_exam(each, grid) for each in exams.exams()]
                _write(PaperImages(posed, draws, seed), partial_folder, workers, progress)
                write_json(partial_folder / FACTS_FILE, facts)
    return PreparedImages(folder, in_memory=in_memory)


def _facts_of(folder: Path) -> dict[str, Any] | None:
    path = folder / FACTS_FILE
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def _write(
    images: PaperImages, folder: Path, workers: int, progress: Callable[[int, int], None]
) -> None:
    shape = (len(images), *images.exams[0].volume.shape)
    counts = np.lib.format.open_memmap(
        folder / COUNTS_FILE, mode="w+", dtype=np.float16, shape=shape
    )
    parameters = np.empty((len(images), 6), np.float32)
    each, exams = 1 + images.draws, len(images.exams)
    with ThreadPoolExecutor(max(workers, 1)) as pool:
        made = pool.map(partial(_images_of, images), range(exams))
        for place, (some_counts, some_parameters) in enumerate(made):
            where = slice(place * each, (place + 1) * each)
            counts[where], parameters[where] = some_counts, some_parameters
            progress(place + 1, exams)
    counts.flush()
    np.save(folder / PARAMETERS_FILE, parameters)


def _images_of(images: PaperImages, place: int) -> tuple[CountsArray, CountsArray]:
    """Counts and parameters of all images of one exam."""
    each = 1 + images.draws
    made = [images[number] for number in range(place * each, (place + 1) * each)]
    counts: CountsArray = np.stack([image["counts"][0].numpy() for image in made])
    parameters: CountsArray = np.stack([image["parameters"].numpy() for image in made])
    return counts, parameters
