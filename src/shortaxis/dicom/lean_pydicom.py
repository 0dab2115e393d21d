"""pydicom without what it loads beside itself and hardly any study needs.

``import pydicom`` loads every decoder that is installed, two HTTP clients for example files, and
what makers call their private elements: more than half of its time, and a third of the memory of a
small command. They are hidden while it is loaded. The decoders are offered again where compressed
pixels are met (`offer_decoders`); Python's own client and the names of makers come when something
of them is asked for.
"""

from __future__ import annotations

import importlib
import sys
from collections import UserDict
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from types import ModuleType
from typing import Any

__all__ = ["DECODER_LIBRARIES", "load_pydicom", "offer_decoders"]

DECODER_LIBRARIES = {"gdcm": "gdcm", "pyjpegls": "jpeg_ls"}
"""Decoders by the name that pydicom has for each, and the library that it loads for it."""

HIDDEN = (*DECODER_LIBRARIES.values(), "requests", "tqdm")

HTTP_CLIENT = "urllib.request"
"""It loads sockets, encryption and e-mail; pydicom needs the name alone before it downloads."""

PRIVATE_ELEMENTS = "pydicom._private_dict"
"""Ten thousand names and types; few headers have a private element whose type they do not say."""

PLUGINS = ("gdcm", "pylibjpeg", "pyjpegls", "pillow")
"""In the order in which pydicom tries them."""

_hidden: list[str] = []
"""Libraries that were hidden when pydicom was loaded, and are not offered again yet."""


def load_pydicom() -> None:
    """Load it, unless somebody has already; then it stays as it is."""
    if "pydicom" in sys.modules:
        return
    elements = ModuleType(PRIVATE_ELEMENTS)
    vars(elements)["private_dictionaries"] = _PrivateElements()
    with (
        _without(HIDDEN) as hidden,
        _standing_in(_module_when_asked(HTTP_CLIENT)),
        _standing_in(elements),
    ):
        importlib.import_module("pydicom")
    _hidden.extend(hidden)


def offer_decoders(syntaxes: tuple[str, ...]) -> None:
    """Let pydicom know the decoders of these transfer syntaxes that it was loaded without."""
    if not _hidden:
        return
    _hidden.clear()
    from pydicom.pixels.decoders.base import get_decoder
    from pydicom.uid import UID

    modules = {name: importlib.import_module(f"pydicom.pixels.decoders.{name}") for name in PLUGINS}
    for name in DECODER_LIBRARIES:
        importlib.reload(modules[name])
    for syntax in syntaxes:
        decoder = get_decoder(UID(syntax))
        names = [each for each in PLUGINS if syntax in modules[each].DECODER_DEPENDENCIES]
        # One after the other, so that they are tried in the same order as ever.
        for name in names:
            decoder.remove_plugin(name)
        for name in names:
            decoder.add_plugin(name, (modules[name].__name__, "_decode_frame"))


@contextmanager
def _without(names: tuple[str, ...]) -> Iterator[list[str]]:
    """Importing these fails meanwhile, as if they were not installed.

    The import system takes None in place of a module so (``sys.modules``).
    """
    hidden = [name for name in names if name not in sys.modules]
    for name in hidden:
        sys.modules[name] = None  # type: ignore[assignment]  # what the import system expects
    try:
        yield hidden
    finally:
        for name in hidden:
            sys.modules.pop(name, None)


class _PrivateElements(UserDict[str, Any]):
    """The dictionaries of makers, loaded when one is looked up."""

    def __init__(self) -> None:
        """Hold nothing yet."""

    @cached_property
    def data(self) -> dict[str, Any]:  # type: ignore[override]  # read where others write
        found: dict[str, Any] = importlib.import_module(PRIVATE_ELEMENTS).private_dictionaries
        return found


def _module_when_asked(name: str) -> ModuleType:
    """A module that loads the one of this name when it is asked for anything."""

    def asked(attribute: str) -> Any:  # noqa: ANN401 - whatever the module has
        return getattr(importlib.import_module(name), attribute)

    standing_in = ModuleType(name)
    standing_in.__getattr__ = asked  # type: ignore[method-assign]  # as a module defines it
    return standing_in


@contextmanager
def _standing_in(module: ModuleType) -> Iterator[None]:
    """Importing a module of a package gives this one, unless it is loaded already.

    Only what is imported meanwhile keeps it; whoever imports the module afterwards loads it.
    """
    name = module.__name__
    package, _, own = name.rpartition(".")
    if name in sys.modules:
        yield
        return
    sys.modules[name] = module
    is_over = False
    try:
        yield
        is_over = True
    finally:
        if sys.modules.get(name) is module:
            del sys.modules[name]
            # Who was interrupted is leaving: the package is half loaded and would fail again.
            if is_over:
                setattr(importlib.import_module(package), own, module)
