"""Django REST framework under Countersign's control protocol, version 1.

Two loopback servers: one for control, one for the tests. Each policy is a real APIView whose
`authentication_classes` are the policy's active profiles in their order; users and tokens are rows
of `django.contrib.auth` and `rest_framework.authtoken`. The program prints the line with its control
URL and ends when its standard input closes.
"""

import json
import os
import sys
import tempfile
import threading

import django
from django.conf import settings

SLOTS = 64
DIRECTORY = tempfile.TemporaryDirectory(prefix="countersign-drf-")

settings.configure(
    SECRET_KEY="only for tests on loopback",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    # As in a new Django project: among other things it sets Content-Length, so that connections are
    # kept alive.
    MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
    INSTALLED_APPS=[
        "django.contrib.contenttypes",
        "django.contrib.auth",
        "rest_framework",
        "rest_framework.authtoken",
    ],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": os.path.join(DIRECTORY.name, "db.sqlite3"),
        }
    },
    # Django's documented choice for tests: the real hashers take a quarter of a second each.
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    REST_FRAMEWORK={"DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"]},
    LOGGING_CONFIG=None,
    USE_TZ=True,
)
django.setup()

from django.contrib.auth.models import User  # noqa: E402 - only after setup
from django.core.management import call_command  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import transaction  # noqa: E402
from django.http import Http404  # noqa: E402
from django.urls import re_path  # noqa: E402
from rest_framework import VERSION  # noqa: E402
from rest_framework.authentication import BasicAuthentication, TokenAuthentication  # noqa: E402
from rest_framework.authtoken.models import Token  # noqa: E402
from rest_framework.permissions import IsAuthenticated  # noqa: E402
from rest_framework.response import Response  # noqa: E402
from rest_framework.views import APIView  # noqa: E402
from waitress.server import create_server  # noqa: E402


class BearerAuthentication(TokenAuthentication):
    """The customisation that DRF's documentation gives for `Bearer` in place of `Token`."""

    keyword = "Bearer"


AUTHENTICATION = {"basic": BasicAuthentication, "bearer": BearerAuthentication}

INTRODUCTION = {
    "protocol": 1,
    "name": "django-rest-framework",
    "version": VERSION,
    "slots": SLOTS,
    "supports": {
        # A view has no switch that turns its policy off.
        "policy.active": [True],
        # DRF asks the first authentication class for the challenge and no other; it knows neither
        # flag nor property. That is what a policy with the flag unset, on an instance with the
        # property at its default, documents, with `first` as the advertised profile.
        "policy.advertise_all": [False],
        "instance.first_scheme_only": [True],
        "policy.profiles.scheme": ["basic", "bearer"],
        # Tokens of `authtoken` have no scopes and stand for no log-in; DRF writes neither resource
        # metadata nor CORS headers.
        "policy.required_scope": ["none"],
        "policy.step_up": [False],
        "policy.metadata": [False],
        "policy.cross_origin": [False],
        # Tokens of `authtoken` do not expire.
        "client.credential": ["valid", "wrong-secret", "unknown-user", "malformed", "none"],
        # The signal `user_logged_in` belongs to sessions; an API request sends none.
        "events": False,
    },
    "alternatives": {"advertised-profile": "first"},
}

# A policy with any other field is refused, instead of being installed without it.
KNOWN = {
    "policy": {
        "active",
        "advertise_all",
        "profiles",
        "required_scope",
        "step_up",
        "metadata",
        "cross_origin",
    },
    "profile": {"scheme", "active"},
    "instance": {"first_scheme_only"},
}

# The views in force, by generation and slot; replaced as a whole.
views = {}


def view_of(schemes):
    """The view that a policy with these schemes is, as a project would write it."""

    class Resource(APIView):
        authentication_classes = [AUTHENTICATION[scheme] for scheme in schemes]
        permission_classes = [IsAuthenticated]

        def answer(self, request, path):
            return Response({"user": request.user.get_username()})

        get = post = put = patch = delete = answer

    return Resource.as_view()


