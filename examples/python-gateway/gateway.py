"""A guard before a WSGI application: Basic and Bearer credentials, as a policy says."""

import base64
import binascii
import hmac


class Guard:
    """Lets in whoever has a password or a token, and tells everybody else which schemes there are."""

    def __init__(self, app, schemes, passwords, tokens, realm="api"):
        self.app = app
        # Each once, whatever was configured twice.
        self.schemes = list(dict.fromkeys(schemes))
        self.passwords = passwords
        self.tokens = tokens
        self.realm = realm

    def __call__(self, environ, start_response):
        sent = environ.get("HTTP_AUTHORIZATION", "")
        if self.is_let_in(sent):
            return self.app(environ, start_response)
        if not self.schemes:
            start_response("403 Forbidden", [("Content-Length", "0")])
            return [b""]
        fields = [("WWW-Authenticate", self.challenge(scheme, sent)) for scheme in self.schemes]
        start_response("401 Unauthorized", fields + [("Content-Length", "0")])
        return [b""]

    def is_let_in(self, sent):
        scheme, _, rest = sent.partition(" ")
        rest = rest.strip(" \t")
        scheme = scheme.lower()
        if scheme not in self.schemes:
            return False
        return self.is_password(rest) if scheme == "basic" else rest in self.tokens

    def is_password(self, encoded):
        try:
            pair = base64.b64decode(encoded, validate=True).decode("utf-8")
        except (binascii.Error, ValueError):
            return False
        user, colon, password = pair.partition(":")
        known = self.passwords.get(user)
        return bool(colon) and known is not None and hmac.compare_digest(known.encode(), password.encode())

    def challenge(self, scheme, sent):
        if scheme == "basic":
            return f'Basic realm="{self.realm}", charset="UTF-8"'
        # RFC 6750 §3.1: an error is for whoever sent a token.
        error = ', error="invalid_token"' if sent.lower().startswith("bearer ") else ""
        return f'Bearer realm="{self.realm}"{error}'
