"""``cohort.html``: what came out, as distributions, counts and pictures sorted by doubt."""

from __future__ import annotations

import base64
import html
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from shortaxis.files.whole_files import write_whole
from shortaxis.workflow.batch.study_work import STUDIES_FOLDER, THUMBNAIL_FILE
from shortaxis.workflow.reorient.record import NOTICE
from shortaxis.workflow.studies.finding import SkippedItem

__all__ = ["doubt_of", "write_cohort_page"]

PAGE_FILE, CONTACT_FOLDER = "cohort.html", "contact"

ON_FIRST_PAGE, ON_A_PAGE = 20, 300
"""Studies on the page of the cohort, and on each contact page."""

BINS, COLOURS = 24, {"accept": "#2a6f97", "review": "#d98e04"}

FLAGGED = ' class="flagged"'

PARAMETERS = {
    "theta": "azimuth θ, °",
    "alpha": "elevation α, °",
    "beta": "roll β, °",
    "length_mm": "length of the left ventricle, mm",
    "uncertainty_long_axis_deg": "bound of the long axis, °",
    "seconds": "time a study, s",
}

SCALE_DEG, SCALE_MM = 15.0, 15.0
"""Bounds that make a failure weigh as much as a reason."""

STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; margin: 1.5rem auto; max-width: 75rem;
  padding: 0 1rem; }
table { border-collapse: collapse; } td { padding: .15rem .8rem .15rem 0; text-align: left; }
img { max-width: 100%; } h2 { margin-top: 1.6rem; } .notice { color: #555; }
.sheet { display: grid; grid-template-columns: repeat(auto-fill, minmax(220px, 1fr)); gap: .5rem; }
.sheet figure { margin: 0; } .sheet img { width: 100%; image-rendering: pixelated; }
figcaption { font-size: .75rem; } .flagged { color: #b35c00; }
"""

Record = Mapping[str, Any]


def doubt_of(record: Record) -> float:
    """How much a study is in doubt: failures first, then reasons, then bounds."""
    if record.get("error"):
        return float("inf")
    bounds = (record.get("uncertainty_long_axis_deg"), record.get("uncertainty_center_mm"))
    sizes = [
        (value or 0) / scale for value, scale in zip(bounds, (SCALE_DEG, SCALE_MM), strict=True)
    ]
    return 10.0 * len(record.get("reasons", ())) + max(sizes)


def write_cohort_page(out: Path, records: Sequence[Record], skipped: Sequence[SkippedItem]) -> Path:
    """Write the page and the contact sheets it leads to; earlier ones are replaced."""
    folder = out / CONTACT_FOLDER
    folder.mkdir(exist_ok=True)
    ordered = sorted(records, key=lambda each: (-doubt_of(each), each["key"]))
    shown = [each for each in ordered if not each.get("error")]
    pages = list(_contact_pages(out, shown))
    for stale in set(folder.glob("*.html")) - set(pages):
        stale.unlink()
    links = " · ".join(
        f'<a href="{CONTACT_FOLDER}/{path.name}">{number}</a>'
        for number, path in enumerate(pages, start=1)
    )
    body = [
        "<h1>Cohort</h1>",
        f'<p class="notice">{html.escape(NOTICE)}</p>',
        _counts(records, skipped),
        f"<h2>The most doubtful</h2><p>All, sorted by doubt: {links or 'none'}</p>",
        _contact_sheet(out, shown[:ON_FIRST_PAGE]),
        "<h2>Distributions</h2>",
        _image(_distributions(shown), "Histograms") if shown else "<p>None.</p>",
        "<h2>Reasons to review</h2>",
        _table(_reasons(shown)),
        "<h2>Failures</h2>",
        _table(Counter(each["error"] for each in records if each.get("error")).most_common()),
        "<h2>Files that were not used</h2>",
        _table(Counter(item.reason for item in skipped).most_common(30)),
    ]
    return _write(out / PAGE_FILE, "\n".join(body))


def _counts(records: Sequence[Record], skipped: Sequence[SkippedItem]) -> str:
    failed = sum(bool(each.get("error")) for each in records)
    flagged = sum(each.get("flag") == "review" for each in records)
    rows = [
        ("studies", len(records)),
        ("accepted", len(records) - failed - flagged),
        ("to review", flagged),
        ("failed", failed),
        ("files not used", len(skipped)),
    ]
    return _table(rows)


def _reasons(records: Sequence[Record]) -> list[tuple[str, int]]:
    """Reasons without the values that they carry in brackets."""
    kinds = ({reason.partition(" (")[0] for reason in each.get("reasons", ())} for each in records)
    return Counter(kind for found in kinds for kind in found).most_common()


def _table(rows: Sequence[tuple[str, int]]) -> str:
    if not rows:
        return "<p>None.</p>"
    lines = (f"<tr><td>{html.escape(str(a))}</td><td>{b}</td></tr>" for a, b in rows)
    return f"<table>{''.join(lines)}</table>"


def _distributions(records: Sequence[Record]) -> Figure:
    figure = Figure(figsize=(11, 5.2), layout="constrained")
    FigureCanvasAgg(figure)
    for axes, (name, words) in zip(figure.subplots(2, 3).flat, PARAMETERS.items(), strict=True):
        values = [
            [each[name] for each in records if each.get("flag") == flag and each.get(name)]
            for flag in COLOURS
        ]
        if any(values):
            axes.hist(values, bins=BINS, color=COLOURS.values(), label=list(COLOURS), stacked=True)
        axes.set_xlabel(words)
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
        axes.spines[["top", "right"]].set_visible(False)
    figure.axes[0].legend(frameon=False)
    figure.axes[0].set_ylabel("studies")
    return figure


def _contact_pages(out: Path, records: Sequence[Record]) -> Iterator[Path]:
    for number, start in enumerate(range(0, len(records), ON_A_PAGE), start=1):
        title = f"<h1>Contact sheet {number}</h1><p>The most doubtful first.</p>"
        sheet = _contact_sheet(out, records[start : start + ON_A_PAGE])
        yield _write(out / CONTACT_FOLDER / f"{number:04d}.html", title + sheet)


def _contact_sheet(out: Path, records: Sequence[Record]) -> str:
    """Short axis, vertical and horizontal long axis of each study, with its name and flag."""
    return f'<div class="sheet">{"".join(_contact(out, each) for each in records)}</div>'


def _contact(out: Path, record: Record) -> str:
    key, bound = record["key"], record.get("uncertainty_long_axis_deg")
    words = key[:10] + ("" if bound is None else f" ±{bound:.0f}°")
    is_flagged = record.get("flag") == "review"
    about = html.escape("; ".join(record.get("reasons", ())))
    try:
        content = (out / STUDIES_FOLDER / key / THUMBNAIL_FILE).read_bytes()
        picture = f'<img alt="Slices of {key}" src="{_as_address(content)}">'
    except OSError:
        picture = "no picture"
    return (
        f'<figure title="{about}">{picture}<figcaption{FLAGGED if is_flagged else ""}>'
        f"{words}{', review' if is_flagged else ''}</figcaption></figure>"
    )


def _image(figure: Figure, words: str) -> str:
    content = io.BytesIO()
    figure.savefig(content, dpi=100, format="png")
    return f'<img alt="{words}" src="{_as_address(content.getvalue())}">'


def _as_address(png: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


def _write(path: Path, body: str) -> Path:
    page = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>ShortAxis cohort</title>'
        f"<style>{STYLE}</style></head><body>{body}</body></html>"
    )
    return write_whole(path, page)
