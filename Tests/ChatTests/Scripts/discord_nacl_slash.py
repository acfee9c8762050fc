"""Discord's side of an interaction, signed by PyNaCl.

Arguments: where to call, the seed of the key (hex), the time, our fake's signature, the body that it
signed. Prints what it saw as one JSON object.
"""
import json
import sys

from nacl.signing import SigningKey, VerifyKey

from calling import call

address, seed, now, ours, body = sys.argv[1:6]
key = SigningKey(bytes.fromhex(seed))
VerifyKey(bytes(key.verify_key)).verify(now.encode() + body.encode(), bytes.fromhex(ours))


def headers(body, at=now, key=key):
    signed = key.sign(at.encode() + body.encode()).signature.hex()
    return [("Content-Type", "application/json"), ("X-Signature-Ed25519", signed),
            ("X-Signature-Timestamp", at)]


def answered(body):
    status, said = call(address, body, headers(body))
    return {"status": status, "answer": json.loads(said)}


ping = json.dumps({"id": "1", "application_id": "2", "type": 1, "token": "t", "version": 1})
good = headers(body)
old = str(int(now) - 301)
refused = {
    "changed": (body.replace("PyNaCl", "XXXXXX"), good),
    "another key": (body, headers(body, key=SigningKey(b"x" * 32))),
    "another time": (body, good[:2] + [("X-Signature-Timestamp", str(int(now) + 1))]),
    "old": (body, headers(body, at=old)),
    "ping unsigned": (ping, good[:1]),
    "ping with a wrong signature": (ping, good),
    "doubled": (body, good + good[1:2]),
    "cut": (body, [good[0], (good[1][0], good[1][1][:-2]), good[2]]),
}
print(json.dumps({
    "ours": True, "key": bytes(key.verify_key).hex(), "ping": answered(ping),
    "good": answered(body), "again": answered(body),
    "refused": {name: call(address, *made)[0] for name, made in refused.items()},
}))
