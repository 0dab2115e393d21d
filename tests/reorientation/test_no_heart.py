"""What is no heart is refused or flagged, never accepted."""

from __future__ import annotations

import numpy as np
import pytest

from heartless import HEARTLESS
from method_params import every_method
from shortaxis.errors import HeartNotFoundError
from shortaxis.reorientation.estimate import QualityFlag
from shortaxis.reorientation.methods import offered_methods


@pytest.mark.parametrize("method", every_method())
@pytest.mark.parametrize("kind", list(HEARTLESS))
@pytest.mark.parametrize("seed", range(3))
def test_a_volume_without_a_heart_is_never_accepted(method: str, kind: str, seed: int) -> None:
    volume = HEARTLESS[kind](np.random.default_rng(seed))
    try:
        estimate = offered_methods()[method].estimate(volume)
    except HeartNotFoundError:
        return
    assert estimate.quality.flag is QualityFlag.REVIEW, estimate.quality.reasons
