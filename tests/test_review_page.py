"""The review page in a real browser: what it shows is what the package computes."""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("fastapi", reason="the review page needs FastAPI")
pytest.importorskip("selenium", reason="a browser is driven by Selenium")

import uvicorn
from selenium.webdriver import ActionChains, Chrome
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from shortaxis.anatomy.cardiac_views import CardiacView, view_grid
from shortaxis.geometry.euler import angles_from_rotation, with_conventional_roll
from shortaxis.geometry.grids import Grid
from shortaxis.geometry.pose import RigidPose
from shortaxis.review.app import create_app
from shortaxis.review.desk import Desk
from shortaxis.review.serving import bound_socket
from shortaxis.review.store import ReviewStore
from shortaxis.review.worklist import entries_of
from shortaxis.workflow.studies import find_studies

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(
    not (CHROMIUM and DRIVER), reason="no Chromium and chromedriver; apt packages of these names"
)

DEMO = Path(__file__).resolve().parents[1] / "demo"
WAIT_S = 20


class Served:
    """A server in a thread, and the desk behind it."""

    def __init__(self, studies: Path, out: Path) -> None:
        out.mkdir()
        store = ReviewStore(out / "reviews.sqlite")
        self.desk = Desk(entries_of(find_studies(studies)), store, out)
        self.socket = bound_socket(0)
        host = f"127.0.0.1:{self.socket.getsockname()[1]}"
        app = create_app(self.desk, studies, "token", frozenset({host}))
        self.server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
        self.thread = threading.Thread(target=self.server.run, args=([self.socket],), daemon=True)
        self.thread.start()
        self.address = f"http://{host}/token/"

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join(WAIT_S)
        self.socket.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Chrome]:
    options = Options()
    options.binary_location = str(CHROMIUM)
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1280,900"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    started = Chrome(options=options, service=Service(str(DRIVER)))
    yield started
    started.quit()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    folder = tmp_path / "studies"
    folder.mkdir()
    for name in ("study.dcm", "rest.dcm"):
        shutil.copy(DEMO / name, folder)
    started = Served(folder, tmp_path / "out")
    yield started
    started.stop()


@pytest.fixture
def page(browser: Chrome, served: Served) -> Chrome:
    browser.get("about:blank")
    # What the page of an earlier test said when its server went.
    browser.get_log("browser")
    browser.get(served.address)
    waited(browser, "return document.body.dataset.ready === 'true' && !!window.review.partner")
    return browser


def waited(browser: Chrome, script: str) -> Any:
    return WebDriverWait(browser, WAIT_S, 0.05).until(lambda each: each.execute_script(script))


def shown(browser: Chrome, name: str) -> str:
    return str(browser.find_element(By.ID, name).get_attribute("value"))


def edited_pose(browser: Chrome) -> RigidPose:
    pose = browser.execute_script("return window.review.history.pose")
    return RigidPose(np.array(pose["axes"]), np.array(pose["center"]))


def press(browser: Chrome, *keys: str) -> None:
    actions = ActionChains(browser)
    for key in keys:
        actions.send_keys(key)
    actions.perform()


def test_slices_on_the_page_are_those_of_the_package(page: Chrome, served: Served) -> None:
    study = page.execute_script("return window.review.study.study")
    volume, pose = served.desk.load(study).study.volume, edited_pose(page)
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
    volume, pose = served.desk.load(study).study.volume, edited_pose(page)
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
    canvas = page.find_element(By.ID, "transaxial")
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
    folder = served.desk.out / first["folder"]
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
    assert not any(each.version for each in served.desk.store.reviews().values())


def test_another_window_is_told_of(page: Chrome, served: Served) -> None:
    study = page.execute_script("return window.review.study.study")
    from shortaxis.review.desk import Decision

    served.desk.decide(study, Decision("reject", 0, "B. Other"))
    page.execute_script("document.getElementById('reviewer').value = 'A. Reader'")
    page.find_element(By.ID, "accept").click()
    waited(page, "return !document.getElementById('error').hidden")
    assert "changed meanwhile" in page.find_element(By.ID, "error").text


def test_the_roll_of_the_slices_is_the_convention_that_is_shown(page: Chrome) -> None:
    pose = edited_pose(page)
    script = """
        const done = arguments[0];
        import("./page/geometry.js").then(
          ({ conventional }) => done(conventional(window.review.history.pose).axes));
    """
    found = np.array(page.execute_async_script(script))
    np.testing.assert_allclose(found, with_conventional_roll(pose).patient_from_cardiac, atol=1e-6)
