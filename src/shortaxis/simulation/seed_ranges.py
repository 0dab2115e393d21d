"""Which seeds serve which purpose: exams of one purpose are never used for another.

As stress and rest of a patient have neighbouring seeds, ranges begin with an even number.
"""

from __future__ import annotations

from dataclasses import dataclass

from shortaxis.errors import OptionError

__all__ = ["CALIBRATION", "SEED_RANGES", "SELECTION", "TEST", "TRAINING", "SeedPurpose"]


@dataclass(frozen=True)
class SeedPurpose:
    """Seeds ``first`` to ``last``, both included."""

    first: int
    last: int
    purpose: str

    def require(self, seeds: range) -> None:
        """Raise `OptionError` unless all seeds are for this purpose."""
        if len(seeds) and not (self.first <= seeds[0] and seeds[-1] <= self.last):
            raise OptionError(
                "seeds of another purpose",
                expected=f"{self.first} to {self.last} for {self.purpose}",
                found=f"{seeds[0]} to {seeds[-1]}",
                cause="exams that are learnt from must not be those that are tested on",
            )


TRAINING = SeedPurpose(
    0,
    5_999_999,
    "training; the first 600 of `clinical` from 2,000,000 on make the installed normal limits, too",
)
SELECTION = SeedPurpose(
    6_000_000,
    6_999_999,
    "selection: which of several methods or weights; from 6,400,000 on patients who move, for the "
    "rule that tells them",
)
CALIBRATION = SeedPurpose(7_000_000, 7_999_999, "calibration of limits and uncertainties")
TEST = SeedPurpose(
    8_000_000,
    8_999_999,
    "test; looked at when everything else is fixed. The first 1,000 of `clinical` and of `wide` "
    "are the [benchmarks](../how-to/evaluate.md#the-benchmarks), "
    "the second 1,000 of `clinical` serve the result `quantification`, "
    "those from 8,100,000 on the result `handedness`, "
    "gated exams from 8,200,000 on the result `function`, "
    "those from 8,500,000 and 8,600,000 on serve the result `robustness`, 92 of `paper` from "
    "8,700,000 on [the paper's experiment](../experiment.md), patients who move from 8,800,000 on "
    "the results `moving_patients` and `attack`, from 8,900,000 on the result `raw_motion`, from "
    "8,950,000 on the result `raw_pose`",
)

SEED_RANGES = (
    TRAINING,
    SELECTION,
    CALIBRATION,
    TEST,
    SeedPurpose(9_000_000, 9_199_999, "realism: the result `realism`"),
    SeedPurpose(9_200_000, 9_299_999, "statistics of the draws: the result `scenario_statistics`"),
    SeedPurpose(
        9_300_000,
        9_399_999,
        "pictures and examples: the result `realism_figure`, this documentation",
    ),
    SeedPurpose(9_400_000, 9_499_999, "the parallel-hole camera: the result `parallel_holes`"),
    SeedPurpose(
        9_500_000, 9_599_999, "speed: the results `benchmark_simulate` and `benchmark_batch`"
    ),
    SeedPurpose(9_600_000, 9_699_999, "the bundled study"),
    SeedPurpose(
        9_700_000,
        9_799_999,
        "none; used to inspect the ellipsoid before the benchmarks existed",
    ),
    SeedPurpose(
        9_800_000, 9_899_999, "none; made the installed normal limits while those were of version 1"
    ),
)
"""The rows of the table in docs/explanation/simulation.md."""
