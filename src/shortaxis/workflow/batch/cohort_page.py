"""``cohort.html``: what came out, as distributions, counts and pictures sorted by doubt."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from shortaxis.dicom.reading.finding.skipped import SkippedItem, SkippedStack, stacks_of
from shortaxis.files.html_page import data_address, html_page
from shortaxis.files.privacy import private_folder
from shortaxis.files.whole_files import write_whole
from shortaxis.workflow.batch.study_record import STUDIES_FOLDER
from shortaxis.workflow.batch.study_work import THUMBNAIL_FILE
from shortaxis.workflow.reorient.record import NOTICE

__all__ = ["doubt_of", "write_cohort_page"]

PAGE_FILE, CONTACT_FOLDER = "cohort.html", "contact"

PACKAGE = "shortaxis.workflow.batch"

ON_FIRST_PAGE, ON_A_PAGE = 20, 300
"""Studies on the page of the cohort, and on each contact page."""

BINS, COLOURS = 24, {"accept": "#2a6f97", "review": "#d98e04"}

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


def write_cohort_page(
    out: Path,
    records: Sequence[Record],
    skipped: Sequence[SkippedItem],
    *,
    with_paths: bool = True,
) -> Path:
    """Write the page and the contact sheets it leads to; earlier ones are replaced.

    Every study that failed and every file that was not used is listed with its reason, and with
    its path unless those shall not be told; slices of one stack are one line.
    """
    folder = private_folder(out / CONTACT_FOLDER)
    ordered = sorted(records, key=lambda each: (-doubt_of(each), each["key"]))
    shown = [each for each in ordered if not each.get("error")]
    pages = list(_contact_pages(out, shown))
    for stale in set(folder.glob("*.html")) - set(pages):
        stale.unlink()
    stacks = stacks_of(skipped)
    unread = [each for each in stacks if each.first.is_exam]
    unused = [each for each in stacks if not each.first.is_exam]
    page = html_page(
        PACKAGE,
        "cohort.html",
        notice=NOTICE,
        counts=_counts(records, len(unread), len(unused)),
        pages=[f"{CONTACT_FOLDER}/{path.name}" for path in pages],
        contacts=[_contact(out, each) for each in shown[:ON_FIRST_PAGE]],
        histograms=_histograms(shown) if shown else "",
        reasons=_reasons(shown),
        failures=_listed((each["error"], _name_of(each)) for each in records if each.get("error")),
        unread=_listed((each.words, _path_of(each, shown=with_paths)) for each in unread),
        unused=_listed((each.words, _path_of(each, shown=with_paths)) for each in unused),
    )
    return _write(out / PAGE_FILE, page)


def _counts(records: Sequence[Record], unread: int, unused: int) -> list[tuple[str, int]]:
    failed = sum(bool(each.get("error")) for each in records)
    flagged = sum(each.get("flag") == "review" for each in records)
    return [
        ("studies", len(records)),
        ("accepted", len(records) - failed - flagged),
        ("to review", flagged),
        ("failed", failed),
        ("exams not read", unread),
        ("files not used", unused),
    ]


def _listed(rows: Iterable[tuple[str, str]]) -> list[tuple[str, list[str]]]:
    """Reasons, the most frequent first, with everything that they hold for."""
    named: dict[str, list[str]] = {}
    for reason, name in rows:
        named.setdefault(reason, []).append(name)
    return sorted(named.items(), key=lambda each: (-len(each[1]), each[0]))


def _name_of(record: Record) -> str:
    return str(record.get("path") or record["key"])


def _path_of(stack: SkippedStack, *, shown: bool) -> str:
    return stack.name if shown else ""


def _reasons(records: Sequence[Record]) -> list[tuple[str, int]]:
    """Reasons without the values that they carry in brackets."""
    kinds = ({reason.partition(" (")[0] for reason in each.get("reasons", ())} for each in records)
    return Counter(kind for found in kinds for kind in found).most_common()


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


def _histograms(records: Sequence[Record]) -> str:
    content = io.BytesIO()
    _distributions(records).savefig(content, dpi=100, format="png")
    return data_address(content.getvalue())


def _contact_pages(out: Path, records: Sequence[Record]) -> Iterator[Path]:
    for number, start in enumerate(range(0, len(records), ON_A_PAGE), start=1):
        contacts = [_contact(out, each) for each in records[start : start + ON_A_PAGE]]
        page = html_page(PACKAGE, "contact_sheet.html", number=number, contacts=contacts)
        yield _write(out / CONTACT_FOLDER / f"{number:04d}.html", page)


@dataclass(frozen=True)
class _Contact:
    """A study on a contact sheet; `address` holds the picture of its three views."""

    key: str
    words: str
    reasons: str
    is_flagged: bool
    address: str


def _contact(out: Path, record: Record) -> _Contact:
    key, bound = record["key"], record.get("uncertainty_long_axis_deg")
    try:
        address = data_address((out / STUDIES_FOLDER / key / THUMBNAIL_FILE).read_bytes())
    except OSError:
        address = ""
    return _Contact(
        key,
        key[:10] + ("" if bound is None else f" ±{bound:.0f}°"),
        "; ".join(record.get("reasons", ())),
        record.get("flag") == "review",
        address,
    )


def _write(path: Path, page: str) -> Path:
    return write_whole(path, page)
