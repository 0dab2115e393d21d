"""The worklist while flags and studies come: what a reader is at stays where it is."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fastapi", reason="the review page needs FastAPI")
pytest.importorskip("selenium", reason="a browser is driven by Selenium")

from selenium.webdriver import ActionChains, Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from dated_exams import BEFORE, NOW, write_exam
from drawn_study import study_volume
from nm_object import build_nm, save_object
from repository import DEMO
from review_browser import (
    CHROMIUM,
    DRIVER,
    NO_BROWSER,
    Served,
    new_browser,
    opened,
    press,
    serving,
    waited,
)

pytestmark = pytest.mark.skipif(not (CHROMIUM and DRIVER), reason=NO_BROWSER)

NAMES = ("first", "second", "third")

ORDER = "return Array.from(document.querySelectorAll('#rows tr'), (each) => each.dataset.study)"


@pytest.fixture(scope="module")
def browser() -> Iterator[Chrome]:
    started = new_browser()
    yield started
    started.quit()


@pytest.fixture
def estimating(browser: Chrome, tmp_path: Path) -> Iterator[Served]:
    """Three exams whose axes are still being found, and the page that waits for them."""
    folder = tmp_path / "studies"
    folder.mkdir()
    for name in NAMES:
        options = {"seed": name, "series_description": "TRANSAXIAL", "image_id": name}
        save_object(build_nm(study_volume(), **options), folder / f"{name}.dcm")
    with serving(folder, tmp_path / "out") as served:
        served.session.is_estimating = True
        browser.get("about:blank")
        browser.get(served.address)
        waited(browser, "return document.querySelectorAll('#rows tr').length === 3")
        yield served


def find_axes(served: Served, study: str, flag: str = "accept") -> None:
    """The automatic pose of a study is there, with a flag."""
    session = served.session
    found = session.automatic(study)
    quality = {"flag": flag, "reasons": ["for a test"] if flag == "review" else []}
    review = session.store.review(study)
    session.store.keep_automatic(
        study, {**found, "quality": quality}, review.content, review.made_with
    )


def row_of(browser: Chrome, study: str) -> Any:
    return browser.find_element(By.CSS_SELECTOR, f"#rows tr[data-study='{study}'] td")


def flags_seen(browser: Chrome, count: int) -> None:
    waited(browser, f"return window.review.rows.filter((row) => row.flag).length >= {count}")


def test_a_row_that_is_pressed_while_a_flag_arrives_is_opened(
    browser: Chrome, estimating: Served
) -> None:
    first, second, third = browser.execute_script(ORDER)
    pressed = row_of(browser, second)
    ActionChains(browser).move_to_element(pressed).click_and_hold().perform()
    # The one that is flagged goes to the top, and all rows would move.
    find_axes(estimating, third, "review")
    flags_seen(browser, 1)
    find_axes(estimating, first)
    find_axes(estimating, second)
    flags_seen(browser, 3)
    waited(browser, "return document.body.dataset.ready === 'true'")

    ActionChains(browser).release().perform()

    opened = "window.review.study && window.review.study.study"
    assert waited(browser, f"return {opened}") == second


def test_rows_stay_while_the_list_is_read_and_are_sorted_again_on_request(
    browser: Chrome, estimating: Served
) -> None:
    first, second, third = browser.execute_script(ORDER)
    ActionChains(browser).move_to_element(browser.find_element(By.ID, "count")).perform()
    press(browser, Keys.ARROW_DOWN)
    lines = browser.find_elements(By.CSS_SELECTOR, "#rows tr")
    find_axes(estimating, third, "review")
    flags_seen(browser, 1)

    waited(browser, "return !document.getElementById('sort').hidden")

    assert browser.execute_script(ORDER) == [first, second, third]
    # They are the same rows, with other words in them.
    assert browser.find_elements(By.CSS_SELECTOR, "#rows tr") == lines
    assert "for a test" in lines[2].text
    assert browser.execute_script("return document.activeElement.dataset.study") == second
    browser.find_element(By.ID, "sort").click()
    assert browser.execute_script(ORDER) == [third, first, second]
    assert not browser.find_element(By.ID, "sort").is_displayed()


def test_a_list_that_nobody_reads_is_sorted_as_flags_come_and_keeps_the_focus(
    browser: Chrome, estimating: Served
) -> None:
    first, second, third = browser.execute_script(ORDER)
    ActionChains(browser).move_to_element(browser.find_element(By.ID, "count")).perform()
    browser.execute_script(f"document.querySelector(\"#rows tr[data-study='{second}']\").focus()")

    find_axes(estimating, third, "review")

    waited(browser, f"return document.querySelector('#rows tr').dataset.study === '{third}'")
    assert browser.execute_script(ORDER) == [third, first, second]
    assert browser.execute_script("return document.activeElement.dataset.study") == second


def test_nothing_is_opened_over_a_search_that_was_begun(
    browser: Chrome, estimating: Served
) -> None:
    browser.find_element(By.ID, "search").send_keys("third")
    for study in list(estimating.session.entries):
        find_axes(estimating, study)
    estimating.session.estimate_all(threading.Event())

    waited(browser, "return document.body.dataset.ready === 'true'")

    assert browser.find_element(By.ID, "worklist").is_displayed()
    assert browser.execute_script("return window.review.study") is None
    assert browser.find_element(By.ID, "search").get_attribute("value") == "third"
    assert browser.execute_script("return document.activeElement.id") == "search"
    assert "Choose" in browser.find_element(By.ID, "estimating").text


MANY_ROWS = """
    const done = arguments[0];
    import("./page/worklist.js").then((list) => {
      window.lists = list;
      const row = { state: "open", flag: "", file: "", reasons: [], way_on: "", second: "" };
      const named = (_, i) => ({ ...row, study: `s${i}`, title: `Study ${i}` });
      const rows = Array.from({ length: 60 }, named);
      // Rows of the server, which may be on their way, do not take their place.
      Object.defineProperty(window.review, "rows", { get: () => rows, set: () => {} });
      list.drawList();
      document.querySelector("#rows tr").focus();
      done();
    });
