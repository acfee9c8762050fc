"""A real SMTP server (aiosmtpd) for the tests: STARTTLS or TLS from the first byte, a login.

Tells on its output, a JSON line each: its port, and every mail that it took, as Python's own
reader of mail understands it.

usage: smtp_server.py <certificate.pem> <key.pem> [option …]
options: tls (from the first byte), clear (no STARTTLS), refuse=<code>, final=<code>, login=<code>
"""
import asyncio
import email
import email.policy
import json
import logging
import ssl
import sys
import warnings

from aiosmtpd.smtp import SMTP, AuthResult

# What the tests provoke on purpose (a certificate that is refused) would look like their failure.
logging.getLogger("mail.log").addHandler(logging.NullHandler())
warnings.simplefilter("ignore", DeprecationWarning)

options = dict(word.partition("=")[::2] for word in sys.argv[3:])
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1], sys.argv[2])


def tell(**what):
    print(json.dumps(what, ensure_ascii=True), flush=True)


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, arguments):
        if "refuse" in options:
            return options["refuse"] + " no such person here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if "final" in options:
            return options["final"] + " not this one"
        if "drop" in options:
            server.transport.abort()
            tell(dropped=True)
            return "250 OK"
        raw = envelope.content
        mail = email.message_from_bytes(raw, policy=email.policy.default)
        parts = {part.get_content_type(): part.get_content() for part in mail.walk()
                 if not part.is_multipart()}
        tell(
            sender=envelope.mail_from, recipients=envelope.rcpt_tos,
            headers={name: str(value) for name, value in mail.items()}, parts=parts,
            defects=[str(d) for part in mail.walk() for d in part.defects],
            secure=session.ssl is not None or "tls" in options,
            user=getattr(session, "who", None), ehlo=session.host_name,
            longest=max(len(line) for line in raw.split(b"\r\n")),
            bare=raw.replace(b"\r\n", b"").count(b"\n") + raw.replace(b"\r\n", b"").count(b"\r"))
        return "250 OK"


def login(server, session, envelope, mechanism, data):
    session.who = data.login.decode()
    good = data.password == b"open sesame" and "login" not in options
    return AuthResult(success=good, handled=False if not good else True)


async def main():
    loop = asyncio.get_running_loop()
    secure = "tls" in options or "clear" in options
    server = await loop.create_server(
        lambda: SMTP(
            Handler(), hostname="mail.test", tls_context=None if secure else context,
            require_starttls=not secure, authenticator=login,
            auth_require_tls="clear" not in options and "tls" not in options),
        "127.0.0.1", 0, ssl=context if "tls" in options else None)
    tell(port=server.sockets[0].getsockname()[1])
    await server.serve_forever()


asyncio.run(main())
