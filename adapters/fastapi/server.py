"""FastAPI under Countersign's control protocol, version 1.

Each policy is a FastAPI application. One scheme or key: its security class guards the path operation, as
the documentation shows. Several: each class with `auto_error=False`, which the documentation gives for
"one of multiple optional ways", and the 401 out of the classes' own `make_not_authenticated_error`.
"""

import os
import secrets
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "..", "kits", "python")]

import countersign_control as control  # noqa: E402
import fastapi  # noqa: E402
from fastapi import Depends, FastAPI, HTTPException  # noqa: E402
from fastapi.security import APIKeyHeader, APIKeyQuery, HTTPBasic, HTTPBearer  # noqa: E402

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]


def user_of(security, credentials, log_ins):
    """Who has these credentials, or None: the part that an application writes itself."""
    if isinstance(security, HTTPBearer):
        return log_ins.tokens.get(credentials.credentials)
    if isinstance(security, (APIKeyHeader, APIKeyQuery)):
        return log_ins.keys.get(credentials)
    expected = log_ins.passwords.get(credentials.username)
    right = expected is not None and secrets.compare_digest(
        credentials.password.encode(), expected.encode()
    )
    return credentials.username if right else None


def application(policy, log_ins):
    """The application that a policy with these schemes, and perhaps a key, is."""
    ways = list(dict.fromkeys(policy.schemes))
    key = policy.fields.get("key", "none")
    if key in ("field", "query"):
        ways.append(key)
    elif key != "none":
        raise control.Unsupported(f"FastAPI has no key `{key}`")
    if not ways:
        raise control.Unsupported("an operation without a security class is open to everybody")
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
            found = credentials and user_of(security, credentials, log_ins)
            if found:
                return found
        raise not_authenticated()

    @app.api_route("/{path:path}", methods=METHODS)
    async def resource(path: str, user: str = Depends(user)):
        return {"path": path, "user": user}

    return app


if __name__ == "__main__":
    control.serve_asgi(
        application,
        name="fastapi",
        version=fastapi.__version__,
        schemes=["basic", "bearer"],
        supports={
            # FastAPI leaves the answer of several classes together to the application, which here names
            # every scheme. Its `HTTPException` takes headers as a mapping, so they share a field line.
            "policy.advertise_all": [True],
            "instance.first_scheme_only": [False],
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
        },
        # `HTTPBearer` sends its name alone for a challenge.
        alternatives={"bare-bearer": "allowed"},
        server=control.servers.uvicorn,
    )
    os._exit(0)  # the server's threads hold nothing worth a farewell
