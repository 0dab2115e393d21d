"""What other programs make of slices that ShortAxis writes: ``python tools/try_clients.py FOLDER``.

Draws a SPECT, a gated SPECT, a PET and a gated PET study, reorients them, opens the short axis of
each with every client that is here, and prints a table of what it gave: whether counts are those
of the file, to the last one, and lie where the file says. Clients are Python packages (SimpleITK,
itk, MONAI, TorchIO, nibabel, highdicom, GDCM, VTK, dicom2nifti, napari) and programs (plastimatch,
dcm2niix, medcon, dcmtk, Orthanc); one that is absent is left out. The last column is the gated
short axis as NIfTI. OHIF and 3D Slicer have tests of their own. Run from the repository with::

    PYTHONPATH=src:tests/scenes:. python tools/try_clients.py out/clients
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
import pydicom
from clients_tried import CLIENTS, NotHereError, Opened, identity_of

from drawn_study import study_volume
from gated_studies import beating_gates
from nm_object import build_nm, build_pet_slices
from shortaxis.cli.main import main as shortaxis
from shortaxis.geometry.affines import apply_affine

TOLERANCE_MM = 0.01
OTHER = "other counts"
EQUAL = 1e-4
"""Part of the highest count within which counts are the same: floats of 4 bytes, and a slope."""


@dataclass(frozen=True)
class Truth:
    """Counts (time_slot, slice, row, column) of a file, and where slice, row and column lie."""

    path: Path
    counts: np.ndarray
    affine: np.ndarray

    def verdict(self, opened: Opened) -> str:
        """What a client gave, in words."""
        slots, *shape = self.counts.shape
        found = np.asarray(opened.counts, dtype=float)
        if found.size == np.prod(shape[1:]):
            return "first frame alone"
        if slots > 1 and found.size == np.prod(shape):
            return "first time slot alone"
        if found.size != self.counts.size:
            return f"shape {found.shape}"
        kind = "" if slots == 1 else "4D, " if found.ndim == 4 else "one stack, "
        counts = found.reshape(self.counts.shape)
        factor = float((counts * self.counts).sum() / (self.counts**2).sum())
        told = self._order(counts, opened.affine)
        # Slices of one exam share a slope, so its loss is one factor, and counts stay as they are.
        if told == OTHER and not 0.99 < factor < 1.01:
            told = f"without the slope, {self._order(counts / factor, opened.affine)}"
        return kind + told

    def _order(self, found: np.ndarray, affine: np.ndarray | None) -> str:
        if affine is None:
            apart = np.abs(found - self.counts).max()
            if apart < EQUAL * self.counts.max():
                return "counts right, no place"
            return f"counts {apart:.2g} of {self.counts.max():.0f} apart, no place"
        shape = np.array(self.counts.shape[1:])[:, None]
        corners = np.array(list(product((0, 1), repeat=3))).T * (shape - 1)
        wanted = apply_affine(self.affine, corners.T)
        # A client may store any axis the other way round, as long as it says so.
        for turned in product((False, True), repeat=3):
            axes = tuple(axis + 1 for axis in range(3) if turned[axis])
            if np.allclose(np.flip(found, axes), self.counts, atol=EQUAL * self.counts.max()):
                places = np.where(np.array(turned)[:, None], -1 - corners, corners) % shape
                far = float(np.abs(apply_affine(affine, places.T) - wanted).max())
                return "right" if far < TOLERANCE_MM else f"counts right, {far:.0f} mm away"
        return OTHER


def truth_of(path: Path) -> Truth:
    """What the file says, by pydicom alone."""
    header = pydicom.dcmread(path)
    frames = header.pixel_array * float(header.get("RescaleSlope", 1))
    counts = frames.reshape(-1, int(header.NumberOfSlices), header.Rows, header.Columns)
    (detector,) = header.DetectorInformationSequence
    along, down = np.reshape(np.array(detector.ImageOrientationPatient, float), (2, 3))
    affine = np.eye(4)
    affine[:3, 0] = np.cross(along, down) * float(header.SpacingBetweenSlices)
    affine[:3, 1] = down * float(header.PixelSpacing[0])
    affine[:3, 2] = along * float(header.PixelSpacing[1])
    affine[:3, 3] = np.array(detector.ImagePositionPatient, float)
    return Truth(path, counts, affine)


def drawn_inputs(folder: Path) -> dict[str, Path]:
    """Four studies, by what they are."""
    gates, volume = beating_gates(), study_volume()
    objects = {
        "SPECT": [build_nm(volume)],
        "gated SPECT": [build_nm(volume, gates=gates)],
        "PET": build_pet_slices(volume),
        "gated PET": build_pet_slices(volume, gates=gates),
    }
    for name, datasets in objects.items():
        (folder / "input" / name).mkdir(parents=True)
        for number, each in enumerate(datasets):
            each.save_as(folder / "input" / name / f"{number}.dcm", enforce_file_format=True)
    return {name: folder / "input" / name for name in objects}


def reoriented(source: Path, out: Path, *options: str) -> list[Path]:
    """The short axes that ShortAxis writes of a study."""
    sys.argv = ["shortaxis", "reorient", str(source), "--out", str(out), *options]
    try:
        shortaxis()
    except SystemExit as ended:
        if ended.code:
            raise
    return sorted(out.rglob("*short*axis*.*"))


def tried(client: Callable[[Path, Path], Opened], truth: Truth, path: Path, folder: Path) -> str:
    """What a client makes of one file; the first words of its error, if that is all it gives."""
    scratch = folder / "scratch" / f"{len(list((folder / 'scratch').glob('*')))}"
    scratch.mkdir(parents=True)
    try:
        return truth.verdict(client(path, scratch))
    except NotHereError:
        raise
    except Exception as error:
        return f"refuses: {' '.join(str(error).split())[:60]}"


def main() -> None:
    """Try all clients, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    (folder / "scratch").mkdir(parents=True)
    truths: dict[str, Truth] = {}
    for name, source in drawn_inputs(folder).items():
        found = reoriented(source, folder / "output" / name)
        wanted = [path for path in found if path.suffix == ".dcm" and
                  ("gated" in path.name) == ("gated" in name)]  # fmt: skip
        truths[name] = truth_of(wanted[0])
    nifti = reoriented(folder / "input" / "gated SPECT", folder / "output" / "nifti",
                       "--format", "nifti")  # fmt: skip
    (four,) = (path for path in nifti if "gated" in path.name and path.name.endswith(".nii.gz"))
    print("| client | version |", " | ".join([*truths, "gated SPECT as NIfTI"]), "|")
    for name, client in CLIENTS.items():
        try:
            cells = [tried(client, truth, truth.path, folder) for truth in truths.values()]
            cells.append(tried(client, truths["gated SPECT"], four, folder))
        except NotHereError:
            continue
        print(f"| {name} | {identity_of(name)} |", " | ".join(cells), "|", flush=True)


if __name__ == "__main__":
    main()
