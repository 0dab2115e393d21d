"""Generated blocks of README and docs: everything between ``<!-- NAME: start -->`` and its end.

``python -m evidence pages`` writes them from the stored results; a test compares.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evidence.pages.marks import proven_mark, stale_mark
from evidence.pages.rendering import render
from evidence.pages.values import (
    agreement,
    annotation,
    benchmarks,
    changes,
    experiment,
    function,
    motion,
    network,
    node,
    numbers,
    polar_maps,
    real_studies,
    reconstruction,
    registry,
    robustness,
    simulation,
    speed,
    walls,
    worlds,
)
from evidence.registry.places import DOCS, REPOSITORY
from evidence.registry.stored import Record, stored

__all__ = ["BLOCKS", "Block", "block_text", "blocks_of", "pages_with_blocks", "with_results"]

Read = Callable[[str], Record | None]
Values = Callable[[Mapping[str, Record | None]], dict[str, Any]]


@dataclass(frozen=True)
class Block:
    """A template, the results that it shows, and what makes their numbers into text."""

    template: str
    results: tuple[str, ...]
    values: Values


BLOCKS: dict[str, Block] = {
    "results": Block(
        "results", ("real_studies", "altered_exams", "benchmark_reorient"), real_studies.results
    ),
    "real consistency": Block(
        "real-consistency", ("real_consistency",), real_studies.consistency
    ),
    "demo study": Block("demo-study", ("demo_study",), real_studies.demo_study),
    "network limits": Block("network-limits", (), network.limits),
    "ablations": Block("ablations", ("ablations",), network.ablations),
    "second edition": Block("second-edition", ("second_edition",), network.second_edition),
    "second opinion": Block("second-opinion", ("network_limits",), network.second_opinion),
    "heads": Block("heads", ("heads",), network.heads),
    "training": Block("training", ("training",), network.training),
    "realism": Block("realism", ("realism",), simulation.realism),
    "scenarios": Block("scenarios", ("scenario_statistics",), simulation.scenarios),
    "moving patients": Block(
        "moving-patients", ("moving_patients",), motion.moving_patients
    ),
    "attack": Block("attack", ("attack",), motion.attack),
    "gated faults": Block("gated-faults", ("gated_faults",), motion.gated_faults),
    "permuted worlds": Block("permuted-worlds", ("permuted_worlds",), worlds.permuted),
    "handedness": Block("handedness", ("handedness",), worlds.handedness),
    "limit costs": Block("limit-costs", ("limit_costs",), worlds.costs),
    "flag reasons": Block("flag-reasons", ("flag_reasons",), worlds.reasons),
    "robustness": Block("robustness", ("robustness",), robustness.losses),
    "parallel holes": Block("parallel-holes", ("parallel_holes",), simulation.parallel_holes),
    "benchmark draws": Block("benchmark-draws", ("benchmark_draws",), simulation.benchmark_draws),
    "ventricle forms": Block("ventricle-forms", ("ventricle_forms",), simulation.ventricle_forms),
    "camera speed": Block("camera-speed", ("benchmark_camera",), simulation.camera_speed),
    "reconstruction speed": Block(
        "reconstruction-speed", ("benchmark_reconstruct",), reconstruction.speed
    ),
    "raw motion": Block("raw-motion", ("raw_motion",), reconstruction.raw_motion),
    "raw pose": Block("raw-pose", ("raw_pose",), reconstruction.raw_pose),
    "map registration": Block(
        "map-registration", ("map_registration",), reconstruction.map_registration
    ),
    "raw scores": Block("raw-scores", ("raw_scores",), reconstruction.raw_scores),
    "simulation speed": Block(
        "simulation-speed", ("benchmark_simulate",), simulation.simulation_speed
    ),
    "simulation ratio": Block(
        "simulation-ratio", ("benchmark_simulate_ratio",), simulation.simulation_ratio
    ),
    "quantification": Block(
        "quantification",
        ("quantification", "detection", "quantification_real", "benchmark_quantify",
         "benchmark_report"),
        polar_maps.quantification,
    ),
    "numbers": Block("numbers", ("numbers",), numbers.numbers),
    "prior changes": Block("prior-changes", ("prior_changes",), changes.prior),
    "change floor": Block("change-floor", ("change_floor",), changes.floors),
    "agreement example": Block("agreement-example", ("agreement_example",), agreement.example),
    "wall": Block("wall", ("wall",), walls.wall),
    "function": Block(
        "function", ("function", "function_late", "function_worst"), function.function
    ),
    "trace limits": Block("trace-limits", ("trace_limits",), polar_maps.trace_limits),
    "annotation": Block("annotation", ("annotation_errors",), annotation.errors),
    "review speed": Block("review-speed", ("benchmark_review",), speed.review),
    "beat frames": Block("beat-frames", ("benchmark_beat",), speed.beat_frames),
    "browser page": Block("browser-page", ("browser_page",), speed.browser_page),
    "openvino runtime": Block("openvino-runtime", ("openvino_runtime",), speed.openvino_runtime),
    "study ratio": Block("study-ratio", ("benchmark_study_ratio",), speed.study_ratio),
    "batch": Block("batch", ("benchmark_batch",), speed.batch),
    "batch survival": Block("batch-survival", ("batch_survival",), speed.batch_survival),
    "service": Block("service", ("benchmark_service",), speed.service),
    "strangers": Block("strangers", ("strangers",), node.strangers),
    "killed node": Block("killed-node", ("killed_node",), node.killed),
    "experiment": Block("experiment", ("paper-cpu",), experiment.table_1),
    "experiment comparisons": Block("experiment", ("paper-cpu",), experiment.comparisons),
    "augmentation gap": Block(
        "augmentation-gap", ("augmentation_gap",), experiment.augmentation_gap
    ),
    "benchmarks": Block("benchmarks", benchmarks.COHORTS, benchmarks.all_numbers),
    "benchmark strata": Block("benchmark-strata", benchmarks.COHORTS, benchmarks.strata),
    "benchmark summary": Block("benchmark-summary", benchmarks.COHORTS, benchmarks.summary),
    "benchmark worst": Block("benchmark-worst", benchmarks.COHORTS, benchmarks.worst),
    "same answers": Block("same-answers", ("same_answers",), registry.same_answers),
    "evidence": Block("evidence", (), registry.table),
}  # fmt: skip
"""By the name in the markers."""


def pages_with_blocks() -> list[Path]:
    """README and every page that holds a marker."""
    pages = [REPOSITORY / "README.md", *sorted(DOCS.rglob("*.md"))]
    return [page for page in pages if any(blocks_of(page.read_text(encoding="utf-8")))]


def blocks_of(page: str) -> Iterator[str]:
    """Names of the blocks whose markers a page holds."""
    return (name for name in BLOCKS if _markers(name)[0] in page)


def with_results(page: str) -> str:
    """Return the text of a page with the results, and marks of stale ones, between its markers."""
    for name in blocks_of(page):
        start, end = _markers(name)
        before, rest = page.split(start)
        _, after = rest.split(end)
        shown = BLOCKS[name].results
        middle = "\n\n".join(
            filter(None, [block_text(name), stale_mark(shown), proven_mark(shown)])
        )
        page = before + "\n".join(filter(None, [start, middle, end])) + after
    return page


def block_text(name: str, read: Read = stored) -> str:
    """Text of a block, without a mark; a sentence where nothing is stored."""
    block = BLOCKS[name]
    records = {each: read(each) for each in block.results}
    has_record = not records or any(records.values())
    values = block.values(records) if has_record else {}
    return render(block.template, {"is_stored": has_record, "records": records, **values})


def _markers(name: str) -> tuple[str, str]:
    return f"<!-- {name}: start -->", f"<!-- {name}: end -->"
