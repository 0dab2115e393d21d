"""How far annotation is off, from ``results/annotation_errors.json``."""

from __future__ import annotations

from simulation_tables import origin, stored

__all__ = ["annotation_text"]

KINDS = ("simulated", "real")
"""Of the folders of the stored command, in its order."""


def annotation_text() -> str:
    """A row a way of storing the slices, and how well own and other hearts match."""
    record = stored("annotation_errors")
    if record is None:
        return "Not stored yet: `python validation/annotation_errors.py` measures it."
    sets = dict(zip(KINDS, record["sets"], strict=True))
    studies = " and ".join(f"{each['studies']} {kind}" for kind, each in sets.items())
    head = ["slices", *(f"{kind}: turn, shift, at most" for kind in KINDS)]
    rows = [
        [way, *(_most(each["ways"][way]) for each in sets.values())]
        for way in sets["simulated"]["ways"]
    ]
    table = "\n".join("| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *rows])
    own = min(each["lowest_own_heart"] for each in sets.values())
    other = max(each["highest_other_heart"] for each in sets.values())
    refused = sum(len(each["true_pairs_rejected"]) for each in sets.values())
    pairs = sum(each["studies"] * len(each["ways"]) for each in sets.values())
    strangers = sum(each["other_pairs_rejected"] for each in sets.values())
    wrong = sum(each["studies"] for each in sets.values())
    return (
        f"SimpleITK cut slices of {studies} studies along the pose that the network gives them "
        f"({origin(record)}), with `{record['sets'][0]['engine']}`:\n\n{table}\n\n"
        f"In the heart, slices matched their own study with {own:.4f} or more, and the next "
        f"patient's with {other:.4f} or less. Of {wrong} pairs of two patients {strangers} were "
        f"rejected, and of {pairs} true pairs {refused}."
    )


def _most(errors: dict[str, list[float]]) -> str:
    return f"{errors['turn_deg'][1]:.2f}°, {errors['shift_mm'][1]:.2f} mm"
