"""Options that others make void: refused where they are given, never ignored in silence."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperCommand

from shortaxis.cli.json_errors import errors_as_json
from shortaxis.errors import OptionError

if TYPE_CHECKING:
    from shortaxis.spect.stated_reconstruction import StatedReconstruction

__all__ = ["VOID", "CheckedCommand", "VoidRule", "refuse_void_of_reconstruction", "typed_options"]

Values = Mapping[str, Any]
"""Values of all parameters of a verb, by their names in Python."""


@dataclass(frozen=True)
class VoidRule:
    """Options of some verbs that do nothing beside what else was asked for.

    Parameters
    ----------
    verbs : tuple of str
        As they are typed; empty for every verb that has the options.
    options : tuple of str
        As they are typed.
    beside : callable
        From all values to what makes the options void, in words; empty where nothing does.
    why : str
        What is done instead.
    """

    verbs: tuple[str, ...]
    options: tuple[str, ...]
    beside: Callable[[Values], str]
    why: str


def _given(parameter: str, words: str) -> Callable[[Values], str]:
    return lambda values: words if values.get(parameter) is not None else ""


def _absent(parameter: str, words: str) -> Callable[[Values], str]:
    return lambda values: words if values.get(parameter) is None else ""


def _unlimited(values: Values) -> str:
    name = str(values.get("normals")).lower()
    return f"--normals {name}" if name in ("none", "fixed-bands") else ""


def _raw_left_out(values: Values) -> str:
    return "--raw none" if str(values.get("raw", "alone")).lower() == "none" else ""


def _unquantified(values: Values) -> str:
    asked = {word.strip() for word in str(values.get("extras")).split(",")}
    return "" if asked & {"quantify", "report"} else "no --with quantify and no --with report"


VOID = (
    VoidRule(
        ("reorient",),
        ("--method", "--weights"),
        _given("pose", "--pose"),
        "the pose of the file is applied, and none is estimated",
    ),
    VoidRule(
        ("quantify", "report"),
        ("--sex", "--attenuation", "--tracer", "--camera-kind"),
        _unlimited,
        "they choose normal limits, and none are used",
    ),
    VoidRule(
        (),
        ("--raw-settings",),
        _raw_left_out,
        "they say how raw projections are reconstructed, and none are",
    ),
    VoidRule(
        ("batch",),
        ("--normals", "--phase"),
        _unquantified,
        "they are of scores and phases, and none are measured",
    ),
    VoidRule(
        ("batch", "simulate"),
        ("--workers",),
        _given("scheduler", "--scheduler"),
        "the workers of the scheduler do it, however many there are",
    ),
    VoidRule(
        ("reconstruct",),
        ("--map-unit", "--force-map"),
        _absent("attenuation_map", "no --attenuation-map"),
        "they are about a map, and none is given",
    ),
    VoidRule(
        ("evaluate",),
        ("--poses-name",),
        _absent("poses", "no --poses"),
        "it names poses, and none are given",
    ),
    VoidRule(
        ("agreement plan",),
        ("--sd",),
        _absent("limits_within", "no --limits-within"),
        "it is of limits of agreement, which are not asked for",
    ),
    VoidRule(
        ("agreement plan",),
        ("--auc", "--healthy-each"),
        _absent("auc_within", "no --auc-within"),
        "they are of an area, which is not asked for",
    ),
)
"""Pairs of which one makes the other void, whatever the input holds."""


class CheckedCommand(TyperCommand):
    """A verb that refuses options that do nothing."""

    def invoke(self, ctx: typer.Context) -> Any:  # type: ignore[override]  # noqa: ANN401
        """Refuse, or do what the verb does."""
        with errors_as_json(bool(ctx.params.get("as_json"))):
            typed = typed_options(ctx)
            verb = _verb_of(ctx)
            for rule in VOID:
                if not rule.verbs or verb in rule.verbs:
                    _refuse(typed, rule.options, rule.beside(ctx.params), rule.why)
        return super().invoke(ctx)


def typed_options(ctx: typer.Context) -> list[str]:
    """Options that stand on the command line, by their long names."""
    return [
        next(name for name in each.opts if name.startswith("--"))
        for each in ctx.command.params
        if each.param_type_name == "option" and _is_typed(ctx, each.name or "")
    ]


def _verb_of(ctx: Any) -> str:  # noqa: ANN401 - a context, whose class is private to Typer
    """Its name, after that of its group; the program itself has none."""
    above = "" if ctx.parent is None or ctx.parent.parent is None else _verb_of(ctx.parent)
    return f"{above} {ctx.info_name}".strip()


def _is_typed(ctx: typer.Context, parameter: str) -> bool:
    # By its name: the class of the source is private to Typer.
    source = ctx.get_parameter_source(parameter)
    return source is not None and source.name == "COMMANDLINE"


def refuse_void_of_reconstruction(typed: Collection[str], stated: StatedReconstruction) -> None:
    """Refuse typed options of a method or filter that is not the one of the reconstruction.

    `stated` holds what was typed and what the raw settings say.

    Raises
    ------
    OptionError
        For the first kind of them.
    """
    from shortaxis.reconstruction.presets import PRESETS

    usual = PRESETS[stated.preset or "standard"].settings
    if (stated.method or usual.method) == "fbp":
        option, value = ("--method", "fbp") if stated.method else ("--preset", str(stated.preset))
        by = _said_by(option, value, typed)
        why = "filtered backprojection has no passes"
        _refuse(typed, ("--iterations", "--subsets"), by, why)
    kind = stated.filter_kind or usual.post_filter.kind
    by = f"the {kind} filter of the preset"
    if stated.filter_kind:
        by = _said_by("--filter", kind, typed)
    void = [option for option, kinds in FILTERS_OF.items() if kind not in kinds]
    _refuse(typed, void, by, f"{'no' if kind == 'none' else 'this'} filter takes them")
    if stated.cutoff is None:
        why = "it is the unit of --cutoff, and that of a preset has its own"
        _refuse(typed, ("--cutoff-unit",), "no --cutoff", why)


def _said_by(option: str, value: str, typed: Collection[str]) -> str:
    if option in typed:
        return f"{option} {value}"
    return f"{option.removeprefix('--')} {value} of the raw settings"


FILTERS_OF = {
    "--cutoff": ("butterworth", "hann"),
    "--cutoff-unit": ("butterworth", "hann"),
    "--order": ("butterworth",),
    "--fwhm": ("gaussian",),
}
"""Filters that each option is of, as `shortaxis.reconstruction.post_filters.PostFilter` has it."""


def _refuse(typed: Collection[str], options: Collection[str], beside: str, why: str) -> None:
    void = [option for option in options if option in typed]
    if not void or not beside:
        return
    words, is_absent = " and ".join(void), beside.startswith("no ")
    other = beside.removeprefix("no ").replace(" and no ", " or ")
    way_on = f"leave out {words}"
    if is_absent:
        way_on += f", or give {other}"
    elif other.startswith("--"):
        way_on += f", or {other}"
    raise OptionError(
        f"{words} {'does' if len(void) == 1 else 'do'} nothing "
        f"{'without' if is_absent else 'beside'} {other}",
        expected="options that change what is done",
        found=f"{words} with {beside}",
        cause=why,
        way_on=way_on,
    )
