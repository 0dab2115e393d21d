"""What OHIF shows in Chromium: viewports of its hanging protocol, measurements, masks."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image
from selenium.webdriver import Chrome
from selenium.webdriver.support.ui import WebDriverWait

__all__ = ["Viewport", "best_symmetry", "masks_by_frame", "open_studies", "read_measurements"]

WAIT_S = 240
"""The page has 17 MB of script, and processors are shared."""

SHOWN = """
const { hangingProtocolService: protocols, viewportGridService: grid, displaySetService: sets,
  cornerstoneViewportService: viewports } = window.services ?? {};
if (!viewports || !protocols.getActiveProtocol().protocol) return null;
const found = [...grid.getState().viewports.values()].map(each => {
  const viewport = viewports.getCornerstoneViewport(each.viewportId);
  const uid = each.displaySetInstanceUIDs[0];
  if (!viewport || !uid || !viewport.getImageData?.()) return null;
  return {
    id: each.viewportId, x: each.x, y: each.y,
    series: sets.getDisplaySetByUID(uid).SeriesInstanceUID,
    index: viewport.getCurrentImageIdIndex(),
    picture: viewport.getCanvas().toDataURL('image/png').split(',')[1],
  };
});
if (found.length === 0 || found.includes(null)) return null;
return { protocol: protocols.getActiveProtocol().protocol.id, viewports: found };
"""

PUT_INTO_VIEWPORT = """
const { viewportGridService: grid, displaySetService: sets } = window.services;
const found = sets.getActiveDisplaySets().find(each => each.Modality === arguments[0]);
grid.setDisplaySetsForViewport({ viewportId: grid.getState().activeViewportId,
  displaySetInstanceUIDs: [found.displaySetInstanceUID] });
"""

MEASURED = """
const { displaySetService: sets } = window.services;
const report = sets.getActiveDisplaySets().find(each => each.Modality === 'SR');
const found = report.measurements ?? [];
if (found.length === 0 || found.some(each => !each.loaded)) return null;
return found.map(each => each.labels.map(({ label, value }) => [label, value]));
"""

OPENED = """
[...document.querySelectorAll('button')].find(each => each.innerText.trim() === 'Yes')?.click();
const [found] = window.services.segmentationService.getSegmentations();
const images = (found?.representationData.Labelmap.imageIds ?? [])
  .map(each => window.cornerstone.cache.getImage(each));
if (images.length === 0 || images.includes(undefined)) return null;
const set = ([segment, place]) => segment > 0;
return images.map(image => [Number(image.referencedImageId.split('/frames/')[1]),
  [...image.voxelManager.getScalarData()].map((segment, place) => [segment, place]).filter(set)]);
"""

DISMISSED = """
document.querySelectorAll('.shepherd-cancel-link, [data-cy=confirm-and-hide-button]')
  .forEach(each => each.click());
"""


@dataclass(frozen=True)
class Viewport:
    """Where a series is shown, which frame of it, and its picture, ``(row, column)``, grey."""

    column: float
    row: float
    series_uid: str
    index: int
    picture: np.ndarray


def open_studies(browser: Chrome, site: str, uids: list[str]) -> tuple[str, list[Viewport]]:
    """Open studies; gives the id of the protocol, and viewports once each shows something."""
    browser.get(f"{site}/viewer?StudyInstanceUIDs={','.join(uids)}")
    state = WebDriverWait(browser, WAIT_S, 0.5).until(_shown)
    browser.execute_script(DISMISSED)
    return state["protocol"], [_viewport(each) for each in state["viewports"]]


def _shown(browser: Chrome) -> dict[str, Any] | None:
    state = browser.execute_script(SHOWN)
    if not state or any(not _viewport(each).picture.any() for each in state["viewports"]):
        return None
    return state


def _viewport(told: dict[str, Any]) -> Viewport:
    picture = Image.open(io.BytesIO(base64.b64decode(told["picture"]))).convert("L")
    return Viewport(told["x"], told["y"], told["series"], told["index"], np.asarray(picture, float))


def read_measurements(browser: Chrome) -> list[list[tuple[str, str]]]:
    """Labels and values that the report in the study shows, one list a measurement group."""
    browser.execute_script(PUT_INTO_VIEWPORT, "SR")
    found = WebDriverWait(browser, WAIT_S, 0.5).until(lambda it: it.execute_script(MEASURED))
    return [[(label, value) for label, value in group] for group in found]


def masks_by_frame(browser: Chrome) -> dict[int, set[tuple[int, int]]]:
    """Segment and place in the frame of every voxel that is shown, by the frame of the source."""
    browser.execute_script(PUT_INTO_VIEWPORT, "SEG")
    shown = WebDriverWait(browser, WAIT_S, 0.5).until(lambda it: it.execute_script(OPENED))
    masks: dict[int, set[tuple[int, int]]] = {}
    for frame, voxels in shown:
        masks.setdefault(frame, set()).update((segment, place) for segment, place in voxels)
    return masks


def best_symmetry(picture: np.ndarray, frame: np.ndarray) -> str:
    """Which of the eight symmetries of a square makes the frame most like the picture."""
    side = min(picture.shape)
    top, left = ((length - side) // 2 for length in picture.shape)
    square = Image.fromarray(picture[top : top + side, left : left + side])
    seen = np.asarray(square.resize(frame.shape[::-1], Image.Resampling.BOX))
    shown = np.clip(frame, 0, np.percentile(frame, 99.5))
    likeness = {
        f"{name} turned {turns}": np.corrcoef(seen.ravel(), np.rot90(each, turns).ravel())[0, 1]
        for name, each in (("upright", shown), ("mirrored", np.fliplr(shown)))
        for turns in range(4)
    }
    best = max(likeness, key=likeness.__getitem__)
    return best if likeness[best] > 0.8 else f"nothing ({likeness})"
