"""The page where every endpoint can be read and tried: Swagger UI out of a wheel, offline."""

from importlib.resources import files
from typing import Final

_FOLDER: Final = files(__package__)
_SWAGGER_UI: Final = next(iter(files("swagger_ui_bundle").joinpath("vendor").iterdir()))
"""The one version that the wheel carries."""

PAGE: Final = _FOLDER.joinpath("docs.html").read_bytes()
START: Final = _FOLDER.joinpath("docs.js").read_bytes()


def style() -> bytes:
    """Return Swagger UI's style sheet, read anew: an exchange need not keep it in memory."""
    return _SWAGGER_UI.joinpath("swagger-ui.css").read_bytes()


def program() -> bytes:
    """Return Swagger UI itself, 1.5 MB, read anew."""
    return _SWAGGER_UI.joinpath("swagger-ui-bundle.js").read_bytes()
