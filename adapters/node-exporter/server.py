"""The node exporter of Prometheus under Countersign's control protocol, version 1.

The exporters of Prometheus share what guards them: `basic_auth_users` of the file that `--web.config.file` names, with
passwords hashed by bcrypt. All that an exporter has is guarded by it, so one policy is in force at once. Its metrics are
at `--web.telemetry-path`, which is where they are asked for.
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

EXPORTER, HTPASSWD = sys.argv[1:]
FOLDER = tempfile.TemporaryDirectory()


@functools.lru_cache(maxsize=256)
def hashed(password):
    """A password by bcrypt, with as little work as there is."""
    line = subprocess.run([HTPASSWD, "-niBC", "4", "user"], input=password, stdout=subprocess.PIPE, text=True, check=True)
    return line.stdout.strip().partition(":")[2]


def command(policy, log_ins):
    """How the exporter is started that has this policy, on a port."""
    if policy.schemes != ["basic"]:
        raise control.Unsupported("an exporter has one scheme, and without users all is open")
    users = {user: hashed(password) for user, password in log_ins.passwords.items()}
    file = os.path.join(FOLDER.name, "web.yml")
    with open(file, "w", encoding="utf-8") as out:
        json.dump({"basic_auth_users": users}, out)  # YAML, too
    return lambda port: [
        EXPORTER,
        f"--web.listen-address=127.0.0.1:{port}",
        f"--web.config.file={file}",
        f"--web.telemetry-path={policy.path}/resource",
        "--collector.disable-defaults",
    ]


def version():
    """The exporter's own word for it."""
    said = subprocess.run([EXPORTER, "--version"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return said.stdout.partition("version ")[2].partition(" ")[0]


if __name__ == "__main__":
    exporter = control.servers.OneProgram()
    control.serve(
        command,
        listen=exporter.listen,
        name="node-exporter",
        version=version(),
        schemes=["basic"],
        slots=1,
        supports={"policy.profiles": {"min": 1, "max": 1}, "policy.profiles.active": [True]},
    )
    exporter.listen({})
