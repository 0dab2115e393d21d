"""Which module of the package imports which, read from the source and not by importing.

Every ``import`` and ``from ... import`` counts, at the top of a module, inside a function and
under ``TYPE_CHECKING``. ``from shortaxis.a import b`` counts as an import of ``shortaxis.a.b`` if
that is a module, else of ``shortaxis.a``. That Python runs the ``__init__`` of the packages above
a module does not count.

``python tests/scenes/import_graph.py`` prints entries a folder and circles.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2] / "src" / "shortaxis"

MAX_ENTRIES = 9

Graph = Mapping[str, frozenset[str]]


@cache
def parsed_modules(package: Path = PACKAGE) -> dict[str, ast.Module]:
    """Syntax trees of all modules by their names; a package has the name of its folder."""
    found = {}
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package.parent).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = ast.parse(path.read_text(encoding="utf-8"), str(path))
    return found


def import_graph(modules: Mapping[str, ast.Module]) -> Graph:
    """The modules that each module imports; all imports are absolute, as ruff sees to."""
    return {
        name: frozenset(
            known
            for named in _named(tree)
            if (known := _module_of(named, modules)) not in ("", name)
        )
        for name, tree in modules.items()
    }


def _named(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level
            yield from (f"{node.module}.{each.name}" for each in node.names)


def _module_of(named: str, modules: Mapping[str, object]) -> str:
    """The longest beginning of a dotted name that is a module of ours, or nothing."""
    while named and named not in modules:
        named = named.rpartition(".")[0]
    return named


def circles(graph: Graph) -> list[list[str]]:
    """Modules that reach each other: strongly connected components of more than one (Tarjan)."""
    order: dict[str, int] = {}
    lowest: dict[str, int] = {}
    open_modules: list[str] = []
    found = []

    def visit(module: str) -> None:
        order[module] = lowest[module] = len(order)
        open_modules.append(module)
        for each in sorted(graph[module]):
            if each not in order:
                visit(each)
            if each in open_modules:
                lowest[module] = min(lowest[module], lowest[each])
        if lowest[module] == order[module]:
            start = open_modules.index(module)
            component = open_modules[start:]
            del open_modules[start:]
            if len(component) > 1:
                found.append(sorted(component))

    for module in sorted(graph):
        if module not in order:
            visit(module)
    return found


def entries_by_folder(package: Path = PACKAGE) -> dict[str, int]:
    """How many modules and sub-packages each folder with modules holds, the fullest first."""
    folders = {path.parent for path in package.rglob("__init__.py")}
    counts = {
        str(folder.relative_to(package.parent)): sum(
            (each.suffix == ".py" and each.stem != "__init__") or (each / "__init__.py").is_file()
            for each in folder.iterdir()
        )
        for folder in folders
    }
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def described(package: Path = PACKAGE) -> str:
    """Entries a folder and circles, a line each."""
    found = circles(import_graph(parsed_modules(package)))
    lines = [f"{count:3d} {folder}" for folder, count in entries_by_folder(package).items()]
    return "\n".join([*lines, f"{len(found)} import circles", *(" ".join(each) for each in found)])


if __name__ == "__main__":
    sys.stdout.write(described() + "\n")
