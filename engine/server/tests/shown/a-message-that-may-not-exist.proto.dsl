protocol mail version 1
wire {
    lines crlf at most 1000 octets
    reply "{code} {text}" continued "{code}-{text}"
    refusal 4xx 5xx
}
unexpected {
    out of order    -> 503 5.5.1 "Not now"
    bad arguments   -> 501 5.5.4 "Usage: {usage}"
    unknown command -> 500 5.5.2 "What?"
}
limits {
    line             -> 500 5.5.6 "Too long"
    idle 5 minutes   -> 421 4.4.2 "Idle" close
    session 2 hours  -> 421 4.4.2 "Too long" close
    shutdown         -> 421 4.3.2 "Bye" close
    full             -> 421 4.3.2 "Full" close
    broken           -> 421 4.3.0 "Broken" close
}
anytime { on "QUIT" -> 221 2.0.0 "Bye" close }

record message { sender: reverse_path  body: octets at most 1 MB }

start state fresh {
    enter { reply 220 "Welcome"  stay }
    on "EHLO {name: domain}" -> 250 "Hello" goto ready
}
state ready
state filling has mail
state chunking has mail
during ready {
    on "MAIL FROM:{from: reverse_path}" -> 250 2.1.0 "OK" goto filling with mail = message { sender: from }
}
during filling { on "RCPT TO:{to: forward_path}" -> 250 2.1.5 "OK" goto chunking }
during ready, filling, chunking {
    on "BDAT {n: number}" { reply 250 2.0.0 "Stored for {mail.sender}"  goto ready }
}
