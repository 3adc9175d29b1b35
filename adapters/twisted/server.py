"""Twisted under Countersign's control protocol, version 1.

Each policy is a resource behind `HTTPAuthSessionWrapper`, with a credential factory of `twisted.web.guard` for each
scheme of its active profiles in their order, as Twisted's documentation shows. Twisted serves it itself.
"""

import importlib.metadata
import os
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "..", "kits", "python")]

import countersign_control as control  # noqa: E402
from twisted.cred.checkers import InMemoryUsernamePasswordDatabaseDontUse  # noqa: E402
from twisted.cred.portal import IRealm, Portal  # noqa: E402
from twisted.internet import reactor  # noqa: E402
from twisted.internet.threads import blockingCallFromThread  # noqa: E402
from twisted.web.guard import (  # noqa: E402
    BasicCredentialFactory,
    DigestCredentialFactory,
    HTTPAuthSessionWrapper,
)
from twisted.web.resource import IResource, Resource  # noqa: E402
from twisted.web.server import Site  # noqa: E402
from zope.interface import implementer  # noqa: E402

REALM = b"countersign"


class Inside(Resource):
    """What is guarded: it answers every method at every path."""

    isLeaf = True

    def render(self, request):
        return b"" if request.method == b"HEAD" else b"in\n"


@implementer(IRealm)
class Realm:
    """Whoever logs in sees the same."""

    def requestAvatar(self, avatar, mind, *interfaces):
        return IResource, Inside(), lambda: None


def portal_of(identities):
    """A portal with those who may log in."""
    users = InMemoryUsernamePasswordDatabaseDontUse()
    for user, password in control.LogIns(identities).passwords.items():
        users.addUser(user.encode(), password.encode())
    return Portal(Realm(), [users])


def guarded(policy, portal):
    """The resource that a policy with these schemes is."""
    if not policy.schemes:
        raise control.Unsupported("a wrapper without a credential factory has nothing to say")
    factories = {
        "basic": lambda: BasicCredentialFactory(REALM),
        "digest": lambda: DigestCredentialFactory(b"md5", REALM),
    }
    # Nobody hands over two factories for one scheme: the second is never asked, and only its challenge is sent.
    return HTTPAuthSessionWrapper(portal, [factories[scheme]() for scheme in dict.fromkeys(policy.schemes)])


class Policies(Resource):
    """The resources in force, each below a path of two segments."""

    def __init__(self):
        super().__init__()
        self.made = {}

    def getChild(self, first, request):
        second = request.postpath.pop(0) if request.postpath else b""
        request.prepath.append(second)
        return self.made.get(f"/{first.decode('latin-1')}/{second.decode('latin-1')}") or Resource()


class Server:
    """The one server, in a thread of its own."""

    def __init__(self):
        self.policies = Policies()
        self.port = reactor.listenTCP(0, Site(self.policies), interface="127.0.0.1").getHost().port
        threading.Thread(target=reactor.run, kwargs={"installSignalHandlers": False}, daemon=True).start()

    def listen(self, made):
        """Puts these in force, between two requests."""
        blockingCallFromThread(reactor, setattr, self.policies, "made", made)
        return self.port


if __name__ == "__main__":
    control.serve(
        guarded,
        listen=Server().listen,
        name="twisted",
        version=importlib.metadata.version("Twisted"),
        schemes=["basic", "digest"],
        # A profile that is switched off is a factory that is left out; without any, a wrapper lets nobody in and
        # has nothing to say.
        supports={"policy.profiles": {"min": 1, "max": 2}, "policy.profiles.active": [True]},
        log_ins=portal_of,
    )
