"""FastAPI under Countersign's control protocol, version 1.

Each policy is a FastAPI application. One scheme or key: its security class guards the path operation, as
the documentation shows. Several: each class with `auto_error=False`, which the documentation gives for
"one of multiple optional ways", and the 401 out of the classes' own `make_not_authenticated_error`.
"""

import asyncio
import os
import secrets
import socket
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "shared")]

import control  # noqa: E402
import fastapi  # noqa: E402
import uvicorn  # noqa: E402
from fastapi import Depends, FastAPI, HTTPException  # noqa: E402
from fastapi.security import APIKeyHeader, APIKeyQuery, HTTPBasic, HTTPBearer  # noqa: E402

INTRODUCTION = {
    "protocol": 1,
    "name": "fastapi",
    "version": fastapi.__version__,
    "slots": 64,
    "supports": {
        # FastAPI leaves the answer of several classes together to the application, which here names
        # every scheme. Its `HTTPException` takes headers as a mapping, so they share a field line.
        "policy.advertise_all": [True],
        "instance.first_scheme_only": [False],
        "policy.profiles.scheme": ["basic", "bearer"],
        # It has a class for a key in a field and one for a key in the query, and none for signatures.
        "policy.key": ["none", "field", "query"],
        # What a token is worth is the application's own business; how Basic credentials are read is not.
        "client.credential": [
            "valid",
            "wrong-secret",
            "unknown-user",
            "malformed",
            "none",
            "colon-in-password",
            "trailing-junk",
            "no-colon",
            "empty-user",
            "empty-password",
            "utf-8",
            "latin-1",
            "nul",
            "control-character",
            "no-padding",
        ],
        # It logs nothing: who got in is the application's to tell.
        "events": False,
    },
    # `HTTPBearer` sends its name alone for a challenge.
    "alternatives": {"bare-bearer": "allowed"},
}

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]

# The applications in force, by prefix; replaced as a whole.
applications = {}


def user_of(security, credentials, passwords, tokens, keys):
    """Who has these credentials, or None: the part that an application writes itself."""
    if isinstance(security, HTTPBearer):
        return tokens.get(credentials.credentials)
    if isinstance(security, (APIKeyHeader, APIKeyQuery)):
        return keys.get(credentials)
    expected = passwords.get(credentials.username)
    right = expected is not None and secrets.compare_digest(
        credentials.password.encode(), expected.encode()
    )
    return credentials.username if right else None


def application_of(ways, passwords, tokens, keys):
    """The application that a policy with these schemes, and perhaps a key, is."""
    only = len(ways) == 1
    made = {
        "basic": lambda: HTTPBasic(realm="countersign", auto_error=only),
        "bearer": lambda: HTTPBearer(auto_error=only),
        "field": lambda: APIKeyHeader(name="X-API-Key", auto_error=only),
        "query": lambda: APIKeyQuery(name="api_key", auto_error=only),
    }
    securities = [made[way]() for way in ways]
    app = FastAPI(openapi_url=None)

    def not_authenticated():
        if only:
            return securities[0].make_not_authenticated_error()
        errors = [security.make_not_authenticated_error() for security in securities]
        challenges = [error.headers["WWW-Authenticate"] for error in errors]
        return HTTPException(
            status_code=401,
            detail="Not authenticated",
            headers={"WWW-Authenticate": ", ".join(challenges)},
        )

    def one(credentials=Depends(securities[0])):
        return [credentials]

    # Two schemes and a key at the most.
    second = securities[1 % len(securities)]

    def several(one=Depends(securities[0]), two=Depends(second), last=Depends(securities[-1])):
        return [one, two, last]

    def user(presented=Depends(one if only else several)):
        for security, credentials in zip(securities, presented):
            found = credentials and user_of(security, credentials, passwords, tokens, keys)
            if found:
                return found
        raise not_authenticated()

    @app.api_route("/{path:path}", methods=METHODS)
    async def resource(path: str, user: str = Depends(user)):
        return {"path": path, "user": user}

    return app


async def dispatch(scope, receive, send):
    """The application whose prefix the path has."""
    if scope["type"] != "http":
        return
    prefix, _, rest = scope["path"].partition("/s")
    slot, _, path = rest.partition("/")
    app = applications.get(f"{prefix}/s{slot}")
    if app is None:
        await send({"type": "http.response.start", "status": 404, "headers": []})
        await send({"type": "http.response.body", "body": b""})
        return
    await app({**scope, "path": f"/{path}", "raw_path": f"/{path}".encode()}, receive, send)


def place(message):
    """Puts the policies of a message in force."""
    passwords, tokens = control.log_ins(message["identities"])
    keys = control.keys(message["identities"])
    fresh, placed = {}, []
    for item in message["policies"]:
        slot, policy = item["slot"], item["policy"]
        schemes = list(dict.fromkeys(control.active_schemes(policy)))
        reason = control.unknown_field(policy)
        foreign = [scheme for scheme in schemes if scheme not in ("basic", "bearer")]
        if foreign:
            reason = reason or f"the adapter has no scheme `{foreign[0]}`"
        key = policy.get("key", "none")
        ways = schemes if key == "none" else [*schemes, key]
        if key not in ("none", "field", "query"):
            reason = reason or f"the adapter has no key `{key}`"
        if not ways:
            reason = reason or "an operation without a security class is open to everybody"
        if reason:
            placed.append((slot, None, reason))
            continue
        prefix = f"/g{message['generation']}/s{slot}"
        fresh[prefix] = application_of(ways, passwords, tokens, keys)
        placed.append((slot, f"http://127.0.0.1:{port}{prefix}", None))
    applications.clear()
    applications.update(fresh)
    return placed


if __name__ == "__main__":
    # Named as TCP, or asyncio leaves Nagle's algorithm on and each answer waits for an
    # acknowledgement: 12 ms instead of 1.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    # h11 and asyncio: nothing that would have to be compiled.
    config = uvicorn.Config(dispatch, http="h11", loop="asyncio", lifespan="off", log_level="error")
    server = uvicorn.Server(config)
    threading.Thread(
        target=lambda: asyncio.run(server.serve(sockets=[listener])), daemon=True
    ).start()
    control.run(INTRODUCTION, control.install_with(place))
    os._exit(0)  # the servers' threads hold nothing worth a farewell
