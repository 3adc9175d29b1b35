"""Bottle under Countersign's control protocol: an application for each policy, behind `auth_basic`."""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
# A project of your own has `countersign_control` installed; here it is the one of this repository.
sys.path.insert(0, os.path.join(HERE, "..", "..", "kits", "python"))

import bottle  # noqa: E402
import countersign_control as control  # noqa: E402


def application(policy, log_ins):
    if not policy.schemes:
        raise control.Unsupported("a route without `auth_basic` is open to everybody")
    app = bottle.Bottle()

    @app.route("/resource", method=["GET", "POST"])
    @bottle.auth_basic(lambda user, password: log_ins.passwords.get(user) == password)
    def resource():
        return "in"

    return app


control.serve_wsgi(application, name="bottle", version=bottle.__version__, schemes=["basic"])
