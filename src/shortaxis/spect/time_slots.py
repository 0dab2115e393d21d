"""Whether each time slot of a gated study shows what the others show.

Between two moments of a beat the heart changes by a centimetre here and there, and nothing else
does: every slot is almost the same image, at the same place, with the same counts. A slot is
compared with the median of the others, on voxels of about 8 mm.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from shortaxis.geometry.affines import voxel_spacing_mm
from shortaxis.geometry.arrays import CountsArray, FloatArray
from shortaxis.spect.reading_notes import ReadingNote
from shortaxis.spect.volume import SpectVolume

__all__ = ["MIN_SLOTS", "SlotLikeness", "likeness_of_slots", "summed_slots"]

MIN_SLOTS, MIN_COUNTED = 4, 3
"""Fewer do not tell which image is wrong, and which counts are."""

COMPARED_MM = 8.0
"""Voxels that are compared: a heart is seen in them, and noise is averaged."""

EMPTY_PART = 0.02
"""Of the median slot's counts: less is no image."""

FEWEST_PART, MOST_PART = 0.4, 1.8
"""Of the median slot's counts. Irregular beats take the last slots' counts, down to a half in
many studies; no usual reason doubles them."""

SHIFT_MM = 10.0
"""Farther than a beat moves the middle of an image, and than noise does (measured, see the docs);
at least one voxel and a half of those that are compared."""

UNLIKE = 0.75
"""Correlation with the others, over that of the usual slot."""

CLEAR_GAIN = 0.1
"""By which a reversed image must fit better, of the usual correlation."""

SLICES_AT_ONCE = 8
"""Of which the medians are taken together: copies of all slots are large."""

AXIS_WORDS = ("upside down", "front and back exchanged", "left and right exchanged")
"""By the axis of the array that is reversed, if the slices are upright."""


@dataclass(frozen=True, eq=False)
class SlotLikeness:
    """One time slot beside the others.

    Parameters
    ----------
    number : int
        From 1.
    counts_part : float
        Total counts, of those of the median slot.
    correlation : float
        With the median of the others, where they fit best, over that of the usual slot: noise
        makes it small in all of them.
    shift_mm : (slice, row, column)
        From the others to this slot, along the axes of the array.
    voxel_mm : float
        Largest edge of the voxels that were compared.
    reversed_axis : int or None
        Axis along which the slot, reversed, fits clearly better.
    """

    number: int
    counts_part: float
    correlation: float = 1.0
    shift_mm: tuple[float, float, float] = (0.0, 0.0, 0.0)
    voxel_mm: float = COMPARED_MM
    reversed_axis: int | None = None

    @property
    def is_empty(self) -> bool:
        """Whether it holds next to nothing."""
        return self.counts_part < EMPTY_PART

    @cached_property
    def is_another_image(self) -> bool:
        """Whether it would blur or falsify a sum over the slots."""
        far_mm = max(SHIFT_MM, 1.5 * self.voxel_mm)
        return (
            self.correlation < UNLIKE
            or self.reversed_axis is not None
            or float(np.linalg.norm(self.shift_mm)) > far_mm
        )

    @property
    def fault(self) -> str:
        """What is wrong with it, in words; empty if nothing is."""
        if self.is_empty:
            return "is empty"
        if self.correlation < 0:
            return "has its counts inverted"
        if self.reversed_axis is not None:
            return f"is reversed ({AXIS_WORDS[self.reversed_axis]})"
        if self.correlation < UNLIKE:
            return "does not look like the others"
        if self.is_another_image:
            return f"lies {np.linalg.norm(self.shift_mm):.0f} mm off the others"
        if not FEWEST_PART <= self.counts_part <= MOST_PART:
            return f"has {100 * self.counts_part:.0f} % of the others' counts"
        return ""


def likeness_of_slots(
    gates: CountsArray, spacing_mm: Sequence[float] | FloatArray
) -> tuple[SlotLikeness, ...]:
    """Compare every time slot with the others.

    Parameters
    ----------
    gates : (time_slot, slice, row, column) array
        Counts.
    spacing_mm : (slice, row, column)
        Voxel size.
    """
    if len(gates) < MIN_COUNTED:
        return tuple(SlotLikeness(number, 1.0) for number in range(1, len(gates) + 1))
    totals = gates.sum(axis=(1, 2, 3), dtype=np.float64)
    usual = float(np.median(totals))
    parts = totals / usual if usual > 0 else np.ones(len(gates))
    slots = [SlotLikeness(number, part) for number, part in enumerate(parts.tolist(), 1)]
    shown = [each for each in slots if not each.is_empty]
    if len(shown) < MIN_SLOTS or not np.isfinite(totals).all():
        return tuple(slots)
    images, voxel_mm = _comparable(gates, np.asarray(spacing_mm, dtype=np.float64))
    fits = {each.number: _Fit.of(images, each, shown) for each in shown}
    alike = float(np.median([fit.correlation for fit in fits.values()]))
    return tuple(
        fits[each.number].likeness(each, alike, voxel_mm) if each.number in fits else each
        for each in slots
    )


