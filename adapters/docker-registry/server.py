"""The registry of Docker under Countersign's control protocol, version 1.

`auth: htpasswd` takes Basic with a file of users, whose passwords are hashed by bcrypt. All that a registry has is
guarded by it, so one policy is in force at once. What is asked for is `/v2/`, which every client asks for first.
"""

import functools
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "..", "kits", "python")]

import countersign_control as control  # noqa: E402

REGISTRY, HTPASSWD = sys.argv[1:]
FOLDER = tempfile.TemporaryDirectory()


@functools.lru_cache(maxsize=256)
def hashed(password):
    """A password by bcrypt, with as little work as there is."""
    line = subprocess.run([HTPASSWD, "-niBC", "4", "user"], input=password, stdout=subprocess.PIPE, text=True, check=True)
    return line.stdout.strip().partition(":")[2]


def written(name, text):
    """The path of a file with this text."""
    path = os.path.join(FOLDER.name, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def command(policy, log_ins):
    """How the registry is started that has this policy, on a port."""
    if policy.schemes != ["basic"]:
        raise control.Unsupported("htpasswd has one scheme, and without it all is open")
    lines = "".join(f"{user}:{hashed(password)}\n" for user, password in log_ins.passwords.items())
    users = written("users", lines)

    def on(port):
        configuration = {
            "version": "0.1",
            "log": {"level": "error", "accesslog": {"disabled": True}},
            "storage": {"inmemory": {}},
            "http": {"addr": f"127.0.0.1:{port}"},
            "auth": {"htpasswd": {"realm": "countersign", "path": users}},
        }
        return [REGISTRY, "serve", written("config.yml", json.dumps(configuration))]  # YAML, too

    return on


def version():
    """The registry's own word for it."""
    said = subprocess.run([REGISTRY, "--version"], stdout=subprocess.PIPE, text=True)
    return said.stdout.split()[-1] if said.stdout.split() else ""


if __name__ == "__main__":
    registry = control.servers.OneProgram()
    control.serve(
        command,
        listen=registry.listen,
        name="docker-registry",
        version=version(),
        schemes=["basic"],
        slots=1,
        resource="/v2/",
        supports={"policy.profiles": {"min": 1, "max": 1}, "policy.profiles.active": [True]},
    )
    registry.listen({})
