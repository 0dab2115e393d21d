"""The table of methods: what every row says holds, and the numbers of runs stay what they are."""

from __future__ import annotations

import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from drawn_study import study_volume
from method_params import every_method
from shortaxis.errors import OptionError
from shortaxis.geometry.euler import has_conventional_roll
from shortaxis.geometry.resampling import INTERPOLATION_ORDERS
from shortaxis.reorientation.methods import (
    BFLOAT16,
    DEFAULT_METHOD,
    ELLIPSOID,
    MANUAL,
    METHOD_TABLE,
    METHODS,
    NETWORK,
    OPENVINO,
    Method,
    UncertaintyKind,
    estimate_pose,
    known_method,
    offered_methods,
    require_method,
)
from shortaxis.workflow.reorient.options import ReorientOptions, RollConvention
from shortaxis.workflow.reorient.runs import (
    INTERPOLATION_NUMBERS,
    ROLL_NUMBERS,
    first_series_number,
    run_number,
)

REPOSITORY = Path(__file__).resolve().parents[2]

# As they are since the first slices were written: a viewer sorts by them.
SERIES_NUMBERS = {
    ("network", "linear", "conventional"): 0,
    ("network", "linear", "anatomical"): 10,
    ("network", "cubic", "conventional"): 20,
    ("network", "cubic", "anatomical"): 30,
    ("ellipsoid", "linear", "conventional"): 40,
    ("ellipsoid", "linear", "anatomical"): 50,
    ("ellipsoid", "cubic", "conventional"): 60,
    ("ellipsoid", "cubic", "anatomical"): 70,
    ("manual", "linear", "conventional"): 80,
    ("manual", "linear", "anatomical"): 90,
    ("manual", "cubic", "conventional"): 100,
    ("manual", "cubic", "anatomical"): 110,
    ("network-openvino", "linear", "conventional"): 5000,
    ("network-openvino", "linear", "anatomical"): 5010,
    ("network-openvino", "cubic", "conventional"): 5020,
    ("network-openvino", "cubic", "anatomical"): 5030,
    ("network-openvino-bf16", "linear", "conventional"): 5040,
    ("network-openvino-bf16", "linear", "anatomical"): 5050,
    ("network-openvino-bf16", "cubic", "conventional"): 5060,
    ("network-openvino-bf16", "cubic", "anatomical"): 5070,
}


@pytest.mark.parametrize(("run", "number"), SERIES_NUMBERS.items())
@pytest.mark.parametrize("number_in_series", [1, 2, 7])
def test_the_series_numbers_of_every_run_are_those_of_the_first_release(
    run: tuple[str, str, str], number: int, number_in_series: int
) -> None:
    method, interpolation, roll = run
    options = ReorientOptions(interpolation=interpolation, roll=roll)

    first_of_block = {True: 12, False: 0}[number >= 5000]
    assert run_number(method, options) == number % 5000 // 10 + first_of_block
    assert first_series_number(method, options, number_in_series) == number + 120 * (
        number_in_series - 1
    )


def test_every_run_of_every_method_has_a_number_in_the_list() -> None:
    runs = {
        (method.name, interpolation, roll.value)
        for method in METHOD_TABLE
        for interpolation in INTERPOLATION_ORDERS
        for roll in RollConvention
    }

    assert runs == SERIES_NUMBERS.keys()
    assert INTERPOLATION_NUMBERS.keys() == INTERPOLATION_ORDERS.keys()
    assert ROLL_NUMBERS.keys() == set(RollConvention)


def test_a_method_that_is_added_moves_no_number_and_has_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    added = Method("added", 5, "a test", True, False, UncertaintyKind.UNKNOWN, lambda v, _: None)
    monkeypatch.setitem(METHODS, "added", added)
    every = [
        first_series_number(method, ReorientOptions(interpolation=interpolation, roll=roll), n)
        for n in range(1, 11)
        for method in (*offered_methods(), MANUAL.name)
        for interpolation in INTERPOLATION_ORDERS
        for roll in RollConvention
    ]

    assert first_series_number("manual", ReorientOptions(), 1) == 80
    assert first_series_number("network", ReorientOptions(), 2) == 120
    assert all(later - earlier >= 10 for earlier, later in pairwise(sorted(every)))
    assert max(every) < 10_000 - 10


