"""The review page in a real browser: what it shows is what the package computes."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from scipy.spatial.transform import Rotation

pytest.importorskip("fastapi", reason="the review page needs FastAPI")
pytest.importorskip("selenium", reason="a browser is driven by Selenium")

from selenium.webdriver import ActionChains, Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select, WebDriverWait

from drawn_heart import transaxial_grid, usual_pose
from drawn_study import study_volume
from nm_object import build_nm, save_object
from raw_exams import ANGLES, heart_views, write_raw_exam
from repository import DEMO
from review_browser import (
    CHROMIUM,
    DRIVER,
    NO_BROWSER,
    WAIT_S,
    Served,
    new_browser,
    opened,
    press,
    serving,
    waited,
)
from shortaxis.anatomy.cardiac_views import CardiacView, view_grid
from shortaxis.geometry.euler import angles_from_rotation, with_conventional_roll
from shortaxis.geometry.grids import Grid
from shortaxis.geometry.pose import RigidPose
from shortaxis.geometry.pose_errors import long_axis_angle_deg
from shortaxis.review.app import PAGE_FOLDER
from shortaxis.spect.volume import SpectVolume
from shortaxis.workflow.quantify.quantifying import QuantifyOptions, quantify_study
from shortaxis.workflow.quantify.wall_by_hand import with_wall_by_hand
from shortaxis.workflow.studies.finding import find_studies
from ventricle_scenes import Shell, draw_shell

pytestmark = pytest.mark.skipif(not (CHROMIUM and DRIVER), reason=NO_BROWSER)


@pytest.fixture(scope="module")
def browser() -> Iterator[Chrome]:
    started = new_browser()
    yield started
    started.quit()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    folder = tmp_path / "studies"
    folder.mkdir()
    for name in ("study.dcm", "rest.dcm"):
        shutil.copy(DEMO / name, folder)
    with serving(folder, tmp_path / "out") as started:
        yield started


@pytest.fixture
def page(browser: Chrome, served: Served) -> Chrome:
    opened(browser, served)
    waited(browser, "return !!window.review.partner")
    return browser


def shown(browser: Chrome, name: str) -> str:
    return str(browser.find_element(By.ID, name).get_attribute("value"))


def canvas_of(browser: Chrome, name: str) -> WebElement:
    """A canvas that has come to rest: what is shown above it comes late, and moves it."""
    script = """
        const box = document.getElementById(arguments[0]).getBoundingClientRect();
        const now = `${arguments[0]} ${box.x} ${box.y} ${box.width} ${box.height}`;
        window.restsSince = window.lastSeenAt === now ? window.restsSince : performance.now();
        window.lastSeenAt = now;
        return performance.now() - window.restsSince > 200;
    """
    WebDriverWait(browser, WAIT_S, 0.05).until(lambda each: each.execute_script(script, name))
    return browser.find_element(By.ID, name)


def texts_of(browser: Chrome, selector: str) -> list[str]:
    """What is shown, all of it at one moment: the worklist is drawn anew as its flags come."""
    script = "return Array.from(document.querySelectorAll(arguments[0]), (each) => each.innerText)"
    texts: list[str] = browser.execute_script(script, selector)
    return texts


def edited_pose(browser: Chrome) -> RigidPose:
    pose = browser.execute_script("return window.review.history.pose")
    return RigidPose(np.array(pose["axes"]), np.array(pose["center"]))


def test_slices_on_the_page_are_those_of_the_package(page: Chrome, served: Served) -> None:
    study = page.execute_script("return window.review.study.study")
    volume, pose = served.session.load(study).study.volume, edited_pose(page)
    size, step = 48, 3.0
    for view, name in (
        (CardiacView.SHORT_AXIS, "short-axis"),
        (CardiacView.VERTICAL_LONG_AXIS, "vertical"),
        (CardiacView.HORIZONTAL_LONG_AXIS, "horizontal"),
    ):
        expected = volume.resampled(view_grid(view, pose, (1, size, size), step)).counts[0]
        script = """
            const [name, size, step] = arguments, { pose } = window.review.history;
            const done = arguments[arguments.length - 1];
            import("./page/geometry.js").then(({ viewDirections, add }) => {
              const { right, down } = viewDirections(name, pose.axes);
              const half = ((size - 1) / 2) * step;
              const first = add(add(pose.center, right, -half), down, -half);
              const scaled = (a) => a.map((value) => value * step);
              const { volume } = window.review;
              done(Array.from(volume.plane(first, scaled(right), scaled(down), size, size)));
            });
        """
        found = np.array(page.execute_async_script(script, name, size, step))
        apart = np.abs(found.reshape(size, size) - expected).max()
        assert apart < 1e-3 * expected.max(), view


def test_the_pixels_of_the_transaxial_view_show_the_counts(page: Chrome, served: Served) -> None:
    study = page.execute_script("return window.review.study.study")
    volume, pose = served.session.load(study).study.volume, edited_pose(page)
    page.execute_script(
        "const select = document.getElementById('colours'); select.value = 'grey';"
        "select.dispatchEvent(new Event('input'));"
    )
    time.sleep(0.3)
    pixels = page.execute_script(
        "const c = document.getElementById('transaxial');"
        "return Array.from(c.getContext('2d').getImageData(0, 0, c.width, c.height).data)"
    )
    red = np.array(pixels).reshape(300, 300, 4)[..., 0].astype(float)
    step = 240 / 300
    affine = np.eye(4)
    affine[:3, :3] = np.column_stack([(0, 0, 1), (0, 1, 0), (1, 0, 0)]) * step
    affine[:3, 3] = pose.center_mm - 149.5 * step * np.array([1, 1, 0])
    counts = volume.resampled(Grid((1, 300, 300), affine)).counts[0]
    level = page.execute_script("return window.review.study.level")
    expected = np.clip(255 * counts / level, 0, 255)
    # Letters, axis and cone cover some pixels.
    assert np.median(np.abs(red - expected)) < 1.5
    assert np.mean(np.abs(red - expected) < 2) > 0.9


def test_keys_and_typed_numbers_turn_the_pose_and_undo_takes_it_back(page: Chrome) -> None:
    before = edited_pose(page)
    theta = float(shown(page, "theta"))
    page.find_element(By.ID, "transaxial").click()
    page.execute_script("document.activeElement.blur()")
    press(page, Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    assert float(shown(page, "theta")) == pytest.approx(theta + 2, abs=0.06)
    assert page.find_element(By.ID, "accept").text == "Save correction"
    alpha, beta, turned = angles_from_rotation(edited_pose(page).patient_from_cardiac)
    old_alpha, old_beta, old_theta = angles_from_rotation(before.patient_from_cardiac)
    assert (alpha, beta, turned) == pytest.approx((old_alpha, old_beta, old_theta + 2), abs=1e-6)

    field = page.find_element(By.ID, "z_m")
    field.clear()
    field.send_keys("7", Keys.TAB)
    assert edited_pose(page).center_mm[2] - before.center_mm[2] != pytest.approx(0)
    page.execute_script("document.activeElement.blur()")
    press(page, "z", "z", "z")
    np.testing.assert_allclose(edited_pose(page).matrix, before.matrix, atol=1e-9)
    press(page, "y")
    assert not np.allclose(edited_pose(page).matrix, before.matrix, atol=1e-6)
    press(page, "0")
    assert page.find_element(By.ID, "accept").text == "Accept"


def test_dragging_the_apex_turns_the_axis_and_keeps_the_centre(page: Chrome) -> None:
    before = edited_pose(page)
    places = page.execute_async_script(
        "const done = arguments[0];"
        "import('./page/drawing.js').then(({ handles }) => { const r = window.review;"
        "done(handles('transaxial', r.history.pose, r.study.automatic.extent, 300, r.field)); });"
    )
    canvas = canvas_of(page, "transaxial")
    scale = canvas.size["width"] / 300
    x, y = ((value - 150) * scale for value in places["apex"])
    ActionChains(page).move_to_element_with_offset(
        canvas, round(x), round(y)
    ).click_and_hold().move_by_offset(12, 8).move_by_offset(8, 6).release().perform()
    after = edited_pose(page)
    np.testing.assert_allclose(after.center_mm, before.center_mm)
    turned = np.degrees(
        np.arccos(after.patient_from_cardiac[:, 2] @ before.patient_from_cardiac[:, 2])
    )
    assert 3 < turned < 60
    assert np.linalg.det(after.patient_from_cardiac) == pytest.approx(1)
    np.testing.assert_allclose(
        after.patient_from_cardiac.T @ after.patient_from_cardiac, np.eye(3), atol=1e-9
    )
    # The apex went to the right of the screen, the patient's left, and to the back.
    apex = -after.patient_from_cardiac[:, 2] + before.patient_from_cardiac[:, 2]
    assert apex[0] > 0
    assert apex[1] > 0


def test_a_correction_is_saved_and_the_next_study_is_shown(page: Chrome, served: Served) -> None:
    first = page.execute_script("return window.review.study")
    page.find_element(By.ID, "reviewer").send_keys("A. Reader")
    page.execute_script("document.activeElement.blur()")
    press(page, "d", "d", "d", "]", "]")
    corrected = edited_pose(page)
    press(page, Keys.ENTER)
    waited(page, f"return window.review.study.study !== '{first['study']}'")
    folder = served.session.out / first["folder"]
    record = json.loads((folder / "pose.json").read_text("utf-8"))
    assert record["method"] == "manual"
    np.testing.assert_allclose(record["center_mm"], corrected.center_mm, atol=1e-6)
    np.testing.assert_allclose(
        record["patient_from_cardiac"], corrected.patient_from_cardiac, atol=1e-6
    )
    assert (folder / "short_axis.dcm").exists()
    waited(
        page, "return window.review.rows.filter((row) => row.state === 'corrected').length === 1"
    )
    errors = [each for each in page.get_log("browser") if each["level"] == "SEVERE"]
    assert not errors


def test_nobody_signs_without_a_name(page: Chrome, served: Served) -> None:
    page.execute_script("localStorage.clear(); document.getElementById('reviewer').value = ''")
    page.find_element(By.ID, "accept").click()
    waited(page, "return !document.getElementById('error').hidden")
    assert "name is missing" in page.find_element(By.ID, "error").text
    assert not any(each.version for each in served.session.store.reviews().values())


def test_another_window_is_told_of(page: Chrome, served: Served) -> None:
    study = page.execute_script("return window.review.study.study")
    from shortaxis.review.decisions import Decision, ReviewAction

    served.session.decide(study, Decision(ReviewAction.REJECT, 0, "B. Other"))
    page.execute_script("document.getElementById('reviewer').value = 'A. Reader'")
    page.find_element(By.ID, "accept").click()
    waited(page, "return !document.getElementById('error').hidden")
    assert "changed meanwhile" in page.find_element(By.ID, "error").text


def test_what_was_drawn_on_other_counts_is_neither_signed_nor_kept(
    page: Chrome, served: Served
) -> None:
    study = page.execute_script("return window.review.study.study")
    (path,) = served.session.entry(study).found.paths
    page.execute_script("document.getElementById('reviewer').value = 'A. Reader'")
    before = page.execute_script("return window.review.study.content")
    press(page, "d", "d")
    drawn = edited_pose(page)
    stored = pydicom.dcmread(path)
    stored.PixelData = np.roll(stored.pixel_array, 4, axis=2).tobytes()
    stored.save_as(path)

    page.find_element(By.ID, "accept").click()
    waited(page, "return !document.getElementById('error').hidden")
    assert "file that was replaced" in page.find_element(By.ID, "error").text
    assert not any(each.pose for each in served.session.store.reviews().values())
    page.execute_script(f"document.querySelector('[data-study=\"{study}\"]').click()")
    waited(page, f"return (window.review.study?.content ?? '{before}') !== '{before}'")

    seen = edited_pose(page)
    assert np.linalg.norm(seen.center_mm - drawn.center_mm) > 10
    trail = page.execute_script("return document.getElementById('trail').textContent")
    assert "other counts than before" in trail
    assert page.execute_script("return window.review.edits.size") == 0


def test_the_roll_of_the_slices_is_the_convention_that_is_shown(page: Chrome) -> None:
    pose = edited_pose(page)
    script = """
        const done = arguments[0];
        import("./page/geometry.js").then(
          ({ conventional }) => done(conventional(window.review.history.pose).axes));
    """
    found = np.array(page.execute_async_script(script))
    np.testing.assert_allclose(found, with_conventional_roll(pose).patient_from_cardiac, atol=1e-6)


def pixels_of(browser: Chrome, name: str) -> np.ndarray[Any, Any]:
    width, height, values = browser.execute_script(
        "const c = document.getElementById(arguments[0]);"
        "const { data } = c.getContext('2d').getImageData(0, 0, c.width, c.height);"
        "return [c.width, c.height, Array.from(data)]",
        name,
    )
    return np.array(values).reshape(height, width, 4)


def notice_of(browser: Chrome) -> str:
    return browser.find_element(By.ID, "notice").text


def test_the_polar_map_says_what_it_is_scored_by(page: Chrome) -> None:
    def caption() -> str:
        return page.find_element(By.ID, "polar-caption").text

    choice = Select(page.find_element(By.ID, "normals"))
    for value, words in (
        ("fixed-bands", "fixed bands of uptake"),
        ("none", "not scored"),
        ("simulated-clinical", "simulated-clinical: "),
    ):
        choice.select_by_value(value)
        WebDriverWait(page, WAIT_S).until(lambda _, words=words: words in caption())
    assert "TPD" in caption()


def test_the_other_exam_is_shown_beside_and_its_pose_is_taken_with_a_warning(page: Chrome) -> None:
    for view in ("short-axis", "vertical", "horizontal"):
        assert page.find_element(By.ID, f"partner-{view}").is_displayed()
        # Another exam of the same patient: much alike, and not the same.
        own, other = (pixels_of(page, f"{of}{view}")[..., 0] for of in ("", "partner-"))
        assert other.max() > 200
        assert (own != other).mean() > 0.2
        assert np.corrcoef(own.ravel(), other.ravel())[0, 1] > 0.7
    assert page.find_element(By.ID, "partner-polar").is_displayed()
    before = edited_pose(page)
    theirs = page.execute_script("return window.review.partner.pose.center")
    page.find_element(By.ID, "copy").click()
    np.testing.assert_allclose(edited_pose(page).center_mm, theirs)
    apart = np.linalg.norm(np.array(theirs) - before.center_mm)
    assert f"{apart:.1f} mm" in notice_of(page)
    assert "move between exams" in notice_of(page)
    press(page, "z")
    assert not notice_of(page)
    np.testing.assert_allclose(edited_pose(page).center_mm, before.center_mm)


def test_both_exams_are_shown_by_the_same_colours_and_levels(page: Chrome) -> None:
    before = [pixels_of(page, name) for name in ("short-axis", "partner-short-axis")]
    page.execute_script(
        "const upper = document.getElementById('upper'); upper.value = 50;"
        "upper.dispatchEvent(new Event('input'));"
    )
    time.sleep(0.3)
    after = [pixels_of(page, name) for name in ("short-axis", "partner-short-axis")]
    for old, new in zip(before, after, strict=True):
        assert (new[..., 1].astype(int) >= old[..., 1]).mean() > 0.99
        assert (new[..., 1] > old[..., 1]).mean() > 0.2
    assert page.find_element(By.ID, "upper-value").text == "50 %"


def test_a_click_sets_the_crosshair_in_all_views(page: Chrome) -> None:
    center = edited_pose(page).center_mm
    canvas = canvas_of(page, "transaxial")
    scale = canvas.size["width"] / 300
    right, down = 60, -70
    ActionChains(page).move_to_element_with_offset(
        canvas, round(right * scale), round(down * scale)
    ).click().perform()
    point = np.array(waited(page, "return window.review.point"))
    step = 240 / 300
    offset = np.array([right * step, down * step, 0])
    np.testing.assert_allclose(point, center + offset, atol=2)
    page.execute_script("document.activeElement.blur()")
    time.sleep(0.2)
    # The coronal view now passes through it: its middle column is 48 mm to the right of the cross.
    script = """
        const done = arguments[0], { volume, field, point } = window.review;
        import("./page/drawing.js").then(({ patientPlane }) => {
          const { first } = patientPlane("coronal", field, point, 300);
          done(first);
        });
    """
    first = page.execute_async_script(script)
    assert first[1] == pytest.approx(point[1])
    # In the other exam it marks the same place of the heart.
    script = """
        const done = arguments[0], { point, history, partner } = window.review;
        import("./page/geometry.js").then(({ carried, conventional }) => {
          done(carried(point, conventional(history.pose), conventional(partner.pose)));
        });
    """
    theirs = np.array(page.execute_async_script(script))
    own = edited_pose(page)
    record = page.execute_script("return window.review.partner.pose")
    other = RigidPose(np.array(record["axes"]), np.array(record["center"]))
    own_roll, their_roll = with_conventional_roll(own), with_conventional_roll(other)
    np.testing.assert_allclose(
        their_roll.patient_from_cardiac.T @ (theirs - their_roll.center_mm),
        own_roll.patient_from_cardiac.T @ (point - own_roll.center_mm),
        atol=1e-6,
    )
    marked = pixels_of(page, "partner-short-axis")
    press(page, Keys.ESCAPE)
    time.sleep(0.2)
    assert (pixels_of(page, "partner-short-axis") != marked).any()
    assert page.execute_script("return window.review.point") is None
    press(page, "h")
    np.testing.assert_allclose(page.execute_script("return window.review.point"), center)


def test_a_click_on_a_short_axis_slice_does_not_roll_it(page: Chrome) -> None:
    before = edited_pose(page)
    canvas = canvas_of(page, "short-axis")
    ActionChains(page).move_to_element_with_offset(canvas, 60, 10).click().perform()
    point = np.array(waited(page, "return window.review.point"))
    np.testing.assert_allclose(edited_pose(page).matrix, before.matrix)
    # To the right of the middle of the row: nearer to the base than to the apex.
    towards_base = before.patient_from_cardiac[:, 2]
    assert 0 < (point - before.center_mm) @ towards_base < 45
    ActionChains(page).move_to_element_with_offset(canvas, 30, 0).click_and_hold().move_by_offset(
        -10, 12
    ).move_by_offset(-10, 12).release().perform()
    after = edited_pose(page)
    np.testing.assert_allclose(after.patient_from_cardiac[:, 2], towards_base, atol=1e-9)
    assert not np.allclose(after.patient_from_cardiac, before.patient_from_cardiac, atol=0.05)
    assert page.find_element(By.ID, "roll").text == "Roll: anatomical"
    assert "written with the conventional one" in notice_of(page)


def test_what_is_edited_and_not_saved_waits_on_the_worklist(page: Chrome) -> None:
    first = page.execute_script("return window.review.study.study")
    press(page, "d", "d")
    edited = edited_pose(page)
    press(page, "n")
    waited(page, f"return window.review.study && window.review.study.study !== '{first}'")
    press(page, "l")
    waited(page, "return document.activeElement.tagName === 'TR'")
    cells = texts_of(page, "#rows td:nth-child(3)")
    assert sorted(cells) == ["open", "open, not saved"]
    # Nothing is turned or signed off behind the list.
    press(page, Keys.ARROW_RIGHT, "x")
    assert page.execute_script("return window.review.history.done.length") == 0
    press(page, Keys.ARROW_UP, Keys.ENTER)
    waited(page, f"return window.review.study.study === '{first}'")
    np.testing.assert_allclose(edited_pose(page).matrix, edited.matrix)
    press(page, "0")


def test_keys_alone_sign_off_and_take_back(page: Chrome, served: Served) -> None:
    study = page.execute_script("return window.review.study.study")
    for _ in range(60):
        if page.execute_script("return document.activeElement.id") == "reviewer":
            break
        press(page, Keys.TAB)
    press(page, *"A. Reader", Keys.ESCAPE, "x")
    waited(page, f"return window.review.study.study !== '{study}'")
    assert served.session.store.review(study).state.value == "rejected"
    assert "rejected" in notice_of(page)
    press(page, "p")
    waited(page, f"return window.review.study.study === '{study}'")
    page.find_element(By.ID, "reopen").click()
    waited(page, "return window.review.study.state === 'open'")
    assert [each["action"] for each in served.session.store.trail(study)] == ["reject", "reopen"]


def test_a_gated_study_plays_its_time_slots(browser: Chrome, tmp_path: Path) -> None:
    volume = study_volume()
    shares = np.array([0.7, 1.0, 1.3, 1.0])[:, None, None, None] / 4
    gates = np.round(volume.counts * shares).astype(np.float32)
    (tmp_path / "studies").mkdir()
    save_object(build_nm(volume, gates=gates), tmp_path / "studies" / "gated.dcm")
    with serving(tmp_path / "studies", tmp_path / "out") as served:
        opened(browser, served)
        assert not browser.find_element(By.ID, "copy").is_displayed()
        press(browser, " ")
        seen = set()
        for _ in range(12):
            seen.add(waited(browser, "return window.review.gate ?? -1"))
            time.sleep(0.08)
        assert {1, 2, 3} <= seen
        found = browser.execute_script(
            "return window.review.gates.map((gate) => gate.counts.reduce((a, b) => a + b, 0))"
        )
        np.testing.assert_allclose(found, gates.sum(axis=(1, 2, 3)), rtol=1e-4)
        press(browser, " ")
        assert browser.execute_script("return window.review.gate") is None
        assert browser.find_element(By.ID, "play").text == "Play"


def test_the_function_panel_shows_the_beating_heart(browser: Chrome, tmp_path: Path) -> None:
    grid = transaxial_grid()
    radii = (27.0, 26.0, 24.0, 21.0, 19.0, 22.0, 25.0, 26.5)
    shells = [draw_shell(grid, usual_pose(grid), Shell(radius_mm=each)) for each in radii]
    gates = np.round(np.stack([each.counts for each in shells])).astype(np.float32)
    volume = SpectVolume(gates.sum(axis=0), grid.patient_from_index)
    (tmp_path / "studies").mkdir()
    save_object(build_nm(volume, gates=gates), tmp_path / "studies" / "gated.dcm")
    with serving(tmp_path / "studies", tmp_path / "out") as served:
        opened(browser, served)
        waited(browser, "return !document.getElementById('function-open').hidden")
        press(browser, "f")

        waited(browser, "return window.review.beat?.frames > 3")

        rows = browser.find_element(By.ID, "function-rows").text
        assert rows.startswith("LVEF (%)")
        # Where noise hides the phases there is neither a map nor a histogram of them.
        maps = browser.find_elements(By.CSS_SELECTOR, "#function-maps figcaption")
        assert len(maps) == (2 if "too noisy" in rows else 4)
        assert maps[0].text.startswith("Motion (mm); colours from -3 to 12 mm, inwards")
        curve = browser.find_elements(By.CSS_SELECTOR, "#function-beat figcaption")[-1].text
        for name in ("EDV ", "ESV ", " ml", "LVEF ", " %"):
            assert name in curve
        assert "not validated on patients" in browser.find_element(By.ID, "function-notice").text
        browser.execute_script("window.review.beat.play(false)")
        ends = [_beat_at(browser, moment) for moment in (0.0, 0.5)]
        # Five cuts, the endocardium, and the curve; all of them move.
        assert len(ends[0]) == len(ends[1]) == 7
        for first, last in zip(*ends, strict=True):
            assert first != last
        for hertz in (24, 60, 75, 144):
            drawn, moved = browser.execute_script(BEAT_OF_A_SCREEN, hertz)
            assert drawn == pytest.approx(min(hertz, 30), abs=1), f"{hertz} Hz"
            # One beat a second, whatever the screen does; 0 and 1 are the same moment.
            assert abs(moved - round(moved)) < 0.05, f"{hertz} Hz"
        stopped = browser.execute_script("return window.review.beat.frames")
        time.sleep(0.1)
        assert browser.execute_script("return window.review.beat.frames") == stopped
        Select(browser.find_element(By.ID, "function-phase")).select_by_value("peak")
        waited(
            browser,
            "return document.getElementById('function-rows').textContent.includes('most counts')",
        )


BEAT_OF_A_SCREEN = """
    const hertz = arguments[0], beat = window.review.beat, own = window.requestAnimationFrame;
    const steps = [];
    window.requestAnimationFrame = (step) => steps.push(step);
    beat.show(0);
    const before = beat.frames;
    beat.play(true);
    for (let frame = 0; frame <= hertz; frame++) steps.shift()((1000 * frame) / hertz);
    beat.play(false);
    window.requestAnimationFrame = own;
    return [beat.frames - before, beat.moment];
