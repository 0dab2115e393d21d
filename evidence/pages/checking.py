"""Whether results, registry and pages agree: what is wrong, and what is only old."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from typing import Any

from evidence.pages.blocks import BLOCKS, blocks_of, pages_with_blocks, with_results
from evidence.recording.options import without_places
from evidence.registry.places import REPOSITORY, results_folder
from evidence.registry.result import Result
from evidence.registry.state import State, standing_of
from evidence.registry.stored import measurements, stored
from evidence.registry.table import KEPT_WITH_THE_PACKAGE, RESULTS

__all__ = ["faults", "not_fresh", "old_pages"]

FACTS = ("command", "seed", "git_revision", "git_changed_files", "python", "processor")
"""What every stored result holds besides its values."""

MEND = "python -m evidence pages"


def faults() -> Iterator[str]:
    """What is wrong, one sentence each; nothing where all agree."""
    yield from (f"{name}: there is no {script}" for name, script in _scripts() if script)
    for result in RESULTS.values():
        yield from (f"{result.name}: {fault}" for fault in _result_faults(result))
    yield from _orphans()
    for result in RESULTS.values():
        yield from (f"{result.name}: {fault}" for fault in _page_faults(result))
    for page in old_pages():
        yield f"{page} differs from the stored results and their states; mend it with: {MEND}"


def _scripts() -> Iterator[tuple[str, str]]:
    """Names with a script that does not exist."""
    rows = {name: result.script for name, result in RESULTS.items()} | KEPT_WITH_THE_PACKAGE
    return ((name, script) for name, script in rows.items() if not (REPOSITORY / script).exists())


def _result_faults(result: Result) -> Iterator[str]:
    try:
        record = stored(result.name)
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        yield f"{result.file} is no JSON file: {error}"
        return
    for each in measurements(record) if record is not None else ():
        lacking = [fact for fact in FACTS if fact not in each]
        if lacking:
            yield f"{result.file} does not say {', '.join(lacking)}"
        elif _is_other_measurement(result, each):
            yield (
                f"{result.file} was measured by `{each['command']}`, with other options than its "
                "row has; measure it again without options, or change the row"
            )


def _is_other_measurement(result: Result, record: dict[str, Any]) -> bool:
    """Whether options were given that are not those of the row; by hand they always are."""
    words = shlex.split(record["command"])
    if result.by_hand or words[:4] != ["python", "-m", "evidence", "run"] or "--" not in words:
        return False
    given = without_places(words[words.index("--") + 1 :])
    rest = [word for word in given if word != "--method"]
    # One of several methods that lie side by side is measured as all are.
    is_one_of_methods = "methods" in (stored(result.name) or {}) and len(rest) < len(given)
    return not is_one_of_methods and given != without_places(result.options)


def _orphans() -> Iterator[str]:
    """Files among the results that no row names; folders belong to the record in them."""
    named = {result.file for result in RESULTS.values()}
    folders = {file.partition("/")[0] for file in named if "/" in file}
    for path in sorted(results_folder().iterdir()):
        if path.name not in named | folders:
            yield f"{path.name} lies among the results, but no row of the registry names it"


def _page_faults(result: Result) -> Iterator[str]:
    shows = {name for name, block in BLOCKS.items() if result.name in block.results}
    for page in result.pages:
        path = REPOSITORY / page
        if not path.exists():
            yield f"there is no {page}, which is to show it"
        elif shows and not shows & set(blocks_of(path.read_text(encoding="utf-8"))):
            wanted = " or ".join(f"<!-- {name}: start -->" for name in sorted(shows))
            yield f"{page} is to show it, but has no {wanted}"


def old_pages() -> Iterator[str]:
    """Pages that ``python -m evidence pages`` would change."""
    for page in pages_with_blocks():
        text = page.read_text(encoding="utf-8")
        if with_results(text) != text:
            yield page.relative_to(REPOSITORY).as_posix()


def not_fresh() -> Iterator[str]:
    """Results that are stale or missing, and why."""
    for result in RESULTS.values():
        standing = standing_of(result)
        if standing.state is not State.FRESH:
            yield f"{standing.state.value}: {result.name} ({standing.reason})"
