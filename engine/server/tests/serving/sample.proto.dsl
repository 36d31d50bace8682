# What the tests of the server speak: something to echo, to look up, to read and to upgrade.

protocol sample "a sample" version 1 edition 1

wire {
    lines crlf at most 200 octets
    reply "{code} {text}" continued "{code}-{text}"
    refusal 4xx 5xx
}

record message {
    urgent : yes_no
    body   : octets at most 10 MB
}

sql look(what: text) gives { found: number } as "SELECT 1 AS found WHERE :what"

start state arrival {
    enter {
        reply 220 "{local.name}"
        goto ready with mail = message { urgent: no }
    }
}
state ready has mail
state secured

during ready, secured { on "ECHO {rest: text}" -> 250 "{rest}" }
during ready {
    on "NOOP" -> 250 "ok"
    on "LONG" -> 250 "a long answer, for peers that do not read: llllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllll"
    on "LOOK {what: word}" {
        ask look(what) within 60 seconds {
            row(r)      { reply 250 "found"  stay }
            none        { reply 550 "none"  stay }
            failed(why) { reply 451 "{why}"  stay }
        }
    }
    on "DATA" {
        say 354 "go"
        receive dotted lines into mail.body at most 10 MB {
            complete    { reply 250 "got {size(mail.body)}"  stay }
            too_big     { reply 552 "too big"  stay }
            failed(why) { reply 451 "{why}"  stay }
        }
    }
    on "STARTTLS" when tls is absent {
        reply 220 "go ahead"
        start tls then goto secured
    }
}
anytime { on "QUIT" -> 221 "bye" close }

unexpected { out of order -> 503 "not now"  bad arguments -> 501 "how?"  unknown command -> 500 "what?" }
limits {
    line -> 500 "too long"   idle 5 minutes -> 421 "idle" close   session 1 hour -> 421 "session" close
    shutdown -> 421 "shutdown" close   full -> 421 "full" close   broken -> 421 "broken" close
}
