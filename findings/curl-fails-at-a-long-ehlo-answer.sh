#!/usr/bin/env bash
# curl 7.88.1 (Debian 12) sends no mail to a server whose EHLO answer has 150 lines.
#
# RFC 5321 section 4.1.1.1 sets no bound to the number of lines of an EHLO answer; section 4.5.3.1.5 bounds a line alone. Seen:
# with 20 keywords curl sends the message and ends with 0; with 150, 7 KB in all, it ends with 56 behind EHLO, "Too large
# response headers: 307473 > 307200", and sends nothing: each line is charged with all before it.
#
# Needs Debian 12 (curl as packaged, python3). Ends with 1 when that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -qq curl=7.88.1-10+deb12u15 libcurl4=7.88.1-10+deb12u15 2>/dev/null
for package in *.deb; do dpkg-deb -x "$package" root; done
export LD_LIBRARY_PATH=$folder/root/usr/lib/x86_64-linux-gnu

cat > server.py <<'P'
import socketserver, sys
count = int(sys.argv[1])
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
                    say("250 kept")
            elif line.startswith(b"EHLO"):
                answer = ["mail.example.com"] + ["X-KEYWORD-NUMBER-%03d WITH PARAMETERS" % n for n in range(count)]
                for line in answer[:-1]:
                    say("250-" + line)
                say("250 " + answer[-1])
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
printf 'Subject: hello\r\n\r\nHello.\r\n' > message

try() {
    rm -f port
    python3 server.py "$1" 2>/dev/null &
    until [ -s port ]; do sleep 0.1; done
    code=0
    root/usr/bin/curl -sS --max-time 20 "smtp://127.0.0.1:$(cat port)/client.example.net" --mail-from ann@example.net \
        --mail-rcpt bob@example.com -T message 2> said || code=$?
    wait
    echo "$1 keywords: exit $code $(tr '\n' ' ' < said)"
}

try 20 | tee few
try 150 | tee many
grep -q '^20 keywords: exit 0' few
grep -qE '^150 keywords: exit [1-9]' many
