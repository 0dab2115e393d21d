"""The networks: shapes, rotations, and the same answer from torch and ONNX Runtime."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from shortaxis.network.block import BlockOutput, PoseBlock
from shortaxis.network.export import onnx_bytes
from shortaxis.network.heads import ARM_MM, landmarks_of
from shortaxis.network.layers import edge_channels
from shortaxis.network.rotation import rotation_from_axes
from shortaxis.network.sizes import BLOCK_SIZES, HEADS, MOST_PARAMETERS, REFINER
from shortaxis.reorientation.onnx_session import OnnxBlock

vectors = st.lists(st.floats(-10, 10, width=32), min_size=3, max_size=3).filter(
    lambda v: np.linalg.norm(v) > 0.1
)


@given(long_axis=vectors, across=vectors)
def test_any_two_vectors_give_a_proper_rotation(
    long_axis: list[float], across: list[float]
) -> None:
    cosine = np.dot(long_axis, across) / np.linalg.norm(long_axis) / np.linalg.norm(across)
    if abs(cosine) > 0.999:
        return
    rotation = rotation_from_axes(torch.tensor([long_axis]), torch.tensor([across]))[0].numpy()
    np.testing.assert_allclose(rotation.T @ rotation, np.eye(3), atol=1e-3)
    assert np.linalg.det(rotation) == pytest.approx(1.0, abs=1e-3)
    np.testing.assert_allclose(
        rotation[:, 2], np.array(long_axis) / np.linalg.norm(long_axis), atol=1e-4
    )
    assert rotation[:, 0] @ np.array(across) >= -1e-4


def test_landmarks_of_the_identity_lie_on_the_axes() -> None:
    landmarks = landmarks_of(torch.eye(3)[None], torch.tensor([[1.0, 2.0, 3.0]]))[0]
    expected = np.array([(1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0), (0, 0, 1), (0, 0, -1)])
    np.testing.assert_allclose(landmarks.numpy(), (1, 2, 3) + ARM_MM * expected)


def test_edges_are_seen_where_counts_change_and_not_where_they_do_not() -> None:
    counts = torch.zeros(1, 1, 8, 8, 8)
    counts[..., 4:] = 1.0
    channels = edge_channels(counts)[0]
    torch.testing.assert_close(channels[0], counts[0, 0])
    assert channels[2, 3, 3, 3] > 0.9
    assert channels[2, 3, 3, 1] < 0.01


def test_the_cascade_has_fewer_parameters_than_the_paper_s_network() -> None:
    total = sum(
        parameter.numel()
        for size in BLOCK_SIZES.values()
        for parameter in PoseBlock(size).parameters()
    )
    assert total <= MOST_PARAMETERS


@pytest.mark.parametrize("head", HEADS)
def test_outputs_have_the_documented_shapes(head: str) -> None:
    output = _block(head)(torch.rand(2, 1, 32, 32, 32))
    shapes = {name: tuple(getattr(output, name).shape) for name in BlockOutput._fields}
    assert shapes == {
        "rotation": (2, 3, 3),
        "center_mm": (2, 3),
        "log_spread": (2, 3),
        "log_size": (2, 2),
        "presence": (2,),
        "landmarks_mm": (2, 6, 3),
    }
    determinants = torch.linalg.det(output.rotation)
    torch.testing.assert_close(determinants, torch.ones(2), atol=1e-4, rtol=0)


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("batch", [1, 3])
def test_onnx_runtime_agrees_with_torch(head: str, batch: int) -> None:
    """Tolerance 1e-3 degrees would be 2e-5 in the rotation; float32 sums differ by less."""
    block = _block(head)
    counts = torch.rand(batch, 1, 32, 32, 32)
    with torch.no_grad():
        expected = block(counts)
    found = OnnxBlock(onnx_bytes(block))(counts[:, 0].numpy())
    for name, tolerance in (
        ("rotation", 2e-5),
        ("center_mm", 1e-3),
        ("log_spread", 1e-4),
        ("log_size", 1e-4),
        ("presence", 1e-4),
    ):
        np.testing.assert_allclose(
            getattr(found, name), getattr(expected, name).numpy(), atol=tolerance, err_msg=name
        )


def test_the_same_block_is_exported_to_the_same_bytes() -> None:
    block = _block("landmarks")
    assert onnx_bytes(block) == onnx_bytes(block)


@settings(max_examples=5, deadline=None)
@given(shift=st.sampled_from([-2, 2]), axis=st.sampled_from([2, 3, 4]))
def test_a_shifted_crop_shifts_the_votes_with_it(shift: int, axis: int) -> None:
    """Convolutions know no place: moving what is seen moves every vote, but for the borders."""
    block = _block("landmarks", reach_mm=0.0)
    counts = torch.zeros(1, 1, 32, 32, 32)
    counts[..., 12:20, 12:20, 12:20] = torch.rand(8, 8, 8)
    sharp = _sharpened(block)
    with torch.no_grad():
        still, moved = sharp(counts), sharp(torch.roll(counts, shift * 4, dims=axis))
    expected = torch.zeros(3)
    expected[4 - axis] = shift * 4 * REFINER.spacing_mm
    torch.testing.assert_close(
        moved.center_mm[0] - still.center_mm[0], expected, atol=0.3 * 4 * REFINER.spacing_mm, rtol=0
    )


def _sharpened(block: PoseBlock) -> PoseBlock:
    """Votes that come from where counts are, as they do after training."""
    with torch.no_grad():
        block.head.votes.weight[:6] *= 40.0
    return block


def _block(head: str, **changes: float) -> PoseBlock:
    torch.manual_seed(1)
    return PoseBlock(replace(REFINER, head=head, **changes)).eval()
