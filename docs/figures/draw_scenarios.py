"""Draw what the presets draw, beside what is known of patients.

``python -m evidence run scenario_statistics -- [--count N]`` samples N scenarios of the presets
``clinical`` and ``wide``, stores their statistics and writes ``docs/images/scenarios.png``. Nothing
is simulated: these are draws.
"""

from __future__ import annotations

import argparse
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import palette
from matplotlib.axes import Axes
from scenario_sources import QUANTITIES, Quantity, Source

from evidence.recording.record import store_result
from shortaxis.geometry.arrays import FloatArray
from shortaxis.simulation.presets import sample_scenario
from shortaxis.simulation.strata import strata_of

FIRST_SEED = 9_200_000
"""Outside every range that anything is trained, chosen or tested on."""

PRESETS = {"clinical": palette.ANGLE, "wide": palette.Z_AXIS}
TARGET = Path(__file__).resolve().parents[1] / "images" / "scenarios.png"
BINS = 36
FLAGS = ("hot_organ", "small_heart", "low_counts", "extreme_pose", "truncated")

Draws = dict[str, list[Any]]


def draw_preset(preset: str, count: int) -> Draws:
    """Every quantity, stratum and name of `count` scenarios."""
    draws: Draws = {}
    for seed in range(FIRST_SEED, FIRST_SEED + count):
        scenario = sample_scenario(preset, seed, version=1)
        row = {each.key: each.value(scenario) for each in QUANTITIES}
        row |= dict(strata_of(scenario, scenario.phantom.pose))
        for name, value in row.items():
            draws.setdefault(name, []).append(value)
    return draws


def statistics(draws: Draws) -> dict[str, Any]:
    """Numbers of one preset: means and percentiles, shares of cameras and strata."""
    values = {each.key: np.array(draws[each.key], dtype=np.float64) for each in QUANTITIES}
    numbers = {key: _summary(value[np.isfinite(value)]) for key, value in values.items()}
    count = len(draws["camera"])
    defects = np.array(draws["defect_part"], dtype=np.float64)
    shares = {flag: round(sum(draws[flag]) / count, 3) for flag in FLAGS}
    shares["a severe defect"] = round(float((defects > 0).mean()), 3)
    shares["respiration above 10 mm"] = round(float((values["respiration_mm"] > 10).mean()), 3)
    shares["fewer than 100 counts"] = round(float((numbers_of(values, "counts") < 100).mean()), 3)
    cameras = {
        name: round(each / count, 3) for name, each in Counter(draws["camera"]).most_common()
    }
    corrected = round(draws["correction"].count("AC") / count, 3)
    shares["attenuation corrected"] = corrected
    return {"quantities": numbers, "shares": shares, "cameras": cameras}


def numbers_of(values: dict[str, FloatArray], key: str) -> FloatArray:
    """Finite values of one quantity."""
    return values[key][np.isfinite(values[key])]


def _summary(values: FloatArray) -> dict[str, float]:
    low, middle, high = np.percentile(values, [5, 50, 95])
    named = {"mean": values.mean(), "sd": values.std(), "p05": low, "p50": middle, "p95": high}
    return {name: round(float(value), 3) for name, value in named.items()}


def sources() -> dict[str, dict[str, Any]]:
    """What the draws are compared with, for the record."""
    return {
        each.key: {"title": each.title, "sources": [asdict(source) for source in each.sources]}
        for each in QUANTITIES
    }


def draw_quantity(panel: Axes, quantity: Quantity, presets: dict[str, Draws]) -> None:
    """Histograms of both presets below, one bar a source above."""
    low, high = quantity.limits
    edges = np.geomspace(low, high, BINS) if quantity.logarithmic else np.linspace(low, high, BINS)
    top = 0.0
    for name, colour in PRESETS.items():
        values = np.array(presets[name][quantity.key], dtype=np.float64)
        values = values[np.isfinite(values)].clip(low, high)
        heights = np.histogram(values, edges)[0] / len(values)
        panel.stairs(heights, edges, fill=name == "clinical", color=colour, lw=1.6,
                     alpha=0.55 if name == "clinical" else 1)  # fmt: skip
        top = max(top, heights.max())
    for place, source in enumerate(quantity.sources):
        _draw_source(panel, source, top * (1.13 + 0.25 * place), (low, high))
    panel.set_ylim(0, top * (1.1 + 0.25 * max(len(quantity.sources), 1)))
    if quantity.logarithmic:
        panel.set_xscale("log")
        ticks = [each for each in (0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000) if low <= each <= high]
        panel.set_xticks(ticks, [f"{each:g}" for each in ticks])
        panel.minorticks_off()
    panel.set_xlim(low, high)
    panel.set_title(quantity.title, fontsize=palette.SMALL, fontweight="bold", loc="left")


