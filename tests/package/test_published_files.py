"""What is published beside the wheel: manual pages, the recipe for conda-forge, a citation."""

from __future__ import annotations

import hashlib
import importlib
import os
import shutil
import subprocess
import tomllib
import zipfile
from pathlib import Path
from types import ModuleType

import pytest
import typer
import yaml

from repository import REPOSITORY
from shortaxis import __version__
from shortaxis.cli.main import app

PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))


@pytest.fixture
def tool(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(str(REPOSITORY / "tools"))

    def load(name: str) -> ModuleType:
        return importlib.import_module(name)

    return load


def test_every_verb_has_a_manual_page_with_all_of_its_options(tool) -> None:
    pages = tool("man_pages").man_pages()

    for name, command in typer.main.get_command(app).commands.items():
        text = pages[f"shortaxis-{name}"].replace("\\-", "-")
        options = [option for each in command.params for option in each.opts if "--" in option]
        assert [each for each in options if each not in text] == []
    assert "shortaxis-serve-retrieve" in pages
    assert f"ShortAxis {__version__}" in pages["shortaxis"]


@pytest.mark.system
@pytest.mark.skipif(shutil.which("groff") is None, reason="groff is not installed")
def test_groff_has_nothing_to_say_of_the_pages(tool, tmp_path: Path) -> None:
    pages = tool("man_pages").man_pages()
    joined = tmp_path / "all.1"
    joined.write_text("\n".join(pages.values()), encoding="utf-8")

    command = ["groff", "-man", "-ww", "-Kutf8", "-Tutf8", str(joined)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (run.returncode, run.stderr) == (0, "")


def test_the_recipe_for_conda_has_the_requirements_and_the_hash(tool, tmp_path: Path) -> None:
    sdist = tmp_path / "shortaxis.tar.gz"
    sdist.write_bytes(b"sources")

    recipe = yaml.safe_load(tool("conda_recipe").conda_recipe(sdist))

    assert recipe["context"] == {"version": __version__, "python_min": "3.11"}
    assert recipe["source"]["sha256"] == hashlib.sha256(b"sources").hexdigest()
    run = [each.replace(" ", "").replace("-base", "") for each in recipe["requirements"]["run"]]
    assert run[1:] == PROJECT["project"]["dependencies"]
    assert recipe["build"]["python"]["entry_points"] == ["shortaxis = shortaxis.cli.main:main"]


def test_the_citation_is_valid() -> None:
    """The required keys of the Citation File Format 1.2.0, and no others than it knows."""
    citation = yaml.safe_load((REPOSITORY / "CITATION.cff").read_text("utf-8"))

    assert {"cff-version", "message", "title", "authors"} <= set(citation)
    assert set(citation) <= {
        "abstract", "authors", "cff-version", "commit", "contact", "date-released", "doi",
        "identifiers", "keywords", "license", "license-url", "message", "preferred-citation",
        "references", "repository", "repository-artifact", "repository-code", "title", "type",
        "url", "version",
    }  # fmt: skip
    assert citation["version"] == __version__


def test_an_archive_depends_on_its_files_alone(
    tool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sheets").mkdir()
    (tmp_path / "sheets" / "b.md").write_text("b")
    (tmp_path / "a.md").write_text("a")
    archive = tool("archived").archive

    archive(Path("one.zip"), [Path("sheets"), Path("a.md")])
    os.utime(tmp_path / "a.md", (0, 0))
    archive(Path("two.zip"), [Path("a.md"), Path("sheets")])

    assert Path("one.zip").read_bytes() == Path("two.zip").read_bytes()
    with zipfile.ZipFile("one.zip") as archived:
        assert archived.namelist() == ["a.md", "sheets/b.md"]
