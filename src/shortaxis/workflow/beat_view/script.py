"""The script of the beating heart: the report holds it, the review page loads it."""

from __future__ import annotations

from pathlib import Path

__all__ = ["BEAT_SCRIPT", "inline_beat_script"]

BEAT_SCRIPT = Path(__file__).with_name("beat_view.js")

START = """
for (const figure of document.querySelectorAll("div.beat")) {
  const record = JSON.parse(figure.querySelector("script").textContent);
  const colours = (part) => table[Math.round(part * 255)];
  const shown = { surfaceView, colours, title: figure.dataset.title };
  const view = beatView(figure.querySelector(".beating"), record, shown);
  view.play(!window.matchMedia("(prefers-reduced-motion: reduce)").matches);
}
"""
"""`surfaceView` and `table` come from the script of the turnable view, which stands before it."""


def inline_beat_script() -> str:
    """The script for a page that loads nothing."""
    return BEAT_SCRIPT.read_text(encoding="utf-8") + START
