"""Whether the beat that time slots show can be trusted, by what the file tells of its beats."""

from __future__ import annotations

from shortaxis.spect.told_beats import ToldBeats, agree

__all__ = ["beat_notes", "reasons_of_the_beats"]

HEART_RATES = (30.0, 200.0)
"""A minute, of patients who lie under a camera: others are those of a trigger that is none."""

MOST_REJECTED = 0.3
"""Of all beats. A choice: no published limit is known here. With beats within a tenth of their
usual length taken, a heart in sinus rhythm loses few."""

FEWEST_BEATS = 100
"""A minute and a half at rest; gated images of the heart take several."""

WIDEST_WINDOW = 1.05
"""Of the length of a beat. Usual windows span 20 to 100 % of it: 20 % (Paul and Nabi), 25 to 35 %
in practice, and the 100 % of the American Society of Nuclear Cardiology, which take nearly all
(Currie and Wheat, J Nucl Med Technol 2005;33:243). The rest is for rounding."""


def reasons_of_the_beats(beats: ToldBeats | None) -> tuple[str, ...]:
    """Reasons in words, none for beats that can be trusted or of which nothing is told."""
    if beats is None:
        return ()
    found = (
        "the time slots follow breathing (header): they show no beat"
        if beats.trigger == "breathing"
        else "",
        _of_the_rate(beats),
        _of_rejected(beats),
        _of_accepted(beats),
        _of_the_slots(beats),
        _of_the_window(beats),
    )
    return tuple(filter(None, found))


def beat_notes(beats: ToldBeats | None) -> tuple[str, ...]:
    """What the file tells of the beats, in words; nothing where it is silent."""
    if beats is None:
        return ()
    rate = beats.heart_rate_per_min
    told = [
        "" if rate is None else f"heart rate {rate:.0f}",
        "" if beats.accepted is None else f"{beats.accepted} beats accepted",
        "" if beats.rejected is None else f"{beats.rejected} rejected",
        _taken(beats),
        "" if beats.interval_ms is None else f"R-R interval {beats.interval_ms:.0f} ms",
        "" if beats.slot_ms is None else f"time slots of {beats.slot_ms:.4g} ms",
    ]
    words = ", ".join(filter(None, told))
    notes = [f"{words} (header)"] if words else []
    if beats.windows is not None and beats.windows > 1:
        notes.append(
            f"beats of {beats.windows} windows of R-R intervals were added up (header): the curve "
            "is that of beats of several lengths"
        )
    if beats.told_cycles_ms and beats.cycle_ms is None:
        lengths = [f"{ms:.0f} ms by {name}" for name, ms in beats.told_cycles_ms.items()]
        notes.append(
            f"the header does not agree on the length of a beat ({', '.join(lengths)}): rates are "
            "told per cycle, not per second"
        )
    return tuple(notes)


def _of_the_rate(beats: ToldBeats) -> str:
    """Of rate or R-R interval; that of the slots is judged against them, or where it is alone."""
    told = beats.told_cycles_ms
    names = [name for name in told if name != "time slots"] or list(told)
    slowest, fastest = HEART_RATES
    for rate in (60_000 / told[name] for name in names):
        if not slowest <= round(rate, 1) <= fastest:
            return (
                f"a rate of {rate:.0f} a minute (header) is hardly that of a heart: was it the R "
                "wave that triggered?"
            )
    return ""


def _of_rejected(beats: ToldBeats) -> str:
    part = beats.rejected_part
    if part is None or part <= MOST_REJECTED:
        return ""
    return (
        f"{100 * part:.0f} % of the beats were rejected ({beats.rejected} beside {beats.accepted} "
        "that were accepted; header): arrhythmia, or a trigger that failed"
    )


def _of_accepted(beats: ToldBeats) -> str:
    if beats.accepted is None or beats.accepted >= FEWEST_BEATS:
        return ""
    number = f"{beats.accepted} beat{'' if beats.accepted == 1 else 's'}"
    return f"{number} accepted in all (header), unless those of one view were counted"


def _of_the_slots(beats: ToldBeats) -> str:
    told, beat = beats.told_cycles_ms, beats.beat_ms
    if beat is None or "time slots" not in told:
        return ""
    covered = told["time slots"]
    if agree([covered, beat]):
        return ""
    where = (
        "the end of diastole is cut off, and rates and phases with it"
        if covered < beat
        else "they reach into the next beat, or the trigger was another"
    )
    return (
        f"the time slots cover {100 * covered / beat:.0f} % of the R-R interval ({beats.slots} of "
        f"{beats.slot_ms:.4g} ms, {beat:.0f} ms; header): {where}"
    )


def _of_the_window(beats: ToldBeats) -> str:
    if beats.accepted_ms is None:
        return ""
    shortest, longest = beats.accepted_ms
    beat = beats.beat_ms or (shortest + longest) / 2
    width = (longest - shortest) / beat
    if width <= WIDEST_WINDOW:
        return ""
    return (
        f"beats of {_span(beats)} were taken for one, {100 * width:.0f} % of the R-R interval "
        "(header; usual are 20 to 100 %): late diastole is that of the longer ones"
    )


def _taken(beats: ToldBeats) -> str:
    if beats.rejects is False:
        return "beats of any length taken"
    return "" if beats.accepted_ms is None else f"beats of {_span(beats)} taken"


def _span(beats: ToldBeats) -> str:
    shortest, longest = beats.accepted_ms or (0.0, 0.0)
    return f"{shortest:.0f} to {longest:.0f} ms"
