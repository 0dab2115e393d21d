"""What PyPI shows, what a source distribution holds, and completion in the shell."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib

import pytest

from repository import REPOSITORY

PROJECT_URL = "https://github.com/shortaxis/shortaxis"
PLACES = (
    f"{PROJECT_URL}/blob/main/",
    "https://raw.githubusercontent.com/shortaxis/shortaxis/main/",
)

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
TARGETS = re.findall(r"\]\(([^)\s]+)\)|(?:src|href)=\"([^\"]+)\"", README)
PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))

EVIDENCE = ("tools", "validation", "benchmarks", "results", "evidence", "findings")
"""Folders of measurements: those that exist belong to the sources."""


def test_the_readme_has_no_relative_link() -> None:
    targets = [markdown or html for markdown, html in TARGETS]

    assert len(targets) > 20
    assert [target for target in targets if not target.startswith("https://")] == []


def test_each_link_of_the_readme_into_the_project_names_a_file() -> None:
    ours = [
        target.removeprefix(place).partition("#")[0]
        for target in (markdown or html for markdown, html in TARGETS)
        for place in PLACES
        if target.startswith(place)
    ]

    assert len(ours) > 15
    assert [path for path in ours if not (REPOSITORY / path).is_file()] == []


def test_the_readme_is_short_and_names_both_make_commands() -> None:
    assert len(README.splitlines()) <= 120
    for command in ("make demo", "make test", "pip install ."):
        assert re.search(rf"^{re.escape(command)}", README, re.MULTILINE)


def test_the_readme_names_three_commands_that_exist() -> None:
    import typer

    from shortaxis.cli import main

    verbs = re.findall(r"^shortaxis ([\w-]+)", README, re.MULTILINE)

    assert verbs == ["reorient", "quantify", "report"]
    assert set(verbs) <= set(typer.main.get_command(main.app).commands)


def test_every_place_names_the_same_project() -> None:
    urls = PROJECT["project"]["urls"]

    assert urls["Source"] == PROJECT_URL
    assert all(url.startswith(PROJECT_URL) for url in urls.values())
    citation = (REPOSITORY / "CITATION.cff").read_text(encoding="utf-8")
    assert f'repository-code: "{PROJECT_URL}"' in citation


def test_each_project_url_into_the_repository_names_a_file() -> None:
    paths = [
        url.removeprefix(PLACES[0])
        for url in PROJECT["project"]["urls"].values()
        if url.startswith(PLACES[0])
    ]

    assert paths
    assert [path for path in paths if not (REPOSITORY / path).is_file()] == []


def test_a_source_distribution_holds_what_the_tests_and_pages_need() -> None:
    included = PROJECT["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]
    needed = ["src", "tests", "demo", "docs", "configs", "deploy", "Makefile", "mkdocs.yml"]
    needed += [folder for folder in EVIDENCE if (REPOSITORY / folder).is_dir()]
    needed += [f"{name}.md" for name in ("README", "CHANGELOG", "CONTRIBUTING")]

    assert [name for name in needed if name not in included] == []


@pytest.mark.parametrize(
    ("words", "expected"),
    [("shortaxis reo", "reorient"), ("shortaxis reorient --rol", "--roll")],
)
def test_the_shell_completes_verbs_and_options(words: str, expected: str) -> None:
    # What the completion script of bash asks the command for.
    asked = {
        "_SHORTAXIS_COMPLETE": "complete_bash",
        "COMP_WORDS": words,
        "COMP_CWORD": str(words.count(" ")),
    }
    code = "import sys; sys.argv = ['shortaxis']; from shortaxis.cli.main import main; main()"

    run = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **asked},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert run.stdout.split() == [expected]
