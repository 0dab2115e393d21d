"""What `make` installs is pinned with hashes, for every Python, and nothing else is fetched."""

from __future__ import annotations

import re
import sys
import tomllib
from importlib import metadata

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from repository import REPOSITORY

PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
GROUPS = PROJECT["dependency-groups"]
FOLDER = REPOSITORY / "requirements"
PINS = sorted(path.stem for path in FOLDER.glob("*.txt"))
PYTHONS = ("3.11", "3.12", "3.13")


def of_group(name: str) -> list[str]:
    """Requirements of a dependency group and of those it includes."""
    return [
        line
        for entry in GROUPS[name]
        for line in ([entry] if isinstance(entry, str) else of_group(entry["include-group"]))
    ]


BASE = [*PROJECT["project"]["dependencies"], *of_group("build")]
EXTRAS = PROJECT["project"]["optional-dependencies"]
WANTED = {
    "base": BASE,
    "dev": [*BASE, *of_group("dev")],
    "docs": [*BASE, *of_group("docs")],
    "node": [*BASE, *EXTRAS["service"], *EXTRAS["codecs"]],
    "torch": of_group("torch"),
    "release": of_group("release"),
    "citation": of_group("citation"),
    "pip": of_group("pip"),
}
"""What each file of pins is for."""


def entries(name: str) -> list[str]:
    """Lines of a file of pins, continued ones in one."""
    text = (FOLDER / f"{name}.txt").read_text(encoding="utf-8").replace("\\\n", " ")
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


def pinned(name: str, python: str) -> dict[str, str]:
    """Version of each distribution that a file pins for one Python on Linux."""
    found: dict[str, str] = {}
    for line in entries(name):
        requirement = Requirement(line.partition(" --hash")[0])
        (pin,) = requirement.specifier
        assert pin.operator == "==", line
        if requirement.marker is None or requirement.marker.evaluate(environment(python)):
            name_of_it = canonicalize_name(requirement.name)
            assert name_of_it not in found, f"{name_of_it} is pinned twice for {python}"
            found[name_of_it] = pin.version
    return found


def environment(python: str) -> dict[str, str]:
    here = {key: str(value) for key, value in default_environment().items()}
    system = {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"}
    return {**here, **system, "python_version": python, "python_full_version": f"{python}.9"}


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("name", WANTED)
def test_every_requirement_is_pinned_in_its_range(name: str, python: str) -> None:
    versions = pinned(name, python)
    # Torch is pinned apart, since some machines have a build of it without CUDA.
    versions |= pinned("torch", python) if name == "dev" else {}

    outside = [
        line
        for line in WANTED[name]
        if versions.get(canonicalize_name(Requirement(line).name), "") == ""
        or not Requirement(line).specifier.contains(
            versions[canonicalize_name(Requirement(line).name)]
        )
    ]

    assert outside == [], "run: make lock"


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("name", ["base", "node", "docs"])
def test_what_shares_an_environment_has_one_version_of_each(name: str, python: str) -> None:
    theirs, tests = pinned(name, python), pinned("dev", python)

    assert {k: v for k, v in theirs.items() if tests.get(k, v) != v} == {}


@pytest.mark.parametrize("name", PINS)
def test_every_pin_has_hashes_and_no_line_names_an_address(name: str) -> None:
    lines = entries(name)

    assert lines
    assert [line for line in lines if not re.search(r" --hash=sha256:[0-9a-f]{64}", line)] == []
    text = (FOLDER / f"{name}.txt").read_text(encoding="utf-8")
    assert re.findall(r"://|^--.*", text, re.MULTILINE) == []
    assert name in {*WANTED, "torch-cpu"}


def test_the_build_without_cuda_is_the_release_that_tests_ask_for() -> None:
    (version,) = pinned("torch-cpu", "3.11").values()

    assert version.partition("+")[0] == pinned("torch", "3.11")["torch"]


def test_what_is_installed_here_by_the_pins_needs_nothing_that_is_not_pinned() -> None:
    python = ".".join(map(str, sys.version_info[:2]))
    versions = pinned("dev", python) | pinned("torch", python)
    missing, compared = set(), 0
    for name, version in versions.items():
        try:
            installed = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue
        if installed.version != version:
            continue
        compared += 1
        for line in installed.requires or []:
            needed = Requirement(line)
            if needed.marker is None or needed.marker.evaluate({"extra": ""}):
                missing |= {canonicalize_name(needed.name)} - set(versions)

    assert compared > 30
    assert missing == set()


def test_every_requirement_says_which_releases_are_too_new() -> None:
    groups = [line for name in GROUPS for line in of_group(name)]
    extras = [line for lines in EXTRAS.values() for line in lines]
    lines = [*PROJECT["build-system"]["requires"], *BASE, *extras, *groups]

    open_ended = [line for line in lines if not bounded_above(Requirement(line).specifier)]

    assert open_ended == []


def bounded_above(specifier: SpecifierSet) -> bool:
    return any(clause.operator in ("<", "<=", "==", "~=") for clause in specifier)


@pytest.mark.parametrize("recipe", ["Makefile", "deploy/Containerfile"])
def test_recipes_install_by_hash_or_from_here_alone(recipe: str) -> None:
    text = (REPOSITORY / recipe).read_text(encoding="utf-8").replace("\\\n", " ")
    commands = re.findall(r"\binstall (--.*?)(?:&&|$)", text, re.MULTILINE)

    assert len(commands) == 2
    assert [c for c in commands if "--require-hashes" not in c and "--no-index" not in c] == []
    assert [c for c in commands if "--no-deps" not in c] == []
