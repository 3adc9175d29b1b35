"""The control protocol's program side (version 1) for implementations in Python.

`run` serves the control address on loopback, prints the line that announces it, and returns when
standard input closes, which is how Countersign ends a program. Nothing beyond the standard library.
"""

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# The longest message that is read: more than any installation that Countersign sends.
MOST_BYTES = 4 * 1024 * 1024


class Wrong(Exception):
    """The request to the control address cannot be served; the text says why."""


KNOWN_PROFILE = {"scheme", "active"}


def unknown_field(policy):
    """The first field of a policy's profiles that the adapters here do not know, as a reason, or None.

    A policy with such a field is refused, instead of being installed without it. Beyond the profiles,
    nothing is asked for that `supports` does not name.
    """
    unknown = sorted(
        {key for profile in policy.get("profiles", []) for key in set(profile) - KNOWN_PROFILE}
    )
    return f"the adapter knows no `policy.profiles.{unknown[0]}`" if unknown else None


def active_schemes(policy):
    """The schemes of a policy's active profiles, in their order."""
    return [p["scheme"] for p in policy.get("profiles", []) if p.get("active", True)]


def log_ins(identities):
    """Who may log in: passwords by user-id, and users by bearer token. Only what is valid."""
    enabled = [identity for identity in identities if identity.get("enabled", True)]
    passwords = {identity["user"]: identity["password"] for identity in enabled}
    tokens = {
        token["value"]: identity["user"]
        for identity in enabled
        for token in identity.get("tokens", [])
        if token["state"] == "valid"
    }
    return passwords, tokens


def keys(identities):
    """Users by API key. Only what is valid."""
    return {
        key["value"]: identity["user"]
        for identity in identities
        if identity.get("enabled", True)
        for key in identity.get("api_keys", [])
        if key["state"] == "valid"
    }


def install_with(place):
    """An answer to `PUT /v1/policies` out of `place(message)`.

    `place` puts the whole set in force and gives, for each slot, `(slot, url, None)` or
    `(slot, None, reason)`.
    """

    def install(message):
        endpoints, refused = [], []
        for slot, url, reason in place(message):
            if reason:
                refused.append({"slot": slot, "reason": reason})
            else:
                endpoints.append({"slot": slot, "url": url})
        return {"generation": message["generation"], "endpoints": endpoints, "unsupported": refused}

    return install


def run(introduction, install):
    """Serves the control address until standard input closes."""

    class Control(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            if self.path == "/v1/implementation":
                self.reply(200, introduction)
            elif self.path.startswith("/v1/events"):
                self.reply(200, {"events": []})
            else:
                self.reply(404, {"error": f"no GET {self.path}"})

        def do_PUT(self):
            if self.path != "/v1/policies":
                self.reply(404, {"error": f"no PUT {self.path}"})
                return
            try:
                length = int(self.headers.get("Content-Length", 0))
                if length > MOST_BYTES:
                    raise Wrong(f"a message of {length} bytes")
                self.reply(200, install(json.loads(self.rfile.read(length))))
            except Wrong as wrong:
                self.reply(400, {"error": str(wrong)})
            except (KeyError, TypeError, ValueError) as error:
                self.reply(400, {"error": f"{type(error).__name__}: {error}"})

        def reply(self, status, answer):
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Control)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"countersign-control: http://127.0.0.1:{server.server_port}", flush=True)
    sys.stdin.read()
