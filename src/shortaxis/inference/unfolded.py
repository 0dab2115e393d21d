"""Convolutions of an ONNX graph unfolded along slices, as ONNX Runtime computes them faster.

A 3 x 3 x 3 convolution is the sum of three 1 x 3 x 3 convolutions, one for each slice of its
kernel, moved by a slice against each other. All three read the same counts, so they are one
convolution with three times the channels: what is gathered from memory for each is gathered once.
The sums are the same but for rounding. Whatever else the graph holds stays as it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from shortaxis.inference.message_fields import Field, message, numbers_of, read_fields, varint

__all__ = ["unfolded"]

MODEL_GRAPH, MODEL_OPSET = 7, 8
OPSET_DOMAIN, OPSET_VERSION = 1, 2
GRAPH_NODE, GRAPH_INITIALIZER = 1, 5
NODE_INPUT, NODE_OUTPUT, NODE_NAME, NODE_KIND, NODE_ATTRIBUTE = 1, 2, 3, 4, 5
ATTRIBUTE_NAME, ATTRIBUTE_INT, ATTRIBUTE_INTS, ATTRIBUTE_TYPE = 1, 3, 8, 20
TENSOR_DIMS, TENSOR_TYPE, TENSOR_NAME, TENSOR_RAW = 1, 2, 8, 9
"""Numbers of the fields (onnx.proto)."""

FLOAT, INT64 = 1, 7
INTS = 7
"""Kinds of tensors, and of an attribute."""

FIRST_OPSET = 11
"""Slices and paddings take their numbers as inputs from here on."""

KERNEL = [3, 3, 3]
TO_THE_END = np.iinfo(np.int64).max
CHANNELS_AND_SLICES = (1, 2)


def unfolded(model: bytes) -> bytes:
    """The same network, with its 3 x 3 x 3 convolutions unfolded along slices.

    What cannot be read is returned as it is: who runs it says what is wrong with it.
    """
    try:
        fields = list(read_fields(model))
        if _opset(fields) < FIRST_OPSET:
            return model
        return b"".join(
            message(MODEL_GRAPH, _graph(each.content)) if each.number == MODEL_GRAPH
            else bytes(each.stored)
            for each in fields
        )  # fmt: skip
    except (ValueError, KeyError):
        return model


@dataclass(frozen=True)
class _Node:
    """A step of the graph."""

    inputs: Sequence[str]
    outputs: Sequence[str]
    kind: str
    ints: Mapping[str, list[int]]
    stored: memoryview

    @classmethod
    def of(cls, stored: Field) -> _Node:
        texts: dict[int, list[str]] = {NODE_INPUT: [], NODE_OUTPUT: [], NODE_KIND: [""]}
        attributes = []
        for each in read_fields(stored.content):
            if each.number in texts:
                texts[each.number].append(each.text)
            elif each.number == NODE_ATTRIBUTE:
                attributes.append(each)
        kind = texts[NODE_KIND][-1]
        ints: dict[str, list[int]] = {}
        for each in attributes if kind == "Conv" else ():
            ints |= _attribute(each)
        return cls(texts[NODE_INPUT], texts[NODE_OUTPUT], kind, ints, stored.stored)

    @property
    def is_unfoldable(self) -> bool:
        """Whether it is a convolution over three slices that keeps the shape."""
        return (
            self.kind == "Conv"
            and self.ints.get("kernel_shape") == KERNEL
            and self.ints.get("pads") == [1] * 6
            and self.ints.get("strides", [1] * 3) == [1] * 3
            and self.ints.get("dilations", [1] * 3) == [1] * 3
            and self.ints.get("group", [1]) == [1]
        )


@dataclass
class _Rewriting:
    """Nodes and initializers of the new graph."""

    arrays: Mapping[str, np.ndarray]
    nodes: list[bytes] = field(default_factory=list)
    added: dict[str, bytes] = field(default_factory=dict)

    def unfold(self, node: _Node) -> None:
        """Write a convolution as one over single slices, and the sum of its three parts."""
        counts, weights, *bias = node.inputs
        kernel, (result,) = self.arrays[weights], node.outputs
        channels = len(kernel)
        name = f"{result}/unfolded"
        slices = np.concatenate([kernel[:, :, place : place + 1] for place in range(3)])
        inputs = [counts, self._kept(f"{name}/weights", slices)]
        if bias:
            once = np.zeros(3 * channels, dtype=np.float32)
            once[channels : 2 * channels] = self.arrays[bias[0]]
            inputs.append(self._kept(f"{name}/bias", once))
        ints = {"kernel_shape": [1, 3, 3], "pads": [0, 1, 1, 0, 1, 1]}
        self._add("Conv", inputs, f"{name}/parts", ints)
        below = self._moved(name, channels, 0, -1, (1, 0))
        here = self._part(name, channels, 1, 0, TO_THE_END)
        above = self._moved(name, channels, 2, 1, (0, 1))
        self._add("Add", [below, here], f"{name}/sum")
        self._add("Add", [f"{name}/sum", above], result)

    def _moved(
        self, name: str, channels: int, part: int, cut: int, padding: tuple[int, int]
    ) -> str:
        """A part, less the slice that leaves the volume, with zeros where none comes in."""
        first, last = (0, cut) if cut < 0 else (cut, TO_THE_END)
        kept = self._part(name, channels, part, first, last)
        before, after = padding
        pads = self._whole(f"pads {before} {after}", [0, 0, before, 0, 0, 0, 0, after, 0, 0])
        return self._add("Pad", [kept, pads], f"{name}/moved {part}")

    def _part(self, name: str, channels: int, part: int, first: int, last: int) -> str:
        begin, end = part * channels, (part + 1) * channels
        inputs = [
            f"{name}/parts",
            self._whole(f"from {begin} {first}", [begin, first]),
            self._whole(f"to {end} {last}", [end, last]),
            self._whole("axes", CHANNELS_AND_SLICES),
        ]
        return self._add("Slice", inputs, f"{name}/part {part}")

    def _whole(self, name: str, values: Sequence[int]) -> str:
        return self._kept(f"unfolded/{name}", np.array(values, dtype=np.int64))

    def _kept(self, name: str, values: np.ndarray) -> str:
        self.added.setdefault(name, _tensor(name, values))
        return name

    def _add(
        self,
        kind: str,
        inputs: Iterable[str],
        output: str,
        ints: Mapping[str, list[int]] | None = None,
    ) -> str:
        attributes = (
            message(ATTRIBUTE_NAME, name)
            + varint(ATTRIBUTE_INTS, each)
            + varint(ATTRIBUTE_TYPE, INTS)
            for name, each in (ints or {}).items()
        )
        content = [message(NODE_INPUT, each) for each in inputs]
        content += [
            message(NODE_OUTPUT, output),
            message(NODE_NAME, output),
            message(NODE_KIND, kind),
        ]
        content += [message(NODE_ATTRIBUTE, each) for each in attributes]
        self.nodes.append(message(GRAPH_NODE, b"".join(content)))
        return output


def _graph(content: memoryview) -> bytes:
    fields = list(read_fields(content))
    nodes = [_Node.of(each) for each in fields if each.number == GRAPH_NODE]
    used = Counter(name for node in nodes for name in node.inputs)
    tensors = {_tensor_name(each): each for each in fields if each.number == GRAPH_INITIALIZER}
    wanted = {name for node in nodes if node.is_unfoldable for name in node.inputs[1:]}
    found = {name: _array(tensors[name]) for name in wanted & set(tensors)}
    arrays = {name: array for name, array in found.items() if array is not None}
    rewriting, replaced = _Rewriting(arrays), set()
    for node in nodes:
        if node.is_unfoldable and set(node.inputs[1:]) <= set(arrays):
            rewriting.unfold(node)
            replaced |= {name for name in node.inputs[1:] if used[name] == 1}
        else:
            rewriting.nodes.append(bytes(node.stored))
    others = [
        bytes(each.stored)
        for each in fields
        if each.number != GRAPH_NODE
        and not (each.number == GRAPH_INITIALIZER and _tensor_name(each) in replaced)
    ]
    initializers = (message(GRAPH_INITIALIZER, each) for each in rewriting.added.values())
    return b"".join([*rewriting.nodes, *others, *initializers])


def _opset(fields: Sequence[Field]) -> int:
    """Version of the standard operators."""
    versions = [0]
    for each in fields:
        if each.number == MODEL_OPSET:
            inside = {one.number: one for one in read_fields(each.content)}
            domain = inside[OPSET_DOMAIN].text if OPSET_DOMAIN in inside else ""
            if not domain:
                versions += numbers_of(inside[OPSET_VERSION])
    return max(versions)


def _attribute(stored: Field) -> dict[str, list[int]]:
    name, ints = "", []
    for each in read_fields(stored.content):
        if each.number == ATTRIBUTE_NAME:
            name = each.text
        elif each.number in (ATTRIBUTE_INT, ATTRIBUTE_INTS):
            ints += numbers_of(each)
    return {name: ints}


def _tensor_name(stored: Field) -> str:
    return next(
        (each.text for each in read_fields(stored.content) if each.number == TENSOR_NAME), ""
    )


def _array(stored: Field) -> np.ndarray | None:
    """Values of a tensor of floats that lie in the file as in memory; None for others."""
    dims: list[int] = []
    kind, raw = 0, None
    for each in read_fields(stored.content):
        if each.number == TENSOR_DIMS:
            dims += numbers_of(each)
        elif each.number == TENSOR_TYPE:
            kind = numbers_of(each)[0]
        elif each.number == TENSOR_RAW:
            raw = each.content
    if kind != FLOAT or raw is None:
        return None
    return np.frombuffer(raw, dtype="<f4").reshape(dims)


def _tensor(name: str, values: np.ndarray) -> bytes:
    kind = INT64 if values.dtype == np.int64 else FLOAT
    stored = np.ascontiguousarray(values, dtype="<i8" if kind == INT64 else "<f4")
    return (
        varint(TENSOR_DIMS, list(values.shape))
        + varint(TENSOR_TYPE, kind)
        + message(TENSOR_NAME, name)
        + message(TENSOR_RAW, stored.tobytes())
    )
