"""HTML pages from templates: every value is escaped, and nothing is fetched or run."""

from __future__ import annotations

from base64 import b64encode
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["data_address", "html_page"]


def html_page(package: str, template: str, **values: object) -> str:
    """A page from a template in the folder ``templates`` of a package.

    Templates extend ``page.html``, whose Content Security Policy forbids scripts and whatever lies
    outside the page.
    """
    return _environment(package).get_template(template).render(values)


def data_address(png: bytes) -> str:
    """A PNG picture as an address that holds it."""
    return f"data:image/png;base64,{b64encode(png).decode('ascii')}"


@lru_cache
def _environment(package: str) -> Environment:
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=ChoiceLoader([PackageLoader(package), PackageLoader("shortaxis.files")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
