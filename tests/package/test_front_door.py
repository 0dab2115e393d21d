"""``import shortaxis`` has every public name, and loads only what a name needs."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import shortaxis
import shortaxis.errors
from repository import REPOSITORY

REFERENCE = REPOSITORY / "docs" / "reference" / "api.md"
HOW_TO = REPOSITORY / "docs" / "how-to" / "use-from-python.md"

PYTHON_BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
DIRECTIVE = re.compile(r"^::: (\S+)$", re.MULTILINE)
LIBRARIES = (
    *(
        "torch",
        "onnxruntime",
        "pydicom",
        "nibabel",
        "matplotlib",
        "scipy.spatial",
        "scipy",
        "numpy",
        "gdcm",
        "jpeg_ls",
        "requests",
    ),
    "shortaxis.reconstruction",
)


def loaded_after(statement: str) -> list[str]:
    """Libraries that a new interpreter has loaded after a statement."""
    code = f"import sys\n{statement}\nprint(*[m for m in {LIBRARIES} if m in sys.modules])"
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    return run.stdout.split()


def test_what_runs_the_networks_tells_its_maker_nothing(tmp_path: Path) -> None:
    # From 1.29 on onnxruntime keeps an identifier and events for its maker, but not where tests of
    # others run: nothing of this environment is handed on.
    where = {"HOME": str(tmp_path), "TMPDIR": str(tmp_path)}
    handed_on = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    code = "import os, shortaxis, onnxruntime; print(os.environ['ORT_DISABLE_TELEMETRY'])"

    run = subprocess.run(
        [sys.executable, "-c", code], env={**handed_on, **where}, cwd=tmp_path,
        capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert run.stdout.strip() == "1"
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize("name", shortaxis.__all__)
def test_every_public_name_is_there_and_says_what_it_is(name: str) -> None:
    value = getattr(shortaxis, name)

    assert name in dir(shortaxis)
    assert value.__doc__


def test_a_public_class_or_function_is_known_by_its_own_name() -> None:
    for name in set(shortaxis.__all__) - {"__version__"}:
        assert getattr(shortaxis, name).__name__ == name


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'reorientate'"):
        _ = shortaxis.reorientate


def test_every_error_is_public() -> None:
    assert set(shortaxis.errors.__all__) <= set(shortaxis.__all__)


def test_type_checkers_read_the_same_names_from_the_same_modules() -> None:
    tree = ast.parse((REPOSITORY / "src" / "shortaxis" / "__init__.py").read_text("utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    imported = {
        alias.name: statement.module
        for statement in block.body
        if isinstance(statement, ast.ImportFrom)
        for alias in statement.names
    }

    assert imported == shortaxis._MODULE_OF
    assert set(shortaxis.__all__) == {"__version__", *imported}


def test_a_bare_import_loads_no_library() -> None:
    assert loaded_after("import shortaxis; dir(shortaxis)") == []


def test_the_errors_load_no_library() -> None:
    assert loaded_after("from shortaxis import ShortAxisError, GeometryError") == []


def test_a_pose_loads_numpy_alone() -> None:
    statement = "from shortaxis import RigidPose; RigidPose([(1,0,0),(0,1,0),(0,0,1)], (0,0,0))"

    assert loaded_after(statement) == ["numpy"]


REORIENTED = (
    "shortaxis.reorient('demo/study.dcm')",
    "shortaxis.reorient('demo/study.dcm', method='ellipsoid').report",
    "shortaxis.measure_consistency('demo/study.dcm', motions=1).record",
)


@pytest.mark.parametrize(
    "calls",
    ["; ".join(REORIENTED), "shortaxis.quantify('demo/study.dcm')"],
    ids=["reorient", "quantify"],
)
def test_a_result_in_memory_needs_no_matplotlib_and_no_torch(
    calls: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(REPOSITORY)

    loaded = loaded_after(f"import shortaxis; {calls}")

    assert "pydicom" in loaded
    assert not {"matplotlib", "torch", "nibabel", "shortaxis.reconstruction"} & set(loaded)
    # What turns and fits in SciPy is for maps of the wall.
    assert ("scipy.spatial" in loaded) == ("quantify" in calls)


def test_the_reference_describes_every_public_name_and_no_other() -> None:
    described = DIRECTIVE.findall(REFERENCE.read_text(encoding="utf-8"))

    assert len(described) == len(set(described))
    assert set(described) == {f"shortaxis.{name}" for name in shortaxis.__all__} - {
        "shortaxis.__version__"
    }


@pytest.mark.parametrize("page", [REFERENCE, HOW_TO], ids=lambda page: page.name)
def test_the_python_of_a_page_uses_nothing_but_public_names(page: Path) -> None:
    for block in PYTHON_BLOCK.findall(page.read_text(encoding="utf-8")):
        for node in ast.walk(ast.parse(block)):
            if isinstance(node, ast.Import):
                ours = [each.name for each in node.names if each.name.startswith("shortaxis")]
                assert set(ours) <= {"shortaxis"}
            elif isinstance(node, ast.ImportFrom) and str(node.module).startswith("shortaxis"):
                assert node.module == "shortaxis"
                assert {each.name for each in node.names} <= set(shortaxis.__all__)
            elif isinstance(node, ast.Attribute) and _is_package(node.value):
                assert node.attr in shortaxis.__all__


def _is_package(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "shortaxis"


def test_a_study_written_with_its_sheet_loads_neither_scipy_nor_what_pydicom_loads_beside_itself(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(REPOSITORY)

    loaded = loaded_after(
        "import shortaxis; shortaxis.write(shortaxis.reorient('demo/study.dcm'), "
        f"{str(tmp_path / 'out')!r}, review_sheet=True)"
    )

    assert sorted(loaded) == ["numpy", "onnxruntime", "pydicom"]
