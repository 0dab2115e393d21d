"""The MONAI bundle is whole, and gives the pose of the package."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import shortaxis
from drawn_study import study_volume
from repository import REPOSITORY
from shortaxis.nifti.writing import write_nifti

RAS = np.diag([-1.0, -1.0, 1.0, 1.0])

REQUIRED = (
    "version", "changelog", "monai_version", "pytorch_version", "numpy_version", "task",
    "description", "authors", "copyright", "network_data_format", "required_packages_version",
)  # fmt: skip
"""Of the schema of MONAI's metadata."""


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = REPOSITORY / "deploy" / "monai" / "make_bundle.py"
    specification = importlib.util.spec_from_file_location("make_bundle", path)
    assert specification is not None
    assert specification.loader is not None
    made = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(made)
    out = tmp_path_factory.mktemp("monai") / "bundle"
    made.make_bundle(out)
    return out


def metadata_of(bundle: Path) -> dict[str, Any]:
    return json.loads((bundle / "configs" / "metadata.json").read_text("utf-8"))


def test_the_bundle_has_what_monai_asks_for_and_the_hash_of_each_file(bundle: Path) -> None:
    metadata = metadata_of(bundle)

    assert [name for name in REQUIRED if not metadata.get(name)] == []
    assert metadata["version"] in metadata["changelog"]
    assert metadata["required_packages_version"]["shortaxis"] == shortaxis.__version__
    assert set(metadata["weights"]) == {each.name for each in (bundle / "models").iterdir()}
    for name, expected in metadata["weights"].items():
        found = hashlib.sha256((bundle / "models" / name).read_bytes()).hexdigest()
        assert found == expected
    assert (bundle / "docs" / "README.md").is_file()
    assert (bundle / "LICENSE").is_file()


@pytest.mark.filterwarnings("ignore")
def test_monai_runs_the_bundle_and_its_pose_is_that_of_the_package(
    bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("monai", reason="MONAI is not installed (pip install monai)")
    from monai.bundle import ConfigParser

    monkeypatch.syspath_prepend(str(bundle))
    monkeypatch.delitem(sys.modules, "scripts", raising=False)
    volume = study_volume()
    study = tmp_path / "study.nii.gz"
    write_nifti(study, volume.counts, volume.patient_from_index)
    config = ConfigParser()
    config.read_config(bundle / "configs" / "inference.json")
    stated = {"bundle_root": bundle, "input": study, "output_dir": tmp_path / "out"}
    config.update({name: str(value) for name, value in stated.items()})

    config.get_parsed_content("run")

    told = json.loads((tmp_path / "out" / "pose.json").read_text("utf-8"))
    expected = shortaxis.reorient(study)
    assert RAS @ np.array(told["patient_ras_from_cardiac"]) == pytest.approx(
        expected.estimate.pose.matrix, abs=1e-3
    )
    counts, affine = _nifti(tmp_path / "out" / "short_axis.nii.gz")
    assert affine == pytest.approx(expected.short_axis.patient_from_index, abs=1e-2)
    hottest = float(expected.short_axis.counts.max())
    assert counts == pytest.approx(expected.short_axis.counts, abs=0.01 * hottest)


def _nifti(path: Path) -> tuple[np.ndarray, np.ndarray]:
    import nibabel

    image = nibabel.load(path)
    counts = np.asarray(image.dataobj).transpose(2, 1, 0)
    return counts, (RAS @ image.affine)[:, [2, 1, 0, 3]]


def test_weights_that_were_exchanged_are_refused(bundle: Path, tmp_path: Path) -> None:
    pytest.importorskip("monai", reason="MONAI is not installed (pip install monai)")
    sys.path.insert(0, str(bundle))
    try:
        from scripts.cascade import _require_hashes
    finally:
        sys.path.remove(str(bundle))
    (tmp_path / "refiner.onnx").write_bytes(b"another")

    with pytest.raises(ValueError, match="not the file"):
        _require_hashes(tmp_path, {"refiner.onnx": metadata_of(bundle)["weights"]["refiner.onnx"]})