"""


def test_scroll_selection_and_focus_outlive_a_refresh(browser: Chrome, estimating: Served) -> None:
    served = estimating
    served.session.estimate_all(threading.Event())
    waited(browser, "return document.body.dataset.ready === 'true'")
    press(browser, "l")
    waited(browser, "return document.activeElement.tagName === 'TR'")
    browser.execute_async_script(MANY_ROWS)
    before = browser.execute_script(ORDER)
    press(browser, *[Keys.ARROW_DOWN] * 5)
    seen = """
        const range = getSelection().rangeCount ? String(getSelection()) : "";
        const { scrollTop } = document.querySelector(".scroll");
        return [scrollTop, range, document.activeElement.dataset.study];
    """
    browser.execute_script(
        "const scrolled = document.querySelector('.scroll'); scrolled.scrollTop = 300;"
        "const cell = document.querySelector(\"#rows tr[data-study='s20'] td\");"
        "getSelection().selectAllChildren(cell);"
    )
    there = browser.execute_script(seen)
    assert there[0] == 300
    assert "Study 20" in there[1]

    browser.execute_script(
        "const { rows } = window.review; rows.reverse(); rows[3].flag = 'review';"
        "rows.unshift({ ...rows[9], study: 'new', title: 'New' }); window.lists.drawList();"
    )

    assert browser.execute_script(seen) == there
    assert browser.execute_script(ORDER) == [*before, "new"]


def test_text_that_is_selected_in_a_row_opens_nothing(browser: Chrome, estimating: Served) -> None:
    study = browser.execute_script(ORDER)[1]
    cell = row_of(browser, study)
    ActionChains(browser).move_to_element_with_offset(
        cell, -cell.size["width"] // 2 + 8, 0
    ).click_and_hold().move_by_offset(60, 0).release().perform()

    assert browser.execute_script("return String(getSelection())")
    assert browser.execute_script("return window.review.opening") is None


# Other parts of the page that come while a reader is at it


def test_the_other_exam_has_its_place_before_it_is_there(browser: Chrome, tmp_path: Path) -> None:
    folder = tmp_path / "studies"
    folder.mkdir()
    for name in ("study.dcm", "rest.dcm"):
        shutil.copy(DEMO / name, folder)
    with serving(folder, tmp_path / "out") as served:
        opened(browser, served)
        waited(browser, "return !!window.review.partner")
        there = browser.execute_script(PLACES)
        # The other exam comes late: nothing has moved by then.
        browser.execute_script(
            "window.realFetch = window.fetch; window.isHeld = true;"
            "const other = window.review.partner.record.study;"
            "const next = () => new Promise(requestAnimationFrame);"
            "const held = async () => { while (window.isHeld) await next(); };"
            "window.fetch = async (path, ...more) => {"
            "  if (path.includes(other)) await held(); return window.realFetch(path, ...more); };"
        )
        study = browser.execute_script("return window.review.study.study")
        browser.execute_script(
            f"import('./page/session.js').then(({{ openStudy }}) => openStudy('{study}'))"
        )
        waited(browser, "return !document.body.hasAttribute('aria-busy') && !window.review.partner")

        assert browser.execute_script(PLACES) == there
        assert not browser.find_element(By.ID, "copy").is_enabled()
        blank = browser.execute_script(
            "const c = document.getElementById('partner-short-axis');"
            "return c.getContext('2d').getImageData(0, 0, c.width, c.height).data.every((v) => !v)"
        )
        assert blank
        browser.execute_script("window.isHeld = false; window.fetch = window.realFetch;")
        waited(browser, "return !!window.review.partner")
        assert browser.execute_script(PLACES) == there
        assert browser.find_element(By.ID, "copy").is_enabled()


PLACES = """
    return Array.from(document.querySelectorAll("#session canvas"), (canvas) => {
      const { x, y, width, height } = canvas.getBoundingClientRect();
      return [canvas.id, ...[x, y, width, height].map(Math.round)].join(" ");
    });
