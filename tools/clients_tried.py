"""Programs that open slices, each as a function: what it makes of one file.

Each gives counts (slice, row, column), with time slots first where the client knows them, and the
affine from (slice, row, column) to the patient, LPS mm; None where it knows no place.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nibabel
import numpy as np

__all__ = ["CLIENTS", "NotHereError", "Opened", "identity_of"]

RAS = np.diag([-1.0, -1.0, 1.0, 1.0])


class NotHereError(Exception):
    """The client is not installed."""


@dataclass(frozen=True)
class Opened:
    """What a client gave."""

    counts: np.ndarray
    affine: np.ndarray | None


def _module(name: str) -> Any:  # noqa: ANN401 - whatever it is
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise NotHereError(name) from error


def _ran(program: str, *words: object) -> str:
    found = shutil.which(program)
    if found is None:
        raise NotHereError(program)
    run = subprocess.run(
        [found, *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        check=False,
    )  # fmt: skip
    if run.returncode:
        raise RuntimeError(run.stdout)
    return run.stdout


def _of_columns_first(counts: np.ndarray, affine: np.ndarray) -> Opened:
    """Of an array (column, row, slice[, slot]) and its affine, LPS."""
    return Opened(np.asarray(counts).T, affine[:, [2, 1, 0, 3]])


def _of_nifti(path: Path) -> Opened:
    image = nibabel.load(path)
    return _of_columns_first(image.get_fdata(), RAS @ image.affine)


def simpleitk(path: Path, _: Path) -> Opened:
    """SimpleITK.ReadImage."""
    sitk = _module("SimpleITK")
    image = sitk.ReadImage(str(path))
    n = image.GetDimension()
    affine = np.eye(4)
    directions = np.reshape(image.GetDirection(), (n, n))[:3, :3]
    affine[:3, :3] = directions * np.array(image.GetSpacing()[:3])
    affine[:3, 3] = image.GetOrigin()[:3]
    return Opened(sitk.GetArrayFromImage(image), affine[:, [2, 1, 0, 3]])


def monai_itk(path: Path, _: Path) -> Opened:
    """MONAI's LoadImage, with the reader it chooses."""
    image = _module("monai.transforms").LoadImage(image_only=True)(str(path))
    return _of_columns_first(np.asarray(image), RAS @ np.asarray(image.affine))


def monai_pydicom(path: Path, _: Path) -> Opened:
    """MONAI's LoadImage with PydicomReader."""
    if path.name.endswith(".gz"):
        raise RuntimeError("DICOM alone")
    load = _module("monai.transforms").LoadImage(reader="PydicomReader", image_only=True)
    image = load(str(path))
    return Opened(np.moveaxis(np.asarray(image), 1, 0), None)


def torchio(path: Path, _: Path) -> Opened:
    """torchio.ScalarImage."""
    image = _module("torchio").ScalarImage(path)
    counts = np.asarray(image.data)
    return _of_columns_first(np.moveaxis(counts, 0, -1).squeeze(-1) if len(counts) == 1 else
                             np.moveaxis(counts, 0, -1), RAS @ image.affine)  # fmt: skip


def nibabel_nicom(path: Path, _: Path) -> Opened:
    """nibabel.nicom for DICOM, nibabel.load for NIfTI."""
    if path.name.endswith(".gz"):
        return _of_nifti(path)
    wrapper = _module("nibabel.nicom.dicomwrappers").wrapper_from_file(path)
    return _of_columns_first(wrapper.get_data(), wrapper.affine)


def highdicom(path: Path, _: Path) -> Opened:
    """highdicom.imread and its volume."""
    volume = _module("highdicom").imread(path).get_volume()
    return Opened(volume.array, volume.affine)


def gdcm(path: Path, _: Path) -> Opened:
    """gdcm.ImageReader."""
    module = _module("gdcm")
    reader = module.ImageReader()
    reader.SetFileName(str(path))
    if not reader.Read():
        raise RuntimeError("GDCM reads no image")
    image = reader.GetImage()
    shape = [image.GetDimension(n) for n in range(image.GetNumberOfDimensions())]
    pixels = image.GetBuffer().encode("utf-8", errors="surrogateescape")
    counts = np.frombuffer(pixels, "<u2").reshape(shape[::-1]) * image.GetSlope()
    along, down = np.reshape(image.GetDirectionCosines(), (2, 3))
    affine = np.eye(4)
    spacing = [image.GetSpacing(n) for n in range(3)]
    affine[:3, :3] = np.column_stack([np.cross(along, down), down, along]) * spacing[::-1]
    affine[:3, 3] = [image.GetOrigin(n) for n in range(3)]
    return Opened(counts, affine)


def vtk(path: Path, _: Path) -> Opened:
    """VtkDICOMImageReader for DICOM, vtkNIFTIImageReader for NIfTI."""
    module = _module("vtkmodules.all")
    is_nifti = path.name.endswith(".gz")
    reader = (module.vtkNIFTIImageReader if is_nifti else module.vtkDICOMImageReader)()
    reader.SetFileName(str(path))
    if is_nifti:
        reader.TimeAsVectorOn()
    reader.Update()
    image = reader.GetOutput()
    numpy_of = _module("vtkmodules.util.numpy_support").vtk_to_numpy
    counts = numpy_of(image.GetPointData().GetScalars())
    counts = counts.reshape(*image.GetDimensions()[::-1], -1)
    return Opened(np.moveaxis(counts, -1, 0).squeeze(), None)


