"""HTML pages from templates: every value is escaped, and nothing is fetched."""

from __future__ import annotations

from base64 import b64encode
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

__all__ = ["data_address", "html_page", "own_script", "script_hash"]


def html_page(package: str, template: str, **values: object) -> str:
    """A page from a template in the folder ``templates`` of a package.

    Templates extend ``page.html``, whose Content Security Policy forbids whatever lies outside the
    page, and every script but those that a template allows by their hash.
    """
    return _environment(package).get_template(template).render(values)


def own_script(script: str) -> Markup:
    """A script of the package as it is; never anything that came from outside.

    Raises
    ------
    ValueError
        If it would end its element.
    """
    from markupsafe import Markup

    if "</" in script:
        raise ValueError("a script that ends its element")
    return Markup(script)  # noqa: S704 - of the package


def script_hash(script: str) -> str:
    """How a Content Security Policy allows one script, and no other."""
    digest = b64encode(sha256(script.encode("utf-8")).digest()).decode("ascii")
    return f"sha256-{digest}"


def data_address(png: bytes) -> str:
    """A PNG picture as an address that holds it."""
    return f"data:image/png;base64,{b64encode(png).decode('ascii')}"


@lru_cache
def _environment(package: str) -> Environment:
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=ChoiceLoader([PackageLoader(package), PackageLoader("shortaxis.files")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    # What a script reads needs no spaces, which are a sixth of a surface or a beat.
    environment.policies["json.dumps_kwargs"] = {"sort_keys": True, "separators": (",", ":")}
    return environment
