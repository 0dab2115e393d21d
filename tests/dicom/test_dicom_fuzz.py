"""Damaged files end in a named error or a sound study, quickly and whatever was damaged."""

from __future__ import annotations

import random
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom import Dataset, dcmread
from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.pixels import compress
from pydicom.uid import RLELossless

from nm_object import build_nm, build_pet_slices, save_object
from repository import find_real_data
from shortaxis.dicom.reading.finding.scan import scan_dicom
from shortaxis.dicom.reading.layouts.time_slots import SLOTS_NOT_TOLD
from shortaxis.dicom.reading.study import read_dicom_study
from shortaxis.errors import ShortAxisError, UnreadableFileError
from shortaxis.spect.volume import SpectVolume

MAX_S_LENGTH = 3.0
"""Of a processor: a hundred times what a sound file takes, and far below a hang."""

AFFINE = np.array([(0, 0, 7.0, -70), (0, 7.0, 0, -80), (-8.0, 0, 0, 30), (0, 0, 0, 1.0)])


def small_volume() -> SpectVolume:
    return SpectVolume(np.random.default_rng(1).integers(0, 300, (8, 9, 10)), AFFINE)


def small_objects(folder: Path) -> list[Path]:
    volume = small_volume()
    gates = np.stack([volume.counts] * 2)
    objects = {
        "recon": build_nm(volume, negative_spacing=True, with_patient_position=True),
        "gated": build_nm(volume, gates=gates, number_of_detectors=2, rescale=(0.5, 0)),
        "big": build_nm(volume, transfer_syntax="1.2.840.10008.1.2.2"),
        "implicit": build_nm(volume, transfer_syntax="1.2.840.10008.1.2"),
    }
    objects["rle"] = build_nm(volume)
    compress(objects["rle"], RLELossless, generate_instance_uid=False)
    return [save_object(each, folder / f"{name}.dcm") for name, each in objects.items()]


def header_length(content: bytes) -> int:
    """Bytes before the pixels, with the head of their element."""
    marks = [content.rfind(mark) for mark in (b"\xe0\x7f\x10\x00", b"\x7f\xe0\x00\x10")]
    return max(marks) + 12


def damage(content: bytes, draw: random.Random) -> bytes:
    """Flip, overwrite, insert, drop or cut bytes, mostly in the header."""
    damaged = bytearray(content)
    for _ in range(draw.choice((1, 1, 1, 2, 5, 30))):
        end = header_length(content) if draw.random() < 0.9 else len(damaged)
        at = draw.randrange(min(end, len(damaged)))
        how = draw.randrange(6)
        if how == 0:
            damaged[at] ^= 1 << draw.randrange(8)
        elif how == 1:
            damaged[at : at + 4] = draw.choice(
                (b"\xff\xff\xff\xff", b"\0\0\0\0", b"\xff\xff\xff\x7f")
            )
        elif how == 2:
            damaged[at:at] = draw.randbytes(draw.randrange(1, 20))
        elif how == 3:
            del damaged[at : at + draw.randrange(1, 20)]
        elif how == 4:
            damaged[at : at + 8] = draw.choice(
                (b"1e999\\na", b"-0000000", b"99999999", b"\\\\\\\\\\\\\\\\")
            )
        else:
            start = draw.randrange(min(end, len(damaged)))
            damaged[at : at + 16] = damaged[start : start + 16]
        if len(damaged) < 200:
            break
    return bytes(damaged[: draw.randrange(len(damaged))] if draw.random() < 0.05 else damaged)


def read_or_refuse(path: Path) -> str:
    """Read what is there; the name of the error, or ``read``."""
    start, refusal = time.process_time(), None
    try:
        for entry in scan_dicom(path).entries:
            study = read_dicom_study(entry).study
            assert np.isfinite(study.volume.counts).all()
            assert np.isfinite(study.volume.patient_from_index).all()
            assert study.volume.spacing_mm.min() > 0
            assert study.volume.shape[0] == entry.n_slices
            # Of time slots in doubt only the sum is read.
            is_summed = SLOTS_NOT_TOLD in study.notes
            assert study.is_gated is ("GATED" in entry.kind and not is_summed)
        outcome = "read"
    except ShortAxisError as error:
        refusal = error
        outcome = type(error).__name__
    assert time.process_time() - start < MAX_S_LENGTH
    assert refusal is None or (str(refusal) and refusal.path)
    return outcome


