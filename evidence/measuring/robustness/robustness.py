"""How much worse methods are on exams that were made otherwise than those they were made for.

``python -m evidence run robustness -- [--count N] [--cohorts FOLDER] [--method NAME]`` simulates
what is missing of two cohorts, each beside the same patients of ``clinical`` simulated as always,
estimates all poses, and stores ``robustness.json``: ``pytomography``, projected and reconstructed
by PyTomography, which must be installed for it, and ``hardest``, with every setting of the camera
at its hardest. ``--each-setting`` adds one cohort for each setting alone. A run that was stopped
goes on where it was. The loss is the difference of the median errors of the same patients, with a
bootstrap interval of 95 %.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import torch

from evidence.measuring.robustness.hardest_exams import SETTINGS
from evidence.measuring.robustness.robustness_cohorts import (
    COHORTS,
    FIRST_SEED,
    SINGLE_SETTINGS,
    complete,
    pairs_of,
)
from evidence.measuring.robustness.robustness_rows import (
    HARDEST_GROUPS,
    ORDINARY_GROUPS,
    SINGLE_GROUPS,
    group_rows,
)
from evidence.recording.options import add_cohorts
from evidence.recording.record import store_result
from shortaxis.errors import UnknownWeightsError
from shortaxis.evaluation.scores.groups import ALL
from shortaxis.reorientation.methods import METHODS

MORE_GROUPS = {"pytomography": {}, "hardest": HARDEST_GROUPS}


def main() -> None:
    every = COHORTS | SINGLE_SETTINGS
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100)
    add_cohorts(parser)
    parser.add_argument("--method", action="append", choices=list(METHODS))
    parser.add_argument("--cohort", action="append", choices=list(every))
    parser.add_argument("--each-setting", action="store_true")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    names = arguments.cohort or [*COHORTS, *(SINGLE_SETTINGS if arguments.each_setting else ())]
    for name in names:
        complete(every[name], arguments.cohorts, arguments.count, _progress(name, arguments.count))
    cohorts = {}
    for name in names:
        pairs = tuple(pairs_of(every[name], arguments.cohorts, arguments.count))
        groups = ORDINARY_GROUPS | MORE_GROUPS.get(name, SINGLE_GROUPS)
        methods = {}
        for method in arguments.method or METHODS:
            try:
                methods[method] = group_rows(pairs, method, groups)
            except UnknownWeightsError as error:
                print(f"{name}: {method} is left out: {error}")
                continue
            print(name, method, methods[method][ALL], flush=True)
        cohorts[name] = {"words": every[name].words, "methods": methods}
    values = {
        "count": arguments.count,
        "first_seeds": {name: every[name].first_seed for name in names},
        "settings": [[each.name, each.hardest, each.drawn] for each in SETTINGS],
        "cohorts": cohorts,
    }
    store_result("robustness", values, FIRST_SEED)


def _progress(name: str, count: int) -> Callable[[int], None]:
    def report(done: int) -> None:
        if done % 10 == 0 or done == count:
            print(f"{name}: {done} of {count} pairs of exams", flush=True)

    return report


if __name__ == "__main__":
    main()
