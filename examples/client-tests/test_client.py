"""A client's own tests with pytest: what it makes of challenges, as `countersign clients measure` sees it.

COUNTERSIGN says where the command is, if it is not on PATH.
"""

import json
import os
import pathlib
import subprocess
import sys

import pytest

COUNTERSIGN = os.environ.get("COUNTERSIGN", "countersign")
CLIENT = [sys.executable, str(pathlib.Path(__file__).with_name("client.py")), "{url}", "{user}", "{password}"]

# Layouts of one's own, beside which `accept` says what the server takes.
LAYOUTS = {
    "Basic alone": {"lines": ['Basic realm="x"']},
    "Basic behind Bearer": {"lines": ["Bearer", 'Basic realm="x"']},
    "Bearer alone": {"lines": ['Bearer realm="x"']},
}


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    """What the client did, by layout: one run of the command plays them all."""
    layouts = tmp_path_factory.mktemp("layouts") / "cases.json"
    layouts.write_text(json.dumps(LAYOUTS))
    command = [COUNTERSIGN, "clients", "measure", "--json", "--layouts", str(layouts), "--", *CLIENT]
    lines = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout.splitlines()
    return {line["case"]: line for line in map(json.loads, lines)}


@pytest.mark.parametrize("layout", ["Basic alone", "Basic behind Bearer"])
def test_it_finds_its_scheme(seen, layout):
    assert seen[layout]["final_status"] == 200
    assert seen[layout]["schemes_sent"] == ["none", "Basic"]


def test_it_answers_only_what_is_offered(seen):
    assert seen["Bearer alone"]["schemes_sent"] == ["none"]
