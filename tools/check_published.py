"""Whether what is published agrees with the wheel: ``python tools/check_published.py FOLDER``.

Compares the recipe for conda-forge and both lists of components with the metadata of the wheel in
the folder. Prints what does not agree, a line each, and ends with 1.
"""

from __future__ import annotations

import argparse
import email
import hashlib
import json
import sys
import zipfile
from collections.abc import Iterator
from email.message import Message
from pathlib import Path
from typing import Any

import yaml
from conda_recipe import OTHER_NAMES
from packaging.requirements import Requirement

__all__ = ["disagreements"]

LISTS = ("base.cdx.json", "node.cdx.json")


def disagreements(folder: Path) -> Iterator[str]:
    """What the files say otherwise than the wheel, as sentences."""
    (wheel,) = folder.glob("*.whl")
    (sdist,) = folder.glob("*.tar.gz")
    metadata = _metadata(wheel)
    needed = [Requirement(each) for each in metadata.get_all("Requires-Dist", [])]
    plain = [each for each in needed if each.marker is None]
    recipe = yaml.safe_load((folder / "recipe.yaml").read_text(encoding="utf-8"))
    yield from _about_the_recipe(recipe, metadata["Version"], plain)
    if recipe["source"]["sha256"] != hashlib.sha256(sdist.read_bytes()).hexdigest():
        yield f"recipe.yaml has not the hash of {sdist.name}"
    for name in LISTS:
        listed = json.loads((folder / name).read_text(encoding="utf-8"))
        yield from _about_components(name, listed, metadata["Version"], plain)


def _metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (each for each in archive.namelist() if each.endswith(".dist-info/METADATA"))
        return email.message_from_bytes(archive.read(name))


def _about_the_recipe(
    recipe: dict[str, Any], version: str, needed: list[Requirement]
) -> Iterator[str]:
    if recipe["context"]["version"] != version:
        yield f"recipe.yaml is of {recipe['context']['version']}, the wheel of {version}"
    there = {Requirement(each).name for each in recipe["requirements"]["run"][1:]}
    wanted = {OTHER_NAMES.get(each.name, each.name) for each in needed}
    if there != wanted:
        yield f"recipe.yaml and the wheel differ in what they need: {sorted(there ^ wanted)}"


def _about_components(
    name: str, listed: dict[str, Any], version: str, needed: list[Requirement]
) -> Iterator[str]:
    if listed["metadata"]["component"]["version"] != version:
        yield f"{name} is of {listed['metadata']['component']['version']}, the wheel of {version}"
    there = {each["name"].lower(): each.get("version", "") for each in listed["components"]}
    for each in needed:
        if not each.specifier.contains(there.get(each.name, "0")):
            yield f"{name} lists {each.name} {there.get(each.name)}, the wheel needs {each}"


def main() -> None:
    """Check the folder that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    found = list(disagreements(parser.parse_args().folder))
    print("\n".join(found) or "recipe and lists of components agree with the wheel")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
