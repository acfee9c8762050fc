"""Google's own library for service accounts, against the same server.

Arguments: the server's address, the key's file, the body of our own request for a token, the public
key. Prints what it saw as one JSON object.
"""
import base64
import json
import sys
import urllib.parse

import google.auth.jwt
from google.auth.transport.requests import AuthorizedSession
from google.oauth2 import service_account

address, file, form, public_key = sys.argv[1:]

# What we signed, as Google's library checks it: the signature, the times and the audience.
assertion = urllib.parse.parse_qs(form)["assertion"][0]
claims = google.auth.jwt.decode(
    assertion, certs=public_key, audience=address + "/token", clock_skew_in_seconds=60)
header = google.auth.jwt.decode_header(assertion)
assert header["alg"] == "RS256" and header["kid"], header

credentials = service_account.Credentials.from_service_account_file(
    file, scopes=claims["scope"].split())
# A key's own assertion, without the endpoint, is not what is tried here.
session = AuthorizedSession(credentials.with_always_use_jwt_access(False))

subscription = address + "/v1/projects/acme-chat/subscriptions/crewbell"
pulled = session.post(subscription + ":pull", json={"maxMessages": 10}).json()["receivedMessages"]
event = json.loads(base64.b64decode(pulled[0]["message"]["data"]))
done = session.post(
    subscription + ":acknowledge", json={"ackIds": [message["ackId"] for message in pulled]})
assert done.json() == {}, done.text

space = event["space"]["name"]
where = f"{address}/v1/{space}/messages"
first = session.post(where, params={"requestId": "r1", "messageId": "client-x"}, json={"text": "a"})
again = session.post(where, params={"requestId": "r1", "messageId": "client-x"}, json={"text": "a"})
taken = session.post(where, params={"requestId": "r2", "messageId": "client-x"}, json={"text": "a"})
named = session.get(where + "/client-x")
print(json.dumps({
    "issuer": claims["iss"], "event": event["type"],
    "left": len(pulled) - len(set(message["ackId"] for message in pulled)),
    "same": first.json()["name"] == again.json()["name"],
    "taken": taken.status_code, "named": named.json()["name"] == first.json()["name"],
}))
