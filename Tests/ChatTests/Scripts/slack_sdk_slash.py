"""Slack's side of a slash command with slack-sdk from PyPI: signs calls, answers by webhook.

Arguments: where to call, the signing secret, the time in seconds, the body as the fake made it.
Prints the statuses as one JSON object.
"""
import json
import sys
import urllib.parse

from slack_sdk.signature import SignatureVerifier
from slack_sdk.webhook import WebhookClient

from calling import call

address, secret, now, body = sys.argv[1:5]
now = int(now)


class Clock:
    def now(self):
        return float(now)


verifier = SignatureVerifier(secret, Clock())


def headers(body, secret=secret, at=now):
    signed = SignatureVerifier(secret).generate_signature(timestamp=str(at), body=body)
    return [("Content-Type", "application/x-www-form-urlencoded"),
            ("X-Slack-Request-Timestamp", str(at)), ("X-Slack-Signature", signed)]


def status(body, headers):
    return call(address, body, headers)[0]


good = headers(body)
statuses = {
    "good": status(body, good),
    "again": status(body, good),
    "changed": status(body.replace("SDK", "XXX"), good),
    "old": status(body, headers(body, at=now - 301)),
    "wrong secret": status(body, headers(body, secret="0" * 32)),
    "unsigned": status(body, good[:2]),
    "doubled": status(body, good + good[2:]),
}
url = urllib.parse.parse_qs(body)["response_url"][0]
answered = WebhookClient(url).send(text="from the webhook client", response_type="ephemeral")
print(json.dumps({
    "statuses": statuses,
    "ours": verifier.is_valid(body, str(now), dict(good)["X-Slack-Signature"]),
    "hook": answered.status_code, "hook body": answered.body,
}))
