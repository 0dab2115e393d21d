"""pydicom without what it loads beside itself and hardly any study needs.

``import pydicom`` loads every decoder that is installed, and two HTTP clients for example files:
half of its time, and a third of the memory of a small command. They are hidden while it is loaded.
The decoders are offered again where compressed pixels are met (`offer_decoders`), and Python's own
client comes when something of it is asked for.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

__all__ = ["DECODER_LIBRARIES", "load_pydicom", "offer_decoders"]

DECODER_LIBRARIES = {"gdcm": "gdcm", "pyjpegls": "jpeg_ls"}
"""Decoders by the name that pydicom has for each, and the library that it loads for it."""

HIDDEN = (*DECODER_LIBRARIES.values(), "requests", "tqdm")

HTTP_CLIENT = "urllib.request"
"""It loads sockets, encryption and e-mail; pydicom needs the name alone before it downloads."""

PLUGINS = ("gdcm", "pylibjpeg", "pyjpegls", "pillow")
"""In the order in which pydicom tries them."""

_hidden: list[str] = []
"""Libraries that were hidden when pydicom was loaded, and are not offered again yet."""


def load_pydicom() -> None:
    """Load it, unless somebody has already; then it stays as it is."""
    if "pydicom" in sys.modules:
        return
    with _without(HIDDEN) as hidden, _later(HTTP_CLIENT):
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


@contextmanager
def _later(name: str) -> Iterator[None]:
    """Importing this module of a package gives one that loads it when it is asked for anything.

    Only what is imported meanwhile keeps it; whoever imports the module afterwards loads it.
    """
    package, _, own = name.rpartition(".")
    if name in sys.modules:
        yield
        return

    def asked(attribute: str) -> Any:  # noqa: ANN401 - whatever the module has
        return getattr(importlib.import_module(name), attribute)

    standing_in = ModuleType(name)
    standing_in.__getattr__ = asked  # type: ignore[method-assign]  # as a module defines it
    sys.modules[name] = standing_in
    try:
        yield
    finally:
        if sys.modules.get(name) is standing_in:
            del sys.modules[name]
            setattr(importlib.import_module(package), own, standing_in)
