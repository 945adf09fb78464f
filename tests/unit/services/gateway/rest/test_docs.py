"""The page that shows the interface: everything it loads is served here."""

import re

from gateway_clients import Rest

from flowex.services.gateway.rest import docs


async def test_everything_the_page_loads_comes_from_here(rest: Rest) -> None:
    page = await rest.raw("GET", "/docs")
    assert page.headers["content-type"].startswith("text/html")
    loaded = re.findall(r'(?:href|src)="([^"]*)"', page.text)
    assert sorted(loaded) == [
        "/docs/start.js",
        "/docs/swagger-ui.css",
        "/docs/swagger-ui.js",
        "data:,",
    ]
    for path, kind in (
        ("start.js", "javascript"),
        ("swagger-ui.css", "css"),
        ("swagger-ui.js", "javascript"),
    ):
        response = await rest.raw("GET", f"/docs/{path}")
        assert response.status_code == 200
        assert kind in response.headers["content-type"]


async def test_the_browser_may_load_nothing_from_elsewhere(rest: Rest) -> None:
    policy = (await rest.raw("GET", "/docs")).headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "http" not in policy


def test_swagger_ui_knows_openapi_3_1() -> None:
    assert docs._SWAGGER_UI.name.startswith("swagger-ui-5.")