def dicom2nifti(path: Path, folder: Path) -> Opened:
    """dicom2nifti.convert_directory."""
    converting = _module("dicom2nifti")
    (folder / "in").mkdir()
    shutil.copy(path, folder / "in")
    converting.convert_directory(str(folder / "in"), str(folder))
    (written,) = folder.glob("*.nii.gz")
    return _of_nifti(written)


def napari(path: Path, _: Path) -> Opened:
    """A layer of napari's model of a viewer, without a window, as the documentation adds it."""
    model = _module("napari.components").ViewerModel()
    opened = simpleitk(path, path) if not path.name.endswith(".gz") else _of_nifti(path)
    spacing = np.linalg.norm(opened.affine[:3, :3], axis=0)
    scale = [*[1.0] * (np.ndim(opened.counts) - 3), *spacing]
    layer = model.add_image(opened.counts, scale=scale)
    return Opened(np.asarray(layer.data), None)


def plastimatch(path: Path, folder: Path) -> Opened:
    """Plastimatch convert."""
    written = folder / "out.nii.gz"
    _ran("plastimatch", "convert", "--input", path, "--output-img", written)
    return _of_nifti(written)


def dcm2niix(path: Path, folder: Path) -> Opened:
    """Convert by dcm2niix."""
    if path.name.endswith(".gz"):
        raise RuntimeError("DICOM alone")
    _ran("dcm2niix", "-s", "y", "-z", "y", "-f", "out", "-o", folder, path)
    (written,) = folder.glob("*.nii.gz")
    return _of_nifti(written)


def medcon(path: Path, folder: Path) -> Opened:
    """Convert by medcon; its file says no orientation."""
    source = path
    if path.name.endswith(".gz"):
        source = folder / "in.nii"
        nibabel.save(nibabel.load(path), source)
    _ran("medcon", "-f", source, "-c", "nifti", "-qc", "-noprefix", "-o", folder / "out.nii")
    image = nibabel.load(folder / "out.nii")
    return Opened(np.asarray(image.dataobj).T, None)


def dcmtk(path: Path, folder: Path) -> Opened:
    """Pixels as dcmdump writes them, by the slope; dcmtk computes no place."""
    words = _ran("dcmdump", "+W", folder, path)
    (raw,) = folder.glob("*.raw")
    rows, columns = int(_value(words, "0028,0010")), int(_value(words, "0028,0011"))
    slope = float(_value(words, "0028,1053", "1"))
    return Opened(np.fromfile(raw, "<u2").reshape(-1, rows, columns) * slope, None)


def _value(words: str, tag: str, otherwise: str = "") -> str:
    found = re.search(rf"\({tag}\) \w\w \[?([\d.]+)", words)
    return found[1] if found else otherwise


def orthanc(path: Path, folder: Path) -> Opened:
    """Orthanc's array of all frames, by REST."""
    served = importlib.import_module("orthanc_server")
    if served.find_orthanc() is None:
        raise NotHereError("Orthanc")
    with served.running_orthanc(folder, []) as server:
        number = server.post("/instances", path.read_bytes())["ID"]
        array = folder / "frames.npy"
        array.write_bytes(server.get(f"/instances/{number}/numpy"))
    return Opened(np.load(array).squeeze(-1), None)


CLIENTS: dict[str, Callable[[Path, Path], Opened]] = {
    "SimpleITK": simpleitk,
    "MONAI (ITKReader)": monai_itk,
    "MONAI (PydicomReader)": monai_pydicom,
    "TorchIO": torchio,
    "nibabel": nibabel_nicom,
    "highdicom": highdicom,
    "GDCM": gdcm,
    "VTK": vtk,
    "dicom2nifti": dicom2nifti,
    "napari": napari,
    "plastimatch": plastimatch,
    "dcm2niix": dcm2niix,
    "medcon": medcon,
    "dcmtk (dcmdump)": dcmtk,
    "Orthanc": orthanc,
}

DISTRIBUTIONS = {"MONAI (ITKReader)": "monai", "MONAI (PydicomReader)": "monai",
                 "GDCM": "python-gdcm"}  # fmt: skip


def identity_of(name: str) -> str:
    """What a program says of itself, or the version of a package."""
    program = {"dcmtk (dcmdump)": "dcmdump"}.get(name, name)
    found = shutil.which(program) or shutil.which(program, path="/usr/sbin")
    if found is None:
        return importlib.metadata.version(DISTRIBUTIONS.get(name, name))
    run = subprocess.run([found, "--version"], capture_output=True, text=True, check=False)
    numbers = re.findall(r"v?\d+\.\d+[\w.]*", run.stdout + run.stderr)
    return numbers[0].lstrip("v") if numbers else "?"
