"""Processor time of each test, with the processes that it waits for: ``--processor-times 20``.

A busy machine makes a test long, but hardly dear: user and system seconds stay what they are.
"""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest

__all__ = [
    "pytest_addoption",
    "pytest_configure",
    "pytest_runtest_call",
    "pytest_runtest_setup",
    "pytest_runtest_teardown",
]

OPTION = "--processor-times"
PROPERTY = "processor_s"


def pytest_addoption(parser: pytest.Parser) -> None:
    words = "print the tests that cost most, with set-up and clean-up, as rows of a table"
    parser.addoption(OPTION, type=int, default=0, metavar="N", help=words)


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption(OPTION):
        config.pluginmanager.register(DearestTests(config.getoption(OPTION)))


def processor_s() -> float:
    """Of this process and of those that have ended and were waited for."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def measured(item: pytest.Item) -> Generator[None, None, None]:
    start = processor_s()
    try:
        return (yield)
    finally:
        item.user_properties.append((PROPERTY, processor_s() - start))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, None, None]:
    return (yield from measured(item))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    return (yield from measured(item))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, None, None]:
    return (yield from measured(item))


class DearestTests:
    """Gathers what each test cost, from every worker, and prints the dearest."""

    def __init__(self, shown: int) -> None:
        self.shown = shown
        self.seconds: dict[str, float] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        # Reports come one after another, and each holds what those before it held.
        self.seconds[report.nodeid] = sum(
            float(str(value)) for name, value in report.user_properties if name == PROPERTY
        )

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        dearest = sorted(self.seconds.items(), key=lambda each: -each[1])[: self.shown]
        total = sum(self.seconds.values())
        terminalreporter.section(f"{len(self.seconds)} tests: {total:.0f} s of processor time")
        for name, seconds in dearest:
            terminalreporter.line(f"| {seconds:.1f} | `{name}` |")
