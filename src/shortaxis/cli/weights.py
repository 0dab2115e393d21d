"""``shortaxis weights``: which network weights are installed, and what they were trained on."""

from __future__ import annotations

from typing import Annotated

import typer

from shortaxis.files.plain_json import to_json_text

__all__ = ["weights"]


def weights(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Name of installed weights, or their folder.")
    ] = "default",
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the whole record as JSON.")
    ] = False,
) -> None:
    """Show network weights, after comparing the hash of every file with their record."""
    from shortaxis.cli.json_errors import errors_as_json
    from shortaxis.reorientation.handedness_weights import handedness_of
    from shortaxis.reorientation.weights import BLOCKS, find_weights

    with errors_as_json(as_json):
        found = find_weights(name)
        handedness = handedness_of(found)
        sizes = {block: len(found.model(block)) for block in BLOCKS}
        if handedness is not None:
            sizes["handedness"] = len(handedness.model())
    if as_json:
        record = {**found.values, "sha256": found.record.sha256}
        typer.echo(to_json_text(record), nl=False)
        return
    typer.echo(f"{found.record.name} {found.record.version}")
    typer.echo(f"  licence    {found.values['licence']}")
    typer.echo(f"  record     SHA-256 {found.record.sha256}")
    for network, size in sizes.items():
        entry = found.values["blocks"].get(network) or found.values[network]
        grids = [entry["grid"]] if "grid" in entry else entry["grids"]
        spacings = " and ".join(f"{grid['spacing_mm']}" for grid in grids)
        typer.echo(
            f"  {network:<10} {entry['parameters']:,} parameters, {size / 1e6:.1f} MB, "
            f"{grids[0]['size']} voxels of {spacings} mm, SHA-256 {entry['sha256']}"
        )
    for one in found.values["training"]["train"]:
        last = one["first"] + one["count"] - 1
        typer.echo(f"  trained    on exams {one['first']} to {last} of the preset {one['preset']}")
    judgement = found.judgement
    smallest, largest = judgement.trained_voxel_mm
    typer.echo(f"  trained    on voxels of {smallest:.3g} to {largest:.3g} mm")
    own = "their own" if found.carries_judgement else "those of schema 2"
    typer.echo(f"  judged     by {len(judgement.limits)} limits, {own}")
