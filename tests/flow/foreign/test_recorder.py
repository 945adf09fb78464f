"""The wire tap: what passes is unchanged, and all of it is kept."""

import json
import threading
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from flow.foreign.recorder import Recorder, _Frames
from waiting import eventually_blocking

LARGE = "é" * 100_000


class Echo(BaseHTTPRequestHandler):
    """Answers with what it was asked."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        answer = json.dumps([self.path, body], ensure_ascii=False).encode()
        self.send_response(201)
        self.send_header("Content-Length", str(len(answer)))
        self.send_header("X-Twice", "1")
        self.send_header("X-Twice", "2")
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: Any) -> None:
        """Be silent."""


@pytest.fixture
def upstream() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("body", ["a=1&b=%20+", LARGE])
def test_an_exchange_passes_unchanged_and_is_kept(upstream: str, body: str) -> None:
    with Recorder("anybody", upstream) as recorder:
        request = urllib.request.Request(
            f"{recorder.url}/path?q=%2B+1", body.encode(), {"X-Key": "k"}
        )
        with urllib.request.urlopen(request) as answer:
            text = answer.read().decode()
        assert json.loads(text) == ["/path?q=%2B+1", body]
        eventually_blocking(lambda: recorder.exchanged, "the record")
    (kept,) = recorder.exchanged
    assert (kept.client, kept.method, kept.path, kept.query) == (
        *("anybody", "POST", "/path"),
        "q=%2B+1",
    )
    assert (kept.body, kept.request_headers["x-key"]) == (body, "k")
    assert (kept.status, kept.answer) == (201, text)
    assert [value for name, value in kept.headers if name == "x-twice"] == ["1", "2"]
    assert kept.began < kept.ended


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536])
@pytest.mark.parametrize("mask", [b"", b"\x01\x02\x03\x04"])
def test_frames_are_read_in_whatever_pieces_they_come(size: int, mask: bytes) -> None:
    payload = bytes(ord("a") + number % 26 for number in range(size))
    bit = 0x80 if mask else 0
    if size < 126:
        head = bytes([0x81, bit | size])
    elif size < 65_536:
        head = bytes([0x81, bit | 126]) + size.to_bytes(2, "big")
    else:
        head = bytes([0x81, bit | 127]) + size.to_bytes(8, "big")
    sent = bytes(b ^ mask[i % 4] for i, b in enumerate(payload)) if mask else payload
    frame = head + mask + sent
    for piece in (1_000, 70_000) if size > 1_000 else (1, 70_000):
        heard: list[str] = []
        frames = _Frames(heard.append)
        stream = frame + b"\x89\x00" + frame
        for start in range(0, len(stream), piece):
            frames.feed(stream[start : start + piece])
        assert heard == [payload.decode()] * 2