def test_names_and_numbers_of_the_table_are_unique() -> None:
    assert len({method.name for method in METHOD_TABLE}) == len(METHOD_TABLE)
    assert [method.number for method in METHOD_TABLE] == [0, 1, 2, 3, 4]
    assert METHOD_TABLE == (NETWORK, ELLIPSOID, MANUAL, OPENVINO, BFLOAT16)
    offered = offered_methods()
    assert list(offered.values()) == [each for each in METHOD_TABLE if each.estimator]
    assert next(iter(METHODS)) == DEFAULT_METHOD == ReorientOptions().method


@pytest.mark.parametrize("name", every_method())
def test_every_estimate_is_what_its_row_says(name: str) -> None:
    method = offered_methods()[name]
    estimate = estimate_pose(study_volume(), method.name)

    assert estimate.method == method.name
    assert estimate.knows_roll == method.sees_roll
    assert has_conventional_roll(estimate.pose) != method.sees_roll
    assert bool(estimate.weights.sha256) == method.takes_weights
    assert (estimate.uncertainty.long_axis_deg is None) == (
        method.uncertainty is UncertaintyKind.UNKNOWN
    )
    assert (estimate.uncertainty.roll_deg is None) != method.sees_roll


@pytest.mark.parametrize("name", [*every_method(), MANUAL.name])
def test_weights_for_a_method_without_weights_are_refused(name: str) -> None:
    method = known_method(name)
    if method.takes_weights:
        assert method.estimate(study_volume(), "default").weights.name == "default"
        return
    with pytest.raises(OptionError) as caught:
        method.estimate(study_volume(), "default")
    assert caught.value.found == method.name


def test_a_given_pose_is_no_choice_and_unknown_names_count_as_one() -> None:
    with pytest.raises(OptionError, match="unknown method"):
        require_method(MANUAL.name)
    with pytest.raises(OptionError, match="estimates nothing"):
        MANUAL.estimate(study_volume())
    assert known_method("registration") is known_method("manual") is MANUAL
    assert all(known_method(each.name) is each for each in METHOD_TABLE)


def test_the_table_is_read_without_the_estimators() -> None:
    code = (
        "import sys, shortaxis.reorientation.methods; "
        "print([m for m in ('numpy', 'scipy', 'onnxruntime') if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


@pytest.mark.parametrize("verb", ["reorient", "batch"])
def test_the_help_of_a_verb_names_every_method(verb: str) -> None:
    command = [sys.executable, "-m", "shortaxis", verb, "--help"]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert all(name in run.stdout for name in offered_methods())


def test_the_table_in_the_docs_is_the_one_in_the_code() -> None:
    text = (REPOSITORY / "docs/reference/methods.md").read_text(encoding="utf-8")
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in text.splitlines()
        if re.match(r"\| `", line)
    ]

    assert [row[:5] for row in rows] == [
        [
            f"`{method.name}`",
            str(method.number),
            method.source,
            "yes" if method.sees_roll else "no: a convention",
            "yes" if method.takes_weights else "no",
        ]
        for method in METHOD_TABLE
    ]
    for row, method in zip(rows, METHOD_TABLE, strict=True):
        assert row[5].startswith(method.uncertainty.value) or row[5] == "`null`"


@pytest.mark.parametrize("name", offered_methods())
def test_the_reference_of_the_command_line_names_every_method(name: str) -> None:
    text = (REPOSITORY / "docs/reference/cli.md").read_text(encoding="utf-8")
    choices = [
        line
        for line in text.splitlines()
        # Methods of reconstruction are others.
        if line.startswith("| `--method` | `") and "`osem`" not in line
    ]
    assert choices
    assert all(f"`{name}`" in line for line in choices)
