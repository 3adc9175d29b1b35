"""aiohttp-basicauth under Countersign's control protocol, version 1.

Each policy is an application of aiohttp behind `BasicAuthMiddleware`, whose `check_credentials` is written anew for
more than one user, as its documentation shows. aiohttp serves them itself.
"""

import asyncio
import importlib.metadata
import os
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "..", "kits", "python")]

import countersign_control as control  # noqa: E402
from aiohttp import web  # noqa: E402
from aiohttp_basicauth import BasicAuthMiddleware  # noqa: E402


class Guard(BasicAuthMiddleware):
    """The middleware, for those who may log in."""

    def __init__(self, passwords):
        super().__init__(realm="countersign")
        self.passwords = passwords

    async def check_credentials(self, username, password, request):
        return username in self.passwords and self.passwords[username] == password


async def inside(request):
    """What is guarded."""
    return web.Response(text="in\n")


def application(policy, log_ins):
    """The application that a policy is."""
    if policy.schemes != ["basic"]:
        raise control.Unsupported("the middleware has one scheme, and without it all is open")
    made = web.Application(middlewares=[Guard(log_ins.passwords)])
    made.router.add_route("*", "/{path:.*}", inside)
    return made


class Server:
    """The applications in force, on a port that each installation has for itself: routes are fixed once it listens."""

    def __init__(self):
        self.loop = asyncio.new_event_loop()
        self.runner = None
        threading.Thread(target=self.loop.run_forever, daemon=True).start()

    def listen(self, made):
        """Puts these in force, and nothing else."""
        return asyncio.run_coroutine_threadsafe(self.replaced(made), self.loop).result()

    async def replaced(self, made):
        root = web.Application()
        for path, one in made.items():
            root.add_subapp(path, one)
        fresh = web.AppRunner(root)
        await fresh.setup()
        await web.TCPSite(fresh, "127.0.0.1", 0, shutdown_timeout=0).start()
        old, self.runner = self.runner, fresh
        if old:
            await old.cleanup()
        return fresh.addresses[0][1]


if __name__ == "__main__":
    control.serve(
        application,
        listen=Server().listen,
        name="aiohttp-basicauth",
        version=importlib.metadata.version("aiohttp-basicauth"),
        schemes=["basic"],
        supports={"policy.profiles": {"min": 1, "max": 1}, "policy.profiles.active": [True]},
    )
