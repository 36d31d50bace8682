"""Reads mail with imaplib, in the clear up to STARTTLS and under TLS. The job comes as JSON."""

import imaplib
import json
import smtplib
import socket
import ssl
import sys

job = json.loads(sys.argv[1])
context = ssl.create_default_context(cafile=job["certificate"])
context.check_hostname = False
context.verify_mode = ssl.CERT_NONE
WHO, PASSWORD = "ann@example.com", "s3cret"


def done(answer, wanted="OK"):
    assert answer[0] == wanted, answer
    return answer[1]


with smtplib.SMTP("127.0.0.1", job["smtp"]) as smtp:
    for name in ("one", "two"):
        smtp.sendmail("eve@example.net", [WHO], f"Subject: {name}\r\n\r\n.a dot\r\n{name}\r\n")

# In the clear nothing but STARTTLS helps.
box = imaplib.IMAP4("127.0.0.1", job["clear"])
assert "LOGINDISABLED" in box.capabilities and "STARTTLS" in box.capabilities, box.capabilities
try:
    box.login(WHO, PASSWORD)
    raise AssertionError("a password was taken in the clear")
except imaplib.IMAP4.error as error:
    assert "PRIVACYREQUIRED" in str(error), error
done(box.starttls(context))
assert "AUTH=PLAIN" in box.capabilities and "STARTTLS" not in box.capabilities, box.capabilities
done(box.login(WHO, PASSWORD))
assert done(box.list()) == [b'(\\HasNoChildren) "/" INBOX']
assert b"MESSAGES 2" in done(box.status("INBOX", "(MESSAGES UNSEEN)"))[0]
assert done(box.select("INBOX")) == [b"2"]
assert box.response("PERMANENTFLAGS")[1][0].startswith(b"(\\Seen")
assert done(box.search(None, "ALL")) == [b"1 2"]
assert done(box.search(None, "UNSEEN")) == [b"1 2"]
text = done(box.fetch("1", "(RFC822)"))[0][1]
assert text.endswith(b"Subject: one\r\n\r\n.a dot\r\none\r\n"), text
head = done(box.fetch("2", "(FLAGS BODY.PEEK[HEADER])"))[0]
assert head[1].endswith(b"Subject: two\r\n\r\n") and b"FLAGS ()" in head[0], head
assert done(box.search(None, "UNSEEN")) == [b"2"]
sizes = done(box.fetch("1:*", "(UID RFC822.SIZE INTERNALDATE)"))
assert len(sizes) == 2 and b"UID 1" in sizes[0] and b"INTERNALDATE" in sizes[0], sizes
assert b"RFC822.SIZE %d" % len(text) in sizes[0], sizes

# An appended message is a literal: the server asks for it.
letter = b"Subject: three\r\n\r\nappended\r\n"
done(box.append("INBOX", "\\Flagged", None, letter))
done(box.noop())
assert box.response("EXISTS")[1][-1] == b"3"
assert done(box.fetch("3", "(BODY[])"))[0][1] == letter
assert done(box.search(None, "FLAGGED")) == [b"3"]
assert b"\\Deleted" in done(box.store("1,3", "+FLAGS", "\\Deleted"))[0]
assert b"\\Seen" in done(box.uid("FETCH", "1", "(FLAGS)"))[0]
assert done(box.expunge()) == [b"1", b"2"]
assert done(box.uid("SEARCH", "ALL")) == [b"2"]
done(box.close())
done(box.logout(), "BYE")

# Under TLS from the first octet, by AUTHENTICATE.
box = imaplib.IMAP4_SSL("127.0.0.1", job["secure"], ssl_context=context)
done(box.authenticate("PLAIN", lambda _: b"\0" + WHO.encode() + b"\0" + PASSWORD.encode()))
assert done(box.select("INBOX", readonly=True)) == [b"1"]
assert done(box.fetch("*", "(BODY.PEEK[])"))[0][1].endswith(b"\r\ntwo\r\n")
assert done(box.store("1", "+FLAGS", "\\Seen"), "NO")
done(box.unselect())
done(box.logout(), "BYE")

# Name and password as literals, one that waits and one that does not.
with context.wrap_socket(socket.create_connection(("127.0.0.1", job["secure"]))) as line:
    talk = line.makefile("rwb")
    assert talk.readline().startswith(b"* OK ")
    talk.write(b"a LOGIN {%d}\r\n" % len(WHO))
    talk.flush()
    assert talk.readline() == b"+ Go on\r\n"
    talk.write(WHO.encode() + b" {%d+}\r\n" % len(PASSWORD) + PASSWORD.encode() + b"\r\nb LOGOUT\r\n")
    talk.flush()
    assert talk.readline() == b"a OK Welcome\r\n"
