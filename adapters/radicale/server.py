"""Radicale under Countersign's control protocol, version 1.

Radicale takes Basic with a file of users, `type = htpasswd`, and has no choice beyond that. What is asked for is a
calendar, which whoever logs in may see. Radicale serves it itself, as `python3 -m radicale` does.
"""

import importlib.metadata
import json
import os
import socket
import sys
import tempfile
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "..", "kits", "python")]

import countersign_control as control  # noqa: E402
from radicale import config, server  # noqa: E402

FOLDER = tempfile.TemporaryDirectory()


def written(name, text):
    """The path of a file with this text."""
    path = os.path.join(FOLDER.name, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def calendar(policy, log_ins):
    """Makes the calendar of a policy, and gives the settings of who may log in."""
    if policy.schemes != ["basic"]:
        raise control.Unsupported("Radicale has one scheme, and without it all is open")
    written(f"collections/collection-root{policy.path}/resource/.Radicale.props", json.dumps({"tag": "VCALENDAR"}))
    users = "".join(f"{user}:{password}\n" for user, password in log_ins.passwords.items())
    # Who is refused is not made to wait, which is for whoever guesses.
    return {"type": "htpasswd", "htpasswd_filename": written("users", users), "htpasswd_encryption": "plain", "delay": "0"}


class Server:
    """Radicale's own server, on a port that each installation has for itself."""

    def __init__(self):
        self.end = None

    def listen(self, made):
        """Serves what was made, and ends the server before."""
        if self.end:
            self.end.close()
            self.end = None
        for users in made.values():
            return self.started(users)
        return 0

    def started(self, users):
        """Starts it, for these users, and gives the port."""
        port = control.servers.free_port()
        rights = "[whoever logs in]\nuser: .+\ncollection: .*\npermissions: RrWw\n"
        configuration = config.load()
        configuration.update(
            {
                "auth": users,
                "rights": {"type": "from_file", "file": written("rights", rights)},
                # Whoever meets an error is not made to wait, either.
                "server": {"hosts": f"127.0.0.1:{port}", "delay_on_error": "0"},
                "storage": {"filesystem_folder": os.path.join(FOLDER.name, "collections")},
                "logging": {"level": "critical"},
            },
            "countersign",
        )
        # It ends when the other end is closed.
        self.end, theirs = socket.socketpair()
        serving = threading.Thread(target=server.serve, args=(configuration, theirs), daemon=True)
        serving.start()
        if not control.servers.is_there(port, serving.is_alive):
            raise control.Wrong("Radicale did not start")
        return port


if __name__ == "__main__":
    control.serve(
        calendar,
        listen=Server().listen,
        name="radicale",
        version=importlib.metadata.version("Radicale"),
        schemes=["basic"],
        slots=1,
        supports={
            "policy.profiles": {"min": 1, "max": 1},
            "policy.profiles.active": [True],
            # POST is no method of a calendar, and the others change it.
            "client.method": ["get", "head", "options", "propfind"],
        },
    )
