"""Sends one message to two recipients, then each fetches it with Python's poplib; the arguments are one JSON object."""

import json
import poplib
import smtplib
import ssl
import sys

job = json.loads(sys.argv[1])
context = ssl.create_default_context(cafile=job["certificate"])
context.check_hostname = False
people = ["ann@example.com", "bob@example.com"]
lines = ["Subject: boxes", "", ".a dot", "..two", "", "the end"]
text = "\r\n".join(lines) + "\r\n"


def connect(implicit):
    if implicit:
        return poplib.POP3_SSL("127.0.0.1", job["secure"], timeout=60, context=context)
    client = poplib.POP3("127.0.0.1", job["clear"], timeout=60)
    assert "STLS" in client.capa()
    client.stls(context=context)
    return client


def enter(login, implicit):
    client = connect(implicit)
    client.user(login)
    client.pass_("s3cret")
    return client


with smtplib.SMTP("127.0.0.1", job["smtp"], "client.example.net", timeout=60) as sender:
    sender.sendmail("eve@example.net", people, text)

for place, login in enumerate(people):
    client = enter(login, implicit=place == 1)
    count, octets = client.stat()
    assert count == 1, (login, count)
    client.noop()
    _, stored, size = client.retr(1)
    assert [line.decode() for line in stored][-len(lines):] == lines, stored
    assert sum(len(line) + 2 for line in stored) == size == octets, (size, octets)
    _, top, _ = client.top(1, 1)
    assert top[-1] == b".a dot", top
    uid = client.uidl()[1][0].split()[1]
    client.rset()
    try:
        enter(login, implicit=False)
        raise SystemExit("two sessions have one maildrop")
    except poplib.error_proto as error:
        assert b"[IN-USE]" in error.args[0], error
    # Who breaks off takes nothing out, and finds the same number again.
    client.dele(1)
    client.close()
    for _ in range(100):
        try:
            client = enter(login, implicit=True)
            break
        except poplib.error_proto:
            pass
    assert client.uidl()[1] == [b"1 " + uid], client.uidl()
    if login == job["keeps"]:
        client.quit()
        continue
    client.dele(1)
    client.quit()
    client = enter(login, implicit=True)
    assert client.stat() == (0, 0), client.stat()
    client.quit()
