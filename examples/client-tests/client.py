"""The client under test: `client.py URL USER PASSWORD` asks for a resource, and waits for a challenge of Basic."""

import sys
import urllib.error
import urllib.request

url, user, password = sys.argv[1:]
passwords = urllib.request.HTTPPasswordMgrWithDefaultRealm()
passwords.add_password(None, url, user, password)
opener = urllib.request.build_opener(
    urllib.request.ProxyHandler({}), urllib.request.HTTPBasicAuthHandler(passwords)
)
try:
    print(opener.open(url, timeout=10).status)
except urllib.error.HTTPError as error:
    sys.exit(f"refused with {error.code}")
