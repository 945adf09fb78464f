"""The first page: what this is, live prices, a book, and where to look next. No framework."""

from html import escape
from importlib.resources import files
from string import Template
from typing import Final

from flowex.ports.status import Status

_FOLDER: Final = files(__package__)
_PAGE: Final = Template(_FOLDER.joinpath("page.html").read_text("utf-8"))

STYLE: Final = _FOLDER.joinpath("page.css").read_bytes()
SCRIPT: Final = _FOLDER.joinpath("page.js").read_bytes()

SECURITY_HEADERS: Final = {
    "content-security-policy": "default-src 'none'; script-src 'self'; connect-src 'self'; "
    "style-src 'self' 'unsafe-inline'; img-src data:; frame-ancestors 'none'; base-uri 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}


def render(status: Status) -> str:
    """Return the page; prices, book and tape fill themselves in."""
    return _PAGE.substitute(
        exchange=escape(status.exchange),
        version=escape(status.version),
        engine=escape(status.engine),
        state=status.state.name,
        sequence=f"{status.sequence:,}",
    )
