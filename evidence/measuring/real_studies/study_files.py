"""Where the real studies and their wall masks lie."""

from __future__ import annotations

from pathlib import Path

__all__ = ["find_studies"]


def find_studies(folder: Path) -> list[tuple[Path, Path | None]]:
    """Images with their wall masks, where there is one."""
    dicom = sorted((folder / "dicom").glob("*.dcm"))
    masks = [folder / "masks" / f"{path.stem}_mask.nii.gz" for path in dicom]
    pairs = [
        (path, mask if mask.exists() else None) for path, mask in zip(dicom, masks, strict=True)
    ]
    images = sorted((folder / "nifti").glob("*_0000.nii.gz"))
    return pairs + [(path, path.with_name(path.name.replace("_0000", ""))) for path in images]
