"""Servers of the Python SDK of the Model Context Protocol under Countersign's control protocol, version 1.

Each policy is an `MCPServer` with one tool, a `TokenVerifier` that judges JWTs by the keys of the test issuer, as the
documentation shows for a resource server, and `AuthSettings`. Everything else is the SDK's.
"""

import asyncio
import contextlib
import os
import socket
import sys
import threading
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "..", "kits", "python")]

from importlib.metadata import version  # noqa: E402

import countersign_control as control  # noqa: E402
import jwt  # noqa: E402
import uvicorn  # noqa: E402
from mcp.server.auth.provider import AccessToken  # noqa: E402
from mcp.server.auth.settings import AuthSettings  # noqa: E402
from mcp.server.mcpserver import MCPServer  # noqa: E402

INTRODUCTION = {
    "protocol": 1,
    "name": "mcp-python",
    "version": version("mcp"),
    "slots": 16,
    "supports": {
        "policy.profiles.scheme": ["bearer"],
        "policy.profiles": {"max": 1},
        "policy.required_scope": ["none", "write", "read-and-write"],
        # It tells the metadata in challenges and has it at the well-known URI, and knows no other way.
        "policy.sessions": [True, False],
        # The tool is below, and is what whoever writes a server writes himself.
        "policy.upstream": [True, False],
        "events": False,
    },
    "tokens": "jwt",
    "claims": ["mcp-authorization"],
}

SCOPES = {"none": [], "write": ["write"], "read-and-write": ["read", "write"]}

WELL_KNOWN = "/.well-known/oauth-protected-resource"


class Verifier:
    """Judges a token: the part that whoever writes a server writes himself."""

    def __init__(self, issuer):
        self.issuer = issuer
        self.keys = jwt.PyJWKClient(issuer["jwks_uri"])

    async def verify_token(self, token):
        try:
            key = await asyncio.to_thread(self.keys.get_signing_key_from_jwt, token)
            claims = jwt.decode(
                token,
                key,
                algorithms=["RS256"],
                audience=self.issuer["audience"],
                issuer=self.issuer["issuer"],
                options={"require": ["exp", "aud", "iss", "sub"]},
            )
            if jwt.get_unverified_header(token).get("typ", "").lower() != "at+jwt":
                return None
        except jwt.PyJWTError:
            return None
        return AccessToken(
            token=token,
            client_id=claims.get("client_id", ""),
            scopes=claims.get("scope", "").split(),
            expires_at=claims["exp"],
            subject=claims["sub"],
            claims=claims,
        )


def application_of(policy, url, path, issuer, behind):
    """The application that a policy is, before a server behind."""
    server = MCPServer(
        "countersign",
        token_verifier=Verifier(issuer),
        auth=AuthSettings(
            issuer_url=issuer["issuer"],
            resource_server_url=url,
            required_scopes=SCOPES[policy.get("required_scope", "none")],
            # The verifier looks at the audience, which is a name here.
            validate_token_resource=False,
        ),
    )

    @server.tool()
    def whoami() -> str:
        """Tells who asks."""
        return "somebody"

    @server.tool()
    async def ask_upstream() -> str:
        """Asks the server behind, as nobody in particular."""

        def asked():
            with urllib.request.urlopen(f"{behind}/upstream", timeout=2) as answer:
                return answer.read().decode()

        return await asyncio.to_thread(asked)

    stateless = not policy.get("sessions", True)
    return server.streamable_http_app(streamable_http_path=path, stateless_http=stateless, json_response=True)


class Front:
    """Hands each request to the application of its path, and runs what they need."""

    def __init__(self):
        self.applications, self.running = {}, None

    async def put(self, applications):
        if self.running:
            await self.running.aclose()
        self.running = contextlib.AsyncExitStack()
        for app in applications.values():
            await self.running.enter_async_context(app.router.lifespan_context(app))
        self.applications = applications

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            return
        path = scope["path"].removeprefix(WELL_KNOWN)
        app = self.applications.get(path.rpartition("/")[0])
        if app is None:
            await send({"type": "http.response.start", "status": 404, "headers": []})
            await send({"type": "http.response.body", "body": b""})
            return
        await app(scope, receive, send)


def main():
    listener = socket.create_server(("127.0.0.1", 0))
    origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
    front, loop, inbox = Front(), asyncio.new_event_loop(), asyncio.Queue()

    async def work():
        # One task enters and leaves what the applications need, as they demand.
        while True:
            applications, done = await inbox.get()
            try:
                await front.put(applications)
                done.set_result(None)
            except Exception as error:  # noqa: BLE001
                done.set_exception(error)

    async def install(applications):
        done = loop.create_future()
        await inbox.put((applications, done))
        await done

    def place(message):
        fresh, endpoints, refused = {}, [], []
        for item in message["policies"]:
            slot, policy = item["slot"], item["policy"]
            if [profile["scheme"] for profile in policy["profiles"]] != ["bearer"]:
                refused.append({"slot": slot, "reason": "an MCP server takes bearer tokens"})
                continue
            prefix = f"/g{message['generation']}s{slot}"
            path = f"{prefix}/resource"
            fresh[prefix] = application_of(policy, origin + path, path, message["issuer"], item.get("backend"))
            endpoints.append({"slot": slot, "url": origin + prefix})
        asyncio.run_coroutine_threadsafe(install(fresh), loop).result()
        return {"generation": message["generation"], "endpoints": endpoints, "unsupported": refused}

    async def serve():
        worker = asyncio.create_task(work())
        config = uvicorn.Config(front, log_level="critical", lifespan="off", access_log=False)
        await uvicorn.Server(config).serve(sockets=[listener])
        worker.cancel()

    threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True).start()
    control.run(INTRODUCTION, place)
    os._exit(0)  # the server's threads hold nothing worth a farewell


if __name__ == "__main__":
    main()
