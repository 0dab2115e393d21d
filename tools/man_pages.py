"""Manual pages from the command line itself: ``python tools/man_pages.py FOLDER``.

Writes ``shortaxis.1`` and one page for each verb, such as ``shortaxis-serve-retrieve.1``; the same
text as ``--help``, so that no page can name an option that is not there.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from shortaxis import __version__
from shortaxis.cli.main import app

__all__ = ["man_pages"]

FOOT = "Research software, not a medical device."


def man_pages() -> dict[str, str]:
    """Each page by its name."""
    root = typer.main.get_command(app)
    return dict(_pages(root, "shortaxis"))


def _pages(command: Any, words: str) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - of Typer
    yield words.replace(" ", "-"), _page(command, words)
    for name, each in getattr(command, "commands", {}).items():
        if not each.hidden:
            yield from _pages(each, f"{words} {name}")


def _page(command: Any, words: str) -> str:  # noqa: ANN401
    name = words.replace(" ", "-")
    text = command.help or command.short_help or ""
    first, _, rest = text.partition("\n\n")
    lines = [
        f'.TH "{name.upper()}" 1 "" "ShortAxis {__version__}" "ShortAxis"',
        ".SH NAME",
        f"{_roff(name)} \\- {_roff(_sentence(first))}",
        ".SH SYNOPSIS",
        f".B {_roff(words)}",
        _roff(" ".join(_synopsis(command))),
    ]
    if rest:
        lines += [".SH DESCRIPTION", *_paragraphs(rest)]
    lines += _arguments(command) + _options(command)
    verbs = [each for each in getattr(command, "commands", {}).values() if not each.hidden]
    if verbs:
        lines.append(".SH COMMANDS")
        for each in verbs:
            lines += [
                ".TP",
                f".B {_roff(f'{words} {each.name}')}",
                _roff(_sentence(each.help or "")),
            ]
    return "\n".join([*lines, ".SH NOTES", FOOT, ""])


def _synopsis(command: Any) -> Iterator[str]:  # noqa: ANN401
    for each in command.params:
        if each.param_type_name == "argument":
            shown = each.metavar or each.name.upper()
            yield shown if each.required else f"[{shown}]"
    yield "[OPTIONS]"
    if getattr(command, "commands", {}):
        yield "COMMAND ..."


def _arguments(command: Any) -> list[str]:  # noqa: ANN401
    named = [each for each in command.params if each.param_type_name == "argument"]
    lines = [".SH ARGUMENTS"] if named else []
    for each in named:
        lines += [
            ".TP",
            f".I {_roff(each.metavar or each.name.upper())}",
            _roff(getattr(each, "help", "") or ""),
        ]
    return lines


def _options(command: Any) -> list[str]:  # noqa: ANN401
    named = [
        each for each in command.params if each.param_type_name == "option" and not each.hidden
    ]
    lines = [".SH OPTIONS"] if named else []
    for each in named:
        opts = ", ".join([*each.opts, *each.secondary_opts])
        value = "" if each.is_flag else f" {each.metavar or each.opts[0].lstrip('-').upper()}"
        default = "" if each.is_flag or each.default in (None, ()) else f" Default: {each.default}."
        lines += [".TP", f".B {_roff(opts + value)}", _roff((each.help or "") + default)]
    return lines


def _paragraphs(text: str) -> Iterator[str]:
    for each in text.split("\n\n"):
        yield ".PP"
        yield _roff(re.sub(r"\s+", " ", each).strip())


def _sentence(text: str) -> str:
    """The first sentence of a help text."""
    return re.split(r"(?<=[.?])\s", re.sub(r"\s+", " ", text).strip())[0]


def _roff(text: str) -> str:
    """Text that no letter of makes a request or a hyphenation of."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{escaped}" if escaped[:1] in (".", "'") else escaped


def main() -> None:
    """Write all pages into a folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in man_pages().items():
        (folder / f"{name}.1").write_text(text, encoding="utf-8")
    print(f"{len(man_pages())} pages in {folder}")


if __name__ == "__main__":
    main()
