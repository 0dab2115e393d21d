"""Convolutions unfolded along slices compute what the ones of the file compute."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest

from shortaxis.inference.message_fields import message, numbers_of, read_fields, varint
from shortaxis.inference.unfolded import unfolded
from shortaxis.inference.weights_record import find_stored_weights
from shortaxis.reorientation.handedness_weights import handedness_of
from shortaxis.reorientation.weights import BLOCKS, DEFAULT_WEIGHTS


def kernels(model: bytes) -> list[list[int]]:
    graph = onnx.load_from_string(model).graph
    return [
        list(attribute.ints)
        for node in graph.node
        if node.op_type == "Conv"
        for attribute in node.attribute
        if attribute.name == "kernel_shape"
    ]


def outputs(model: bytes, counts: np.ndarray) -> list[np.ndarray]:
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: counts})


@pytest.mark.parametrize("block", BLOCKS)
def test_a_block_gives_the_same_answer_unfolded(block: str) -> None:
    model = find_stored_weights(DEFAULT_WEIGHTS).model(block)
    crops = np.random.default_rng(0).random((2, 1, 32, 32, 32)).astype(np.float32)

    changed = unfolded(model)

    onnx.checker.check_model(onnx.load_from_string(changed))
    assert [3, 3, 3] in kernels(model)
    assert [3, 3, 3] not in kernels(changed)
    for before, now in zip(outputs(model, crops), outputs(changed, crops), strict=True):
        # Degrees, mm and logarithms; a rotation matrix of 1e-5 is less than 0.001 degrees.
        assert np.abs(before - now).max() < 1e-4 * max(1.0, float(np.abs(before).max()))


def test_graphs_without_such_convolutions_stay_as_they_are() -> None:
    weights = handedness_of(find_stored_weights(DEFAULT_WEIGHTS))
    assert weights is not None
    model = weights.model()

    assert onnx.load_from_string(unfolded(model)).graph == onnx.load_from_string(model).graph


@pytest.mark.parametrize("content", [b"", b"no model", b"\xff" * 40, bytes(range(256))])
def test_what_is_no_model_stays_as_it_is(content: bytes) -> None:
    assert unfolded(content) == content


def test_fields_are_read_as_they_were_written() -> None:
    content = message(3, "name") + varint(8, [0, 127, 128, -1]) + message(9, bytes(300))

    name, *numbers, last = read_fields(content)

    assert (name.number, name.text) == (3, "name")
    assert [numbers_of(each)[0] for each in numbers] == [0, 127, 128, 2**64 - 1]
    assert len(last.content) == 300
    assert b"".join(bytes(each.stored) for each in (name, *numbers, last)) == content


def test_packed_numbers_are_read_too() -> None:
    (field,) = read_fields(message(8, bytes([3, 0x81, 0x01])))

    assert numbers_of(field) == [3, 129]
