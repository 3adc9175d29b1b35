"""The applications in force, each below a path of its own, as one application."""

from __future__ import annotations

import re
from typing import Any, Callable, Iterable

PREFIX = re.compile(r"/g[0-9]+/s[0-9]+(?=/|$)")


class Applications:
    """The applications in force, by path; replaced as a whole."""

    def __init__(self) -> None:
        self._by_path: dict[str, Any] = {}

    def replace(self, fresh: dict[str, Any]) -> None:
        """Puts these in force, and no others."""
        self._by_path = fresh

    def _found(self, path: str) -> tuple[str, Any]:
        found = PREFIX.match(path)
        prefix = found.group() if found else ""
        return prefix, self._by_path.get(prefix)

    def wsgi(self, environ: dict[str, Any], start_response: Callable) -> Iterable[bytes]:
        """All of them as a WSGI application (PEP 3333): each has its path as `SCRIPT_NAME`."""
        path = environ["PATH_INFO"]
        prefix, application = self._found(path)
        if application is None:
            start_response("404 Not Found", [("Content-Length", "0")])
            return [b""]
        rest = {"SCRIPT_NAME": environ.get("SCRIPT_NAME", "") + prefix, "PATH_INFO": path[len(prefix) :]}
        return application({**environ, **rest}, start_response)

    async def asgi(self, scope: dict[str, Any], receive: Callable, send: Callable) -> None:
        """All of them as an ASGI application: each has its path as `root_path`, with which `path` begins."""
        if scope["type"] != "http":
            return
        prefix, application = self._found(scope["path"])
        if application is None:
            await send({"type": "http.response.start", "status": 404, "headers": [(b"content-length", b"0")]})
            await send({"type": "http.response.body", "body": b""})
            return
        await application({**scope, "root_path": scope.get("root_path", "") + prefix}, receive, send)
