"""The guard under Countersign's control protocol: a guard for each policy."""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
# A project of your own has `countersign_control` installed; here it is the one of this repository.
sys.path[:0] = [os.path.join(HERE, ".."), os.path.join(HERE, "..", "..", "..", "kits", "python")]

import countersign_control as control  # noqa: E402
from gateway import Guard  # noqa: E402


def protected(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "2")])
    return [b"in"]


def application(policy, log_ins):
    return Guard(protected, policy.schemes, log_ins.passwords, log_ins.tokens)


# Each token is looked up, so that one that was withdrawn is refused at once.
looked_up = {"withdrawn-tokens": "at-once"}
control.serve_wsgi(application, name="python-gateway", version="1", schemes=["basic", "bearer"], alternatives=looked_up)
