"""What serves the applications: HTTP/1.1 on a free port of loopback, over connections that are kept.

Each takes an application, serves it beside the caller, and gives the port. `wsgi` and `asgi` need nothing
beyond the standard library; they are for tests, and answer a request whole. Who wants to have judged what his
own server does as well hands that over: `waitress` and `uvicorn` stand here, others are a function like these.
"""

from __future__ import annotations

import asyncio
import io
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Callable, Mapping, Optional, Sequence
from urllib.parse import unquote_to_bytes

from .protocol import MOST_BYTES, Wrong

#: Serves an application, and gives the port.
Server = Callable[[Callable], int]

# What an application answered: the status line behind the version, the fields, the content.
Answer = tuple[str, list[tuple[str, str]], bytes]


def wsgi(application: Callable) -> int:
    """Serves a WSGI application (PEP 3333) with the standard library."""

    def ask(handler: BaseHTTPRequestHandler, content: bytes) -> Answer:
        path, _, query = handler.path.partition("?")
        environ = {
            "REQUEST_METHOD": handler.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query,
            "CONTENT_TYPE": handler.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(content)),
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": str(handler.server.server_port),  # type: ignore[attr-defined]
            "SERVER_PROTOCOL": handler.request_version,
            "REMOTE_ADDR": handler.client_address[0],
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(content),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        for name in {name.lower() for name in handler.headers} - {"content-type", "content-length"}:
            # Several lines of a field are one with commas (RFC 9110 §5.3).
            lines = handler.headers.get_all(name, [])
            environ["HTTP_" + name.upper().replace("-", "_")] = ", ".join(lines)
        head: list[Any] = []
        written = io.BytesIO()

        def start_response(status: str, fields: list, exc_info: Any = None) -> Callable:
            if head and exc_info is None:
                raise AssertionError("start_response was called twice")
            head[:] = [status, fields]
            return written.write

        parts = application(environ, start_response)
        try:
            for part in parts:
                written.write(part)
        finally:
            if hasattr(parts, "close"):
                parts.close()
        status, fields = head
        return status, fields, written.getvalue()

    return _listen(ask)


