"""What ``shortaxis info`` says of a study."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

from shortaxis.cli.found_tables import origin_of
from shortaxis.spect.reading_notes import ReadingNote
from shortaxis.spect.study import AcquisitionFacts


def test_a_found_study_is_named_by_its_nuclide_and_its_notes_in_words_of_a_reader() -> None:
    note = ReadingNote("4 objects of one time slot each are one gated study, by SeriesNumber", True)
    facts = AcquisitionFacts(tracer="C-163AB", nuclide="Tc-99m")
    found = SimpleNamespace(facts=facts, notes=(note,), paths=(Path("slot-1.dcm"),))

    lines = origin_of(found).split("\n")  # type: ignore[arg-type]

    assert "   Tc-99m" in lines
    assert "C-163AB" not in "".join(lines)
    assert lines[-1].strip().startswith("REVIEW: 4 time slots that are stored apart are one gated")
