"""Plays requests by one of Python's HTTP libraries, each by a client of its own.

python.py MODE URL USER PASSWORD [TOKEN [REALM]] plays one: the status goes to standard output; the exit code is 0 for a
2xx, 1 for any other answer, 2 where there was none. python.py MODE --plays FILE plays those of a file, in which each line
is a JSON list of what stands behind MODE, and writes a line for each: `countersign-play NUMBER CODE STATUS`.
"""

import json
import sys

url = user = password = token = ""


def with_urllib(mode):
    import urllib.error
    import urllib.request as lib

    manager = lib.HTTPPasswordMgrWithDefaultRealm()
    if mode == "urllib-prior-basic":
        manager = lib.HTTPPasswordMgrWithPriorAuth()
        manager.add_password(None, url, user, password, is_authenticated=True)
    else:
        manager.add_password(None, url, user, password)
    handlers = {
        "urllib-basic": [lib.HTTPBasicAuthHandler],
        "urllib-prior-basic": [lib.HTTPBasicAuthHandler],
        "urllib-digest": [lib.HTTPDigestAuthHandler],
        "urllib-basicdigest": [lib.HTTPBasicAuthHandler, lib.HTTPDigestAuthHandler],
    }[mode]
    # The proxy that keeps everything on this machine is none of the measurement's.
    opener = lib.build_opener(lib.ProxyHandler({}), *[handler(manager) for handler in handlers])
    try:
        return opener.open(url, timeout=10).status
    except urllib.error.HTTPError as error:
        return error.code


def with_requests(mode):
    import requests
    from requests.auth import HTTPDigestAuth

    if mode == "requests-guess":
        from requests_toolbelt.auth.guess import GuessAuth

        auth = GuessAuth(user, password)
    else:
        auth = HTTPDigestAuth(user, password) if mode == "requests-digest" else (user, password)
    return requests.get(url, auth=auth, timeout=10).status_code


def with_httpx(mode):
    import httpx

    auth = httpx.DigestAuth(user, password) if mode == "httpx-digest" else (user, password)
    # Reading the system's authorities takes a tenth of a second each time, and no URL here is of TLS.
    given = {"auth": auth, "follow_redirects": True, "timeout": 10, "verify": False}
    return httpx.get(url, **given).status_code


def with_aiohttp(mode):
    import asyncio

    import aiohttp

    async def ask():
        if mode == "aiohttp-digest":
            given = {"middlewares": (aiohttp.DigestAuthMiddleware(user, password),)}
        else:
            given = {"auth": aiohttp.BasicAuth(user, password, encoding="utf-8")}
        async with aiohttp.ClientSession(**given) as session, session.get(url) as answer:
            return answer.status

    return asyncio.run(ask())


def with_urllib3(mode):
    import urllib3

    headers = urllib3.util.make_headers(basic_auth=f"{user}:{password}")
    return urllib3.request("GET", url, headers=headers, retries=urllib3.Retry(5)).status


def with_httplib2(mode):
    import httplib2

    http = httplib2.Http(timeout=10)
    http.add_credentials(user, password)
    return http.request(url)[0].status


def with_pycurl(mode):
    import io

    import pycurl

    curl = pycurl.Curl()
    curl.setopt(pycurl.URL, url)
    curl.setopt(pycurl.HTTPAUTH, pycurl.HTTPAUTH_ANY)
    curl.setopt(pycurl.USERPWD, f"{user}:{password}".encode())
    curl.setopt(pycurl.FOLLOWLOCATION, True)
    curl.setopt(pycurl.TIMEOUT, 10)
    curl.setopt(pycurl.WRITEDATA, io.BytesIO())
    curl.perform()
    return curl.getinfo(pycurl.RESPONSE_CODE)


class Nothing:
    """A storage of OAuth in which nothing is: no token, no client."""

    async def get_tokens(self):
        return None

    async def set_tokens(self, tokens):
        pass

    async def get_client_info(self):
        return None

    async def set_client_info(self, client_info):
        pass


def with_mcp(mode):
    import asyncio

    import httpx2
    from mcp import ClientSession
    from mcp.client.auth import OAuthClientProvider
    from mcp.client.streamable_http import streamable_http_client
    from mcp.shared.auth import OAuthClientMetadata

    seen = []

    async def note(answer):
        # What it asks for beside, as metadata, is no answer of the server's.
        if str(answer.request.url) == url:
            seen.append(answer.status_code)

    async def nobody(*_):
        raise RuntimeError("nobody is there to log in")

    async def ask():
        given = {"event_hooks": {"response": [note]}, "timeout": 10, "verify": False, "trust_env": False}
        if mode == "mcp-py-oauth":
            about = OAuthClientMetadata(redirect_uris=["http://127.0.0.1:9/back"], client_name="client")
            given["auth"] = OAuthClientProvider(url, about, Nothing(), nobody, nobody)
        else:
            given["headers"] = {"Authorization": f"Bearer {token}"}
        async with httpx2.AsyncClient(**given) as http, streamable_http_client(url, http_client=http) as streams:
            async with ClientSession(*streams[:2]) as session:
                await asyncio.wait_for(session.initialize(), 5)

    try:
        asyncio.run(ask())
    except BaseException:
        # What it says of an answer that is no MCP server's is not what is asked.
        if not seen:
            raise
    return seen[-1]


WITH = {
    "urllib": with_urllib,
    "requests": with_requests,
    "httpx": with_httpx,
    "aiohttp": with_aiohttp,
    "urllib3": with_urllib3,
    "httplib2": with_httplib2,
    "pycurl": with_pycurl,
    "mcp": with_mcp,
}


def play(mode, given):
    """The exit code, and the status or what went wrong."""
    global url, user, password, token
    url, user, password = given[:3]
    token = given[3] if len(given) > 3 else ""
    try:
        status = WITH[mode.split("-")[0]](mode)
    except Exception as error:  # whatever a library says instead of an answer
        return 2, f"{type(error).__name__}: {error}"
    return (0 if 200 <= status < 300 else 1), status


mode, *given = sys.argv[1:]
if given[:1] == ["--plays"]:
    with open(given[1], encoding="utf-8") as plays:
        for number, line in enumerate(plays):
            code, said = play(mode, json.loads(line))
            print("countersign-play", number, code, " ".join(str(said).split()), flush=True)
    sys.exit(0)
code, said = play(mode, given)
print(said, file=sys.stderr if code == 2 else sys.stdout)
sys.exit(code)
