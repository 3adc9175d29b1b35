"""What a program under the kit answers: `python3 -m unittest discover kits/python/tests`."""

import http.client
import json
import os
import subprocess
import sys
import unittest

PROGRAMS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "programs.py")

IDENTITIES = [
    {
        "user": "alice",
        "password": "open-sesame",
        "enabled": True,
        "tokens": [{"value": "good", "state": "valid"}, {"value": "old", "state": "expired"}],
        "api_keys": [{"value": "key", "state": "valid"}],
    },
    {"user": "mallory", "password": "x", "enabled": False, "tokens": [{"value": "hers", "state": "valid"}]},
]


def profiles(*schemes):
    return {"profiles": [{"scheme": scheme, "active": True} for scheme in schemes]}


class Program:
    """A program that was started, and the address that it announced."""

    def __init__(self, kind):
        self.process = subprocess.Popen(
            [sys.executable, "-B", PROGRAMS, kind],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        line = self.process.stdout.readline()
        prefix = "countersign-control: http://"
        assert line.startswith(prefix), line
        self.control = http.client.HTTPConnection(line[len(prefix) :].strip(), timeout=20)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.control.close()
        self.said = self.process.communicate()[1]

    def call(self, method, path, body=None):
        self.control.request(method, path, body)
        answer = self.control.getresponse()
        return answer.status, json.loads(answer.read())

    def install(self, generation, *policies, **more):
        items = [{"slot": slot, "policy": policy, "instance": {}} for slot, policy in enumerate(policies)]
        message = {"generation": generation, "identities": IDENTITIES, "policies": items, **more}
        return self.call("PUT", "/v1/policies", json.dumps(message))


def ask(connection, path, token=None, method="GET", body=None):
    fields = {"Authorization": f"Bearer {token}"} if token else {}
    connection.request(method, path, body, fields)
    answer = connection.getresponse()
    return answer.status, answer.read().decode(), answer


class Control(unittest.TestCase):
    def both(self, judge):
        for kind in ("wsgi", "asgi"):
            with self.subTest(kind), Program(kind) as program:
                judge(kind, program)

    def test_it_introduces_itself(self):
        def judge(kind, program):
            status, about = program.call("GET", "/v1/implementation")
            self.assertEqual(status, 200)
            self.assertEqual((about["protocol"], about["name"], about["slots"]), (1, "one", 64))
            self.assertEqual(about["alternatives"], {"withdrawn-tokens": "at-once"})
            events = {"wsgi": {"events": False}, "asgi": {"events": True, "x": [1]}}[kind]
            self.assertEqual(about["supports"], {"policy.profiles.scheme": ["basic", "bearer"], **events})
            _, told = program.call("GET", "/v1/events?generation=2")
            self.assertEqual(len(told["events"]), {"wsgi": 0, "asgi": 2}[kind])
            self.assertEqual(program.call("GET", "/v2")[0], 404)

        self.both(judge)

    def test_each_policy_is_an_application(self):
        def judge(kind, program):
            status, placed = program.install(3, profiles("basic", "bearer"), profiles("basic"))
            self.assertEqual((status, placed["generation"], placed["unsupported"]), (200, 3, []))
            first = placed["endpoints"][0]["url"]
            host = first[len("http://") :].partition("/")[0]
            self.assertEqual([at["url"] for at in placed["endpoints"]], [f"http://{host}/g3/s{n}" for n in (0, 1)])
            # One connection for all of it.
            connection = http.client.HTTPConnection(host, timeout=20)
            said = ask(connection, "/g3/s0/resource?q=1", "good")
            self.assertEqual(said[:2], (200, "/g3/s0 /resource alice ['basic', 'bearer'] q=1"))
            self.assertEqual(said[2].getheader("X-Kind"), kind)
            self.assertEqual(ask(connection, "/g3/s0/resource", "good", "POST", "content")[1][-7:], "content")
            self.assertEqual(ask(connection, "/g3/s0/resource", "good", "HEAD")[:2], (200, ""))
            self.assertEqual(ask(connection, "/g3/s0/resource", "old")[0], 401)
            self.assertEqual(ask(connection, "/g3/s0/resource", "hers")[0], 401)
            self.assertEqual(ask(connection, "/g3/s1/resource", "good")[0], 401)
            self.assertEqual(ask(connection, "/g3/s2/resource", "good")[0], 404)
            self.assertEqual(ask(connection, "/resource", "good")[0], 404)
            # What was in force is gone.
            program.install(4, profiles("bearer"))
            self.assertEqual(ask(connection, "/g3/s0/resource", "good")[0], 404)
            self.assertEqual(ask(connection, "/g4/s0/resource", "good")[0], 200)
            connection.close()

        self.both(judge)

    def test_what_an_edit_began_with_is_handed_over(self):
        def judge(_, program):
            def before(generation, *policies, **more):
                _, placed = program.install(generation, *policies, **more)
                told = []
                for at in placed["endpoints"]:
                    host, _, path = at["url"][len("http://") :].partition("/")
                    connection = http.client.HTTPConnection(host, timeout=20)
                    told.append(ask(connection, f"/{path}")[2].getheader("X-Before"))
                    connection.close()
                return told

            self.assertEqual(before(1, profiles("basic")), ["none"])
            # What could not be made then, and what was not there, has nothing before it.
            edited = (profiles("bearer"), profiles("digest"), profiles("basic"))
            self.assertEqual(before(2, *edited, edit_of=1), ["some", "none"])
            self.assertEqual(before(3, *[profiles("basic")] * 3, edit_of=2), ["some", "none", "some"])
            self.assertEqual(before(4, profiles("basic")), ["none"])
            # Of a generation that is no more.
            self.assertEqual(before(5, profiles("basic"), edit_of=3), ["none"])

        self.both(judge)

    def test_what_cannot_be_expressed_is_refused(self):
        def judge(_, program):
            strange = {"profiles": [{"scheme": "basic", "active": True, "colour": "red"}]}
            switched_off = {"profiles": [{"scheme": "basic", "active": False}]}
            _, placed = program.install(1, profiles("digest"), strange, switched_off, profiles("basic"))
            self.assertEqual([at["slot"] for at in placed["endpoints"]], [3])
            self.assertEqual(
                [at["reason"] for at in placed["unsupported"]],
                [
                    "there is no scheme `digest` here",
                    "there is no `policy.profiles.colour` here",
                    "open to everybody",
                ],
            )

        self.both(judge)

    def test_what_is_wrong_is_told_and_ends_nothing(self):
        def judge(_, program):
            status, told = program.call("PUT", "/v1/policies", "{")
            self.assertEqual(status, 400)
            self.assertIn("JSONDecodeError", told["error"])
            self.assertEqual(program.call("PUT", "/v1/policies", "{}"), (400, {"error": "KeyError: 'identities'"}))
            _, placed = program.install(1, {**profiles("bearer"), "fails": True})
            host, _, path = placed["endpoints"][0]["url"][len("http://") :].partition("/")
            connection = http.client.HTTPConnection(host, timeout=20)
            self.assertEqual(ask(connection, f"/{path}/resource", "good")[:2], (500, ""))
            connection.close()

        self.both(judge)

    def test_a_server_of_ones_own_has_what_was_made(self):
        with Program("listen") as program:
            _, placed = program.install(5, profiles("basic"), profiles("digest"), profiles("bearer"))
            urls = [at["url"] for at in placed["endpoints"]]
            self.assertEqual(urls, ["http://127.0.0.1:9002/g5/s0", "http://127.0.0.1:9002/g5/s2"])
        with Program("fixed") as program:
            _, placed = program.install(5, profiles("basic"))
            self.assertEqual(placed["endpoints"], [{"slot": 0, "url": "http://127.0.0.1:9000", "resource": "/v2/"}])

    def test_it_ends_when_its_input_does(self):
        for kind in ("wsgi", "asgi"):
            with Program(kind) as program:
                program.install(1, profiles("bearer"))
            self.assertEqual((program.process.returncode, program.said), (0, ""))


if __name__ == "__main__":
    unittest.main()
