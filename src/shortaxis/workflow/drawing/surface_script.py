"""The script of the turnable view of the wall: the report holds it, the review page loads it."""

from __future__ import annotations

from pathlib import Path

__all__ = ["SURFACE_SCRIPT", "inline_surface_script"]

SURFACE_SCRIPT = Path(__file__).with_name("surface_view.js")

START = """
const table = JSON.parse(document.getElementById("surface-colours").textContent);
for (const figure of document.querySelectorAll("figure.surface")) {
  const canvas = figure.querySelector("canvas");
  const view = surfaceView(canvas, (part) => table[Math.round(part * 255)]);
  view.show(JSON.parse(figure.querySelector("script").textContent));
  for (const button of figure.querySelectorAll("button")) {
    const yaw = (Number(button.dataset.yaw) * Math.PI) / 180;
    button.addEventListener("click", () => view.turn(yaw, 0.25));
  }
  figure.querySelector("img").hidden = true;
  figure.querySelector(".turnable").hidden = false;
}
"""
"""Every figure of a report shows its picture until its view is drawn."""


def inline_surface_script() -> str:
    """The script for a page that loads nothing."""
    return SURFACE_SCRIPT.read_text(encoding="utf-8") + START