def outcomes(contents: Iterator[bytes], path: Path) -> set[str]:
    found = set()
    for content in contents:
        path.write_bytes(content)
        found.add(read_or_refuse(path))
    return found


@pytest.mark.parametrize("seed", range(4))
def test_damaged_bytes_of_small_objects(tmp_path, seed):
    draw = random.Random(seed)
    whole = [path.read_bytes() for path in small_objects(tmp_path)]

    found = outcomes((damage(draw.choice(whole), draw) for _ in range(250)), tmp_path / "x.dcm")

    # Otherwise the damage would be too light or too heavy to try the reader.
    assert {"read", "UnreadableFileError", "GeometryError"} <= found


def test_damaged_bytes_of_the_demo_study(tmp_path, drawn_study_path):
    draw = random.Random(5)
    whole = drawn_study_path.read_bytes()

    assert "read" in outcomes((damage(whole, draw) for _ in range(150)), tmp_path / "x.dcm")


@pytest.mark.skipif(find_real_data() is None, reason="real studies are not here")
def test_damaged_bytes_of_real_studies(tmp_path, real_dicom_paths):
    draw = random.Random(6)
    wholes = [path.read_bytes() for path in real_dicom_paths]

    found = outcomes((damage(draw.choice(wholes), draw) for _ in range(150)), tmp_path / "x.dcm")

    assert "read" in found


def test_every_cut_of_a_file_is_refused(tmp_path):
    whole = small_objects(tmp_path)[0].read_bytes()
    draw = random.Random(7)
    cuts = sorted(draw.sample(range(len(whole) - 1), 150))

    found = outcomes((whole[:cut] for cut in cuts), tmp_path / "x.dcm")

    assert "read" not in found


def test_a_damaged_pet_series_is_refused_or_sound(tmp_path):
    draw = random.Random(8)
    gates = np.stack([small_volume().counts] * 2)
    slices = build_pet_slices(small_volume(), gates=gates)
    paths = [save_object(each, tmp_path / f"{n:02}.dcm") for n, each in enumerate(slices)]
    wholes = [path.read_bytes() for path in paths]
    found = set()
    for _ in range(40):
        hit = draw.randrange(len(paths))
        paths[hit].write_bytes(damage(wholes[hit], draw))
        found.add(read_or_refuse(tmp_path))
        paths[hit].write_bytes(wholes[hit])

    assert found <= {
        "read", "InputNotFoundError", "UnreadableFileError", "GeometryError", "CountsError",
    }  # fmt: skip


READ_KEYWORDS = (
    "SOPClassUID", "SOPInstanceUID", "SeriesInstanceUID", "ImageType", "Rows", "Columns",
    "Modality", "NumberOfFrames", "PixelSpacing", "SpacingBetweenSlices", "SamplesPerPixel",
    "BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation", "FrameIncrementPointer",
    "SliceVector", "NumberOfSlices", "TimeSlotVector", "NumberOfTimeSlots", "RRIntervalVector",
    "NumberOfRRIntervals", "RescaleSlope", "RescaleIntercept", "SeriesDescription", "ImageID",
    "PatientPosition", "ImagePositionPatient", "ImageOrientationPatient", "ViewCodeSequence",
    "DetectorInformationSequence", "AcquisitionContextSequence", "PixelData", "Manufacturer",
    "SliceProgressionDirection", "RadiopharmaceuticalInformationSequence", "SpecificCharacterSet",
)  # fmt: skip