def _draw_source(panel: Axes, source: Source, height: float, limits: tuple[float, float]) -> None:
    panel.axvspan(source.low, source.high, color=palette.SOFT, alpha=0.09, lw=0)
    panel.plot([source.low, source.high], [height, height], color=palette.INK, lw=3,
               solid_capstyle="butt")  # fmt: skip
    if source.mean is not None:
        panel.plot(source.mean, height, "o", color=palette.PAPER, mec=palette.INK, ms=5)
    # Names stay within the panel: those of sources on the far right end where the source does.
    far = source.low > limits[0] + 0.7 * np.ptp(limits)
    at = min(source.high, limits[1]) if far else max(source.low, limits[0])
    panel.annotate(
        source.name, (at, height), (0, 3), textcoords="offset points", fontsize=7.5,
        color=palette.INK, va="bottom", ha="right" if far else "left",
    )  # fmt: skip


def draw_defects(panel: Axes, presets: dict[str, Draws]) -> None:
    """Part of the wall that is hit, of the exams where any is."""
    edges = np.linspace(0, 0.8, 17)
    for name, colour in PRESETS.items():
        values = np.array(presets[name]["defect_part"], dtype=np.float64)
        heights = np.histogram(values[values > 0].clip(0, 0.8), edges)[0] / len(values)
        panel.stairs(heights, edges, fill=name == "clinical", color=colour, lw=1.6,
                     alpha=0.55 if name == "clinical" else 1)  # fmt: skip
    hit = {name: np.mean(np.array(presets[name]["defect_part"]) > 0) for name in PRESETS}
    words = "\n".join(f"{name}: {part:.0%} of exams" for name, part in hit.items())
    panel.text(0.97, 0.93, words, transform=panel.transAxes, ha="right", va="top",
               fontsize=palette.SMALL - 1)  # fmt: skip
    panel.set_xlim(0, 0.8)
    panel.set_title("Wall below half of its uptake", fontsize=palette.SMALL, fontweight="bold",
                    loc="left")  # fmt: skip


def draw_cameras(panel: Axes, presets: dict[str, Draws]) -> None:
    """Shares of the cameras, the same in both presets."""
    shares = Counter(presets["clinical"]["camera"])
    names = [name for name, _ in shares.most_common()][::-1]
    for shift, (preset, colour) in zip((-0.19, 0.19), PRESETS.items(), strict=True):
        counts = Counter(presets[preset]["camera"])
        parts = [100 * counts[name] / counts.total() for name in names]
        panel.barh(np.arange(len(names)) - shift, parts, 0.36, color=colour,
                   alpha=0.55 if preset == "clinical" else 1)  # fmt: skip
    panel.set_xlim(0, 62)
    for place, name in enumerate(names):
        longest = max(Counter(presets[each]["camera"])[name] for each in PRESETS)
        panel.text(100 * longest / shares.total() + 1, place, name, fontsize=7.5, va="center")
    panel.set_title("Cameras (%)", fontsize=palette.SMALL, fontweight="bold", loc="left")


def draw_all(presets: dict[str, Draws], target: Path) -> None:
    """Sixteen small panels on one sheet."""
    palette.use_style()
    figure, panels = plt.subplots(4, 4, figsize=(13, 11.5))
    figure.subplots_adjust(left=0.02, right=0.985, top=0.93, bottom=0.035, hspace=0.42, wspace=0.1)
    for panel, quantity in zip(panels.flat, QUANTITIES, strict=False):
        draw_quantity(panel, quantity, presets)
    draw_defects(panels.flat[-2], presets)
    draw_cameras(panels.flat[-1], presets)
    for panel in panels.flat:
        panel.set_yticks([])
        panel.tick_params(labelsize=8, color=palette.FAINT)
        for side in ("top", "left", "right"):
            panel.spines[side].set_visible(False)
        panel.spines["bottom"].set_color(palette.FAINT)
    count = len(presets["clinical"]["camera"])
    figure.text(0.02, 0.972, f"{count:,} drawn scenarios a preset:", fontsize=palette.TEXT)
    for place, (name, colour) in zip((0.235, 0.32), PRESETS.items(), strict=True):
        figure.text(place, 0.972, name, color=colour, fontsize=palette.TEXT, fontweight="bold")
    figure.text(0.40, 0.972, "black bars: sources (mean ± SD where there is a dot, else a range)",
                fontsize=palette.TEXT)  # fmt: skip
    target.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(target, dpi=110, metadata={"Software": None})
    plt.close(figure)


def main() -> None:
    """Sample, store, draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--picture", type=Path, default=TARGET)
    arguments = parser.parse_args()
    presets = {name: draw_preset(name, arguments.count) for name in PRESETS}
    values = {name: statistics(draws) for name, draws in presets.items()}
    store_result(
        "scenario_statistics",
        {"count": arguments.count, "quantities": sources(), "presets": values},
        FIRST_SEED,
    )
    draw_all(presets, arguments.picture)
    print(arguments.picture)


if __name__ == "__main__":
    main()
