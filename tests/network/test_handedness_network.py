"""The network that tells which way round a volume lies."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from shortaxis.geometry.cube_symmetries import FLIPS, ORDERS
from shortaxis.inference.onnx_session import ModelError, OnnxEnergies
from shortaxis.network.export import onnx_bytes_of_handedness
from shortaxis.network.handedness import HANDEDNESS_SIZE, HandednessNetwork

SHAPE = (len(ORDERS), len(FLIPS))


@pytest.fixture(scope="module")
def network() -> HandednessNetwork:
    torch.manual_seed(3)
    return HandednessNetwork().eval()


def crops(count: int) -> np.ndarray:
    edge, grids = HANDEDNESS_SIZE.voxels, len(HANDEDNESS_SIZE.spacings_mm)
    return np.random.default_rng(8).random((count, grids, edge, edge, edge)).astype(np.float32)


def test_it_is_small(network: HandednessNetwork) -> None:
    assert sum(each.numel() for each in network.parameters()) < 370_000


@pytest.mark.parametrize("number", range(len(FLIPS)))
def test_a_flip_of_the_input_exchanges_energies_and_changes_none(
    network: HandednessNetwork, number: int
) -> None:
    counts = torch.from_numpy(crops(2))
    flipped = counts.flip([2 + axis for axis in FLIPS[number]]) if number else counts

    with torch.no_grad():
        expected, found = network(counts), network(flipped)

    for first, flip in enumerate(FLIPS):
        both = set(flip) ^ set(FLIPS[number])
        second = [set(each) for each in FLIPS].index(both)
        assert torch.allclose(found[:, :, first], expected[:, :, second], atol=1e-6)


@pytest.mark.parametrize("count", [1, 3])
def test_the_exported_network_gives_the_same_energies(
    network: HandednessNetwork, count: int
) -> None:
    exported = OnnxEnergies(onnx_bytes_of_handedness(network), 2, HANDEDNESS_SIZE.voxels, SHAPE)

    with torch.no_grad():
        expected = network(torch.from_numpy(crops(count))).numpy()

    assert exported(crops(count)) == pytest.approx(expected, abs=1e-5)


def test_a_file_that_gives_something_else_is_refused(network: HandednessNetwork) -> None:
    model = onnx_bytes_of_handedness(network)

    with pytest.raises(ModelError, match="energies"):
        OnnxEnergies(model, 2, HANDEDNESS_SIZE.voxels, (6, 7))
    with pytest.raises(ModelError):
        OnnxEnergies(b"no model", 2, HANDEDNESS_SIZE.voxels, SHAPE)
