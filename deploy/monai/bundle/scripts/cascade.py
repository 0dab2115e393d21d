"""The cascade as a transform of MONAI: a loaded volume in, pose and three views out."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import torch
from monai.data import MetaTensor
from monai.transforms import Transform

import shortaxis

__all__ = ["CardiacViews", "ViewsWriter"]

RAS_FROM_LPS = np.diag([-1.0, -1.0, 1.0, 1.0])
"""MONAI holds affines in RAS."""

VIEWS = ("short_axis", "vertical_long_axis", "horizontal_long_axis")


class CardiacViews(Transform):
    """Find the pose of the left ventricle and cut the three views.

    Parameters
    ----------
    weights : str
        Folder of the networks and their record.
    metadata : str
        The bundle's metadata, which name the hash of each file of weights.
    """

    def __init__(self, weights: str, metadata: str) -> None:
        self.weights = weights
        _require_hashes(Path(weights), json.loads(Path(metadata).read_text("utf-8"))["weights"])

    def __call__(self, image: MetaTensor) -> dict[str, Any]:
        """Pose and views of counts ``(x, y, z)`` with an affine to RAS mm.

        Returns
        -------
        dict
            ``pose``: tensor (4, 4), RAS mm from the cardiac frame; ``flag`` and ``reasons``; and
            each view as a MetaTensor ``(column, row, slice)``.
        """
        lps_from_xyz = RAS_FROM_LPS @ np.asarray(image.affine, dtype=float)
        counts = np.asarray(image).transpose(2, 1, 0)
        volume = shortaxis.SpectVolume(counts, lps_from_xyz[:, [2, 1, 0, 3]])
        result = shortaxis.reorient(volume, weights=self.weights)
        quality = result.estimate.quality
        found: dict[str, Any] = {
            "pose": torch.as_tensor(RAS_FROM_LPS @ result.estimate.pose.matrix),
            "flag": quality.flag.value,
            "reasons": list(quality.reasons),
        }
        return found | {name: _meta_tensor(getattr(result, name)) for name in VIEWS}


class ViewsWriter:
    """Write pose and flag as JSON, and each view as NIfTI."""

    def __init__(self, folder: str) -> None:
        self.folder = Path(folder)

    def __call__(self, found: dict[str, Any]) -> None:
        """Write what `CardiacViews` gave; earlier files are replaced."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for name in VIEWS:
            counts, affine = np.asarray(found[name]), np.asarray(found[name].affine)
            nibabel.save(nibabel.Nifti1Image(counts, affine), self.folder / f"{name}.nii.gz")
        told = {
            "patient_ras_from_cardiac": found["pose"].tolist(),
            "flag": found["flag"],
            "reasons": found["reasons"],
        }
        (self.folder / "pose.json").write_text(json.dumps(told, indent=2) + "\n", "utf-8")


def _meta_tensor(volume: shortaxis.SpectVolume) -> MetaTensor:
    counts = torch.as_tensor(volume.counts.transpose(2, 1, 0).copy())
    return MetaTensor(counts, affine=RAS_FROM_LPS @ volume.patient_from_index[:, [2, 1, 0, 3]])


def _require_hashes(weights: Path, hashes: dict[str, str]) -> None:
    for name, expected in hashes.items():
        found = hashlib.sha256((weights / name).read_bytes()).hexdigest()
        if found != expected:
            raise ValueError(f"{weights / name} is not the file that the bundle was made with")
