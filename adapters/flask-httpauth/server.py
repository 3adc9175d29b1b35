"""Flask-HTTPAuth under Countersign's control protocol, version 1.

Each policy is a Flask view behind `login_required`: of the one scheme's class, or of `MultiAuth` over
the classes of the policy's active profiles in their order, as its documentation shows.
"""

import importlib.metadata
import os
import secrets
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "..", "kits", "python")]

import countersign_control as control  # noqa: E402
from flask import Flask  # noqa: E402
from flask_httpauth import HTTPBasicAuth, HTTPDigestAuth, HTTPTokenAuth, MultiAuth  # noqa: E402
from itsdangerous import BadSignature, TimestampSigner  # noqa: E402

REALM = "countersign"

# Signs nonces, so that one can be told from what was never issued without keeping it.
SIGNER = TimestampSigner(secrets.token_bytes(32))

# How long a nonce is good, in seconds.
NONCE_AGE = 300


def classes_of(identities):
    """The authentication objects, with the callbacks that their documentation asks for."""
    log_ins = control.LogIns(identities)
    passwords, tokens = log_ins.passwords, log_ins.tokens
    basic = HTTPBasicAuth(realm=REALM)
    bearer = HTTPTokenAuth(scheme="Bearer", realm=REALM)
    digest = HTTPDigestAuth(realm=REALM)

    @basic.verify_password
    def verify_password(user, password):
        return user if user in passwords and passwords[user] == password else None

    @bearer.verify_token
    def verify_token(token):
        return tokens.get(token)

    @digest.get_password
    def get_password(user):
        return passwords.get(user)

    # By default nonces are kept in the user's session, which is a cookie, and a client without cookies
    # could never log in. These four are what the documentation offers in its place.
    @digest.generate_nonce
    def generate_nonce():
        return SIGNER.sign(secrets.token_urlsafe(12)).decode()

    @digest.verify_nonce
    def verify_nonce(nonce):
        try:
            SIGNER.unsign(nonce, max_age=NONCE_AGE)
        except BadSignature:
            return False
        return True

    @digest.generate_opaque
    def generate_opaque():
        return REALM

    @digest.verify_opaque
    def verify_opaque(opaque):
        return opaque == REALM

    return {"basic": basic, "bearer": bearer, "digest": digest}


def application(policy, classes):
    """The application that a policy with these schemes is: one view, behind a guard."""
    if not policy.schemes:
        raise control.Unsupported("a view that nobody may see is not Flask-HTTPAuth's to guard")
    auths = [classes[scheme] for scheme in policy.schemes]
    guard = auths[0] if len(auths) == 1 else MultiAuth(*auths)
    app = Flask(__name__)

    @app.route("/<path:path>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    @guard.login_required
    def view(path):
        return {"path": path}

    return app


if __name__ == "__main__":
    control.serve_wsgi(
        application,
        name="flask-httpauth",
        version=importlib.metadata.version("Flask-HTTPAuth"),
        schemes=["basic", "bearer", "digest"],
        # Every token is looked up.
        alternatives={"advertised-profile": "first", "withdrawn-tokens": "at-once"},
        log_ins=classes_of,
        server=control.servers.waitress,
    )
