"""The networks: shapes, rotations, and the same answer from torch and ONNX Runtime."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from shortaxis.inference.onnx_session import OnnxBlock
from shortaxis.network.block import BlockOutput, PoseBlock
from shortaxis.network.export import onnx_bytes
from shortaxis.network.heads import ARM_MM, LandmarkHead, landmarks_of
from shortaxis.network.layers import edge_channels
from shortaxis.network.rotation import rotation_from_axes
from shortaxis.network.sizes import BLOCK_SIZES, HEADS, MAX_PARAMETERS, REFINER

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
    assert total <= MAX_PARAMETERS


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
    found = OnnxBlock(onnx_bytes(block), 32)(counts[:, 0].numpy())
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


@given(place=st.tuples(*[st.integers(0, 15)] * 3), reach_mm=st.sampled_from([0.0, 60.0]))
def test_votes_from_one_place_put_the_landmarks_there(
    place: tuple[int, int, int], reach_mm: float
) -> None:
    """Index (slice, row, column) lies at (x, y, z) = (column, row, slice) from the middle."""
    head = LandmarkHead(1, 16, 12.8, reach_mm)
    torch.nn.init.zeros_(head.votes.weight)
    torch.nn.init.zeros_(head.votes.bias)
    with torch.no_grad():
        head.votes.weight[:6] = 1000.0
        features = torch.zeros(1, 1, 16, 16, 16)
        features[0, 0][place] = 1.0
        (_, center_mm, landmarks), variances = head(features, features)
    expected = (np.array(place[::-1]) - 7.5) * 12.8
    np.testing.assert_allclose(landmarks[0].numpy(), np.tile(expected, (6, 1)), atol=1e-3)
    np.testing.assert_allclose(center_mm[0].numpy(), expected, atol=1e-3)
    np.testing.assert_allclose(variances.numpy(), 0.0, atol=1e-4)


def _block(head: str, **changes: float) -> PoseBlock:
    torch.manual_seed(1)
    return PoseBlock(replace(REFINER, head=head, **changes)).eval()
