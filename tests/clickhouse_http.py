"""ClickHouse's HTTP interface in front of chdb, the real engine: as much of it as a client needs.

Requests go to the engine as they came, parameters and native blocks included, so that what is tried
is the client's own way over the wire.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import clickhouse_connect
import lz4.frame
from clickhouse_connect.driver.exceptions import Error

_INSERT = re.compile(rb"INSERT INTO (\S+) \((.*?)\)\s+FORMAT Native\s*?\n", re.DOTALL)
_LOCK = Lock()


@contextmanager
def served(engine_folder: str) -> Iterator[str]:
    """Serve the engine of a folder; give the address."""
    engine = clickhouse_connect.get_client(interface="chdb", path=engine_folder)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            query = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
            body = self._body()
            try:
                with _LOCK:
                    answer = _answer(engine, query, body)
                status, code = 200, ""
            except Error as error:
                answer, status, code = str(error).encode(), 500, str(error.code or 0)
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.send_header("X-ClickHouse-Summary", "{}")
            if code:
                self.send_header("X-ClickHouse-Exception-Code", code)
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_POST  # noqa: N815 - the library's name

        def log_message(self, *_: object) -> None:
            pass

        def _body(self) -> bytes:
            length = self.headers.get("Content-Length")
            body = self.rfile.read(int(length)) if length else b"".join(self._chunks())
            if self.headers.get("Content-Encoding") == "lz4":
                return bytes(lz4.frame.decompress(body))
            return body

        def _chunks(self) -> Iterator[bytes]:
            if self.headers.get("Transfer-Encoding") != "chunked":
                return
            while size := int(self.rfile.readline().split(b";")[0], 16):
                yield self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"clickhouse://default:word@127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        engine.close()


def _answer(engine: Any, query: dict[str, str], body: bytes) -> bytes:
    """Run a request. Raises what the engine raises."""
    text = query.get("query", "").encode()
    whole = text + b"\n" + body if text else body
    engine.database = query.get("database") or "default"
    insert = _INSERT.match(whole)
    if insert:
        table, columns = insert.group(1).decode(), insert.group(2).decode()
        names = [name.strip(" `") for name in columns.split(",")]
        engine.raw_insert(
            table.replace("`", ""), names, insert_block=whole[insert.end() :], fmt="Native"
        )
        return b""
    prefix = "param_"
    values = {
        name.removeprefix(prefix): value for name, value in query.items() if name.startswith(prefix)
    }
    return bytes(engine.raw_query(whole.decode(), parameters=values or None))
