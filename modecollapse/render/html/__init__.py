"""The report as one page that needs no network and no script: the templates beside this file, filled."""

from __future__ import annotations

from base64 import b64encode
from enum import Enum
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING

from modecollapse.render import story
from modecollapse.render.escape import for_page
from modecollapse.render.html import page, pictures
from modecollapse.report import Report

if TYPE_CHECKING:
    from jinja2 import Environment

STYLE, SCRIPT = "style.css", "filter.js"


def render(report: Report) -> str:
    """The report as HTML, ending in a line feed. Nothing in it is fetched, and no text of the report is obeyed."""
    return _environment().get_template("page.html.j2").render(page=page.of(report), report=report) + "\n"


@cache
def _environment() -> Environment:
    """Where every value is spelled out and then escaped, whatever the templates ask for."""
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    def shown(value: object) -> object:
        if isinstance(value, Markup) or not isinstance(value, str):
            return value
        return for_page(str(value.value if isinstance(value, Enum) else value))

    environment = Environment(
        loader=PackageLoader(__name__),
        autoescape=True,
        finalize=shown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style, script = (_source(environment, name) for name in (STYLE, SCRIPT))
    environment.globals |= {
        "style": Markup(style),
        "script": Markup(script),
        "policy": f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'",
        "story": story,
        "page_of": page,
        "pictures": pictures,
    }
    return environment


def _source(environment: Environment, name: str) -> str:
    assert environment.loader is not None
    return environment.loader.get_source(environment, name)[0]


def _hash(source: str) -> str:
    return f"sha256-{b64encode(sha256(source.encode()).digest()).decode()}"
