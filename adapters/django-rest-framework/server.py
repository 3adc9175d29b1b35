"""Django REST framework under Countersign's control protocol, version 1.

Each policy is a real APIView whose `authentication_classes` are the policy's active profiles in their
order; users and tokens are rows of `django.contrib.auth` and `rest_framework.authtoken`.
"""

import os
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "..", "kits", "python")]

import countersign_control as control  # noqa: E402
import django  # noqa: E402
from django.conf import settings  # noqa: E402

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
            # A connection for each thread and not for each request.
            "CONN_MAX_AGE": None,
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
from django.urls import re_path  # noqa: E402
from rest_framework import VERSION  # noqa: E402
from rest_framework.authentication import BasicAuthentication, TokenAuthentication  # noqa: E402
from rest_framework.authtoken.models import Token  # noqa: E402
from rest_framework.permissions import IsAuthenticated  # noqa: E402
from rest_framework.response import Response  # noqa: E402
from rest_framework.views import APIView  # noqa: E402


class BearerAuthentication(TokenAuthentication):
    """The customisation that DRF's documentation gives for `Bearer` in place of `Token`."""

    keyword = "Bearer"


AUTHENTICATION = {"basic": BasicAuthentication, "bearer": BearerAuthentication}

# Where a request says which view it is for: a project has its views in one table of URLs.
VIEW = "countersign.view"


def authentication(schemes):
    """The classes of these schemes."""
    return [AUTHENTICATION[scheme] for scheme in schemes]


def view_of(schemes):
    """The view that a policy with these schemes is, as a project would write it."""

    class Resource(APIView):
        authentication_classes = authentication(schemes)
        permission_classes = [IsAuthenticated]

        def answer(self, request):
            return Response({"user": request.user.get_username()})

        get = post = put = patch = delete = answer

    return Resource


urlpatterns = [re_path("", lambda request: request.environ[VIEW](request))]


class InForce:
    """A policy in force: its view, in the project."""

    def __init__(self, project, schemes):
        self.project = project
        self.resource = view_of(schemes)
        self.view = self.resource.as_view()

    def edit(self, schemes):
        """Gives the view other classes while it answers, as code of the project can at any time: REST framework looks at
        the attribute with each request."""
        self.resource.authentication_classes = authentication(schemes)

    def __call__(self, environ, start_response):
        return self.project({**environ, VIEW: self.view}, start_response)


installed = None


def install_identities(identities):
    """Makes users and tokens those of the identities, and no others; nothing where they are those of before."""
    global installed
    if identities == installed:
        return
    installed = None
    with transaction.atomic():
        User.objects.all().delete()
        for identity in identities:
            user = User.objects.create_user(
                identity["user"], password=identity["password"], is_active=identity["enabled"]
            )
            valid = [t["value"] for t in identity.get("tokens", []) if t["state"] == "valid"]
            if len(valid) > 1:
                raise control.Wrong(f"authtoken keeps one token per user, and {user} has {len(valid)}")
            for value in valid:
                Token.objects.create(key=value, user=user)
    installed = identities


def without_content_for_head(application):
    """Drops the content of answers to HEAD, which RFC 9110 §9.3.2 forbids: Django leaves that to the
    server, and waitress sends what it is given."""

    def answer(environ, start_response):
        content = application(environ, start_response)
        if environ["REQUEST_METHOD"] != "HEAD":
            return content
        if hasattr(content, "close"):
            content.close()
        return []

    return answer


if __name__ == "__main__":
    call_command("migrate", verbosity=0)
    project = without_content_for_head(get_wsgi_application())

    def application(policy, _):
        if policy.before is None:
            return InForce(project, policy.schemes)
        policy.before.edit(policy.schemes)
        return policy.before

    control.serve_wsgi(
        application,
        name="django-rest-framework",
        version=VERSION,
        schemes=list(AUTHENTICATION),
        supports={
            # Tokens of `authtoken` do not expire; how Basic credentials are read is its own business.
            "client.credential": [
                "valid",
                "wrong-secret",
                "unknown-user",
                "malformed",
                "none",
                "colon-in-password",
                "trailing-junk",
                "no-colon",
                "empty-user",
                "empty-password",
                "utf-8",
                "latin-1",
                "nul",
                "control-character",
                "no-padding",
            ],
        },
        # `TokenAuthentication` sends its keyword alone for a challenge.
        alternatives={"advertised-profile": "first", "bare-bearer": "allowed"},
        # An edit is made to the view that answers.
        edits=True,
        log_ins=install_identities,
        # A real WSGI server with keep-alive.
        server=control.servers.waitress,
    )
    DIRECTORY.cleanup()
    os._exit(0)  # the servers' threads hold nothing worth a farewell
