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

sql hash_of(login: text) gives { hash: secret text } as "SELECT h AS hash FROM a WHERE login = :login"
start state fresh {
    enter { reply 220 "Welcome"  stay }
    on "EHLO {name: domain}" -> 250 "Hello" goto ready
}
state ready {
    on "STARTTLS" when tls is absent { reply 220 2.0.0 "Go ahead"  start tls then goto fresh }
    on "AUTH PLAIN {blob: secret base64}" {
        ask validate_plain(blob) using hash_of within 10 seconds {
            accepted(who) { reply 235 2.7.0 "Welcome"  stay }
            rejected      { reply 535 5.7.8 "No"  stay }
            malformed     { reply 501 5.5.2 "Not that"  stay }
            failed(why)   { log error "{why}"  reply 454 4.7.0 "Later"  stay }
        }
    }
}
promise "passwords travel only under TLS" { never ask validate_plain unless tls is present }
