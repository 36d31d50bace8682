#!/usr/bin/env bash
# HAProxy 2.6.12 (Debian 12): `option smtpchk` takes a server whose greeting has several lines for one that is down.
#
# RFC 5321 section 4.2.1 allows every reply to have several lines, the greeting too (section 4.3.1 shows one). Seen: with
# `220-a` `220 b` the check ends with L7RSP and the server stays DOWN; with `220 b` alone it is UP. An EHLO answer of
# several lines is read.
#
# Needs Debian 12 (apt-get, dpkg-deb, python3, the libraries that haproxy is linked to). Ends with 1 when that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null; rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -qq haproxy=2.6.12-1+deb12u4 liblua5.3-0=5.3.6-2 libopentracing-c-wrapper0=1.1.3-3+b1 \
    libopentracing1=1.6.0-4 2>/dev/null
for package in *.deb; do dpkg-deb -x "$package" root; done
export LD_LIBRARY_PATH=$folder/root/usr/lib/x86_64-linux-gnu

cat > server.py <<'P'
import socketserver, sys, threading
class Session(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.server.greeting:
            self.wfile.write(line + b"\r\n")
        for line in self.rfile:
            if line.startswith(b"QUIT"):
                return self.wfile.write(b"221 bye\r\n")
            self.wfile.write(b"250-mail.example.com\r\n250 HELP\r\n")
class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
ports = []
for greeting in ([b"220 ready"], [b"220-ready", b"220 and willing"]):
    server = Server(("127.0.0.1", 0), Session)
    server.greeting = greeting
    ports.append(str(server.server_address[1]))
    threading.Thread(target=server.serve_forever, daemon=True).start()
open("ports", "w").write(" ".join(ports) + "\n")
threading.Event().wait()
P
python3 server.py &
until [ -s ports ]; do sleep 0.1; done
read -r one several < ports

cat > haproxy.cfg <<C
global
    stats socket $folder/stats
defaults
    mode tcp
    timeout connect 1s
    timeout client 5s
    timeout server 5s
    timeout check 2s
backend mail
    option smtpchk EHLO probe.example.net
    server one 127.0.0.1:$one check inter 500 fall 1 rise 1
    server several 127.0.0.1:$several check inter 500 fall 1 rise 1
listen unused
    bind unix@$folder/unused
    server none 127.0.0.1:9
C
root/usr/sbin/haproxy -f haproxy.cfg -db > said 2>&1 &
sleep 6
python3 - <<'P' | tee seen
import csv, io, socket
with socket.socket(socket.AF_UNIX) as stats:
    stats.connect("stats")
    stats.sendall(b"show stat\n")
    text = b"".join(iter(lambda: stats.recv(65536), b"")).decode()
for row in csv.DictReader(io.StringIO(text.lstrip("# "))):
    if row["pxname"] == "mail" and row["svname"] in ("one", "several"):
        print(row["svname"], row["status"], row["check_status"])
P
grep -q '^one UP L7OK' seen
grep -q '^several DOWN' seen
