"""ShortAxis: standard short-axis and long-axis slices from transaxial cardiac SPECT and PET.

``shortaxis.reorient(path)`` estimates the pose of the left ventricle and cuts the three
standard views; ``shortaxis.write(result, folder)`` writes them.
``shortaxis.quantify(path)`` gives polar map and scores, and
``shortaxis.report(stress, rest, out=folder)`` lays stress and rest beside each other.
``shortaxis.measure_consistency(path)`` tells how well the pose follows known motions. Research
software, not a medical device.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shortaxis._version import __version__

if TYPE_CHECKING:
    from shortaxis.workflow.python_api import measure_consistency, quantify, reorient, report, write

__all__ = ["__version__", "measure_consistency", "quantify", "reorient", "report", "write"]

_LAZY = {"measure_consistency", "quantify", "reorient", "report", "write"}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - the type is that of the attribute
    """Import the API on first use, so that ``import shortaxis`` stays light."""
    if name in _LAZY:
        from shortaxis.workflow import python_api

        return getattr(python_api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_LAZY})
