"""The evidence on the command line: ``python -m evidence list | run | check | pages | rooms``."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from evidence.registry.table import KEPT_WITH_THE_PACKAGE, RESULTS

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what is asked and return the exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    options = None
    if "--" in words:
        words, options = words[: words.index("--")], words[words.index("--") + 1 :]
    asked = _parser().parse_args(words)
    if asked.verb == "run":
        return _run(asked, options)
    return {"list": _list, "check": _check, "pages": _pages, "rooms": _rooms}[asked.verb]()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m evidence", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("list", help="name every result, its state and what has changed")
    run = verbs.add_parser(
        "run", help="measure a result and store it; options of its script follow --"
    )
    names = [*RESULTS, *KEPT_WITH_THE_PACKAGE]
    run.add_argument("name", nargs="?", choices=names, metavar="NAME")
    run.add_argument("--stale", action="store_true", help="measure all stale ones, cheapest first")
    run.add_argument("--minutes", type=float, help="with --stale: measure no more than fit")
    run.add_argument("--into", type=Path, metavar="FOLDER", help="store it there instead")
    verbs.add_parser("check", help="compare results, registry and pages; name what is stale")
    verbs.add_parser("pages", help="write the results into README and docs")
    verbs.add_parser("rooms", help="take the rooms of results that do not say them from git")
    return parser


def _run(asked: argparse.Namespace, options: Sequence[str] | None) -> int:
    from evidence.registry.running import run, run_stale

    if asked.stale == (asked.name is not None):
        print("name one result, or ask for --stale", file=sys.stderr)
        return 2
    if not asked.stale:
        return run(asked.name, options, asked.into)
    failed = run_stale(asked.minutes)
    _pages()
    return int(failed > 0)


def _list() -> int:
    from evidence.registry.listing import listing

    print("\n".join(listing()))
    return 0


def _check() -> int:
    from evidence.pages.checking import faults, not_fresh

    old, found = list(not_fresh()), list(faults())
    print("\n".join(old))
    print(f"{len(RESULTS)} results, {len(old)} of them stale or missing, {len(found)} faults")
    for fault in found:
        print(f"fault: {fault}", file=sys.stderr)
    return int(bool(found))


def _pages() -> int:
    from evidence.pages.blocks import pages_with_blocks, with_results

    for page in pages_with_blocks():
        text = page.read_text(encoding="utf-8")
        changed = with_results(text)
        if changed != text:
            page.write_text(changed, encoding="utf-8")
            print(f"wrote {page.name}")
    return 0


def _rooms() -> int:
    from evidence.registry.earlier import write_earlier_rooms

    for line in write_earlier_rooms():
        print(line)
    return 0


def _to_a_reader_that_may_leave() -> int:
    """Without a traceback where whoever reads what is printed has seen enough, as ``head`` has."""
    try:
        code = main()
        sys.stdout.flush()
    except BrokenPipeError:
        # Python would try once more to write what is left, and print an error.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return code


if __name__ == "__main__":
    sys.exit(_to_a_reader_that_may_leave())
