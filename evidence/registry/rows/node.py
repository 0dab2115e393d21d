"""What the DICOM node keeps, whatever happens to it."""

from __future__ import annotations

from evidence.registry.result import Result

__all__ = ["ROWS"]

ROWS = (
    Result(
        "killed_node",
        "What does the node lose when it is killed again and again and its journal is put back or spoilt?",
        "evidence/measuring/robustness/killed_node.py",
        ("service", "files", "dicom/reading/finding"),
        ("docs/how-to/serve.md",),
        14,
        ("--studies", "200", "--kills", "40", "--senders", "5"),
        bundled=True,
        threads=None,
    ),
)  # fmt: skip
