"""Options that do nothing beside others are refused, not ignored in silence."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import typer

from raw_exams import write_raw_exam
from shortaxis.cli.main import app
from shortaxis.cli.void_options import VOID, CheckedCommand

OUT = ("-o", "out")

VOID_BESIDE = [
    (("reorient", *OUT, "--pose", "pose.json", "--method", "ellipsoid"), "--method does nothing"),
    (("reorient", *OUT, "--pose", "pose.json", "--weights", "own"), "--weights does nothing"),
    (("reorient", *OUT, "--raw", "none", "--raw-settings", "a.toml"), "beside --raw none"),
    (("info", "--raw", "none", "--raw-settings", "a.toml"), "beside --raw none"),
    (("review", "--raw", "none", "--raw-settings", "a.toml"), "beside --raw none"),
    (("quantify", *OUT, "--normals", "fixed-bands", "--sex", "F"), "beside --normals fixed-bands"),
    (("report", *OUT, "--normals", "none", "--tracer", "Tc-99m"), "--tracer does nothing"),
    (("batch", *OUT, "--phase", "peak"), "without --with quantify or --with report"),
    (("batch", *OUT, "--workers", "2", "--scheduler", "tcp://a:1"), "beside --scheduler"),
    (("reconstruct", *OUT, "--method", "fbp", "--iterations", "3", "--subsets", "4"),
     "--iterations and --subsets do nothing beside --method fbp"),
    (("reconstruct", *OUT, "--preset", "fbp", "--subsets", "4"), "beside --preset fbp"),
    (("reconstruct", *OUT, "--filter", "none", "--cutoff", "0.4"), "beside --filter none"),
    (("reconstruct", *OUT, "--filter", "none", "--cutoff-unit", "cycles/cm"), "--cutoff-unit does"),
    (("reconstruct", *OUT, "--filter", "hann", "--order", "5"), "--order does nothing"),
    (("reconstruct", *OUT, "--filter", "gaussian", "--cutoff", "0.4"), "--cutoff does nothing"),
    (("reconstruct", *OUT, "--fwhm", "9"), "beside the butterworth filter of the preset"),
    (("reconstruct", *OUT, "--cutoff-unit", "nyquist"), "without --cutoff"),
    (("reconstruct", *OUT, "--map-unit", "per_cm", "--force-map"), "without --attenuation-map"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "told"), VOID_BESIDE)
def test_what_does_nothing_is_one_clear_error_before_anything_is_read(
    shortaxis: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...], told: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    write_raw_exam(tmp_path / "raw.dcm")
    verb, *options = words

    run = shortaxis(verb, "raw.dcm", *options)

    assert run.code == 2
    assert told in run.err
    assert "to go on: leave out --" in run.err
    assert os.listdir(tmp_path) == ["raw.dcm"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("agreement", "plan", "--auc-within", "0.05", "--sd", "3"), "without --limits-within"),
        (("agreement", "plan", "--limits-within", "2", "--auc", "0.9"), "without --auc-within"),
        (("simulate", *OUT, "--workers", "2", "--scheduler", "tcp://a:1"), "beside --scheduler"),
        (("evaluate", "wide", *OUT, "--poses-name", "theirs"), "without --poses"),
    ],
)
def test_verbs_that_read_no_study_refuse_it_too(
    shortaxis: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...], told: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)

    run = shortaxis(*words)

    assert run.code == 2
    assert told in run.err
    assert os.listdir(tmp_path) == []


def test_the_default_that_is_typed_is_given_and_the_one_that_is_not_typed_is_not(
    shortaxis: Any,
) -> None:
    typed = shortaxis("reorient", "no.dcm", *OUT, "--pose", "no.json", "--method", "network")
    left_out = shortaxis("reorient", "no.dcm", *OUT, "--pose", "no.json")

    assert typed.code == 2
    assert left_out.code == 1
    assert "no.dcm" in left_out.err


def test_it_is_json_for_those_who_asked_for_json(shortaxis: Any) -> None:
    run = shortaxis(
        "reorient", "no.dcm", *OUT, "--pose", "no.json", "--method", "network", "--json"
    )

    (error,) = run.json["errors"]
    assert error["found"] == "--method with --pose"


def test_raw_settings_that_state_another_filter_count(shortaxis: Any, tmp_path: Path) -> None:
    raw = write_raw_exam(tmp_path / "raw.dcm")
    settings = tmp_path / "settings.toml"
    settings.write_text('[reconstruction]\nmethod = "fbp"\n')

    run = shortaxis(
        "reconstruct", raw, "-o", tmp_path / "out", "--raw-settings", settings, "--subsets", "4"
    )

    assert run.code == 2
    assert "--subsets does nothing beside method fbp of the raw settings" in run.err


def test_every_rule_names_options_of_its_verbs() -> None:
    for rule in VOID:
        for verb in rule.verbs:
            command: Any = typer.main.get_command(app)
            for name in verb.split():
                command = command.commands[name]
            assert set(rule.options) <= {opt for each in command.params for opt in each.opts}


def test_every_verb_that_has_options_of_a_rule_is_checked() -> None:
    def all_below(command: Any) -> list[Any]:
        below = getattr(command, "commands", None)
        return [command] if below is None else [e for c in below.values() for e in all_below(c)]

    everywhere = {option for rule in VOID if not rule.verbs for option in rule.options}
    for command in all_below(typer.main.get_command(app)):
        if everywhere & {opt for each in command.params for opt in each.opts}:
            assert isinstance(command, CheckedCommand), command.name
