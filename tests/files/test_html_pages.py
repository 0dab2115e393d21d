"""HTML pages: what others wrote stays text, and nothing runs or is fetched."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from shortaxis.evaluation.document.blocks import Bullets, Heading, Paragraph, Picture, Table
from shortaxis.evaluation.document.html_page import to_html
from shortaxis.files.html_page import data_address, html_page, own_script, script_hash
from shortaxis.workflow.batch.cohort_page import write_cohort_page
from shortaxis.workflow.quantify.quantifying import QuantifyOptions
from shortaxis.workflow.studies.finding import SkippedItem
from shortaxis.workflow.study_report.exams.finding import LoadedExams, find_exams, load_exams
from shortaxis.workflow.study_report.exams.pairing import PoseRule, QuantifiedPair, quantify_exams
from shortaxis.workflow.study_report.html import study_report_html

HOSTILE = "<script>alert(1)</script>\"'&amp; {{ 7 * 7 }} {% raw %} <img src=x onerror=alert(1)>"

PNG = b"\x89PNG, or nearly"


class Page(HTMLParser):
    """Elements with their attributes, and the text in them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def attributes_of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def check_harmless(page: Page, allowed: str = "") -> None:
    """Nothing of a hostile text became an element or an attribute, and nothing else may run."""
    names = {name for name, _ in page.elements}
    assert not names & {"iframe", "object", "embed", "link", "form", "base"}
    kinds = [each["type"] for each in page.attributes_of("script")]
    assert kinds.count("module") == bool(allowed)
    assert set(kinds) <= ({"module", "application/json"} if allowed else set())
    for _, attributes in page.elements:
        assert not [name for name in attributes if name.startswith("on")]
    for image in page.attributes_of("img"):
        assert (image["src"] or "").startswith("data:image/png;base64,")
    (policy,) = [
        each["content"] for each in page.attributes_of("meta") if each.get("http-equiv") is not None
    ]
    assert policy == f"default-src 'none'; img-src data:; style-src 'unsafe-inline'{allowed}"


@pytest.fixture(scope="module")
def pair(demo_study_path: Path) -> QuantifiedPair:
    folder = demo_study_path.parent
    exams = load_exams(find_exams(folder / "study.dcm", folder / "rest.dcm")).exams
    return quantify_exams(LoadedExams(exams), QuantifyOptions(), PoseRule.OWN)


def test_hostile_words_of_a_study_stay_words_in_its_report(pair: QuantifiedPair) -> None:
    notes = (HOSTILE, *pair.exams[0].quantified.notes)
    first = replace(pair.exams[0], quantified=replace(pair.exams[0].quantified, notes=notes))
    hostile = replace(pair, exams=(first, *pair.exams[1:]), reasons=(HOSTILE,))

    page = Page(study_report_html(hostile, {"slices": PNG}))

    (script,) = (text for text in page.texts if "surfaceView" in text)
    check_harmless(page, f"; script-src '{script_hash(script)}'")
    assert page.texts.count(HOSTILE) == 1
    assert sum(HOSTILE in text for text in page.texts) == 2
    assert {"class": "reasons"} in page.attributes_of("ul")


def test_hostile_words_stay_words_in_an_evaluation() -> None:
    blocks = [
        Heading(HOSTILE, 1),
        Paragraph(HOSTILE),
        Bullets((HOSTILE,)),
        Table((HOSTILE, "n"), ((HOSTILE, "1"),)),
        Picture("worst.png", HOSTILE),
    ]

    page = Page(to_html(blocks, lambda path: path.encode()))

    check_harmless(page)
    # The title, and each block; the picture's words are its alternative too.
    assert page.texts.count(HOSTILE) == 7
    assert [each["alt"] for each in page.attributes_of("img")] == [HOSTILE]


def test_hostile_words_stay_words_on_the_page_of_a_cohort(tmp_path: Path) -> None:
    records = [
        {"key": HOSTILE.replace("/", ""), "flag": "review", "reasons": [HOSTILE], "theta": 40.0},
        {"key": "second", "error": HOSTILE},
    ]

    path = write_cohort_page(tmp_path, records, [SkippedItem(Path("a.dcm"), HOSTILE)])
    page = Page(path.read_text("utf-8"))
    contacts = Page((tmp_path / "contact" / "0001.html").read_text("utf-8"))

    check_harmless(page)
    check_harmless(contacts)
    # As a reason, as a failure, and of a file.
    assert page.texts.count(HOSTILE) == 3
    assert [each["title"] for each in contacts.attributes_of("figure")] == [HOSTILE]


def test_the_picture_of_a_hostile_key_has_it_as_text(tmp_path: Path) -> None:
    key = "\"'><img src=x onerror=alert(1)>"
    folder = tmp_path / "studies" / key
    folder.mkdir(parents=True)
    (folder / "thumbnail.png").write_bytes(PNG)

    page = Page(
        write_cohort_page(tmp_path, [{"key": key, "flag": "accept", "theta": 40.0}], []).read_text(
            "utf-8"
        )
    )

    check_harmless(page)
    assert page.attributes_of("img")[0]["alt"] == f"Slices of {key}"


def test_a_template_that_is_given_too_little_is_an_error() -> None:
    from jinja2 import UndefinedError

    with pytest.raises(UndefinedError):
        html_page("shortaxis.evaluation.document", "document.html", title="a")


def test_a_picture_is_its_own_address() -> None:
    assert data_address(b"PNG") == "data:image/png;base64,UE5H"


def test_a_script_that_could_end_its_element_is_refused() -> None:
    with pytest.raises(ValueError, match="ends its element"):
        own_script("</script>")
