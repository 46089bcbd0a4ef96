"""A real HTTP or HTTPS server on the loopback that answers as a test says."""

import json
import ssl
import threading
import time
from base64 import b64encode
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

CSV = {"Content-Type": "text/csv; charset=utf-8"}


@dataclass
class Asked:
    """What the server was asked."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.body.decode()).items()}

    @property
    def json(self) -> dict[str, object]:
        found: dict[str, object] = json.loads(self.body)
        return found


@dataclass
class Answer:
    """What the server answers.

    Attributes:
        cut: The connection is cut after so many bytes of the body.
        length: The declared length; left out if ``None``, right if negative.
        drip: Seconds between two bytes of the body.
        wait: Seconds before anything is said.
        chunked: Whether the body comes in chunks.
    """

    content: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: dict(CSV))
    cut: int | None = None
    length: int | None = -1
    drip: float = 0.0
    wait: float = 0.0
    chunked: bool = False


class WebServer:
    """Answers from a list, the last of them for ever, or from a function."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.asked: list[Asked] = []
        self.answers: list[Answer] = []
        self.answer: Callable[[Asked], Answer] = self._next
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _serve(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                asked = Asked(self.command, self.path, dict(self.headers), body)
                server.asked.append(asked)
                with suppress(OSError):
                    _send(self, server.answer(asked))
                self.close_connection = True

            do_GET = do_POST = _serve  # noqa: N815 - names of http.server

            def log_message(self, *_: object) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]
        self.scheme = "https" if tls else "http"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _next(self, _: Asked) -> Answer:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def _send(handler: BaseHTTPRequestHandler, answer: Answer) -> None:
    time.sleep(answer.wait)
    handler.send_response(answer.status)
    for name, value in answer.headers.items():
        handler.send_header(name, value)
    if answer.chunked:
        handler.send_header("Transfer-Encoding", "chunked")
    elif answer.length is not None:
        length = len(answer.content) if answer.length < 0 else answer.length
        handler.send_header("Content-Length", str(length))
    handler.end_headers()
    body = answer.content
    if answer.chunked:
        body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    body = body[: answer.cut]
    if not answer.drip:
        handler.wfile.write(body)
        return
    for byte in body:
        handler.wfile.write(bytes([byte]))
        time.sleep(answer.drip)


def rpc(result: object, error: object = None) -> Answer:
    """Return an answer of JSON-RPC as LimeSurvey writes it."""
    said = json.dumps({"id": 1, "result": result, "error": error}).encode()
    return Answer(said, headers={"Content-Type": "application/json"})


def in_base64(content: bytes) -> str:
    """Return bytes as LimeSurvey hands over an export."""
    return b64encode(content).decode()
