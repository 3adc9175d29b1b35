"""The control address: JSON over HTTP/1.1 on loopback, until standard input closes."""

from __future__ import annotations

import json
import sys
import threading
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Callable, Mapping, Optional
from urllib.parse import parse_qs, urlsplit

# The longest message that is read: more than any installation that Countersign sends.
MOST_BYTES = 4 * 1024 * 1024


class Wrong(Exception):
    """A message cannot be served; the text says why. It ends the run as a set-up fault, and accuses nobody."""


def run(
    introduction: Mapping[str, Any],
    install: Callable[[dict], dict],
    events: Optional[Callable[[int], list]] = None,
) -> None:
    """Serves the control address, prints the line that announces it, and returns when standard input closes.

    `introduction` answers `GET /v1/implementation`, `install(message)` gives the answer to
    `PUT /v1/policies`, and `events(generation)` the events since that generation was installed.
    """
    one_at_a_time = threading.Lock()

    class Control(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            at = urlsplit(self.path)
            if at.path == "/v1/implementation":
                self.answer(lambda: introduction)
            elif at.path == "/v1/events":
                self.answer(lambda: {"events": self.since(at.query)})
            else:
                self.reply(404, {"error": f"no GET {self.path}"})

        def do_PUT(self) -> None:
            if self.path != "/v1/policies":
                self.reply(404, {"error": f"no PUT {self.path}"})
                return
            self.answer(self.installed)

        def since(self, query: str) -> list:
            return events(int(parse_qs(query)["generation"][0])) if events else []

        def installed(self) -> dict:
            length = int(self.headers.get("Content-Length", 0))
            if not 0 <= length <= MOST_BYTES:
                # What is not read cannot be followed by another request.
                self.close_connection = True
                raise Wrong(f"a message of {length} bytes")
            message = json.loads(self.rfile.read(length))
            with one_at_a_time:
                return install(message)

        def answer(self, of: Callable[[], Any]) -> None:
            try:
                answer = of()
            except Wrong as wrong:
                self.reply(400, {"error": str(wrong)})
            except Exception as error:  # Countersign shows it, and the program goes on.
                traceback.print_exc()
                self.reply(400, {"error": f"{type(error).__name__}: {error}"})
            else:
                self.reply(200, answer)

        def reply(self, status: int, answer: Any) -> None:
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Control)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"countersign-control: http://127.0.0.1:{server.server_port}", flush=True)
    sys.stdin.read()
    server.shutdown()
    server.server_close()
