"""A program's side of Countersign's control protocol, version 1.

`serve_wsgi` and `serve_asgi` take a function that makes an application for a policy, and do all the rest:

    import countersign_control as control

    def application(policy, log_ins):
        return Guard(app, policy.schemes, log_ins.passwords, log_ins.tokens)

    control.serve_wsgi(application, name="my-gateway", version="1.0", schemes=["basic", "bearer"])

`run` is the layer below: the control address, with an installation as the message that it is.
"""

from . import servers
from .policies import LogIns, Policy, Unsupported, serve, serve_asgi, serve_wsgi
from .protocol import MOST_BYTES, Wrong, run

__all__ = [
    "MOST_BYTES",
    "LogIns",
    "Policy",
    "Unsupported",
    "Wrong",
    "run",
    "serve",
    "serve_asgi",
    "serve_wsgi",
    "servers",
]
