"""A node and its archive on this machine; the evidence loads the same ones."""

from __future__ import annotations

from evidence.measuring.speed.node_peers import (
    DEMO,
    TITLE,
    WAIT_S,
    Archive,
    Node,
    free_port,
    new_study,
    running_archive,
    running_node,
    send,
    store,
    until,
)

__all__ = [
    "DEMO",
    "TITLE",
    "WAIT_S",
    "Archive",
    "Node",
    "free_port",
    "new_study",
    "running_archive",
    "running_node",
    "send",
    "store",
    "until",
]