"""


def test_a_way_round_that_is_chosen_while_a_distance_is_worked_in_stays_chosen(
    browser: Chrome, tmp_path: Path
) -> None:
    folder = tmp_path / "studies"
    folder.mkdir()
    shutil.copy(DEMO / "study.dcm", folder)
    with serving(folder, tmp_path / "out") as served:
        opened(browser, served)
        press(browser, "o")
        waited(browser, "return document.getElementById('orientation').open")
        # The way that is chosen has the focus: no other card looks like it.
        assert browser.execute_script("return document.activeElement.checked")
        browser.execute_script(
            "const real = window.fetch; window.isHeld = true; window.answers = 0;"
            "const next = () => new Promise(requestAnimationFrame);"
            "window.fetch = async (path, ...more) => {"
            "  while (window.isHeld) await next();"
            "  const answer = await real(path, ...more); window.answers += 1; return answer; };"
            "const size = document.getElementById('orientation-slice'); size.value = '5';"
            "size.dispatchEvent(new Event('change'));"
            "window.card = document.querySelectorAll('#orientation-choices label')[2];"
            "window.card.querySelector('input').click(); window.isHeld = false;"
        )
        waited(browser, "return window.answers > 0")
        time.sleep(0.5)

        there = "document.querySelectorAll('#orientation-choices label')[2]"
        assert browser.execute_script(f"return {there} === window.card")
        chosen = "document.querySelector('#orientation-choices input:checked').value"
        assert browser.execute_script(f"return {chosen}") == "2"


# An earlier exam of the patient


@pytest.fixture
def two_years(browser: Chrome, tmp_path: Path) -> Iterator[Chrome]:
    """The page with an exam of today and one of ten months before, both read."""
    folder = tmp_path / "studies"
    write_exam(folder / "now.dcm", "study.dcm", "STRESS", NOW)
    write_exam(folder / "before.dcm", "rest.dcm", "STRESS", BEFORE)
    with serving(folder, tmp_path / "out") as served:
        served.session.estimate_all(threading.Event())
        opened(browser, served)
        names = {each.found.paths[0].stem: each.study for each in served.session.entries.values()}
        browser.execute_script(
            f"import('./page/session.js').then((each) => each.openStudy('{names['now']}'))"
        )
        waited(browser, f"return window.review.study?.study === '{names['now']}'")
        waited(browser, "return window.review.earlier.length === 1")
        yield browser


def test_the_earlier_exam_is_named_compared_and_opened(two_years: Chrome) -> None:
    page = two_years
    assert page.find_element(By.ID, "earlier-words").text == "earlier exam 2025-03-01"

    page.find_element(By.ID, "earlier-compare").click()

    waited(page, "return !document.getElementById('comparison-body').hidden")
    assert "2025-03-01" in page.find_element(By.ID, "comparison-title").text
    assert "less uptake" in page.find_element(By.ID, "comparison-words").text
    rows = [row.text for row in page.find_elements(By.CSS_SELECTOR, "#comparison-rows tr")]
    assert any(row.startswith("TPD (%)") for row in rows)
    for name in ("earlier", "now", "change"):
        assert page.execute_script(
            "const c = document.getElementById(arguments[0]);"
            "return c.getContext('2d').getImageData(150, 100, 1, 1).data[3] === 255",
            f"comparison-{name}",
        )
    press(page, Keys.ESCAPE)
    choice = Select(page.find_element(By.ID, "map-kind"))
    choice.select_by_value("change")
    caption = "document.getElementById('polar-caption')"
    waited(page, f"return {caption}.textContent.startsWith('Compared with the earlier exam')")
    page.find_element(By.ID, "earlier-open").click()
    waited(page, "return window.review.earlier.length === 0 && !!window.review.study")
    waited(page, "return !document.body.hasAttribute('aria-busy')")
    assert not page.find_element(By.ID, "earlier").is_displayed()
    waited(page, "return document.getElementById('map-kind').value === 'uptake'")


def test_the_word_on_the_axes_is_whole_and_a_long_title_gives_way(two_years: Chrome) -> None:
    flag = "const e = document.getElementById('flag');"
    for words in ("Axes: accepted", "Axes: to be reviewed"):
        cut = two_years.execute_script(
            f"{flag} e.textContent = arguments[0]; return e.scrollWidth - e.clientWidth", words
        )
        assert cut <= 0
    assert two_years.execute_script("return document.scrollingElement.scrollWidth") <= 1280


def test_help_begins_at_its_beginning_on_a_low_screen(two_years: Chrome) -> None:
    two_years.find_element(By.ID, "help-toggle").click()
    try:
        help_panel = "const e = document.getElementById('help');"
        assert two_years.execute_script(f"{help_panel} return e.scrollHeight > e.clientHeight")
        assert two_years.execute_script(f"{help_panel} return e.scrollTop") == 0
    finally:
        press(two_years, Keys.ESCAPE)
    assert not two_years.execute_script("return document.getElementById('help').open")


def test_what_the_map_shows_and_is_scored_by_stands_in_one_line(two_years: Chrome) -> None:
    kind, normals = (two_years.find_element(By.ID, name).rect for name in ("map-kind", "normals"))
    assert kind["y"] == normals["y"]
    polar = two_years.find_element(By.ID, "polar").rect
    assert normals["x"] + normals["width"] <= polar["x"] + polar["width"] + 1


def test_polar_maps_have_a_scale(two_years: Chrome) -> None:
    words = "document.getElementById('polar-caption').textContent"
    waited(two_years, f"return {words}.startsWith('Summed score')")
    pixels = two_years.execute_script(
        "const c = document.getElementById('polar');"
        "return Array.from(c.getContext('2d').getImageData(3, 293, 60, 1).data)"
    )
    first, last = pixels[:3], pixels[-4:-1]
    # From black to white, as the map's colours.
    assert max(first) < 40
    assert min(last) > 215
