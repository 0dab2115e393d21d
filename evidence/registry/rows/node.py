"""What the DICOM node keeps and takes, whatever happens to it."""

from __future__ import annotations

from evidence.registry.result import Result

__all__ = ["ROWS"]

ROWS = (
    Result(
        "killed_node",
        "What does the node lose when it is killed again and again and its journal is put back or spoilt?",
        "evidence/measuring/robustness/killed_node.py",
        ("service", "files", "dicom/elements", "dicom/received"),
        ("docs/how-to/serve.md",),
        14,
        ("--studies", "200", "--kills", "40", "--senders", "5"),
        bundled=True,
        threads=None,
        costs=True,
    ),
    Result(
        "strangers",
        "What do strangers cost the node and the command line: waits, memory, the time to stop?",
        "evidence/measuring/robustness/strangers.py",
        ("service", "files", "dicom/elements", "dicom/received", "nifti"),
        ("docs/explanation/threat-model.md",),
        20,
        ("--flood", "100", "--megabytes", "2000"),
        bundled=True,
        threads=None,
        costs=True,
    ),
)  # fmt: skip