def dispatch(request, generation, slot, path):
    try:
        view = views[int(generation), int(slot)]
    except KeyError:
        raise Http404 from None
    return view(request, path=path)


urlpatterns = [re_path(r"^g(\d+)/s(\d+)/(.*)$", dispatch)]


class Wrong(Exception):
    """The request to the control address cannot be served; the text says why."""


def unsupported(policy, instance):
    """Why a policy cannot be expressed, or None."""
    profiles = policy.get("profiles", [])
    unknown = sorted(
        (set(policy) - KNOWN["policy"])
        | (set(instance) - KNOWN["instance"])
        | {key for profile in profiles for key in set(profile) - KNOWN["profile"]}
    )
    if unknown:
        return f"the adapter knows no `{unknown[0]}`"
    foreign = [profile["scheme"] for profile in profiles if profile["scheme"] not in AUTHENTICATION]
    return f"DRF has no scheme `{foreign[0]}`" if foreign else None


def install_identities(identities):
    """Makes users and tokens those of the identities, and no others."""
    with transaction.atomic():
        User.objects.all().delete()
        for identity in identities:
            user = User.objects.create_user(
                identity["user"], password=identity["password"], is_active=identity["enabled"]
            )
            valid = [t["value"] for t in identity.get("tokens", []) if t["state"] == "valid"]
            if len(valid) > 1:
                raise Wrong(f"authtoken keeps one token per user, and {user} has {len(valid)}")
            for value in valid:
                Token.objects.create(key=value, user=user)


def install(message):
    generation = message["generation"]
    install_identities(message["identities"])
    fresh, endpoints, refused = {}, [], []
    for item in message["policies"]:
        slot, policy = item["slot"], item["policy"]
        reason = unsupported(policy, item["instance"])
        if reason:
            refused.append({"slot": slot, "reason": reason})
            continue
        active = [p["scheme"] for p in policy["profiles"] if p.get("active", True)]
        fresh[generation, slot] = view_of(active)
        url = f"http://127.0.0.1:{tested.effective_port}/g{generation}/s{slot}"
        endpoints.append({"slot": slot, "url": url})
    views.clear()
    views.update(fresh)
    return {"generation": generation, "endpoints": endpoints, "unsupported": refused}


def control(environ, start_response):
    """The control address as a WSGI application."""
    call = environ["REQUEST_METHOD"], environ["PATH_INFO"]
    try:
        if call == ("GET", "/v1/implementation"):
            status, answer = "200 OK", INTRODUCTION
        elif call == ("PUT", "/v1/policies"):
            status, answer = "200 OK", install(json.load(environ["wsgi.input"]))
        elif call == ("GET", "/v1/events"):
            status, answer = "200 OK", {"events": []}
        else:
            status, answer = "404 Not Found", {"error": f"no {call[0]} {call[1]}"}
    except Wrong as wrong:
        status, answer = "400 Bad Request", {"error": str(wrong)}
    except (KeyError, TypeError, ValueError) as error:
        status, answer = "400 Bad Request", {"error": f"{type(error).__name__}: {error}"}
    body = json.dumps(answer).encode()
    start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]


def serve(application, threads):
    """A real WSGI server (waitress) on a free loopback port, with keep-alive, in a thread."""
    server = create_server(application, listen="127.0.0.1:0", threads=threads)
    threading.Thread(target=server.run, daemon=True).start()
    return server


if __name__ == "__main__":
    call_command("migrate", verbosity=0)
    tested = serve(get_wsgi_application(), threads=8)
    controlled = serve(control, threads=1)
    print(f"countersign-control: http://127.0.0.1:{controlled.effective_port}", flush=True)
    sys.stdin.read()
    DIRECTORY.cleanup()
    os._exit(0)  # the servers' threads hold nothing worth a farewell