STRANGE_TEXT = st.sampled_from(
    ["", "0", "-1", "1e300", "-6.4", "nan", "inf", "RECON TOMO", "a\\b", "1\\2\\3", "é\u3042",
     "1.2.3", "4294967296", "TRANSMISSION", "ISO 2022 IR 87", "HFS"]
)  # fmt: skip
STRANGE_BYTES = st.one_of(
    st.binary(max_size=40),
    STRANGE_TEXT.map(lambda text: text.encode("utf-8")),
    st.lists(st.integers(0, 65535), max_size=20).map(lambda n: np.array(n, "<u2").tobytes()),
)
VRS = st.sampled_from(
    ["US", "SS", "UL", "DS", "IS", "CS", "LO", "UI", "UN", "OW", "OB", "AT", "FD", "SQ", "PN"]
)


@settings(max_examples=150, deadline=None)
@given(
    changes=st.lists(
        st.tuples(st.sampled_from(READ_KEYWORDS), STRANGE_BYTES, st.one_of(st.none(), VRS)),
        min_size=1, max_size=3,
    ),
    gated=st.booleans(),
)  # fmt: skip
def test_strange_values_of_every_attribute_that_is_read(tmp_path_factory, changes, gated):
    volume = small_volume()
    whole = build_nm(volume, gates=np.stack([volume.counts] * 2) if gated else None)
    path = save_object(whole, tmp_path_factory.mktemp("strange") / "x.dcm")
    content = path.read_bytes()
    for keyword, value, vr in changes:
        content = replace_element(content, keyword, value, vr)
    path.write_bytes(content)

    read_or_refuse(path)


def replace_element(content: bytes, keyword: str, value: bytes, vr: str | None) -> bytes:
    """Explicit little endian bytes with one element put first, so that it is always parsed."""
    tag = tag_for_keyword(keyword)
    kind = (vr or dictionary_VR(tag)).split(" ")[0]
    value += b"\0" * (len(value) % 2)
    head = (tag >> 16).to_bytes(2, "little") + (tag & 0xFFFF).to_bytes(2, "little") + kind.encode()
    is_long = kind in ("OB", "OW", "SQ", "UN")
    length = (
        b"\0\0" + len(value).to_bytes(4, "little") if is_long else len(value).to_bytes(2, "little")
    )
    at = content.find(head[:4])
    if at < 0:
        at = content.rfind(b"\xe0\x7f\x10\x00")
        return content[:at] + head + length + value + content[at:]
    old_is_long = content[at + 4 : at + 6] in (b"OB", b"OW", b"SQ", b"UN")
    size_at, width = (at + 8, 4) if old_is_long else (at + 6, 2)
    old = int.from_bytes(content[size_at : size_at + width], "little")
    after = size_at + width + (0 if old == 0xFFFFFFFF else old)
    return content[:at] + head + length + value + content[after:]


@pytest.mark.parametrize("depth", [50, 5000])
def test_deeply_nested_sequences_do_not_exhaust_the_stack(tmp_path, depth):
    path = save_object(build_nm(small_volume()), tmp_path / "deep.dcm")
    content = path.read_bytes()
    opened = b"\x40\x00\x55\x05SQ\0\0\xff\xff\xff\xff" + b"\xfe\xff\x00\xe0\xff\xff\xff\xff"
    at = content.rfind(b"\xe0\x7f\x10\x00")
    path.write_bytes(content[:at] + opened * depth + content[at:])

    assert read_or_refuse(path) != "read"


def test_a_length_of_four_gigabytes_allocates_nothing(tmp_path):
    path = save_object(build_nm(small_volume()), tmp_path / "long.dcm")
    content = bytearray(path.read_bytes())
    at = content.find(b"\x08\x00\x70\x00LO")
    content[at + 4 : at + 8] = b"OB\0\0"
    content[at + 8 : at + 12] = b"\xfe\xff\xff\xff"
    path.write_bytes(content)
    tracemalloc.start()

    outcome = read_or_refuse(path)

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert outcome == "GeometryError"
    assert peak < 20e6


