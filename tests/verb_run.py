"""What a run of the command line gave."""

from __future__ import annotations

import json
from typing import Any, NamedTuple


class Run(NamedTuple):
    """Exit code, and what went to the two streams."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.out)
