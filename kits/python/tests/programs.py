"""The programs that the tests start: `programs.py wsgi`, `programs.py asgi`, `programs.py listen` and so on."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

import countersign_control as control  # noqa: E402

ABOUT = {
    "name": "one",
    "version": "7",
    "schemes": ["basic", "bearer"],
    "alternatives": {"withdrawn-tokens": "at-once"},
}


def answer(policy, log_ins, path, prefix, sent, content):
    """What both kinds of application answer: a status, and what they were asked."""
    if policy.fields.get("fails"):
        raise RuntimeError("as it was told")
    scheme, _, token = sent.partition(" ")
    user = log_ins.tokens.get(token) if scheme == "Bearer" and "bearer" in policy.schemes else None
    status = 200 if user else 401
    return status, f"{prefix} {path} {user} {policy.schemes} {content}".encode()


def of_wsgi(policy, log_ins):
    if not policy.schemes:
        raise control.Unsupported("open to everybody")

    def application(environ, start_response):
        status, content = answer(
            policy,
            log_ins,
            environ["PATH_INFO"],
            environ["SCRIPT_NAME"],
            environ.get("HTTP_AUTHORIZATION", ""),
            environ["wsgi.input"].read().decode() + environ["QUERY_STRING"],
        )
        before = "none" if policy.before is None else "some"
        start_response(f"{status} Some Reason", [("X-Kind", "wsgi"), ("X-Before", before)])
        return [content[:3], content[3:]]

    return application


def of_asgi(policy, log_ins):
    if not policy.schemes:
        raise control.Unsupported("open to everybody")

    async def application(scope, receive, send):
        content = (await receive())["body"].decode() + scope["query_string"].decode()
        prefix = scope["root_path"]
        sent = dict(scope["headers"]).get(b"authorization", b"").decode()
        status, content = answer(policy, log_ins, scope["path"][len(prefix) :], prefix, sent, content)
        before = b"none" if policy.before is None else b"some"
        await send({"type": "http.response.start", "status": status, "headers": [(b"x-kind", b"asgi"), (b"x-before", before)]})
        await send({"type": "http.response.body", "body": content[:3], "more_body": True})
        await send({"type": "http.response.body", "body": content[3:]})

    return application


if __name__ == "__main__":
    if sys.argv[1] == "wsgi":
        control.serve_wsgi(of_wsgi, **ABOUT)
    elif sys.argv[1] in ("listen", "fixed"):
        # No server: the port tells what was put in force.
        fixed = {"resource": "/v2/"} if sys.argv[1] == "fixed" else {}
        control.serve(lambda policy, _: policy.slot, listen=lambda made: 9000 + sum(made.values()), **fixed, **ABOUT)
    else:
        told = [{"slot": 0, "name": "LOGIN_SUCCESS"}]
        control.serve_asgi(of_asgi, events=lambda generation: told * generation, supports={"x": [1]}, **ABOUT)
