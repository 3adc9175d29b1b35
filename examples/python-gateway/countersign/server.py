"""The guard under Countersign's control protocol: a guard for each policy, below a path of its own."""

import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HERE = os.path.dirname(os.path.abspath(__file__))
# In a project of your own `control.py` stands beside this file; here it is the one of the adapters.
sys.path[:0] = [HERE, os.path.join(HERE, ".."), os.path.join(HERE, "..", "..", "..", "adapters", "shared")]

import control  # noqa: E402
from gateway import Guard  # noqa: E402

guards = {}


def application(environ, start_response):
    """What the guard protects."""
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "2")])
    return [b"in"]


def by_path(environ, start_response):
    guard = guards.get(environ["PATH_INFO"].split("/")[1])
    if guard is None:
        start_response("404 Not Found", [("Content-Length", "0")])
        return [b""]
    return guard(environ, start_response)


def place(message):
    passwords, tokens = control.log_ins(message["identities"])
    fresh = {}
    for entry in message["policies"]:
        slot, policy = entry["slot"], entry["policy"]
        schemes = control.active_schemes(policy)
        unknown = control.unknown_field(policy)
        if unknown:
            yield slot, None, unknown
            continue
        name = f"g{message['generation']}s{slot}"
        fresh[name] = Guard(application, schemes, passwords, tokens)
        yield slot, f"http://127.0.0.1:{server.server_port}/{name}", None
    guards.clear()
    guards.update(fresh)


class Handler(BaseHTTPRequestHandler):
    """As much of WSGI as the guard needs, over kept connections."""

    protocol_version = "HTTP/1.1"
    # Buffered, so that an answer goes in one piece.
    wbufsize = -1
    disable_nagle_algorithm = True

    def answer(self):
        environ = {
            "REQUEST_METHOD": self.command,
            "PATH_INFO": self.path.partition("?")[0],
            "HTTP_AUTHORIZATION": ", ".join(self.headers.get_all("Authorization", [])),
        }

        def start_response(status, fields):
            code, _, reason = status.partition(" ")
            self.send_response_only(int(code), reason)
            for name, value in fields:
                self.send_header(name, value)
            self.end_headers()

        body = b"".join(by_path(environ, start_response))
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_HEAD = do_POST = do_OPTIONS = answer

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
threading.Thread(target=server.serve_forever, daemon=True).start()
control.run(
    {
        "protocol": 1,
        "name": "python-gateway",
        "version": "1",
        "slots": 64,
        "supports": {"policy.profiles.scheme": ["basic", "bearer"], "events": False},
        # Each token is looked up.
        "alternatives": {"withdrawn-tokens": "at-once"},
    },
    control.install_with(lambda message: list(place(message))),
)
