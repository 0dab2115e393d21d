"""Heavy libraries load at the rim only."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("torch", "onnxruntime", "pydicom", "nibabel", "matplotlib", "scipy", "numpy")


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
        HELP.format("'reorient', '--help'"),
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
