"""Data sets of others: what is found by content, what is paired, what is refused."""

from __future__ import annotations

import csv
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import nibabel as nib
import numpy as np
import pytest
from scipy.io import savemat

from annotated_pairs import write_nifti_with
from nm_object import build_nm, save_object
from shortaxis.errors import InputNotFoundError, OutputError, UnreadableFileError
from shortaxis.evaluation.walls.masks.index import read_mask_index
from shortaxis.nifti.wall_masks import read_wall_mask
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.annotation.pairs import find_pairs
from shortaxis.workflow.importing.archives import ArchiveLimits, unpack_archive
from shortaxis.workflow.importing.miilab import INDEX_COLUMNS, import_miilab
from shortaxis.workflow.importing.name_pairing import pair_by_name, role_of
from shortaxis.workflow.importing.physionet import INDEX_COLUMNS as STUDY_COLUMNS
from shortaxis.workflow.importing.physionet import import_physionet
from shortaxis.workflow.studies.finding import find_studies
from verb_run import Run

SIZE_MM = (6.4, 6.4, 6.4)


def counts(seed: int, shape: tuple[int, int, int] = (14, 20, 20)) -> np.ndarray:
    return np.random.default_rng(seed).poisson(50, shape).astype(np.float32)


def transaxial_affine() -> np.ndarray:
    return np.diag([*SIZE_MM, 1.0])[[2, 1, 0, 3]]


def zip_folder(folder: Path, archive: Path) -> Path:
    archive.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                opened.write(path, path.relative_to(folder))
    return archive


@pytest.fixture
def release(tmp_path: Path) -> list[Path]:
    """Archives as the release has them, with volumes of every kind that is known."""
    ori, label = tmp_path / "o", tmp_path / "l"
    # 1: NIfTI under another name; 2: DICOM with NIfTI; 3: MATLAB; 4: NumPy; 5: alone.
    write_nifti_with(ori / "P001_stress.nii.gz", counts(1), transaxial_affine(), SIZE_MM)
    (ori / "P001_stress.nii.gz").rename(ori / "P001_stress.bin")
    write_nifti_with(label / "P1_stress_label.nii", counts(2), None, SIZE_MM)
    volume = SpectVolume(counts(3), transaxial_affine())
    save_object(build_nm(volume), ori / "P002_stress")
    write_nifti_with(label / "P002_stress.nii.gz", counts(4), transaxial_affine(), SIZE_MM)
    savemat(ori / "P003_rest.mat", {"volume": np.moveaxis(counts(5), 0, -1), "age": 3.0})
    savemat(label / "P003_rest.mat", {"volume": np.moveaxis(counts(6), 0, -1)})
    np.save(ori / "P004_rest.npy", counts(7))
    np.savez_compressed(label / "P004_rest.npz", reoriented=counts(8))
    write_nifti_with(ori / "P005_rest.nii.gz", counts(9), transaxial_affine(), SIZE_MM)
    (label / "readme.txt").write_text("hello", encoding="utf-8")
    return [
        zip_folder(ori, tmp_path / "reorientation_Ori" / "batch1.zip"),
        zip_folder(label, tmp_path / "reorientation_label" / "batch1.zip"),
    ]


