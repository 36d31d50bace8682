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

start state fresh {
    enter { reply 220 "Welcome"  stay }
    on "EHLO {name: domain}" -> 250 "Hello" goto ready
}
state ready {
    on "MAIL FROM:{sender: reverse_path}" {
        require sender.domain is present else 250 2.1.0 "OK"
        ask dig("MX", sender.domain) within 5 seconds {
            found(hosts) { reply 250 2.1.0 "OK"  stay }
            none         { reply 550 5.1.8 "No such domain"  stay }
        }
    }
}
