"""Write a report: HTML, PDF, pictures, numbers, and documents for the archive."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from shortaxis.dicom.documents.object_origin import NewOrigin, ObjectOrigin
from shortaxis.files.plain_json import write_json
from shortaxis.files.staged_folder import earlier_results, refuse_existing, staged_folder
from shortaxis.workflow.drawing.packed_pdf import packed_pdf
from shortaxis.workflow.drawing.png import png_of
from shortaxis.workflow.quantify.requests import (
    QUANTIFICATION_NAMES,
    write_quantification_files,
)
from shortaxis.workflow.study_report.documents import (
    COMPARED,
    MEASUREMENTS,
    POLAR_MAPS,
    PRINT,
    document_names,
    write_documents,
)
from shortaxis.workflow.study_report.earlier.record import compared_segments_csv
from shortaxis.workflow.study_report.exams.pairing import QuantifiedPair
from shortaxis.workflow.study_report.html import study_report_html
from shortaxis.workflow.study_report.record import build_study_report, pair_segments_csv

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from shortaxis.dicom.documents.measurements.picture_regions import Region
    from shortaxis.geometry.arrays import FloatArray

__all__ = ["RECORD", "REPORT_NAMES", "write_pair_quantification", "write_study_report"]

PAGES = ("slices", POLAR_MAPS, "gated", "function", "function_rest", COMPARED)

RECORD = "study_report.json"

NUMBERS = ("report.html", "report.pdf", RECORD, "segments.csv")

COMPARED_SEGMENTS = "compared_segments.csv"
"""Where an earlier exam was named."""

REPORT_NAMES = (
    *NUMBERS,
    COMPARED_SEGMENTS,
    *(f"{page}.{kind}" for kind in ("png", "dcm") for page in PAGES),
    PRINT,
    MEASUREMENTS,
)
"""Everything that a report may be."""

PDF_METADATA = {"Title": "ShortAxis report", "CreationDate": None}
"""Without a date, so that the same report is the same bytes; its DICOM object says when."""


def write_study_report(
    pair: QuantifiedPair,
    folder: Path,
    *,
    force: bool = False,
    origin: ObjectOrigin | None = None,
    with_identity: bool = False,
) -> list[Path]:
    """Write all files of a report into `folder`, all or none.

    Of DICOM input that is documents for the archive, too, whose UIDs and time are from `origin`
    (by default random and now). `with_identity` gives the print a first page that names the
    patient; all other files stay free of identifiers.

    Raises
    ------
    ExistingOutputError
        If a report is there already and `force` is off.
    OutputError
        If anything cannot be written.
    """
    if not force:
        refuse_existing(folder, REPORT_NAMES)
    figures = draw_pages(pair)
    pictures = {name: png_of(figure) for name, figure in figures.items()}
    cover = [_cover(pair)] if with_identity else []
    pdf = pdf_of([*cover, *figures.values()])
    tables = {COMPARED_SEGMENTS: compared_segments_csv(pair)} if pair.earlier else {}
    names = [*NUMBERS, *tables, *(f"{name}.png" for name in pictures)]
    names += document_names(pair, list(pictures))
    record = build_study_report(pair, names)
    with staged_folder(folder, earlier_results(folder, RECORD, REPORT_NAMES)) as staging:
        (staging / "report.html").write_text(study_report_html(pair, pictures), encoding="utf-8")
        (staging / "report.pdf").write_bytes(pdf)
        write_json(staging / RECORD, record)
        (staging / "segments.csv").write_text(pair_segments_csv(pair), encoding="utf-8")
        for name, table in tables.items():
            (staging / name).write_text(table, encoding="utf-8")
        for name, content in pictures.items():
            (staging / f"{name}.png").write_bytes(content)
        outlines = _outlines(figures[POLAR_MAPS], pair)
        write_documents(staging, pair, pictures, pdf, origin or NewOrigin(), outlines)
    return [folder / name for name in names]


def write_pair_quantification(
    pair: QuantifiedPair, folder: Path, *, force: bool = False
) -> list[Path]:
    """Write numbers and polar maps of stress and rest alone, by the names of a quantification.

    Raises
    ------
    ExistingOutputError
        If results are there already and `force` is off.
    OutputError
        If anything cannot be written.
    """
    from shortaxis.workflow.study_report.pages.polar_maps_page import draw_polar_maps_page

    return write_quantification_files(
        folder,
        build_study_report(pair, QUANTIFICATION_NAMES),
        pair_segments_csv(pair),
        lambda: draw_polar_maps_page(pair),
        force=force,
    )


def draw_pages(pair: QuantifiedPair) -> dict[str, Figure]:
    """The pages of a report by their names, in their order."""
    # Matplotlib takes longer to import than a wall to trace; who draws nothing never pays.
    from shortaxis.workflow.quantify.function_sheet import draw_function_sheet
    from shortaxis.workflow.quantify.sheet import draw_quantification_sheet
    from shortaxis.workflow.study_report.pages.compared_page import draw_compared_page
    from shortaxis.workflow.study_report.pages.gated_page import draw_gated_page
    from shortaxis.workflow.study_report.pages.polar_maps_page import draw_polar_maps_page
    from shortaxis.workflow.study_report.pages.slices_page import draw_slices_page

    figures = {"slices": draw_slices_page(pair)}
    if pair.difference is None:
        figures["polar_maps"] = draw_quantification_sheet(pair.exams[0].quantified)
    else:
        figures["polar_maps"] = draw_polar_maps_page(pair)
    if pair.gated:
        figures["gated"] = draw_gated_page(pair)
    for name, each in zip(("function", "function_rest"), pair.exams, strict=False):
        function = each.quantified.function
        if function is not None:
            figures[name] = draw_function_sheet(each.quantified.study, function, each.title)
    if pair.earlier is not None:
        figures[COMPARED] = draw_compared_page(pair, pair.earlier)
    return figures


def _outlines(figure: Figure, pair: QuantifiedPair) -> dict[Region, FloatArray]:
    from shortaxis.workflow.study_report.pages.map_regions import map_regions

    return map_regions(figure, pair)


def _cover(pair: QuantifiedPair) -> Figure:
    from shortaxis.workflow.study_report.pages.cover_page import draw_cover_page

    return draw_cover_page(pair)


def pdf_of(figures: Sequence[Figure]) -> bytes:
    """All pages as one PDF; letters stay letters."""
    import matplotlib as mpl
    from matplotlib.backends.backend_pdf import PdfPages

    content = io.BytesIO()
    # Letters as TrueType, which every viewer can search.
    with (
        mpl.rc_context({"pdf.fonttype": 42}),
        PdfPages(content, metadata=PDF_METADATA) as pages,
    ):
        for figure in figures:
            pages.savefig(figure, dpi="figure")
    return packed_pdf(content.getvalue())