def summed_slots(
    gates: CountsArray, patient_from_index: FloatArray
) -> tuple[SpectVolume, tuple[ReadingNote, ...]]:
    """The sum over the time slots, and a doubtful note for every slot with a fault.

    A slot that shows another image is left out of the sum. Where half of the slots or more do,
    nobody knows which are right, and none is left out.

    Parameters
    ----------
    gates : (time_slot, slice, row, column) array
        Counts.
    patient_from_index : (4, 4) array
        Where their voxels lie, LPS mm.
    """
    likeness = likeness_of_slots(gates, voxel_spacing_mm(patient_from_index))
    odd = [each.number for each in likeness if each.is_another_image]
    left_out = odd if 2 * len(odd) < len(gates) else []
    kept = [number - 1 for number in range(1, len(gates) + 1) if number not in left_out]
    notes = (_note(each, len(gates), each.number in left_out) for each in likeness if each.fault)
    return SpectVolume(_sum_of([gates[slot] for slot in kept]), patient_from_index), tuple(notes)


def _sum_of(slots: Sequence[CountsArray]) -> CountsArray:
    """Added one after the other, so that no second copy of all is made; a single one is itself."""
    if len(slots) == 1:
        total = slots[0].view()
    else:
        summed = np.zeros(slots[0].shape)
        for counts in slots:
            summed += counts
        total = summed.astype(np.float32)
    total.flags.writeable = False
    return total


def _note(slot: SlotLikeness, slots: int, is_left_out: bool) -> ReadingNote:
    done = ": the sum over the time slots was made without it" if is_left_out else ""
    return ReadingNote(f"time slot {slot.number} of {slots} {slot.fault}{done}", True)


@dataclass(frozen=True, eq=False)
class _Fit:
    """An image, the others, and how it fits their median: correlation and shift in voxels."""

    image: FloatArray
    others: Sequence[FloatArray]
    correlation: float
    shift: FloatArray

    @classmethod
    def of(
        cls, images: Sequence[FloatArray], slot: SlotLikeness, shown: Sequence[SlotLikeness]
    ) -> _Fit:
        image = images[slot.number - 1]
        others = [images[each.number - 1] for each in shown if each.number != slot.number]
        return cls(image, others, *_best_fit(image, _standardised(_median_of(others))))

    def likeness(self, slot: SlotLikeness, usual: float, voxel_mm: FloatArray) -> SlotLikeness:
        down, back, left = (self.shift * voxel_mm).tolist()
        return replace(
            slot,
            correlation=self.correlation / usual if usual > 0 else 0.0,
            shift_mm=(down, back, left),
            voxel_mm=float(voxel_mm.max()),
            reversed_axis=self._reversed_axis(usual),
        )

    def _reversed_axis(self, usual: float) -> int | None:
        """The axis along which this image, reversed, is like the others; None if it is as it is."""
        if self.correlation > (1 - CLEAR_GAIN) * usual:
            return None
        others = _standardised(_median_of(self.others))
        axes = range(self.image.ndim)
        turned = [_best_fit(np.flip(self.image, axis), others)[0] for axis in axes]
        best = int(np.argmax(turned))
        return best if turned[best] > self.correlation + CLEAR_GAIN * usual else None


def _comparable(gates: CountsArray, spacing_mm: FloatArray) -> tuple[list[FloatArray], FloatArray]:
    """Slots on larger voxels, each with mean 0 and norm 1, and the size of those voxels."""
    factors = np.maximum(np.round(COMPARED_MM / spacing_mm), 1).astype(int)
    factors = np.minimum(factors, gates.shape[1:])
    kept = np.array(gates.shape[1:]) // factors
    (slices, rows, columns), (deep, high, wide) = kept.tolist(), factors.tolist()
    # A slot at a time: in double precision all of them are large.
    images = []
    for slot in gates:
        cut = slot[: slices * deep, : rows * high, : columns * wide]
        blocks = cut.reshape(slices, deep, rows, high, columns, wide)
        image = _standardised(blocks.mean(axis=(1, 3, 5), dtype=np.float64))
        images.append(np.ascontiguousarray(image))
    return images, spacing_mm * factors


def _median_of(images: Sequence[FloatArray]) -> FloatArray:
    """A few slices at a time."""
    median = np.empty(images[0].shape)
    for first in range(0, len(median), SLICES_AT_ONCE):
        some = slice(first, first + SLICES_AT_ONCE)
        median[some] = np.median([each[some] for each in images], axis=0, overwrite_input=True)
    return median


def _standardised(image: FloatArray) -> FloatArray:
    centred = image - image.mean()
    norm = float(np.linalg.norm(centred))
    standardised: FloatArray = centred / max(norm, np.finfo(np.float64).tiny)
    return standardised


def _best_fit(image: FloatArray, others: FloatArray) -> tuple[float, FloatArray]:
    """Highest correlation over all circular shifts, and the shift in voxels to that place.

    A shift of zero is kept where no other is better by a hundredth.
    """
    spectrum = np.fft.rfftn(image) * np.conj(np.fft.rfftn(others))
    surface = np.fft.irfftn(spectrum, s=image.shape, axes=range(image.ndim))
    peak = np.unravel_index(int(np.argmax(surface)), image.shape)
    highest, in_place = float(surface[peak]), float(surface[(0,) * image.ndim])
    # Of an inverted image only the place itself tells anything.
    if in_place < 0 and -in_place > highest:
        return in_place, np.zeros(image.ndim)
    if highest < in_place + 0.01:
        return in_place, np.zeros(image.ndim)
    return highest, np.array(
        [at - size if at > size / 2 else at for at, size in zip(peak, image.shape, strict=True)],
        dtype=np.float64,
    )
