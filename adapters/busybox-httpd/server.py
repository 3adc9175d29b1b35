"""The web server of BusyBox under Countersign's control protocol, version 1.

Lines `PATH:USER:PASSWORD` of its configuration guard what is below a path, with Basic. It is started anew for each
installation, and serves a file.
"""

import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "..", "kits", "python")]

import countersign_control as control  # noqa: E402

BUSYBOX = sys.argv[1]
FOLDER = tempfile.TemporaryDirectory()


def written(name, text):
    """The path of a file with this text."""
    path = os.path.join(FOLDER.name, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def command(policy, log_ins):
    """How the server is started that has this policy, on a port."""
    if policy.schemes != ["basic"]:
        raise control.Unsupported("it has one scheme, and without users all is open")
    lines = "".join(f"/:{user}:{password}\n" for user, password in log_ins.passwords.items())
    configuration = written("httpd.conf", lines)
    written(f"www{policy.path}/resource", "in\n")
    home = os.path.join(FOLDER.name, "www")
    return lambda port: [
        BUSYBOX, "httpd", "-f", "-p", f"127.0.0.1:{port}", "-h", home, "-c", configuration, "-r", "countersign"
    ]


def version():
    """Its own word for it."""
    said = subprocess.run([BUSYBOX, "--help"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return said.stdout.partition("BusyBox v")[2].partition(" ")[0]


if __name__ == "__main__":
    server = control.servers.OneProgram()
    control.serve(
        command,
        listen=server.listen,
        name="busybox-httpd",
        version=version(),
        schemes=["basic"],
        slots=1,
        supports={
            "policy.profiles": {"min": 1, "max": 1},
            "policy.profiles.active": [True],
            # A file is there to be read. README.md says what it does with HEAD.
            "client.method": ["get"],
        },
    )
    server.listen({})
