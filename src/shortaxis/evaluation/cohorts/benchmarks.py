"""Test cohorts by name: an open benchmark that anyone can make again from its seeds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path
from typing import Any

from shortaxis.evaluation.cohorts.checksums import VolumeSignature, sign_volume
from shortaxis.evaluation.cohorts.cohort import Cohort, CohortTruth, read_exam_volume
from shortaxis.evaluation.cohorts.reviewed_exams import ReviewedRequest
from shortaxis.simulation.cohort_request import CohortRequest
from shortaxis.simulation.exam_files import CohortFormat
from shortaxis.simulation.scenario import LATEST_VERSION

__all__ = [
    "BENCHMARKS",
    "CHECKSUMS_FILE",
    "SIGNED_EVERY",
    "Benchmark",
    "BenchmarkChecksum",
    "CheckState",
    "CohortCheck",
    "benchmark_of",
    "check_cohort",
    "read_checksums",
    "sign_cohort",
]

CHECKSUMS_FILE = Path(__file__).with_name("benchmark_checksums.json")

SIGNED_EVERY = 50
"""Volumes of every fiftieth exam are compared: 20 of 1,000."""


@dataclass(frozen=True)
class BenchmarkChecksum:
    """What a benchmark must give: the checksum of its exams, and signatures of some volumes."""

    exams_sha256: str
    software_version: str
    volumes: Mapping[int, VolumeSignature] = field(default_factory=dict)


@dataclass(frozen=True)
class Benchmark:
    """Exams ``first_seed`` to ``first_seed + count - 1`` of a preset."""

    name: str
    preset: str
    first_seed: int
    count: int
    preset_version: int = LATEST_VERSION
    time_slots: int = 0
    projections: bool = False

    @property
    def request(self) -> CohortRequest:
        """How its exams are simulated."""
        return CohortRequest(
            self.preset,
            self.count,
            self.first_seed,
            CohortFormat.DICOM if self.projections else CohortFormat.COMPACT,
            self.time_slots,
            self.preset_version,
            self.projections,
        )

    def is_begun_by(self, asked: CohortRequest | ReviewedRequest) -> bool:
        """Whether a cohort holds its first exams, or all of them, stored in any way."""
        wanted = self.request
        if not isinstance(asked, CohortRequest):
            return False
        stored = replace(asked, format=wanted.format, projections=wanted.projections)
        return replace(stored, count=wanted.count) == wanted

    @property
    def checksum(self) -> BenchmarkChecksum | None:
        """Its checksum; None as long as none was published."""
        return read_checksums().get(self.name)


BENCHMARKS = {
    benchmark.name: benchmark
    for benchmark in (
        Benchmark("clinical-1000", "clinical", 8_000_000, 1000, preset_version=1),
        Benchmark("wide-1000", "wide", 8_000_000, 1000, preset_version=1),
        Benchmark("clinical-2000", "clinical", 8_000_000, 2000),
        Benchmark("wide-1000-2", "wide", 8_000_000, 1000),
        Benchmark("gated-400", "clinical", 8_100_000, 400, time_slots=8),
        Benchmark("raw-300", "parallel", 8_200_000, 300, projections=True),
    )
}


class CheckState(Enum):
    """Whether a cohort is the published one."""

    SAME = "as published"
    DIFFERENT = "differs"
    UNKNOWN = "checksum not known"
    NO_BENCHMARK = "no benchmark"


@dataclass(frozen=True)
class CohortCheck:
    """What a comparison with the published checksum gave, with the exams whose counts differ."""

    state: CheckState
    sha256: str
    benchmark: str = ""
    expected_sha256: str = ""
    differing_volumes: tuple[int, ...] = ()


def benchmark_of(cohort: Cohort) -> Benchmark | None:
    """Benchmark whose exams a cohort has, in either format; None if it is another cohort."""
    asked = cohort.request
    for benchmark in BENCHMARKS.values():
        if asked.count == benchmark.count and benchmark.is_begun_by(asked):
            return benchmark
    return None


def check_cohort(cohort: Cohort, truth: CohortTruth) -> CohortCheck:
    """Compare a cohort with the benchmark that it should be.

    Raises
    ------
    UnreadableFileError
        If an exam is damaged.
    """
    benchmark = benchmark_of(cohort)
    if benchmark is None:
        return CohortCheck(CheckState.NO_BENCHMARK, truth.sha256)
    published = benchmark.checksum
    if published is None:
        return CohortCheck(CheckState.UNKNOWN, truth.sha256, benchmark.name)
    differing = tuple(
        seed
        for seed, signature in published.volumes.items()
        if not signature.is_like(sign_volume(read_exam_volume(cohort.path_of(seed))))
    )
    is_same = truth.sha256 == published.exams_sha256 and not differing
    return CohortCheck(
        CheckState.SAME if is_same else CheckState.DIFFERENT,
        truth.sha256,
        benchmark.name,
        published.exams_sha256,
        differing,
    )


def sign_cohort(cohort: Cohort, truth: CohortTruth) -> dict[str, Any]:
    """Plain values of the checksum of a cohort, as they are published."""
    signed = list(cohort.request.seeds)[::SIGNED_EVERY]
    volumes = {
        str(seed): sign_volume(read_exam_volume(cohort.path_of(seed))).to_record()
        for seed in signed
    }
    return {
        "exams_sha256": truth.sha256,
        "software_version": cohort.software_version,
        "volumes": volumes,
    }


def read_checksums(path: Path | None = None) -> dict[str, BenchmarkChecksum]:
    """Published checksums by the name of the benchmark."""
    records = json.loads((path or CHECKSUMS_FILE).read_text(encoding="utf-8"))
    return {
        name: BenchmarkChecksum(
            record["exams_sha256"],
            record["software_version"],
            {
                int(seed): VolumeSignature.from_record(values)
                for seed, values in record["volumes"].items()
            },
        )
        for name, record in records.items()
    }
