"""An application for each policy: what is asked for is checked, made, served and told."""

from __future__ import annotations

from typing import Any, Callable, Mapping, Optional, Sequence

from . import servers
from .applications import Applications
from .protocol import run

# What a profile has. A policy whose profiles have more is refused, instead of being installed without it.
KNOWN_PROFILE = {"scheme", "active"}


class Unsupported(Exception):
    """A policy cannot be expressed; the text says why. It counts as not applicable, and accuses nobody."""


class Policy:
    """A policy that is to be put in force in a slot."""

    #: The slot's number.
    slot: int
    #: The whole record, as the spec's domain declares it.
    fields: Mapping[str, Any]
    #: The record of what is set for the whole instance.
    instance: Mapping[str, Any]
    #: Where it is asked for: `/g17/s0`, which WSGI calls `SCRIPT_NAME` and ASGI `root_path`.
    path: str
    #: The schemes of the active profiles, in their order, with those that stand there twice.
    schemes: list[str]
    #: What `make` gave for the slot before, where this is what became of that by an edit. Who says `edits` changes it as
    #: his users would, and gives it again; who does not may pass it over.
    before: Any

    def __init__(self, generation: int, item: Mapping[str, Any], before: Any = None) -> None:
        self.before = before
        self.slot = item["slot"]
        self.fields = item["policy"]
        self.instance = item.get("instance", {})
        self.path = f"/g{generation}/s{self.slot}"
        profiles = self.fields.get("profiles", [])
        self.schemes = [one["scheme"] for one in profiles if one.get("active", True)]

    def check(self, schemes: Sequence[str]) -> None:
        """Refuses what is asked for and not known: a field of a profile, or a scheme beyond these."""
        profiles = self.fields.get("profiles", [])
        unknown = sorted({key for profile in profiles for key in set(profile) - KNOWN_PROFILE})
        if unknown:
            raise Unsupported(f"there is no `policy.profiles.{unknown[0]}` here")
        foreign = [scheme for scheme in self.schemes if scheme not in schemes]
        if foreign:
            raise Unsupported(f"there is no scheme `{foreign[0]}` here")


class LogIns:
    """Who may log in, and how: only what is valid. Nobody else can."""

    #: Passwords by user-id.
    passwords: dict[str, str]
    #: Users by bearer token.
    tokens: dict[str, str]
    #: Users by API key.
    keys: dict[str, str]

    def __init__(self, identities: Sequence[Mapping[str, Any]]) -> None:
        enabled = [identity for identity in identities if identity.get("enabled", True)]

        def valid(kind: str) -> dict[str, str]:
            return {
                one["value"]: identity["user"]
                for identity in enabled
                for one in identity.get(kind, [])
                if one["state"] == "valid"
            }

        self.passwords = {identity["user"]: identity["password"] for identity in enabled}
        self.tokens = valid("tokens")
        self.keys = valid("api_keys")


def serve_wsgi(make: Callable[[Policy, Any], Any], *, server: servers.Server = servers.wsgi, **about: Any) -> None:
    """A WSGI application for each policy, until standard input closes.

    `make(policy, log_ins)` gives the application, or raises `Unsupported`. The rest, by name:

    - `name`, `version`: of the product, as reports tell them.
    - `schemes`: those that it has, such as `["basic", "bearer"]`.
    - `supports`: what else it is judged on, or not, by path (docs/control-protocol.md).
    - `log_ins`: a function from the identities of an installation to what `make` is given as its second
      argument; `LogIns` unless it is told.
    - `events`: a function from a generation to the audit events since then.
    - `server`: what serves the applications. `servers.wsgi`, which needs nothing, `servers.waitress`, or
      a function of your own that serves an application on loopback and gives the port.
    - whatever else stands in `GET /v1/implementation`: `slots`, `alternatives`, `knows`, `claims`, `tokens`, and
      `edits`, where `make` changes what was there before an edit (`policy.before`).
    """
    applications = Applications()
    serve(make, listen=_at(server(applications.wsgi), applications), **about)


def serve_asgi(make: Callable[[Policy, Any], Any], *, server: servers.Server = servers.asgi, **about: Any) -> None:
    """An ASGI application for each policy, until standard input closes: as `serve_wsgi`.

    The servers are `servers.asgi`, which needs nothing, and `servers.uvicorn`. None of them sends events
    of the lifespan protocol: what an application needs is made in `make`.
    """
    applications = Applications()
    serve(make, listen=_at(server(applications.asgi), applications), **about)


def _at(port: int, applications: Applications) -> Callable[[dict[str, Any]], int]:
    def in_force(made: dict[str, Any]) -> int:
        applications.replace(made)
        return port

    return in_force


def serve(
    make: Callable[[Policy, Any], Any],
    *,
    listen: Callable[[dict[str, Any]], int],
    name: str,
    version: str,
    schemes: Sequence[str],
    supports: Optional[Mapping[str, Any]] = None,
    log_ins: Callable[[Sequence[Mapping[str, Any]]], Any] = LogIns,
    events: Optional[Callable[[int], list]] = None,
    resource: Optional[str] = None,
    **more: Any,
) -> None:
    """The same for a server that takes neither WSGI nor ASGI, until standard input closes.

    `make` gives whatever that server serves, and `listen(made)` puts in force what was made for an installation,
    by the path of each policy, and gives the port. `resource` is what is asked for where a server has a path of its own,
    such as `/v2/`, whatever the policy; it suits one slot. The rest is as for `serve_wsgi`.
    """
    introduction = {
        "protocol": 1,
        "name": name,
        "version": version,
        "slots": 64,
        **more,
        "supports": {
            "policy.profiles.scheme": list(schemes),
            **(supports or {}),
            "events": events is not None,
        },
    }

    # The generation in force, and what was made for its slots.
    in_force: tuple[int, dict[int, Any]] = (0, {})

    def install(message: dict) -> dict:
        nonlocal in_force
        earlier = in_force[1] if message.get("edit_of") == in_force[0] else {}
        by_slot: dict[int, Any] = {}
        who = log_ins(message["identities"])
        fresh: dict[str, Any] = {}
        made, unsupported = [], []
        for item in message["policies"]:
            policy = Policy(message["generation"], item, earlier.get(item["slot"]))
            try:
                policy.check(schemes)
                by_slot[policy.slot] = fresh[policy.path] = make(policy, who)
            except Unsupported as why:
                unsupported.append({"slot": policy.slot, "reason": str(why)})
            else:
                made.append(policy)
        port = listen(fresh)
        in_force = (message["generation"], by_slot)
        root = f"http://127.0.0.1:{port}"
        if resource is None:
            endpoints = [{"slot": one.slot, "url": root + one.path} for one in made]
        else:
            endpoints = [{"slot": one.slot, "url": root, "resource": resource} for one in made]
        return {"generation": message["generation"], "endpoints": endpoints, "unsupported": unsupported}

    run(introduction, install, events)