"""
"""Play for one second of a screen that draws so many times in it; its clock, not ours."""


def _beat_at(page: Chrome, moment: float) -> list[str]:
    """Pictures of the panel at a moment of the beat."""
    script = """
        window.review.beat.show(arguments[0]);
        const shown = document.querySelectorAll("#function-beat canvas");
        return [...shown].map((each) => each.toDataURL());
    """
    pictures: list[str] = page.execute_script(script, moment)
    return pictures


def test_projections_are_played_beside_sinogram_and_linogram(
    browser: Chrome, tmp_path: Path
) -> None:
    folder = tmp_path / "studies"
    folder.mkdir()
    write_raw_exam(folder / "raw.dcm")
    with serving(folder, tmp_path / "out") as served:
        opened(browser, served)
        waited(browser, "return !document.getElementById('projections-open').hidden")
        press(browser, "j")
        first = waited(browser, "return document.getElementById('cine-caption').textContent")
        waited(
            browser,
            f"return document.getElementById('cine-caption').textContent !== {first!r}",
        )
        browser.find_element(By.ID, "cine-play").click()
        widths = browser.execute_script(
            "return ['cine', 'sinogram', 'linogram'].map((id) => {"
            "  const c = document.getElementById(id), p = c.getContext('2d');"
            "  const { data } = p.getImageData(0, 0, c.width, c.height);"
            "  return [c.width, c.height, new Set(data).size > 20];"
            "})"
        )
        bins, rows = heart_views().shape[2], heart_views().shape[1]
        assert widths == [
            [bins, rows, True],
            [bins, len(ANGLES), True],
            [len(ANGLES), rows, True],
        ]
        assert "motion" in browser.find_element(By.ID, "projections-words").text
        press(browser, Keys.ESCAPE)
        assert not browser.get_log("browser")


def test_a_study_that_cannot_be_read_says_why_and_the_next_one_opens(
    browser: Chrome, tmp_path: Path
) -> None:
    studies = tmp_path / "studies"
    studies.mkdir()
    for name in ("study.dcm", "rest.dcm"):
        shutil.copy(DEMO / name, studies)
    with serving(studies, tmp_path / "out") as served:
        path = studies / "study.dcm"
        path.write_bytes(path.read_bytes()[:-5000])
        opened_broken(browser, served)
        assert "study.dcm" in browser.find_element(By.ID, "error").text
        assert "could not be opened" in browser.find_element(By.ID, "study-title").text
        assert not browser.find_element(By.ID, "session").is_displayed()
        press(browser, "n")
        waited(browser, "return window.review.study && window.review.study.condition === 'rest'")
        waited(browser, "return !document.getElementById('error').hidden")
        assert "other exam cannot be shown: study.dcm" in browser.find_element(By.ID, "error").text
        assert not browser.find_element(By.ID, "partner-polar").is_displayed()


def opened_broken(browser: Chrome, served: Served) -> None:
    browser.get("about:blank")
    browser.get(served.address)
    waited(browser, "return !document.getElementById('error').hidden")


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (820, 1180)])
def test_the_page_fits_screens(page: Chrome, width: int, height: int) -> None:
    page.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False},
    )
    try:
        time.sleep(0.3)
        wide, high = page.execute_script(
            "const e = document.scrollingElement; return [e.scrollWidth, e.scrollHeight]"
        )
        assert wide <= width
        if width > 1000:
            # Everything is on one screen, the pair too.
            assert high <= height
    finally:
        page.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


@pytest.mark.parametrize("verdict", ["Axes: accepted", "Axes: to be reviewed"])
def test_the_verdict_is_never_cut_off(page: Chrome, verdict: str) -> None:
    page.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": 1280, "height": 800, "deviceScaleFactor": 1, "mobile": False},
    )
    try:
        page.execute_script("document.getElementById('study-title').textContent = 'a'.repeat(200)")
        needs, has = page.execute_script(
            "const flag = document.getElementById('flag'); flag.textContent = arguments[0];"
            "return [flag.scrollWidth, flag.clientWidth]",
            verdict,
        )
        assert needs <= has
    finally:
        page.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


@pytest.mark.parametrize("theme", [":root", '[data-theme="light"]'])
def test_words_stand_out_from_their_ground(theme: str) -> None:
    # WCAG 2.2, 1.4.3: at least 4.5 to 1.
    style = (PAGE_FOLDER / "style.css").read_text("utf-8")
    rules = style[style.index(theme) :].split("}", 1)[0]
    colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", rules))
    for ink in ("ink", "muted", "accent", "good", "warn", "bad"):
        for ground in ("ground", "panel"):
            light, dark = sorted(map(luminance, (colours[ink], colours[ground])), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 4.5, (ink, ground)


def luminance(colour: str) -> float:
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))


def drag_in_tile(browser: Chrome, view: str, tile: int, start: Any, by: Any) -> float:
    """Drag in a tile, from and by offsets in canvas pixels; mm of a canvas pixel."""
    canvas = canvas_of(browser, view)
    width, height = browser.execute_script(
        "const c = document.getElementById(arguments[0]); return [c.width, c.height]", view
    )
    count = 10 if view == "short-axis" else 5
    scale = canvas.size["width"] / width
    pitch = width // count
    middle = tile * pitch + min(height, pitch - 2) / 2 - width / 2
    x, y = (middle + start[0]) * scale, start[1] * scale
    half = [round(each * scale / 2) for each in by]
    ActionChains(browser).move_to_element_with_offset(
        canvas, round(x), round(y)
    ).click_and_hold().move_by_offset(*half).move_by_offset(*half).release().perform()
    return 150 / height


def cut_axes(browser: Chrome) -> np.ndarray[Any, Any]:
    return with_conventional_roll(edited_pose(browser)).patient_from_cardiac


@pytest.mark.parametrize(("view", "about"), [("vertical", 0), ("horizontal", 1)])
def test_a_long_axis_slice_that_is_dragged_around_its_middle_turns(
    page: Chrome, view: str, about: int
) -> None:
    before, axes = edited_pose(page), cut_axes(page)
    beta = angles_from_rotation(before.patient_from_cardiac)[1]
    # Clockwise on the screen, the picture follows.
    drag_in_tile(page, view, 2, (40, -10), (0, 20))
    after = edited_pose(page)
    np.testing.assert_allclose(after.center_mm, before.center_mm)
    base = after.patient_from_cardiac[:, 2]
    assert base @ axes[:, about] == pytest.approx(0, abs=1e-6)
    assert 15 < np.degrees(np.arccos(base @ axes[:, 2])) < 45
    assert angles_from_rotation(after.patient_from_cardiac)[1] == pytest.approx(beta, abs=1e-6)
    # In a vertical slice the apex lies to the right and y_c points down: what was above the apex
    # has come to the axis. In a horizontal one it lies above, and what was to its left has.
    apex = -base
    if view == "vertical":
        assert apex @ axes[:, 1] < 0
    else:
        assert apex @ axes[:, 0] < 0


@pytest.mark.parametrize("view", ["short-axis", "vertical", "horizontal"])
def test_a_slice_that_is_dragged_in_its_middle_is_shifted(page: Chrome, view: str) -> None:
    before, axes = edited_pose(page), cut_axes(page)
    step = drag_in_tile(page, view, 2, (0, 0), (16, -8))
    after = edited_pose(page)
    np.testing.assert_allclose(after.patient_from_cardiac, before.patient_from_cardiac)
    x, y, z = axes.T
    right, down = {"short-axis": (x, y), "vertical": (-z, y), "horizontal": (x, z)}[view]
    # The picture follows the pointer, so the centre goes the other way.
    expected = -(16 * right - 8 * down) * step
    np.testing.assert_allclose(after.center_mm - before.center_mm, expected, atol=2.5)
    assert page.find_element(By.ID, "roll").text == "Roll: conventional"


def test_dragging_an_end_keeps_the_roll(page: Chrome) -> None:
    beta = shown(page, "beta")
    press(page, Keys.ARROW_UP, Keys.ARROW_UP, Keys.ARROW_LEFT)
    drag_in_tile(page, "vertical", 2, (40, 0), (0, 24))
    assert shown(page, "beta") == beta


def handle_places(browser: Chrome, view: str, pose: RigidPose | None = None) -> dict[str, Any]:
    """Where centre, apex and base of a pose, or of the present one, lie on a canvas, pixels."""
    script = """
        const [view, pose, done] = arguments;
        import("./page/drawing.js").then(({ handles }) => {
          const { history, study, field } = window.review, { width } = window[view];
          done(handles(view, pose ?? history.pose, study.automatic.extent, width, field));
        });
    """
    values = pose and {
        "center": pose.center_mm.tolist(),
        "axes": pose.patient_from_cardiac.tolist(),
    }
    places: dict[str, Any] = browser.execute_async_script(script, view, values)
    return places


def drag_handle(browser: Chrome, view: str, name: str, to: list[float]) -> None:
    canvas = canvas_of(browser, view)
    scale = canvas.size["width"] / float(browser.execute_script(f"return {view}.width"))
    start = np.array(handle_places(browser, view)[name])
    middle = canvas.size["width"] / scale / 2
    x, y = np.round((start - middle) * scale).astype(int)
    right, down = np.round((np.array(to) - start) * scale).astype(int)
    hold = ActionChains(browser).move_to_element_with_offset(canvas, int(x), int(y))
    half = int(right) // 2, int(down) // 2
    rest = int(right) - half[0], int(down) - half[1]
    hold.click_and_hold().move_by_offset(*half).move_by_offset(*rest).release().perform()


def test_a_bad_automatic_pose_is_put_right_by_dragging_alone_and_saved(
    browser: Chrome, tmp_path: Path
) -> None:
    studies = tmp_path / "studies"
    studies.mkdir()
    shutil.copy(DEMO / "study.dcm", studies)
    with serving(studies, tmp_path / "out") as served:
        (entry,) = served.session.entries.values()
        record = served.session.automatic(entry.study)
        right = RigidPose(np.array(record["patient_from_cardiac"]), np.array(record["center_mm"]))
        turn = Rotation.from_rotvec(np.array([33.0, -22.0, 38.0]), degrees=True).as_matrix()
        bad = RigidPose(turn @ right.patient_from_cardiac, np.add(right.center_mm, (18, -16, 14)))
        assert long_axis_angle_deg(bad, right) > 40
        with sqlite3.connect(served.session.store.path) as store:
            changed = {
                **record,
                "patient_from_cardiac": bad.patient_from_cardiac.tolist(),
                "center_mm": bad.center_mm.tolist(),
            }
            store.execute("UPDATE reviews SET automatic = ?", (json.dumps(changed),))
        opened(browser, served)
        np.testing.assert_allclose(edited_pose(browser).center_mm, bad.center_mm, atol=1e-3)
        for _ in range(2):
            for name in ("center", "apex"):
                for view in ("transaxial", "sagittal", "coronal"):
                    drag_handle(browser, view, name, handle_places(browser, view, right)[name])
        put_right = edited_pose(browser)
        assert long_axis_angle_deg(put_right, right) < 3
        assert np.linalg.norm(put_right.center_mm - right.center_mm) < 3
        browser.find_element(By.ID, "reviewer").send_keys("A. Reader")
        browser.find_element(By.ID, "accept").click()
        waited(browser, "return window.review.study.state === 'corrected'")
        (path,) = served.session.out.glob("*/pose.json")
        saved = json.loads(path.read_text("utf-8"))
        assert saved["method"] == "manual"
        np.testing.assert_allclose(saved["center_mm"], put_right.center_mm, atol=1e-6)
        kept = json.loads((path.parent / "review.json").read_text("utf-8"))["automatic_pose"]
        np.testing.assert_allclose(kept["center_mm"], bad.center_mm)


def choose_way(browser: Chrome, words: str) -> None:
    """Choose by its words, as a pointer does."""
    (card,) = [
        each
        for each in browser.find_elements(By.CSS_SELECTOR, "#orientation-choices label")
        if each.find_element(By.CSS_SELECTOR, "span:not(.pictures)").text == words
    ]
    card.click()


def pictures_of_choices(browser: Chrome) -> np.ndarray[Any, Any]:
    """Red of the pictures of all choices, ``(choice, view, row, column)``."""
    found = browser.execute_script(
        "return [...document.querySelectorAll('#orientation-choices canvas')].map((c) => "
        "Array.from(c.getContext('2d').getImageData(30, 30, 72, 72).data)"
        ".filter((_, i) => i % 4 === 0))"
    )
    return np.array(found).reshape(-1, 2, 72, 72)


def test_a_study_is_turned_upside_down_in_the_panel(page: Chrome, served: Served) -> None:
    study = page.execute_script("return window.review.study.study")
    before = served.session.load(study).study.volume.patient_from_index
    page.execute_script("document.activeElement.blur()")
    press(page, "o")
    waited(page, "return document.getElementById('orientation').open")
    pictures = pictures_of_choices(page)
    assert len(pictures) == 8
    # Head and feet exchanged: the coronal picture upside down, the transaxial one as it was.
    assert np.abs(pictures[1, 0] - pictures[0, 0][::-1]).mean() < 1
    assert np.abs(pictures[1, 0] - pictures[0, 0]).mean() > 12
    assert np.abs(pictures[1, 1] - pictures[0, 1]).mean() < 1
    assert not page.find_element(By.ID, "orientation-proposal").is_displayed()
    assert not page.find_element(By.ID, "orientation-state").is_enabled()

    # By keys alone: the next choice, then Enter, which asks for a name first.
    press(page, Keys.ARROW_RIGHT, Keys.ENTER)
    waited(page, "return document.getElementById('orientation-error').textContent !== ''")
    assert "name is missing" in page.find_element(By.ID, "orientation-error").text
    press(page, *"A. Reader", Keys.ENTER)
    waited(page, "return !document.getElementById('orientation').open")
    waited(page, "return window.review.study?.version === 1")

    assert page.execute_script("return window.review.study.stated") == {"flips": ["slices"]}
    assert "as stated by the user" in page.find_element(By.ID, "reasons").text
    assert "orient (flips: slices)" in page.find_element(By.ID, "trail").text
    after = served.session.load(study).study.volume.patient_from_index
    np.testing.assert_allclose(after[:3, 0], -before[:3, 0])
    np.testing.assert_allclose(after[:3, 1:3], before[:3, 1:3])

    # What surrounds the heart is upside down now: the way back is proposed, and chosen.
    press(page, "o")
    waited(page, "return document.getElementById('orientation').open")
    assert page.find_element(By.ID, "orientation-proposal").is_displayed()
    chosen = page.find_element(By.CSS_SELECTOR, "#orientation-choices label:has(input:checked)")
    assert "proposed" in chosen.text
    assert page.find_element(By.ID, "orientation-state").is_enabled()
    press(page, Keys.ESCAPE)
    assert not page.execute_script("return document.getElementById('orientation').open")


def test_a_study_that_is_not_read_is_opened_by_stating_its_geometry(
    browser: Chrome, tmp_path: Path
) -> None:
    studies = tmp_path / "studies"
    studies.mkdir()
    shutil.copy(DEMO / "rest.dcm", studies)
    (studies / "notes.txt").write_text("nothing of a study")
    refused = pydicom.dcmread(DEMO / "study.dcm")
    spacing = float(refused.SpacingBetweenSlices)
    del refused.SpacingBetweenSlices
    refused.save_as(studies / "refused.dcm")
    with serving(studies, tmp_path / "out") as served:
        opened(browser, served)
        browser.find_element(By.ID, "list-toggle").click()
        waited(browser, "return document.getElementById('rows').children.length === 3")
        rows = texts_of(browser, "#rows tr")
        assert "2 not read" in browser.find_element(By.ID, "count").text
        assert "notes.txt" in rows[2]
        assert "SpacingBetweenSlices" in rows[0]
        assert "To go on" in rows[0]
        browser.execute_script("document.querySelector('#rows tr').click()")
        waited(browser, "return document.getElementById('orientation').open")
        assert "SpacingBetweenSlices" in browser.find_element(By.ID, "orientation-reason").text
        choose_way(browser, "Rows to L, columns to P, slices to I")
        assert not browser.find_element(By.ID, "orientation-state").is_enabled()

        size = browser.find_element(By.ID, "orientation-slice")
        size.send_keys(str(abs(spacing)), Keys.TAB)
        waited(browser, "return !document.getElementById('orientation-lacks').textContent")
        letters = "S" if spacing > 0 else "I"
        choose_way(browser, f"Rows to L, columns to P, slices to {letters}")
        browser.find_element(By.ID, "orientation-reviewer").send_keys("A. Reader")
        browser.find_element(By.ID, "orientation-state").click()

        waited(browser, "return window.review.study?.version === 1")
        assert not browser.execute_script("return document.getElementById('orientation').open")
        study = browser.execute_script("return window.review.study.study")
        found = served.session.load(study).study.volume.patient_from_index
        right = find_studies(DEMO / "study.dcm").studies[0].load().study.volume.patient_from_index
        np.testing.assert_allclose(found, right, atol=1e-6)


def network_wall(browser: Chrome) -> None:
    """Show the wall of the network, and wait for it."""
    browser.execute_script(
        "const select = document.getElementById('wall'); select.value = 'network';"
        "select.dispatchEvent(new Event('change'));"
    )
    waited(browser, "return window.review.wall?.method === 'network'")


def marks_of_wall(browser: Chrome, view: str, tile: int) -> dict[str, Any]:
    """Ends of the valve plane, apex and the lateral endocardium on a tile, pixels of the canvas."""
    script = """
        const [view, tile] = arguments, done = arguments[arguments.length - 1];
        Promise.all(["drawing", "wall_lines", "views"].map((name) => import(`./page/${name}.js`)))
          .then(([drawing, lines, { cutPose }]) => {
            const { history, study, wall } = window.review, canvas = document.getElementById(view);
            const { pitch } = drawing.tileBoxes(canvas, view);
            const { plane, left } = drawing.planeOfRow(
              canvas, view, cutPose(history.pose), study.automatic.extent, [(tile + 0.5) * pitch]);
            const at = (place) => place && [place[0] + left, place[1]];
            const inner = lines.segmentsOf(wall.lines.endocardium, plane).map(([from]) => from);
            const right = inner.reduce((best, one) => (one[0] > best[0] ? one : best), [-1e9, 0]);
            done({ valve: (lines.valveLine(wall, plane) ?? []).map(at),
              apex: at(lines.apexPlace(wall, plane)), right: at(right), step: plane.step });
          });
    """
    found: dict[str, Any] = browser.execute_async_script(script, view, tile)
    return found


def drag_on(browser: Chrome, view: str, start: Any, by: Any) -> None:
    """Drag on a canvas, from a place and by a way in its pixels."""
    canvas = canvas_of(browser, view)
    width, height = browser.execute_script(
        "const c = document.getElementById(arguments[0]); return [c.width, c.height]", view
    )
    scale = canvas.size["width"] / width
    x, y = (start[0] - width / 2) * scale, (start[1] - height / 2) * scale
    half = [round(each * scale / 2) for each in by]
    ActionChains(browser).move_to_element_with_offset(
        canvas, round(x), round(y)
    ).click_and_hold().move_by_offset(*half).move_by_offset(*half).release().perform()


def test_the_wall_is_corrected_by_its_handles_and_kept_with_the_signature(
    page: Chrome, served: Served
) -> None:
    network_wall(page)
    found = page.execute_script("return window.review.wall")
    before = edited_pose(page)
    page.find_element(By.ID, "correct").click()

    valve = marks_of_wall(page, "horizontal", 2)["valve"]
    middle = np.mean(valve, axis=0)
    drag_on(page, "horizontal", middle, (0, -8))
    waited(page, "return window.review.wall.set_by_hand.includes('valve plane')")
    marks = marks_of_wall(page, "short-axis", 4)
    drag_on(page, "short-axis", marks["right"], (6, 0))
    waited(page, "return window.review.wall.set_by_hand.includes('contours')")

    wall = page.execute_script("return window.review.wall")
    normal = np.array(found["valve_plane"]["normal"])
    way = np.subtract(wall["valve_plane"]["center_mm"], found["valve_plane"]["center_mm"])
    # Eight pixels of 1.25 mm towards the apex, as the picture has the axis.
    assert way @ normal == pytest.approx(-10, abs=1.5)
    assert wall["cavity_ml"] < found["cavity_ml"]
    caption = page.find_element(By.ID, "polar-caption")
    assert caption.get_attribute("textContent").endswith("by hand")
    title = caption.get_attribute("title") or ""
    assert "Set by hand: valve plane, contours" in title.splitlines()
    # The pose stays as it was, and every step can be taken back.
    np.testing.assert_allclose(edited_pose(page).matrix, before.matrix)
    press(page, "z")
    waited(page, "return !window.review.wall.set_by_hand.includes('contours')")

    study, folder = page.execute_script(
        "const { study } = window.review; return [study.study, study.folder]"
    )
    page.find_element(By.ID, "reviewer").send_keys("Dr Example")
    assert page.find_element(By.ID, "accept").text == "Save correction"
    page.find_element(By.ID, "accept").click()
    waited(page, f"return window.review.study.study !== '{study}'")
    review = served.session.out / folder / "review.json"
    loaded = served.session.load(study).study
    options = QuantifyOptions(normals=None, wall="network")
    options = with_wall_by_hand(options, review, loaded)
    quantified = quantify_study(loaded, options)
    surfaces = quantified.wall.surfaces
    assert surfaces.set_by_hand == ("valve plane",)
    center = surfaces.pose.to_patient(surfaces.valve.center_mm)
    np.testing.assert_allclose(center, wall["valve_plane"]["center_mm"], atol=1e-6)
    assert served.session.store.review(study).state.value == "corrected"


def test_a_neighbour_is_masked_and_the_wall_is_turned_in_three_dimensions(page: Chrome) -> None:
    network_wall(page)
    waited(page, "return window.review.wall.lines.endocardium")
    time.sleep(0.3)
    pixels = pixels_of(page, "short-axis").astype(float)
    # Cyan lines on the warm metal scale, where nothing is bluer than red.
    assert (pixels[..., 2] > pixels[..., 0] + 40).sum() > 200
    page.execute_script("document.activeElement.blur()")
    press(page, "m")
    drag_on(page, "coronal", (60, 240), (20, 0))
    waited(page, "return window.review.wall.set_by_hand.includes('neighbours masked')")

    (ball,) = page.execute_script("return window.review.history.hand.neighbours")
    assert ball["radius_mm"] == pytest.approx(20 * 240 / 300, abs=2.0)
    page.find_element(By.ID, "wall-reset").click()
    waited(page, "return window.review.wall.set_by_hand.length === 0")

    page.find_element(By.ID, "solid").click()
    script = """
        const c = document.getElementById("surface"), flat = document.createElement("canvas");
        flat.width = c.width; flat.height = c.height;
        const context = flat.getContext("2d");
        context.drawImage(c, 0, 0);
        return Array.from(context.getImageData(0, 0, c.width, c.height).data);
    """
    first = np.array(page.execute_script(script)).reshape(300, 300, 4)
    assert 0.15 < (first[..., 3] > 0).mean() < 0.8
    assert not page.find_element(By.ID, "polar").is_displayed()
    page.find_element(By.ID, "surface").send_keys(Keys.ARROW_LEFT, Keys.ARROW_LEFT)
    turned = np.array(page.execute_script(script)).reshape(300, 300, 4)
    assert (first != turned).any(axis=-1).mean() > 0.05


# Readers


def test_the_worklist_finds_names_files_and_reasons(page: Chrome) -> None:
    header = pydicom.dcmread(DEMO / "study.dcm", stop_before_pixels=True)
    title = "document.getElementById('study-title').textContent"
    waited(page, f"return {title}.includes('{header.PatientID}')")
    press(page, "l")
    waited(page, "return document.querySelectorAll('#rows tr').length === 2")
    search = page.find_element(By.ID, "search")
    for words, count in (
        (header.PatientID.lower(), 2),
        (f"{header.PatientID} rest.dcm", 1),
        ("nobody", 0),
    ):
        search.clear()
        search.send_keys(words)
        waited(page, f"return document.querySelectorAll('#rows tr').length === {count}")


def test_rows_of_stress_and_rest_stand_below_each_other_at_the_same_distances(
    page: Chrome,
) -> None:
    own, other, below = (
        page.find_element(By.ID, name).rect["y"]
        for name in ("short-axis", "partner-short-axis", "vertical")
    )
    assert own < other < below
    places = page.execute_async_script(
        "const done = arguments[0];"
        "import('./page/drawing.js').then(({ placesOf, tilePlanes }) => {"
        "const { study, partner } = window.review;"
        "const { length_mm: l, radius_mm: r } = study.automatic.extent;"
        "const theirs = partner.record.automatic.extent.length_mm;"
        "const places = placesOf('short-axis', l, r), row = 'short-axis';"
        "const along = (pose, length) => tilePlanes(row, pose, length, r, 50, places)"
        ".map((plane) => plane.along + length / 2);"
        "done([places, along(window.review.history.pose, l), along(partner.pose, theirs)]); });"
    )
    # Counted from either apex.
    np.testing.assert_allclose(places[1], places[0])
    np.testing.assert_allclose(places[2], places[0])


def double_click(page: Chrome, name: str) -> None:
    """On the middle of a canvas; two clicks of a machine that is busy are no double click."""
    page.execute_script(
        f"const canvas = document.getElementById('{name}'), box = canvas.getBoundingClientRect();"
        "const clientX = box.left + box.width / 2, clientY = box.top + box.height / 2;"
        "canvas.dispatchEvent(new MouseEvent('dblclick', { clientX, clientY }));"
    )


def test_any_slice_is_shown_large_and_the_wheel_goes_through(page: Chrome) -> None:
    double_click(page, "short-axis")
    caption = page.find_element(By.ID, "zoom-caption")
    waited(page, "return document.getElementById('zoom-caption').textContent.includes('mm')")
    first = int(caption.text.split(" mm")[0])
    pixels = "const c = document.getElementById('zoom-canvas');" + (
        "return c.getContext('2d').getImageData(0, 0, 640, 640).data.reduce((a, b) => a + b, 0)"
    )
    before = page.execute_script(pixels)
    page.find_element(By.ID, "zoom-canvas").send_keys(Keys.ARROW_DOWN)
    waited(
        page,
        f"return document.getElementById('zoom-caption').textContent.startsWith('{first + 2} mm')",
    )
    assert page.execute_script(pixels) != before
    page.find_element(By.CSS_SELECTOR, "#zoom button").click()
    double_click(page, "partner-polar")
    waited(page, "return document.getElementById('zoom-caption').textContent.includes('rest')")
    page.find_element(By.CSS_SELECTOR, "#zoom button").click()


def test_the_map_of_the_difference_tells_what_the_report_tells(page: Chrome) -> None:
    Select(page.find_element(By.ID, "map-kind")).select_by_value("difference")
    waited(page, "return document.getElementById('polar-caption').textContent.includes('SDS')")
    told = page.find_element(By.ID, "polar-caption").get_attribute("title")
    assert "TID ratio" in told
    assert "Reversible TPD" in told
    assert "rest: " in page.find_element(By.ID, "partner-polar-caption").get_attribute("title")


def test_a_second_reader_does_not_see_the_first_and_agreement_is_told(
    page: Chrome, served: Served
) -> None:
    first = page.execute_script("return window.review.study.study")
    page.find_element(By.ID, "reviewer").send_keys("A. Reader")
    page.find_element(By.ID, "comment").send_keys("seen by A")
    page.find_element(By.ID, "accept").click()
    waited(page, f"return window.review.study && window.review.study.study !== '{first}'")
    press(page, Keys.ESCAPE, "l")
    waited(page, "return !document.getElementById('worklist').hidden")
    page.find_element(By.ID, "second").click()
    rested = "!document.body.hasAttribute('aria-busy') && window.review.study.study"
    waited(page, f"return {rested} !== '{first}'")
    press(page, "l")
    # In one step: rows are drawn anew whenever a study's state has changed.
    line = f"document.querySelector(\"#rows tr[data-study='{first}']\")"
    words = waited(page, f"return {line}?.textContent")
    assert "read once" in words
    assert "accepted" not in words
    page.execute_script(f"{line}.click()")
    waited(page, f"return {rested} === '{first}'")
    assert "seen by A" not in page.find_element(By.ID, "details").get_attribute("textContent")
    assert "hidden" in page.find_element(By.ID, "state").text
    name = page.find_element(By.ID, "reviewer")
    name.clear()
    name.send_keys("B. Second")
    page.find_element(By.ID, "accept").click()
    waited(
        page, "return document.getElementById('notice').textContent.includes('second reading kept')"
    )

    (reading,) = served.session.store.second_readings()
    assert (reading.study, reading.reviewer) == (first, "B. Second")
    press(page, Keys.ESCAPE, "l")
    waited(page, "return !document.getElementById('worklist').hidden")
    page.find_element(By.ID, "agreement-open").click()
    waited(page, "return document.getElementById('agreement').open")
    words = page.find_element(By.ID, "agreement-words").text
    assert words.startswith("1 studies were read twice; 1 with the same verdict")
    page.find_element(By.CSS_SELECTOR, "#agreement button").click()


def test_nothing_is_opened_before_all_flags_are_known(browser: Chrome, served: Served) -> None:
    served.session.is_estimating = True
    browser.get("about:blank")
    browser.get(served.address)
    waited(browser, "return document.getElementById('estimating').textContent.includes('2 of 2')")
    assert browser.execute_script("return window.review.study") is None
    served.session.estimate_all(threading.Event())
    waited(browser, "return document.body.dataset.ready === 'true' && !!window.review.study")
    assert browser.find_element(By.ID, "estimating").get_attribute("textContent") == ""
