from __future__ import annotations

import pytest

from shortaxis import errors
from shortaxis.errors import ShortAxisError

CHILDREN = [
    getattr(errors, name) for name in errors.__all__ if getattr(errors, name) is not ShortAxisError
]


@pytest.mark.parametrize("child", CHILDREN)
def test_every_error_has_the_common_root_and_a_built_in_parent(child: type[Exception]) -> None:
    built_in = (ValueError, OSError, RuntimeError)

    assert issubclass(child, ShortAxisError)
    assert issubclass(child, built_in)


@pytest.mark.parametrize("child", CHILDREN)
def test_every_error_tells_file_expectation_finding_and_cause(
    child: type[ShortAxisError],
) -> None:
    error = child("went wrong", path="a/b.dcm", expected="this", found="that", cause="thus")

    text = str(error)
    for words in ("a/b.dcm: went wrong.", "expected: this", "found: that", "likely cause: thus"):
        assert words in text
    assert error.to_dict()["error"] == child.__name__


def test_a_path_is_added_once_and_not_replaced() -> None:
    error = ShortAxisError("went wrong").at_path("first.dcm").at_path("second.dcm")

    assert str(error) == "first.dcm: went wrong."