def test_a_changed_file_between_scan_and_reading_is_noticed(tmp_path):
    path = save_object(build_nm(small_volume()), tmp_path / "changing.dcm")
    (entry,) = scan_dicom(path).entries
    dataset: Dataset = dcmread(path)
    dataset.SpacingBetweenSlices = 0
    dataset.save_as(path)

    with pytest.raises(ShortAxisError, match="SpacingBetweenSlices"):
        read_dicom_study(entry)
    path.unlink()
    with pytest.raises(ShortAxisError):
        read_dicom_study(entry)


def naked(content: bytes) -> bytes:
    """The data set alone: without preamble, prefix and file meta information (PS3.10 7.1)."""
    meta_length = int.from_bytes(content[140:144], "little")
    return content[144 + meta_length :]


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2", "1.2.840.10008.1.2.1"])
def test_a_data_set_without_file_meta_information_is_read(tmp_path, syntax):
    path = save_object(build_nm(small_volume(), transfer_syntax=syntax), tmp_path / "x.dcm")
    (entry,) = scan_dicom(path).entries
    whole = read_dicom_study(entry).study.volume
    path.write_bytes(naked(path.read_bytes()))

    (entry,) = scan_dicom(path).entries
    bare = read_dicom_study(entry).study.volume

    np.testing.assert_array_equal(bare.counts, whole.counts)
    np.testing.assert_array_equal(bare.patient_from_index, whole.patient_from_index)


def test_a_data_set_after_file_meta_information_alone_is_read(tmp_path):
    path = save_object(build_nm(small_volume()), tmp_path / "x.dcm")
    path.write_bytes(path.read_bytes()[132:])

    assert read_or_refuse(path) == "read"


def test_a_data_set_of_a_class_that_is_not_read_says_so(tmp_path):
    dataset = build_nm(small_volume(), transfer_syntax="1.2.840.10008.1.2")
    dataset.SOPClassUID = "1.2.840.10008.5.1.4.1.1.2"
    path = save_object(dataset, tmp_path / "x.dcm")
    path.write_bytes(naked(path.read_bytes()))

    with pytest.raises(ShortAxisError, match="CT Image Storage"):
        scan_dicom(path)


def test_damaged_data_sets_without_file_meta_information(tmp_path):
    draw = random.Random(9)
    recon, _, _, implicit, _ = small_objects(tmp_path)
    whole = [naked(path.read_bytes()) for path in (recon, implicit)]

    found = outcomes((damage(draw.choice(whole), draw) for _ in range(250)), tmp_path / "x.dcm")

    assert {"read", "UnreadableFileError", "GeometryError"} <= found


def test_every_cut_of_a_data_set_without_file_meta_information_is_refused(tmp_path):
    draw = random.Random(10)
    for path in small_objects(tmp_path)[::3]:
        whole = naked(path.read_bytes())
        cuts = draw.sample(range(1, len(whole) - 1), 100)

        assert "read" not in outcomes((whole[:cut] for cut in cuts), tmp_path / "x.dcm")


FIRST_TAGS = (b"", b"\x08\x00\x05\x00", b"\x08\x00\x16\x00", b"\x02\x00\x00\x00", b"\x08\x00")

KNOWN_CLASS = b"\x08\x00\x16\x00\x1a\x00\x00\x001.2.840.10008.5.1.4.1.1.20"


@settings(max_examples=300, deadline=None)
@given(
    start=st.sampled_from(FIRST_TAGS),
    content=st.binary(min_size=1, max_size=400) | st.text(min_size=1).map(str.encode),
)
def test_bytes_and_text_of_no_format_are_no_dicom_file(tmp_path_factory, start, content):
    path = tmp_path_factory.mktemp("noise") / "x.dcm"
    path.write_bytes(start + content)

    # By chance the bytes may be an element of DICOM whose value means nothing.
    with pytest.raises(UnreadableFileError, match=r"is not a DICOM file|be decoded") as caught:
        scan_dicom(path)

    assert "file header" in str(caught.value) or "damaged file" in str(caught.value)


@settings(max_examples=150, deadline=None)
@given(content=st.binary(max_size=400))
def test_noise_after_a_known_class_is_refused(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("noise") / "x.dcm"
    path.write_bytes(KNOWN_CLASS + content)

    assert read_or_refuse(path) != "read"