def test_the_release_becomes_pairs_whatever_the_files_are(
    release: list[Path], tmp_path: Path
) -> None:
    out = tmp_path / "pairs"

    imported = import_miilab(release, out)

    assert imported.names == ("p-1-stress", "p-2-stress", "p-3-rest", "p-4-rest")
    pairs = find_pairs(out).pairs
    assert [pair.name for pair in pairs] == sorted(imported.names)
    with (out / "index.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == list(INDEX_COLUMNS)
    kinds = {(row["transaxial_kind"], row["short_axis_kind"]) for row in rows}
    assert kinds == {("NIfTI", "NIfTI"), ("DICOM", "NIfTI"), ("MATLAB",) * 2, ("NumPy",) * 2}
    reasons = dict(imported.unused)
    assert any("P005_rest" in path for path in reasons)
    assert "holds no volume" in next(each for path, each in reasons.items() if "readme" in path)
    by_kind = {row["transaxial_kind"]: out / row["name"] for row in rows}
    for kind, first, second in (("NIfTI", 1, 2), ("MATLAB", 5, 6), ("NumPy", 7, 8)):
        for name, seed in (("transaxial", first), ("short_axis", second)):
            image = nib.load(by_kind[kind] / f"{name}.nii.gz")
            np.testing.assert_allclose(image.get_fdata().T, counts(seed))
    # Slices without a place stay without one.
    assert int(nib.load(by_kind["NIfTI"] / "short_axis.nii.gz").header["sform_code"]) == 0
    assert "are assumed" in next(row["notes"] for row in rows if row["transaxial_kind"] == "NumPy")


def test_a_folder_with_the_archives_does_as_well(release: list[Path], tmp_path: Path) -> None:
    for archive in release:
        target = tmp_path / "clone" / archive.parent.name / archive.name
        target.parent.mkdir(parents=True)
        archive.rename(target)

    assert len(import_miilab([tmp_path / "clone"], tmp_path / "pairs").names) == 4


def test_one_kind_of_archive_alone_is_no_pair(release: list[Path], tmp_path: Path) -> None:
    with pytest.raises(InputNotFoundError, match="hold no pair"):
        import_miilab(release[:1], tmp_path / "pairs")
    assert not (tmp_path / "pairs").exists()


def test_names_pair_by_their_identifiers_and_never_ambiguously() -> None:
    paths = [
        PurePosixPath(each)
        for each in (
            "Ori/batch1.zip/7/stress.nii",
            "Ori/batch1.zip/7/rest.nii",
            "label/batch2.zip/007/stress_label.nii",
            "label/batch2.zip/007/rest_label.nii",
            "Ori/batch1.zip/8.nii",
            "label/batch1.zip/8.nii",
            "label/batch2.zip/8.nii",
        )
    ]

    paired = pair_by_name(paths, [role_of(path) for path in paths])

    assert paired.pairs == (("7-rest", 1, 3), ("7-stress", 0, 2))
    assert paired.unpaired == (4, 5, 6)


@pytest.mark.parametrize("name", ["../out.nii", "/etc/out.nii", "a/../../b", "..\\out", "C:\\out"])
def test_entries_that_leave_the_folder_are_refused(name: str, tmp_path: Path) -> None:
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr(name, b"x")

    with pytest.raises(UnreadableFileError, match="is not unpacked"):
        unpack_archive(archive, tmp_path / "to" / "here")

    assert not [path for path in tmp_path.rglob("*") if path.is_file() and path != archive]


def test_links_bombs_and_damaged_archives_are_refused(tmp_path: Path) -> None:
    link, bomb, damaged = (tmp_path / name for name in ("link.zip", "bomb.zip", "damaged.zip"))
    with zipfile.ZipFile(link, "w") as opened:
        entry = zipfile.ZipInfo("link")
        entry.external_attr = (stat.S_IFLNK | 0o777) << 16
        opened.writestr(entry, "/etc/passwd")
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr("zeros", bytes(4 << 20))
    damaged.write_bytes(bomb.read_bytes()[:-40])

    for archive, limits in (
        (link, ArchiveLimits()),
        (bomb, ArchiveLimits(free_bytes=1 << 20)),
        (bomb, ArchiveLimits(total_bytes=1 << 20)),
        (bomb, ArchiveLimits(file_bytes=1 << 20)),
        (bomb, ArchiveLimits(files=0)),
        (damaged, ArchiveLimits()),
    ):
        with pytest.raises(UnreadableFileError):
            unpack_archive(archive, tmp_path / "out", limits)


def test_an_entry_larger_than_it_says_is_refused(tmp_path: Path) -> None:
    archive = tmp_path / "liar.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr("zeros", bytes(1 << 20))
    content = bytearray(archive.read_bytes())
    for at in (content.find(b"PK\x03\x04") + 22, content.find(b"PK\x01\x02") + 24):
        content[at : at + 4] = (100).to_bytes(4, "little")
    archive.write_bytes(content)

    with pytest.raises(UnreadableFileError):
        unpack_archive(archive, tmp_path / "out", ArchiveLimits(file_bytes=1000))

    assert (tmp_path / "out" / "zeros").stat().st_size <= 1000


def test_the_verb_says_what_was_not_used(
    shortaxis: Callable[..., Run], release: list[Path], tmp_path: Path
) -> None:
    run = shortaxis("import-miilab", *release, "-o", tmp_path / "pairs")

    assert run.code == 0
    assert run.out.startswith("4 pairs in ")
    assert "not used: reorientation_Ori" in run.out


def test_masks_are_found_by_the_uid_and_compared_with_their_study(tmp_path: Path) -> None:
    data = tmp_path / "data"
    mask = np.zeros_like(counts(1), dtype=np.float32)
    mask[7, 10, 4:16] = 1
    volume = SpectVolume(counts(1) + 1000 * mask, transaxial_affine())
    dataset = build_nm(volume)
    save_object(dataset, data / "dicom" / "any.dcm")
    uid = str(dataset.SOPInstanceUID)
    place = volume.patient_from_index
    write_nifti_with(data / "masks" / f"{uid}_mask.nii.gz", mask, place, SIZE_MM)
    write_nifti_with(data / "nifti" / "p1_0000.nii.gz", volume.counts, place, SIZE_MM)
    moved = place.copy()
    moved[0, 3] += 30
    write_nifti_with(data / "nifti" / "p1.nii.gz", mask, moved, SIZE_MM)
    write_nifti_with(data / "masks" / "1.2.3_mask.nii.gz", mask, place, SIZE_MM)

    imported = import_physionet(data, tmp_path / "index")

    with (tmp_path / "index" / "index.csv").open(encoding="utf-8") as file:
        rows = {row["id"]: row for row in csv.DictReader(file)}
    assert list(rows[uid]) == list(STUDY_COLUMNS)
    assert float(rows[uid]["wall_ml"]) == pytest.approx(12 * 6.4**3 / 1000, abs=0.06)
    # Columns grow to the left from the first voxel's centre.
    assert float(rows[uid]["wall_x_mm"]) == pytest.approx(9.5 * 6.4, abs=0.01)
    assert float(rows[uid]["axis_x"]) == pytest.approx(1)
    assert "30 mm" in rows["p1"]["note"]
    assert "likely cause: a mask of another study" in rows["p1"]["note"]
    assert "to go on: export the mask in the frame of the study" in rows["p1"]["note"]
    assert imported.masks_alone == ("masks/1.2.3_mask.nii.gz",)
    assert sorted(path.name for path in (tmp_path / "index").iterdir()) == [
        "index.csv",
        "index.json",
    ]
    with pytest.raises(OutputError, match="lies in the data folder"):
        import_physionet(data, data / "index")


def test_the_real_excerpt_is_indexed_without_patient_fields(
    shortaxis: Callable[..., Run], real_data_dir: Path, tmp_path: Path
) -> None:
    from pydicom import dcmread

    run = shortaxis("import-physionet", real_data_dir, "-o", tmp_path / "index")

    assert run.code == 0
    written = run.out + "".join(
        path.read_text(encoding="utf-8") for path in (tmp_path / "index").iterdir()
    )
    with (tmp_path / "index" / "index.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 4
    assert sum(bool(row["wall_ml"]) for row in rows) == 2
    assert all(50 < float(row["wall_ml"]) < 400 for row in rows if row["wall_ml"])
    for path in sorted((real_data_dir / "dicom").glob("*.dcm")):
        dataset = dcmread(path, stop_before_pixels=True)
        for keyword in ("PatientName", "PatientID", "PatientBirthDate", "StudyDate"):
            value = str(dataset.get(keyword, ""))
            assert len(value) < 4 or value not in written


@pytest.fixture
def masked(tmp_path: Path) -> Path:
    """A study and a mask of two parts: its warm wall, and a smaller piece aside."""
    data = tmp_path / "data"
    place = transaxial_affine()
    wall = np.zeros((14, 20, 20), dtype=np.float32)
    wall[4:10, 5:9, 5:13] = 1
    write_nifti_with(data / "p1_0000.nii.gz", counts(1) + 150 * wall, place, SIZE_MM)
    wall[11:13, 15:18, 15:18] = 1
    write_nifti_with(data / "p1.nii.gz", wall, place, SIZE_MM)
    return data


def test_a_mask_that_is_refused_is_one_clear_error_with_a_way_on(
    shortaxis: Callable[..., Run], masked: Path, tmp_path: Path
) -> None:
    run = shortaxis("import-physionet", masked, "-o", tmp_path / "index")

    (line,) = (each for each in run.out.splitlines() if each.startswith("not used"))
    assert line.startswith("not used: p1.nii.gz: the mask has 2 parts; expected: one piece")
    assert "found: parts of 192, 18 voxels" in line
    assert "likely cause: both ventricles, or an organ beside the heart" in line
    assert "--largest-part" in line
    with (tmp_path / "index" / "index.csv").open(encoding="utf-8") as file:
        (row,) = csv.DictReader(file)
    assert row["wall_ml"] == ""
    assert row["note"] in line


def test_the_largest_part_goes_on_and_the_rest_is_told(
    shortaxis: Callable[..., Run], masked: Path, tmp_path: Path
) -> None:
    out = tmp_path / "index"

    run = shortaxis("import-physionet", masked, "-o", out, "--largest-part")
    again = shortaxis("import-physionet", masked, "-o", out, "--force")

    assert "1 with a wall mask" in run.out
    assert "p1.nii.gz: the largest of 2 parts, without 18 of 210 voxels" in run.out
    # Without the option the mask of the earlier run is gone.
    assert "0 with a wall mask" in again.out
    assert sorted(each.name for each in out.rglob("*.*")) == ["index.csv", "index.json"]


def test_the_largest_part_is_what_evaluate_reads(masked: Path, tmp_path: Path) -> None:
    import_physionet(masked, tmp_path / "index", largest_part=True)

    (found,) = read_mask_index(tmp_path / "index")

    study = find_studies(found.study).studies[0].load().study
    assert read_wall_mask(found.mask, study.volume).sum() == 192
    with (tmp_path / "index" / "index.csv").open(encoding="utf-8") as file:
        (row,) = csv.DictReader(file)
    assert float(row["wall_ml"]) == pytest.approx(192 * 6.4**3 / 1000, abs=0.06)


def test_a_mask_whose_largest_part_is_wrong_too_has_no_such_way_on(
    masked: Path, tmp_path: Path
) -> None:
    # The larger piece lies where the study shows no wall.
    wall = np.zeros((14, 20, 20), dtype=np.float32)
    wall[0:3, 0:6, 14:20] = 1
    wall[11:13, 15:18, 1:4] = 1
    write_nifti_with(masked / "p1.nii.gz", wall, transaxial_affine(), SIZE_MM)

    imported = import_physionet(masked, tmp_path / "index", largest_part=True)

    (row,) = imported.rows
    assert row["wall_ml"] == ""
    assert "the mask has 2 parts" in row["note"]
    assert "--largest-part" not in row["note"]
