"""The Litestar application of the native door."""

import logging
from collections.abc import Callable
from typing import Any, Final

from litestar import Litestar, MediaType, Response, get
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from flowex.ports.sequencer import ProcessState
from flowex.services.gateway.exchange import Exchange
from flowex.services.gateway.rest import docs, page

PATHS: Final = frozenset(
    {
        "/",
        "/page.css",
        "/page.js",
        "/healthz",
        "/readyz",
        "/status",
        "/metrics",
        "/openapi.json",
        "/docs",
        "/docs/start.js",
        "/docs/swagger-ui.css",
        "/docs/swagger-ui.js",
    }
)
_SCRIPT: Final = "text/javascript"
_OK: Final = 200
_FAILED: Final = 500
_UNAVAILABLE: Final = 503
_LOG: Final = logging.getLogger("flowex.gateway.pages")


def build(
    exchange: Exchange, registry: CollectorRegistry, openapi: Callable[[], bytes]
) -> Litestar:
    """Return the application; it serves PATHS, what ``openapi`` returns among them."""

    @get("/", media_type=MediaType.HTML, sync_to_thread=False)
    def first_page() -> Response[str]:
        """Show what this is."""
        content = page.render(exchange.status.status())
        return Response(content, media_type=MediaType.HTML, headers=page.SECURITY_HEADERS)

    @get("/page.css", media_type=MediaType.CSS, sync_to_thread=False)
    def style() -> bytes:
        """Give the first page its looks."""
        return page.STYLE

    @get("/page.js", media_type=_SCRIPT, sync_to_thread=False)
    def script() -> bytes:
        """Give the first page its life."""
        return page.SCRIPT

    @get("/healthz", sync_to_thread=False)
    def health() -> dict[str, str]:
        """Say that the process answers."""
        return {"status": "ok"}

    @get("/readyz", sync_to_thread=False)
    def ready() -> Response[dict[str, str]]:
        """Say whether orders are taken."""
        state = exchange.status.status().state
        status_code = _OK if state is ProcessState.TRADING else _UNAVAILABLE
        return Response({"status": state.name}, status_code=status_code)

    @get("/status", sync_to_thread=False)
    def status() -> dict[str, Any]:
        """Tell the state, the engine, the sequence, and which projections are late or failed."""
        now = exchange.status.status()
        return {
            "exchange": now.exchange,
            "version": now.version,
            "state": now.state.name,
            "engine": now.engine,
            "sequence": now.sequence,
            "time": now.time,
            "journalSequence": now.journal_sequence,
            "snapshotSequence": now.snapshot_sequence,
            "queue": now.queue,
            "lag": now.lag,
            "failed": now.failed,
        }

    @get("/metrics", media_type=MediaType.TEXT, sync_to_thread=False)
    def metrics() -> Response[bytes]:
        """Tell Prometheus."""
        content = generate_latest(registry)
        return Response(content, headers={"content-type": CONTENT_TYPE_LATEST})

    return Litestar(
        [first_page, style, script, health, ready, status, metrics, *_documents(openapi)],
        openapi_config=None,
        exception_handlers={HTTPException: _as_contract, Exception: _as_unknown},
        logging_config=None,
    )


def _documents(openapi: Callable[[], bytes]) -> list[HTTPRouteHandler]:
    """Return the handlers of what describes the interface."""

    @get("/openapi.json", media_type=MediaType.JSON, sync_to_thread=False)
    def document() -> bytes:
        """Give the interface's description to programs."""
        return openapi()

    @get("/docs", media_type=MediaType.HTML, sync_to_thread=False)
    def reader() -> Response[bytes]:
        """Give it to people."""
        return Response(docs.PAGE, media_type=MediaType.HTML, headers=page.SECURITY_HEADERS)

    @get("/docs/start.js", media_type=_SCRIPT, sync_to_thread=False)
    def start() -> bytes:
        """Start Swagger UI."""
        return docs.START

    @get("/docs/swagger-ui.css", media_type=MediaType.CSS, sync_to_thread=False)
    def looks() -> bytes:
        """Give Swagger UI its looks."""
        return docs.style()

    @get("/docs/swagger-ui.js", media_type=_SCRIPT, sync_to_thread=False)
    def program() -> bytes:
        """Give Swagger UI itself."""
        return docs.program()

    return [document, reader, start, looks, program]


def _as_contract(request: Any, fault: HTTPException) -> Response[dict[str, Any]]:
    """Answer the framework's errors in the shape of the contract."""
    content = {"code": -1000, "msg": fault.detail}
    return Response(content, status_code=fault.status_code)


def _as_unknown(request: Any, failure: Exception) -> Response[dict[str, Any]]:
    """Answer what nobody foresaw without a trace of it."""
    _LOG.error("%s failed", request.url.path, exc_info=failure)
    return Response({"code": -1000, "msg": "An unknown error occurred."}, status_code=_FAILED)
