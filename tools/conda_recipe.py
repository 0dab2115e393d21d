"""The recipe for conda-forge, of a source distribution: ``python tools/conda_recipe.py SDIST``.

Prints a recipe (format 1, of rattler-build) whose requirements are those of pyproject.toml and
whose hash is that of the file. Needs Python alone.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import tomllib
from pathlib import Path

from release_check import stated_version

__all__ = ["conda_recipe"]

REPOSITORY = Path(__file__).resolve().parents[1]

OTHER_NAMES = {"matplotlib": "matplotlib-base"}
"""Packages that are called otherwise on conda-forge, or have a smaller one there."""

RECIPE = """\
schema_version: 1

context:
  version: {version}
  python_min: {python_min}

package:
  name: shortaxis
  version: ${{{{ version }}}}

source:
  url: https://pypi.org/packages/source/s/shortaxis/shortaxis-${{{{ version }}}}.tar.gz
  sha256: {sha256}

build:
  number: 0
  noarch: python
  script: ${{{{ PYTHON }}}} -m pip install . -vv --no-deps --no-build-isolation
  python:
    entry_points:
      - {entry_point}

requirements:
  host:
    - python ${{{{ python_min }}}}.*
    - pip
{host}
  run:
    - python >=${{{{ python_min }}}}
{run}

tests:
  - python:
      imports:
        - shortaxis
      pip_check: true
      python_version: ${{{{ python_min }}}}.*
  - script:
      - shortaxis --version
      - shortaxis weights

about:
  homepage: https://github.com/shortaxis/shortaxis
  summary: {summary}
  license: Apache-2.0
  license_file: LICENSE
  documentation: https://github.com/shortaxis/shortaxis/blob/main/docs/index.md

extra:
  recipe-maintainers: []
"""


def conda_recipe(sdist: Path, folder: Path = REPOSITORY) -> str:
    """Text of the recipe for a file that `python -m build` made."""
    project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))
    about = project["project"]
    (command,) = about["scripts"].items()
    return RECIPE.format(
        version=json.dumps(stated_version(folder)),
        python_min=json.dumps(about["requires-python"].removeprefix(">=")),
        sha256=hashlib.sha256(sdist.read_bytes()).hexdigest(),
        entry_point=" = ".join(command),
        host=_listed(project["build-system"]["requires"]),
        run=_listed(about["dependencies"]),
        summary=about["description"],
    )


def _listed(requirements: list[str]) -> str:
    lines = []
    for each in requirements:
        name, range_ = re.fullmatch(r"([\w.-]+)(.*)", each).groups()  # type: ignore[union-attr]
        lines.append(f"    - {OTHER_NAMES.get(name, name)} {range_}".rstrip())
    return "\n".join(lines)


def main() -> None:
    """Print the recipe of the file that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sdist", type=Path)
    print(conda_recipe(parser.parse_args().sdist), end="")


if __name__ == "__main__":
    main()
