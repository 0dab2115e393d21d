"""Put the stored results into README and docs: ``python tools/results_tables.py``.

Everything between the markers is written from ``results/*.json``, and the limits of the network from
the code; a test compares.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import benchmark_tables
import simulation_tables
from annotation_tables import annotation_text
from consistency_tables import consistency_text
from experiment_tables import augmentation_gap_text, comparisons_text, experiment_text
from network_tables import heads_text, network_limits_text, second_opinion_text, training_text
from quantification_tables import quantification_text
from robustness_tables import robustness_text
from simulation_tables import origin
from speed_tables import batch_text, review_speed_text, service_text, speed_text

REPOSITORY = Path(__file__).resolve().parents[1]
PAGES = (
    REPOSITORY / "README.md",
    REPOSITORY / "docs" / "explanation" / "how-the-network-works.md",
    REPOSITORY / "docs" / "explanation" / "how-good-it-is.md",
    REPOSITORY / "docs" / "explanation" / "model-card.md",
    REPOSITORY / "docs" / "explanation" / "how-good-the-polar-maps-are.md",
    REPOSITORY / "docs" / "explanation" / "simulation.md",
    REPOSITORY / "docs" / "how-to" / "simulate-a-cohort.md",
    REPOSITORY / "docs" / "how-to" / "your-own-data.md",
    REPOSITORY / "docs" / "experiment.md",
    REPOSITORY / "docs" / "how-to" / "review.md",
    REPOSITORY / "docs" / "how-to" / "serve.md",
    REPOSITORY / "docs" / "how-to" / "batch.md",
)


def results_text() -> str:
    """Markdown of what the estimator was measured on."""
    real, altered, speed = (
        json.loads((REPOSITORY / "results" / f"{name}.json").read_text(encoding="utf-8"))
        for name in ("real_studies", "altered_exams", "benchmark_reorient")
    )
    return "\n\n".join([_real(real), _altered(altered), speed_text(speed)])


BLOCKS: dict[str, Callable[[], str]] = {
    "results": results_text,
    "real consistency": consistency_text,
    "network limits": network_limits_text,
    "second opinion": second_opinion_text,
    "heads": heads_text,
    "training": training_text,
    "realism": simulation_tables.realism_text,
    "scenarios": simulation_tables.scenarios_text,
    "robustness": robustness_text,
    "parallel holes": simulation_tables.parallel_holes_text,
    "camera speed": simulation_tables.camera_speed_text,
    "quantification": quantification_text,
    "annotation": annotation_text,
    "review speed": review_speed_text,
    "batch": batch_text,
    "service": service_text,
    "experiment": experiment_text,
    "experiment comparisons": comparisons_text,
    "augmentation gap": augmentation_gap_text,
    "benchmarks": benchmark_tables.benchmark_text,
    "benchmark strata": benchmark_tables.benchmark_strata_text,
    "benchmark summary": benchmark_tables.benchmark_summary_text,
    "simulation speed": simulation_tables.simulation_speed_text,
}
"""What stands between ``<!-- NAME: start -->`` and ``<!-- NAME: end -->``."""


def with_results(page: str) -> str:
    """Return the text of a page with the results between its markers."""
    for name, text in BLOCKS.items():
        start, end = f"<!-- {name}: start -->", f"<!-- {name}: end -->"
        if start in page:
            before, rest = page.split(start)
            _, after = rest.split(end)
            between = "\n".join(filter(None, [start, text(), end]))
            page = f"{before}{between}{after}"
    return page


def _method(record: dict[str, Any]) -> str:
    """The method in words; the README says that where none is named it is the ellipsoid."""
    method = record.get("method", "ellipsoid")
    return "" if method == "ellipsoid" else f", method `{method}`"


def _real(record: dict[str, Any]) -> str:
    lines = [
        f"**Real studies** (four, rest, NM 530c; {origin(record)}){_method(record)}. Each study was turned by up to 15 degrees",
        f"and shifted by up to 10 mm, {record['motions']} times; the pose should follow. Two studies have an expert's",
        "wall mask. Its own long axis is measured by three definitions: apex to valve, normals, symmetry.",
        "",
        "| study | flag | follows motion: axis median / max | centre median / max | axis to mask's | mask holds: apical / basal half | centre in mask's cavity | dciodvfy errors |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in record["studies"]:
        angles = row.get("mask_axis_deg")
        mask = " / ".join(f"{angle:.1f}°" for angle in angles.values()) if angles else "no mask"
        held = row.get("mask_coverage")
        part = f"{held['apical']:.0%} / {held['basal']:.0%}" if held else ""
        inside = {True: "yes", False: "no", None: ""}[row.get("center_in_mask_cavity")]
        lines.append(
            f"| {row['study']} | {row['flag']} "
            f"| {row['motion_axis_median_deg']:.1f}° / {row['motion_axis_max_deg']:.1f}° "
            f"| {row['motion_center_median_mm']:.1f} / {row['motion_center_max_mm']:.1f} mm "
            f"| {mask} | {part} | {inside} | {row['dciodvfy_errors']} |"
        )
    lines += ["", *_mask_control(record)]
    return "\n".join(lines)


def _mask_control(record: dict[str, Any]) -> list[str]:
    """What an incomplete mask does, by cutting the fuller one like the other."""
    control = record.get("mask_control")
    if not control:
        return []
    whole, cut = (row for row in record["studies"] if "mask_axis_deg" in row)
    values = " / ".join(f"{angle:.1f}°" for angle in control.values())
    basal = cut["mask_coverage"]["basal"]
    return [
        f"The mask of study {cut['study']} holds {basal:.0%} of the basal wall that the counts show, so that its axis",
        f"is not the heart's. The control: with the mask of study {whole['study']} cut in the same way, its axis would lie",
        f"{values} from the same pose.",
    ]


def _altered(record: dict[str, Any]) -> str:
    lines = [
        f"**Altered exams** ({record['count']}; {origin(record)}){_method(record)}. Drawn hearts and the real studies, moved, with",
        "defects of up to a whole wall and the apex, organs up to three times as hot as the heart against it, noise",
        "of up to 45 %, and fields of view cut through the heart. A failure is more than 15 degrees or 15 mm, or a",
        "heart that was not found. The truth of an altered real study is the pose before the changes: its",
        "rows tell robustness, not accuracy.",
        "",
        "| exams | number | not found | failures | of these accepted | sent to review | axis, all found: median / 95th | axis, accepted: median / 95th / max |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, group in record["groups"].items():
        found = group["all_found"]["axis_deg_median_p95_max"]
        accepted = group["accepted"]["axis_deg_median_p95_max"]
        lines.append(
            f"| {name} | {group['exams']} | {group['not_found']} | {group['failures']} "
            f"| {group['failures_accepted']} | {group['sent_to_review']} "
            f"| {found[0]:.1f}° / {found[1]:.1f}° "
            f"| {accepted[0]:.1f}° / {accepted[1]:.1f}° / {accepted[2]:.1f}° |"
        )
    return "\n".join(lines)


def main() -> None:
    """Write the results into every page."""
    for page in PAGES:
        page.write_text(with_results(page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
