"""Heavy libraries load at the rim only, and nothing is imported in a circle."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from import_graph import (
    MAX_ENTRIES,
    PACKAGE,
    circles,
    described,
    entries_by_folder,
    import_graph,
    parsed_modules,
)

HEAVY = (
    "torch", "onnxruntime", "pydicom", "nibabel", "matplotlib", "scipy", "numpy", "jinja2", "rich",
)  # fmt: skip


HELP = """
import shortaxis.cli.main as main, typer.testing
assert typer.testing.CliRunner().invoke(main.app, [{}]).exit_code == 0
"""


@pytest.mark.parametrize(
    "statement",
    [
        "import shortaxis",
        "import shortaxis.cli.main",
        HELP.format("'--help'"),
        HELP.format("'reorient', '--help'")
        + "assert not {'shortaxis.cli.serve', 'shortaxis.cli.train'} & set(sys.modules)",
    ],
)
def test_importing_the_package_or_the_command_loads_nothing_heavy(statement: str) -> None:
    code = f"import sys\n{statement}\nprint([m for m in {HEAVY} if m in sys.modules])"

    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )

    assert run.stdout.strip() == "[]"


def test_the_middle_rooms_know_no_file_format_and_no_plotting() -> None:
    code = (
        "import sys; import shortaxis.geometry.resampling, shortaxis.geometry.itk_transform, "
        "shortaxis.anatomy.cardiac_views, shortaxis.spect.study, "
        "shortaxis.reorientation.pose_record; "
        "print([m for m in ('torch', 'pydicom', 'nibabel', 'matplotlib') if m in sys.modules])"
    )

    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )

    assert run.stdout.strip() == "[]"


def loaded_by(*modules: str) -> set[str]:
    """Names of all modules that are loaded after some were imported."""
    code = f"import sys, {', '.join(modules)}; print(*sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    return set(run.stdout.split())


@pytest.mark.parametrize(
    ("library", "modules"),
    [
        ("pynetdicom", ("service.node", "service.reorienting")),
        ("fastapi", ("review.app", "review.serving")),
        ("numpy", ("workflow.batch.running", "workflow.batch.study_work")),
    ],
)
def test_node_review_and_batch_load_nothing_that_simulates_or_trains(
    library: str, modules: tuple[str, ...]
) -> None:
    pytest.importorskip(library)

    loaded = loaded_by(*(f"shortaxis.{each}" for each in modules))

    assert {f"shortaxis.{each}" for each in modules} <= loaded
    assert not {"torch", "pytorch_lightning", "onnx", "polars"} & loaded
    rooms = {name.split(".")[1] for name in loaded if name.startswith("shortaxis.")}
    assert not {"simulation", "training", "network", "phantom", "camera"} & rooms


@pytest.mark.parametrize(("room", "known"), [("files", "plain_json"), ("processes", "pool")])
def test_files_and_processes_load_no_science_and_no_room_but_the_errors(
    room: str, known: str
) -> None:
    names = [path.stem for path in (PACKAGE / room).glob("*.py") if path.stem != "__init__"]

    loaded = loaded_by(*(f"shortaxis.{room}.{each}" for each in names))

    assert known in names
    ours = {name.split(".")[1] for name in loaded if name.startswith("shortaxis.")}
    assert ours <= {room, "errors", "_version"}
    assert not {"numpy", "pydicom", "typer", "matplotlib"} & loaded


# Circles


def test_no_module_imports_itself_through_others() -> None:
    graph = import_graph(parsed_modules())

    assert len(graph) > 400
    assert "shortaxis.errors" in graph["shortaxis.files.folder_lock"]
    assert circles(graph) == []


@pytest.mark.parametrize(
    ("last", "found"),
    [
        ("from package.c import x", []),
        ("from package import a", [["package.a", "package.b.inner"]]),
        ("import package.a", [["package.a", "package.b.inner"]]),
        ("def f():\n    from package.a import x", [["package.a", "package.b.inner"]]),
        (
            "if TYPE_CHECKING:\n    from package.a import X",
            [["package.a", "package.b.inner"]],
        ),
    ],
)
def test_a_circle_is_found_wherever_its_imports_stand(
    tmp_path: Path, last: str, found: list[list[str]]
) -> None:
    sources = {
        "__init__": "",
        "a": "from package.b import inner",
        "b/__init__": "",
        "b/inner": last,
        "c": "import os",
    }
    for name, source in sources.items():
        path = tmp_path / "package" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, encoding="utf-8")

    assert circles(import_graph(parsed_modules(tmp_path / "package"))) == found


def test_two_circles_that_share_no_module_are_two() -> None:
    graph = {
        "a": frozenset("b"), "b": frozenset("c"), "c": frozenset("ad"), "d": frozenset("e"),
        "e": frozenset("df"), "f": frozenset(),
    }  # fmt: skip

    assert sorted(circles(graph)) == [["a", "b", "c"], ["d", "e"]]


@pytest.mark.parametrize("room", ["dicom", "evaluation", "files", "inference", "processes"])
def test_a_folder_of_these_rooms_has_at_most_nine_entries(room: str) -> None:
    sys.stdout.write(described())

    counts = entries_by_folder()
    own = {folder: count for folder, count in counts.items() if Path(folder).parts[1:2] == (room,)}
    assert own
    assert {folder: count for folder, count in own.items() if count > MAX_ENTRIES} == {}


# Files


def disk_habits(tree: ast.Module) -> Iterator[str]:
    """Calls that lock, rename or synchronise a file, or make JSON."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        name, owner = node.func.attr, node.func.value
        of = owner.id if isinstance(owner, ast.Name) else ""
        if (of, name) in {("json", "dumps"), ("json", "dump"), ("os", "fsync"), ("os", "replace")}:
            yield f"{of}.{name}"
        elif of in ("fcntl", "msvcrt"):
            yield of
        # A path has one new name; str.replace has two texts, and records have keywords.
        elif name in ("replace", "rename") and len(node.args) == 1 and not node.keywords:
            yield f".{name}"


def test_only_one_room_renames_locks_and_serialises() -> None:
    found = {
        name: sorted(habits)
        for name, tree in parsed_modules().items()
        if (habits := set(disk_habits(tree)))
    }

    outside = {name: habits for name, habits in found.items() if ".files." not in name}
    assert outside == {}
    assert found == {
        "shortaxis.files.folder_lock": ["fcntl"],
        "shortaxis.files.plain_json": ["json.dumps"],
        "shortaxis.files.staged_folder": [".rename", ".replace"],
        "shortaxis.files.whole_files": [".rename", ".replace", "os.fsync"],
    }
