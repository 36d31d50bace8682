#!/usr/bin/env bash
# msmtp 1.8.23 (Debian 12) refuses a reply that is a code and nothing else.
#
# RFC 5321 section 4.2 lets a reply line end behind its code (`Reply-code [ SP textstring ] CRLF`), and asks clients to go by
# the code alone. Seen: a server that answers the end of the data with `250` CR LF has stored the message; msmtp reports
# "invalid reply" and ends with 76, so whoever called it sends the message again. With `250 OK` it ends with 0.
#
# Needs Debian 12 (apt-get, dpkg-deb, python3, the libraries that msmtp is linked to). Ends with 1 when that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -qq msmtp=1.8.23-1 2>/dev/null
dpkg-deb -x msmtp_*.deb root

cat > server.py <<'P'
import socketserver, sys
bare = sys.argv[1]
class Session(socketserver.StreamRequestHandler):
    def handle(self):
        say = lambda line: self.wfile.write(line.encode() + b"\r\n")
        say("220 ready")
        data = False
        for line in self.rfile:
            line = line.rstrip(b"\r\n")
            if data:
                if line == b".":
                    data = False
                    say(bare)
            elif line == b"DATA":
                data = True
                say("354 go on")
            elif line == b"QUIT":
                return say("221 bye")
            else:
                say("250 OK")
with socketserver.TCPServer(("127.0.0.1", 0), Session) as server:
    open("port", "w").write(str(server.server_address[1]))
    server.handle_request()
P

try() {
    rm -f port
    python3 server.py "$1" &
    until [ -s port ]; do sleep 0.1; done
    code=0
    printf 'Subject: hello\n\nHello.\n' |
        root/usr/bin/msmtp --file=/dev/null --host=127.0.0.1 --port="$(cat port)" --tls=off --auth=off \
            --from=ann@example.net bob@example.com 2> said || code=$?
    wait
    echo "$1: exit $code, $(tr '\n' ' ' < said)"
}

try "250 OK" | tee good
try "250" | tee bare
grep -q '^250 OK: exit 0,' good
grep -qE '^250: exit [1-9]' bare
