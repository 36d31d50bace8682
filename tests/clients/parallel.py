"""Delivers every file of a folder with smtplib over STARTTLS, four at a time: PORT CERTIFICATE FOLDER.

The sender of a file is its name at example.net."""

import concurrent.futures
import os
import smtplib
import ssl
import sys

port, certificate, folder = sys.argv[1:]
context = ssl.create_default_context(cafile=certificate)
context.check_hostname = False


def deliver(name):
    with open(os.path.join(folder, name), "rb") as file:
        octets = file.read()
    with smtplib.SMTP("127.0.0.1", int(port), "client.example.net", timeout=60) as client:
        client.starttls(context=context)
        client.sendmail(name + "@example.net", ["bob@example.com"], octets)


with concurrent.futures.ThreadPoolExecutor(4) as pool:
    list(pool.map(deliver, sorted(os.listdir(folder))))
