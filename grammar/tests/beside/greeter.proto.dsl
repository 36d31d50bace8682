# Who says good day: a protocol that tests take over.
protocol greeter "Says good day" version 1

settings {
    name  : text   = "Eve"
    most  : number = 3
}

wire {
    lines    crlf at most 1000 octets
    reply    "{code} {text}" continued "{code}-{text}"
    refusal  4xx 5xx
    verbs    "GREET" "WAVE" "DANCE" "LEAVE" "HELP"
    patience "GREET" 1 minute
}

offers tricks {
    "WAVE"   if accepted
    "DANCE"  if accepted
}

start state arrival { enter { reply 220 "{settings.name} here"  goto open } }

state open  "waiting" {
    on "GREET {who: word}" { reply 250 { "Good day, {who}" each tricks }  goto open }
    on "WAVE[ {how: word}]" -> 250 "{settings.name} waves"
    on "DANCE" when tls is absent { count dances  run dance }
    on "HELP" -> 214 "{commands}"
}

routine dance { reply 250 "{settings.name} dances"  stay }

anytime { on "LEAVE" -> 221 "Goodbye" close }

unexpected {
    out of order    -> 503 "Not now"
    bad arguments   -> 501 "Usage: {usage}"
    unknown command -> 500 "What?"
}

limits {
    line -> 500 "Too long"
    idle 5 minutes -> 421 "Asleep" close
    session 1 hour -> 421 "Enough" close
    dances settings.most -> 421 "Out of breath" close
    shutdown -> 421 "Bye" close
    full -> 421 "Full" close
    broken -> 421 "Broken" close
}

# Is somebody at home?
public client probe(host: text) gives up {
    connect to host port 79 within 5 seconds
    await within 5 seconds { 220 { give up }  otherwise as answer { give failed(answer) } }
}

promise "nobody dances under TLS" { never on "DANCE" unless tls is absent }
