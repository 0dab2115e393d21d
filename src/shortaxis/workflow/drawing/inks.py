"""Colours of words and marks on every sheet."""

from __future__ import annotations

__all__ = ["FLAG_COLOURS", "INK", "MUTED", "PAPER"]

FLAG_COLOURS = {"accept": "#1a7f37", "review": "#b3261e"}
"""By the value of a flag."""

INK, MUTED, PAPER = "#14181f", "#5b6472", "#ffffff"
