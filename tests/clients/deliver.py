"""Delivers a file of octets with Python's smtplib; the arguments are one JSON object."""

import json
import smtplib
import ssl
import sys

job = json.loads(sys.argv[1])
context = ssl.create_default_context(cafile=job["certificate"])


class Named:
    """Connects to this machine and expects the certificate of the server's own name."""

    def _get_socket(self, host, port, timeout):
        return super()._get_socket("127.0.0.1", port, timeout)


class Clear(Named, smtplib.SMTP):
    pass


class Implicit(smtplib.SMTP_SSL):
    def _get_socket(self, host, port, timeout):
        plain = smtplib.SMTP._get_socket(self, "127.0.0.1", port, timeout)
        return self.context.wrap_socket(plain, server_hostname=job["host"])


with open(job["file"], "rb") as file:
    octets = file.read()

if job["implicit"]:
    client = Implicit(job["host"], job["port"], "client.example.net", timeout=60, context=context)
else:
    client = Clear(job["host"], job["port"], "client.example.net", timeout=60)
    client.starttls(context=context)
with client:
    if job["user"]:
        client.login(job["user"], job["password"])
    client.sendmail(job["sender"], [job["recipient"]], octets, mail_options=["BODY=8BITMIME"])
