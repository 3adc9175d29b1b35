"""Flask-HTTPAuth under Countersign's control protocol, version 1.

Each policy is a Flask view behind `login_required`: of the one scheme's class, or of `MultiAuth` over
the classes of the policy's active profiles in their order, as its documentation shows.
"""

import os
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "shared")]

import importlib.metadata  # noqa: E402
import secrets  # noqa: E402

import control  # noqa: E402
from flask import Flask, abort  # noqa: E402
from flask_httpauth import HTTPBasicAuth, HTTPDigestAuth, HTTPTokenAuth, MultiAuth  # noqa: E402
from itsdangerous import BadSignature, TimestampSigner  # noqa: E402
from waitress.server import create_server  # noqa: E402

REALM = "countersign"

# Signs nonces, so that one can be told from what was never issued without keeping it.
SIGNER = TimestampSigner(secrets.token_bytes(32))

# How long a nonce is good, in seconds.
NONCE_AGE = 300

INTRODUCTION = {
    "protocol": 1,
    "name": "flask-httpauth",
    "version": importlib.metadata.version("Flask-HTTPAuth"),
    "slots": 64,
    "supports": {
        "policy.profiles.scheme": ["basic", "bearer", "digest"],
        # It logs nothing: who got in is the application's to tell.
        "events": False,
    },
    # Every token is looked up.
    "alternatives": {"advertised-profile": "first", "withdrawn-tokens": "at-once"},
}

app = Flask(__name__)

# The guarded views in force, by generation and slot; replaced as a whole.
views = {}


def classes_of(passwords, tokens):
    """The authentication objects, with the callbacks that their documentation asks for."""
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


def guarded(auths):
    guard = auths[0] if len(auths) == 1 else MultiAuth(*auths)

    @guard.login_required
    def view(path):
        return {"path": path}

    return view


@app.route("/g<int:generation>/s<int:slot>/<path:path>",
           methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
def dispatch(generation, slot, path):
    view = views.get((generation, slot))
    return view(path) if view else abort(404)


def place(message):
    """Puts the policies of a message in force."""
    generation = message["generation"]
    classes = classes_of(*control.log_ins(message["identities"]))
    fresh, placed = {}, []
    for item in message["policies"]:
        slot, policy = item["slot"], item["policy"]
        schemes = control.active_schemes(policy)
        reason = control.unknown_field(policy)
        foreign = [scheme for scheme in schemes if scheme not in classes]
        if foreign:
            reason = reason or f"the adapter has no scheme `{foreign[0]}`"
        if not schemes:
            reason = reason or "a view that nobody may see is not Flask-HTTPAuth's to guard"
        if reason:
            placed.append((slot, None, reason))
            continue
        fresh[generation, slot] = guarded([classes[scheme] for scheme in schemes])
        url = f"http://127.0.0.1:{tested.effective_port}/g{generation}/s{slot}"
        placed.append((slot, url, None))
    views.clear()
    views.update(fresh)
    return placed


if __name__ == "__main__":
    tested = create_server(app, listen="127.0.0.1:0", threads=8)
    threading.Thread(target=tested.run, daemon=True).start()
    control.run(INTRODUCTION, control.install_with(place))
    os._exit(0)  # the servers' threads hold nothing worth a farewell