def asgi(application: Callable) -> int:
    """Serves an ASGI application with the standard library, all of it in one event loop."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()

    async def answered(scope: dict, content: bytes) -> Answer:
        received = False
        head: list[Any] = []
        written = io.BytesIO()

        async def receive() -> dict:
            nonlocal received
            if received:
                return {"type": "http.disconnect"}
            received = True
            return {"type": "http.request", "body": content, "more_body": False}

        async def send(event: dict) -> None:
            if event["type"] == "http.response.start":
                fields = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in event["headers"]]
                head[:] = [f"{event['status']} {_reason(event['status'])}", fields]
            elif event["type"] == "http.response.body":
                written.write(event.get("body", b""))

        await application(scope, receive, send)
        status, fields = head
        return status, fields, written.getvalue()

    def ask(handler: BaseHTTPRequestHandler, content: bytes) -> Answer:
        path, _, query = handler.path.partition("?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": handler.request_version.partition("/")[2],
            "method": handler.command,
            "scheme": "http",
            "path": unquote_to_bytes(path).decode("utf-8", "replace"),
            "raw_path": path.encode("latin-1"),
            "query_string": query.encode("latin-1"),
            "root_path": "",
            "headers": [
                (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in handler.headers.items()
            ],
            "client": list(handler.client_address[:2]),
            "server": ["127.0.0.1", handler.server.server_port],  # type: ignore[attr-defined]
        }
        return asyncio.run_coroutine_threadsafe(answered(scope, content), loop).result()

    return _listen(ask)


def waitress(application: Callable) -> int:
    """Serves a WSGI application with waitress, which has to be installed."""
    from waitress.server import create_server  # type: ignore[import-untyped]

    server = create_server(application, listen="127.0.0.1:0", threads=8)
    threading.Thread(target=server.run, daemon=True).start()
    return server.effective_port


def uvicorn(application: Callable) -> int:
    """Serves an ASGI application with uvicorn, which has to be installed."""
    import uvicorn as product  # type: ignore[import-not-found]

    # Named as TCP, or asyncio leaves Nagle's algorithm on and each answer waits for an acknowledgement: 12 ms
    # instead of 1.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    # From here on whoever connects waits, and is not refused, until the server below takes it.
    listener.listen(128)
    # h11 and asyncio: nothing that would have to be compiled.
    config = product.Config(
        application, interface="asgi3", http="h11", loop="asyncio", lifespan="off", log_level="error"
    )
    server = product.Server(config)
    serving = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])), daemon=True)
    serving.start()
    return listener.getsockname()[1]


def started(command: Callable[[int], Sequence[str]]) -> Started:
    """Starts a product that is a program of its own, which `command` says how to start on a port of loopback.

    Returns when it takes connections there. If it ends before that, or 20 seconds pass, it is tried twice more, on
    other ports; then `Wrong` is raised, with the end of what it said.
    """
    said = ""
    for _ in range(3):
        port = free_port()
        one = Started(command(port), port)
        if is_there(port, one.runs):
            return one
        said = one.end()
    raise Wrong(f"it did not start: {said}")


class Started:
    """A program that was started, until `end`."""

    def __init__(self, command: Sequence[str], port: int) -> None:
        #: Where it listens.
        self.port = port
        self._said = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=self._said, stderr=subprocess.STDOUT
        )

    def runs(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def end(self) -> str:
        """Ends it, within 5 seconds, and gives the end of what it said."""
        self._process.terminate()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        with self._said as said:
            said.seek(max(0, said.seek(0, os.SEEK_END) - 2000))
            return said.read().decode("utf-8", "replace")


class OneProgram:
    """The program in force, for a product that has one policy at once: `make` gives what `started` takes."""

    def __init__(self) -> None:
        self._running: Optional[Started] = None

    def listen(self, made: Mapping[str, Callable[[int], Sequence[str]]]) -> int:
        """Starts what was made, if anything, ends the program before, and gives the port."""
        before, self._running = self._running, None
        for command in made.values():
            self._running = started(command)
        if before:
            before.end()
        return self._running.port if self._running else 0


def free_port() -> int:
    """A port of loopback that is free now, for a server that cannot be told to take any."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def is_there(port: int, runs: Callable[[], bool] = lambda: True) -> bool:
    """Waits until connections are taken on a port; no longer than 20 seconds, and than what is to take them `runs`."""
    until = time.monotonic() + 20
    while runs() and time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return True
        except OSError:
            time.sleep(0.005)
    return False


def _reason(status: int) -> str:
    return BaseHTTPRequestHandler.responses.get(status, ("",))[0]  # type: ignore[call-overload]


def _listen(ask: Callable[[BaseHTTPRequestHandler, bytes], Answer]) -> int:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Buffered, so that an answer goes in one piece.
        wbufsize = -1
        disable_nagle_algorithm = True

        def __getattr__(self, name: str) -> Any:
            # Whatever the method is: what it may be is the application's to say.
            if name.startswith("do_"):
                return self.answer
            raise AttributeError(name)

        def answer(self) -> None:
            if self.headers.defects:
                # Such as a blank before the colon (RFC 9112 §5.1); what stands behind it was not read.
                self.close_connection = True
                self.send_error(400)
                return
            length = self.headers.get("Content-Length", "0")
            if "Transfer-Encoding" in self.headers or not length.isdigit() or int(length) > MOST_BYTES:
                # What is not read cannot be followed by another request.
                self.close_connection = True
                self.send_error(411)
                return
            try:
                status, fields, content = ask(self, self.rfile.read(int(length)))
            except Exception:
                traceback.print_exc()
                status, fields, content = "500 Internal Server Error", [], b""
            code, _, reason = status.partition(" ")
            self.send_response_only(int(code), reason)
            for name, value in fields:
                self.send_header(name, value)
            empty = code.startswith("1") or code in ("204", "304")
            if not empty and "content-length" not in {name.lower() for name, _ in fields}:
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if not empty and self.command != "HEAD":
                self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_port
