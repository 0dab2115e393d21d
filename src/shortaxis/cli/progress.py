"""A progress bar on standard error for work that takes long."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

__all__ = ["passing_bar", "progress_bar"]


@contextmanager
def progress_bar(title: str, *, quiet: bool = False) -> Iterator[Callable[[int, int], None]]:
    """Yield a function to call with (done, total).

    Nothing is shown with `quiet`, or where standard error is no terminal.
    """
    if quiet or not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as Remaining

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Remaining())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(title, total=None)

        def update(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total)

        yield update


def passing_bar(title: str) -> Callable[[int, int], None]:
    """A function to call with (done, total), whose bar is there from the first call to the last.

    For a part of the work whose other parts show bars of their own.
    """
    shown = ExitStack()
    updates: list[Callable[[int, int], None]] = []

    def report(done: int, total: int) -> None:
        if not updates:
            updates.append(shown.enter_context(progress_bar(title)))
        updates[0](done, total)
        if done >= total:
            shown.close()
            updates.clear()

    return report
