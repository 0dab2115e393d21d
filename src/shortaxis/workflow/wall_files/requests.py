"""What ``shortaxis wall`` is asked for, and how it is done with one study."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import ClassVar

import numpy as np

from shortaxis.dicom.documents.object_origin import NewOrigin, ObjectOrigin
from shortaxis.files.plain_json import write_json
from shortaxis.files.staged_folder import earlier_results, refuse_existing, staged_folder
from shortaxis.geometry.arrays import FloatArray
from shortaxis.nifti.writing import write_label_map
from shortaxis.quantification.wall_uptake import uptake_on_rays
from shortaxis.ventricle.label_map import label_map
from shortaxis.ventricle.surface_meshes import VentricleMesh, valve_mesh, ventricle_mesh
from shortaxis.workflow.quantify.quantifying import QuantifiedStudy, QuantifyOptions, quantify_study
from shortaxis.workflow.quantify.wall_by_hand import with_wall_by_hand
from shortaxis.workflow.studies.finding import FoundStudy
from shortaxis.workflow.wall_files.mesh_files import stl_bytes, vtk_text
from shortaxis.workflow.wall_files.record import wall_files_record
from shortaxis.workflow.wall_files.segmentation_file import (
    SegmentedSource,
    write_wall_segmentation,
)

__all__ = ["SEGMENTATION", "WALL_FILES", "WallRequest", "write_wall_files"]

SURFACES = ("endocardium", "epicardium", "valve_plane")

WALL_FILES = ("wall.json", "wall.nii.gz", "wall.vtk", *(f"{name}.stl" for name in SURFACES))
"""Files of one study, always all."""

RECORD, SEGMENTATION = WALL_FILES[0], "wall.dcm"
"""The segmentation is made of a DICOM study alone: what else has no study to join."""

ALL_NAMES = frozenset({*WALL_FILES, SEGMENTATION})


@dataclass(frozen=True)
class WallRequest:
    """What the user asked for, for every study alike."""

    options: QuantifyOptions
    force: bool = False
    wall_by_hand: Path | None = None
    origin: ObjectOrigin | None = None

    names: ClassVar[Collection[str]] = ALL_NAMES

    def make(self, found: FoundStudy, folder: Path) -> tuple[QuantifiedStudy, Sequence[Path]]:
        """Draw the wall of one study and write it.

        Raises
        ------
        ShortAxisError
            One of its children.
        """
        loaded = found.load()
        options = with_wall_by_hand(self.options, self.wall_by_hand, loaded.study)
        quantified = quantify_study(loaded.study, options)
        source = SegmentedSource.of(found, loaded.header)
        written = write_wall_files(quantified, folder, source, force=self.force, origin=self.origin)
        return quantified, written


def write_wall_files(
    quantified: QuantifiedStudy,
    folder: Path,
    source: SegmentedSource | None = None,
    *,
    force: bool = False,
    origin: ObjectOrigin | None = None,
) -> list[Path]:
    """Write record, label map, surfaces and segmentation into `folder`, all or none.

    The segmentation joins the study of `source`; without one there is none. `origin` gives it
    UIDs and the time, by default new ones and the present.

    Raises
    ------
    ExistingOutputError
        If results are there already and `force` is off.
    OutputError
        If anything cannot be written.
    """
    if not force:
        refuse_existing(folder, ALL_NAMES)
    names = WALL_FILES if source is None else (*WALL_FILES, SEGMENTATION)
    surfaces, volume = quantified.wall.surfaces, quantified.study.volume
    inner, outer = (ventricle_mesh(surfaces, part) for part in (0.0, 1.0))
    meshes = dict(zip(SURFACES, (inner.mesh, outer.mesh, valve_mesh(outer)), strict=True))
    with staged_folder(folder, earlier_results(folder, RECORD, ALL_NAMES)) as staging:
        write_json(staging / RECORD, wall_files_record(quantified, names))
        write_label_map(
            staging / "wall.nii.gz", label_map(surfaces, volume.grid), volume.patient_from_index
        )
        for name, mesh in meshes.items():
            (staging / f"{name}.stl").write_bytes(stl_bytes(mesh, name))
        text = vtk_text(list(meshes.values()), _values(quantified, inner, outer), "ShortAxis wall")
        (staging / "wall.vtk").write_text(text, encoding="ascii")
        if source is not None:
            path = staging / SEGMENTATION
            write = partial(write_wall_segmentation, path, quantified, source)
            (origin or NewOrigin()).write(staging, write)
    return [folder / name for name in names]


def _values(
    quantified: QuantifiedStudy, inner: VentricleMesh, outer: VentricleMesh
) -> dict[str, list[FloatArray]]:
    """What the points of the VTK file say: uptake, muscle, and whether it is seen."""
    surfaces = quantified.wall.surfaces
    level = quantified.traced.polar_map.level_100
    maps = {
        "uptake_percent": uptake_on_rays(surfaces, quantified.study.volume, level),
        "is_wall": surfaces.is_wall.astype(np.float64),
        "is_seen": surfaces.is_seen.astype(np.float64),
    }
    # In the valve plane there is no wall.
    plane = np.zeros(outer.rim.size + 1)
    return {
        name: [inner.sampled(values), outer.sampled(values), plane] for name, values in maps.items()
    }
