"""Keeps Sieve scripts (RFC 5804) under TLS, and sees that nothing but STARTTLS helps in the clear. The job comes as JSON."""

import base64
import json
import re
import socket
import ssl
import sys

job = json.loads(sys.argv[1])
context = ssl.create_default_context(cafile=job["certificate"])
context.check_hostname = False
context.verify_mode = ssl.CERT_NONE
PLAIN = base64.b64encode(b"\0ann@example.com\0s3cret")


class Client:
    def __init__(self, port, implicit):
        self.raw = socket.create_connection(("127.0.0.1", port), timeout=60)
        if implicit:
            self.raw = context.wrap_socket(self.raw)
        self.talk = self.raw.makefile("rwb")

    def answer(self):
        """Everything up to OK, NO or BYE; literals stand in their place."""
        lines = []
        while True:
            line = self.talk.readline()
            assert line, lines
            count = re.fullmatch(rb"\{(\d+)\}\r\n", line)
            if count:
                lines.append(self.talk.read(int(count[1])))
                assert self.talk.readline() == b"\r\n"
                continue
            lines.append(line.rstrip(b"\r\n"))
            if line.split(b" ")[0].strip() in (b"OK", b"NO", b"BYE"):
                return lines

    def ask(self, octets, wanted=b"OK"):
        self.talk.write(octets + b"\r\n")
        self.talk.flush()
        lines = self.answer()
        assert lines[-1].startswith(wanted), lines
        return lines


client = Client(job["clear"], implicit=False)
assert b'"STARTTLS"' in client.answer()
client.ask(b'AUTHENTICATE "PLAIN" "' + PLAIN + b'"', b"NO (ENCRYPT-NEEDED)")
client.ask(b"LISTSCRIPTS", b"NO")
client.ask(b"STARTTLS")
client.raw = context.wrap_socket(client.raw)
client.talk = client.raw.makefile("rwb")
assert b'"SASL" "PLAIN"' in client.answer()
client.talk.write(b'AUTHENTICATE "PLAIN"\r\n')
client.talk.flush()
assert client.talk.readline() == b'""\r\n'
client.ask(b"{%d+}\r\n" % len(PLAIN) + PLAIN)
client.ask(b"LOGOUT")

client = Client(job["secure"], implicit=True)
assert b'"STARTTLS"' not in client.answer()
client.ask(b'AUTHENTICATE "PLAIN" {%d+}\r\n' % len(PLAIN) + PLAIN)
client.ask(b'HAVESPACE "new" 100')
client.ask(b'HAVESPACE "new" 999999999', b"NO (QUOTA/MAXSIZE)")
script = b"# a script\r\nkeep;\r\nLOGOUT\r\n"
client.ask(b'PUTSCRIPT {3+}\r\nnew {%d+}\r\n' % len(script) + script)
assert client.ask(b'GETSCRIPT "new"')[0] == script
assert client.ask(b"LISTSCRIPTS")[:2] == [b'"main" ACTIVE', b'"new"']
client.ask(b'RENAMESCRIPT "new" "main"', b"NO (ALREADYEXISTS)")
client.ask(b'RENAMESCRIPT "new" "newer"')
client.ask(b'SETACTIVE "newer"')
client.ask(b'DELETESCRIPT "newer"', b"NO (ACTIVE)")
client.ask(b'SETACTIVE ""')
client.ask(b'DELETESCRIPT "newer"')
client.ask(b'NOOP "tag"', b'OK (TAG "tag")')
# What is too big is swallowed: none of it is a command.
client.talk.write(b'PUTSCRIPT "big" {300000+}\r\n' + b"LOGOUT\r\n" * 37500 + b"\r\n")
client.ask(b"NOOP", b"NO (QUOTA/MAXSIZE)")
assert client.answer()[-1].startswith(b"OK")
client.ask(b"UNAUTHENTICATE")
client.ask(b"LISTSCRIPTS", b"NO")
client.ask(b"LOGOUT")
