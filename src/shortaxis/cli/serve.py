"""``shortaxis serve``: a DICOM node that reorients what it is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from shortaxis.cli.arguments import JsonOutput
from shortaxis.cli.counted import counted
from shortaxis.cli.default_command import DEFAULT_COMMAND, GroupWithDefault
from shortaxis.cli.node_log import log_to_stderr
from shortaxis.cli.serve_retrieve import NodeFile, retrieve
from shortaxis.files.plain_json import to_json_text

__all__ = ["serve"]

END_S = 8.0
"""From the signal to the end of the process, at most."""

serve = typer.Typer(
    cls=GroupWithDefault,
    help="A DICOM node that reorients what it is sent; its status, retry, purge and retrieve.",
    rich_markup_mode=None,
)


@serve.command(
    DEFAULT_COMMAND,
    epilog="shortaxis serve status, retry, purge and retrieve look after it; see their --help.",
)
def run_node(
    config: NodeFile,
    log_level: Annotated[
        str, typer.Option(help="What is logged: debug, info, warning or error.")
    ] = "info",
) -> None:
    """Receive studies by DICOM, reorient them, send slices on; until interrupted.

    Answers success for an object when it is on disk. What is flagged waits in the folder "review"
    of the node for shortaxis review. Logs go to the standard error and name no patient. Needs the
    extra: pip install "shortaxis[service]".
    """
    from shortaxis.cli.extras import needs_extra
    from shortaxis.service.settings import read_settings

    settings = read_settings(config)
    with needs_extra("service"):
        from shortaxis.service.node import ServiceNode
    log_to_stderr(log_level)
    node = ServiceNode(settings)
    with _ending_on_signals(node.end):
        node.run(typer.echo)


serve.command()(retrieve)


@serve.command()
def status(config: NodeFile, as_json: JsonOutput = False) -> None:
    """Show how many studies are in which state, what waits, and what failed and why."""
    from shortaxis.service.administration import open_journal, status_record
    from shortaxis.service.settings import read_settings
    from shortaxis.service.spool import Spool

    settings = read_settings(config)
    spool = Spool(settings.folder)
    record = status_record(open_journal(settings), spool, settings.reading_of_senders)
    typer.echo(to_json_text(record) if as_json else _status_words(record), nl=not as_json)


@serve.command()
def retry(
    config: NodeFile,
    study: Annotated[
        list[str] | None,
        typer.Argument(help="Names of studies, as status prints them; default: all that failed."),
    ] = None,
) -> None:
    """Put failed studies back into the queue, and let what waits to be sent go at once."""
    from shortaxis.service.administration import open_journal
    from shortaxis.service.settings import read_settings

    count = open_journal(read_settings(config)).retry(study or ())
    typer.echo(f"{counted(count, 'studies')} {'is' if count == 1 else 'are'} tried again")


@serve.command()
def purge(
    config: NodeFile,
    state: Annotated[
        list[str] | None,
        typer.Option(help="State of what is removed: sent, done, failed or review; may repeat."),
    ] = None,
    older_than_days: Annotated[
        float, typer.Option(help="Days since the last change, at least.", min=0)
    ] = 0.0,
    study: Annotated[
        list[str] | None,
        typer.Option(help="Name of a study, as status prints it; may repeat; default: all."),
    ] = None,
) -> None:
    """Remove studies that nobody works on, with their files; by default those that were sent."""
    import time

    from shortaxis.errors import OptionError
    from shortaxis.service.administration import open_journal, purge_studies
    from shortaxis.service.bookkeeping.records import FINISHED
    from shortaxis.service.settings import read_settings
    from shortaxis.service.spool import Spool

    names = state or ["sent"]
    known = {each.value: each for each in FINISHED}
    for name in names:
        if name not in known:
            raise OptionError("unknown state", expected=" or ".join(known), found=name)
    settings = read_settings(config)
    journal, spool = open_journal(settings), Spool(settings.folder)
    states = [known[name] for name in names]
    count = purge_studies(journal, spool, states, older_than_days, time.time(), study or ())
    typer.echo(counted(count, "studies removed"))


@contextmanager
def _ending_on_signals(end: Callable[[], None]) -> Iterator[None]:
    """Call `end` on SIGINT or SIGTERM; end the process seconds later, whatever it waits for.

    Nothing is lost by that: the node can be killed at any moment. Afterwards signals do what they
    did before.
    """
    import multiprocessing
    import os
    import signal
    import socket
    import threading
    import time

    told, telling = socket.socketpair()
    telling.setblocking(False)

    def wait() -> None:
        if not told.recv(1):
            # The node ended by itself.
            return
        threading.Thread(target=end, daemon=True).start()
        time.sleep(END_S)
        for worker in multiprocessing.active_children():
            worker.kill()
        os._exit(0)

    threading.Thread(target=wait, name="signals", daemon=True).start()
    # The system's own handler writes there, whatever the main thread holds or waits for: a handler
    # in Python would run in that thread, and could wait for a lock that the thread has.
    before = signal.set_wakeup_fd(telling.fileno(), warn_on_full_buffer=False)
    numbers = (signal.SIGINT, signal.SIGTERM)
    handlers = {number: signal.signal(number, lambda *_: None) for number in numbers}
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        for number, handler in handlers.items():
            signal.signal(number, handler)
        telling.close()


def _status_words(record: dict[str, Any]) -> str:
    counts = ", ".join(f"{count} {state}" for state, count in record["studies"].items())
    lines = [f"studies: {counts}; objects: {record['objects']}"]
    for row in record["waiting"]:
        reason = f", last reason: {row['reason']}" if row["reason"] else ""
        lines.append(
            f"{row['waiting']} deliveries wait for {row['destination']}, "
            f"{row['failing']} of them failed, up to {row['attempts']} attempts{reason}"
        )
    for row in record["uncommitted"]:
        reason = f", last reason: {row['reason']}" if row["reason"] else ""
        lines.append(
            f"{row['uncommitted']} deliveries wait for the word of {row['destination']} that it "
            f"keeps them{reason}"
        )
    for row in record["failing_deliveries"]:
        lines.append(
            f"{row['study']} not sent to {row['destination']} in {row['attempts']} attempts: "
            f"{row['reason']}; again in {row['again_in_s']:.0f} s"
        )
    for row in record["to_look_at"]:
        reason = f": {row['reason']}" if row["reason"] else ""
        lines.append(f"{row['study']} {row['state']}{reason}")
    if record["unheard"]:
        lines.append(
            f"[reading] names {', '.join(record['unheard'])}, and nothing is here from there; "
            f"objects are here from {', '.join(record['senders']) or 'nobody'}"
        )
    if record["more"]:
        lines.append(f"and {record['more']} more")
    if record["events"]:
        counted = (f"{count} {event}" for event, count in sorted(record["events"].items()))
        lines.append(f"events: {', '.join(counted)}")
    if record["journals_set_aside"]:
        lines.append(f"{record['journals_set_aside']} damaged journals were set aside")
    if record["unknown_files"]:
        lines.append(f"{record['unknown_files']} files of others lie in the folder unknown")
    return "\n".join(lines)
